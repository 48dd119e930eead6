/**
 * The compiled engine against node-casbin, on random models of the class that is compiled: the same
 * answer, the same deciding rule, and an error where casbin throws.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differenceOn } from './support-oracle.ts'
import { worlds } from './support-worlds.ts'

/** Seeds on which the engine once differed; each is replayed before anything else. */
const failedBefore: readonly number[] = []
const seed = 20_261_123
const requests = 200

function compare(options: { seed: number; numRuns: number }) {
  return fc.assert(
    fc.asyncProperty(worlds(requests), async (world) => {
      expect(await differenceOn(world)).toBeUndefined()
    }),
    options,
  )
}

test.each(failedBefore.map((failed) => [failed]))('seed %i, which failed once', async (failed) => {
  await compare({ seed: failed, numRuns: 100 })
})

test('200,000 decisions are those of casbin, and so are the rules that decided', async () => {
  await compare({ seed, numRuns: 200_000 / requests })
}, 60_000)
