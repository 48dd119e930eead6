/**
 * Long work in one thread, in short turns, so that requests of others come in between. Work that
 * waits for nothing is a generator that yields between small steps; who runs it decides whether it
 * is done at once or in turns.
 */
import { setImmediate } from 'node:timers/promises'
import { limits } from './limits.ts'

export interface Turns {
  /** Whether this turn has lasted long enough; then await `next`. */
  readonly over: () => boolean
  readonly next: () => Promise<void>
}

/** Starts a first turn, by monotonic milliseconds. */
export function createTurns(elapsed: () => number = () => performance.now()): Turns {
  let since = elapsed()
  return {
    over: () => elapsed() - since >= limits.turnMs,
    next: async () => {
      await setImmediate()
      since = elapsed()
    },
  }
}

/** Work that can be put aside wherever it yields. A step takes well under a millisecond. */
export type Steps<T> = Generator<void, T, void>

/** Does all the work at once, for callers that nobody waits behind. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Does the work in as many turns as it takes. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  const turns = createTurns()
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    if (turns.over()) await turns.next()
  }
}
