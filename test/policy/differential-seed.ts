/** One seed of the differential test, in a thread of its own: a message is a seed, and so is the answer. */
import { isMainThread, parentPort } from 'node:worker_threads'
import fc from 'fast-check'
import { differenceOn } from './support-oracle.ts'
import { worlds } from './support-worlds.ts'

export const requestsPerWorld = 200
const WORLDS = 100

export interface Compared {
  readonly seed: number
  /** How many were put to both. */
  readonly decisions: number
  /** The first world that differs, by its number, and the difference in words. */
  readonly failure: { readonly path: string; readonly difference: string } | undefined
}

/** Compares all worlds of a seed. */
export async function compareSeed(seed: number): Promise<Compared> {
  let decisions = 0
  const property = fc.asyncProperty(worlds(requestsPerWorld), async (world) => {
    if (world.rules.some(({ ptype }) => ptype === 'p')) decisions += world.requests.length
    const difference = await differenceOn(world)
    if (difference !== undefined) throw new Error(difference)
  })
  // The replay makes the world small; here it would only take the thread from the other seeds.
  const result = await fc.check(property, { seed, numRuns: WORLDS, endOnFailure: true })
  if (!result.failed) return { seed, decisions, failure: undefined }
  const { counterexamplePath, errorInstance } = result
  const failure = { path: counterexamplePath ?? '0', difference: String(errorInstance) }
  return { seed, decisions, failure }
}

if (!isMainThread) {
  parentPort?.on('message', (seed: number) => {
    void compareSeed(seed).then((compared) => parentPort?.postMessage(compared))
  })
}
