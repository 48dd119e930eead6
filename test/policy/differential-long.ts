/**
 * The differential test at length: `node test/policy/differential-long.ts [decisions] [seed]`, ten
 * million by default. A seed that fails is printed; it belongs into `differential.test.ts`.
 */
import fc from 'fast-check'
import { differenceOn } from './support-oracle.ts'
import { worlds } from './support-worlds.ts'

const requests = 200
const worldsPerSeed = 500
const decisions = Number(process.argv[2] ?? 10_000_000)
const first = Number(process.argv[3] ?? Date.now() % 2 ** 31)

async function compare(seed: number): Promise<string | undefined> {
  const property = fc.asyncProperty(worlds(requests), async (world) => {
    const difference = await differenceOn(world)
    if (difference !== undefined) throw new Error(difference)
  })
  const { failed, errorInstance } = await fc.check(property, { seed, numRuns: worldsPerSeed })
  return failed ? String(errorInstance) : undefined
}

const rounds = Math.ceil(decisions / (requests * worldsPerSeed))
for (let round = 0; round < rounds; round += 1) {
  const seed = first + round
  const difference = await compare(seed)
  if (difference !== undefined) {
    console.error(`The seed ${seed} fails:\n${difference}`)
    process.exit(1)
  }
  const done = (round + 1) * requests * worldsPerSeed
  console.log(`${done.toLocaleString('en')} decisions agree (seeds ${first} to ${seed}).`)
}
