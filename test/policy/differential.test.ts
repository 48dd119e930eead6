/**
 * The compiled engine against node-casbin, on random models of the class that is compiled: the same
 * answer, the same deciding rule, and an error where casbin throws.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requestsPerWorld } from './differential-seed.ts'
import { failedSeedsFile, failedWorlds } from './failed-seeds.ts'
import { differenceOn } from './support-oracle.ts'
import { worlds } from './support-worlds.ts'

const seed = 20_261_123

function compare(options: { seed: number; path?: string; numRuns?: number }) {
  return fc.assert(
    fc.asyncProperty(worlds(requestsPerWorld), async (world) => {
      expect(await differenceOn(world)).toBeUndefined()
    }),
    options,
  )
}

test.each(failedWorlds(failedSeedsFile))('seed $seed, which failed at $path', async (world) => {
  await compare(world)
})

test('200,000 decisions are those of casbin, and so are the rules that decided', async () => {
  await compare({ seed, numRuns: 200_000 / requestsPerWorld })
}, 60_000)
