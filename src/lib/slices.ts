/** Long computations in small pieces, so that requests are answered between them. */
import { setImmediate } from 'node:timers/promises'
import { limits } from './limits.ts'

/** A computation that may be put aside wherever it yields; what it returns is its result. */
export type Sliced<T> = Generator<undefined, T, undefined>

/** The result at once, for callers that nobody waits behind. */
export function wholly<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/** The result after as many turns of the event loop as it takes; each takes one slice. */
export async function inSlices<T>(work: Sliced<T>): Promise<T> {
  for (;;) {
    const until = performance.now() + limits.sliceMs
    do {
      const step = work.next()
      if (step.done) return step.value
    } while (performance.now() < until)
    await setImmediate()
  }
}
