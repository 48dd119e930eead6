/** Long work in one thread, in short turns, so that requests of others come in between. */
import { setImmediate } from 'node:timers/promises'
import type { Clock } from './clock.ts'
import { limits } from './limits.ts'

export interface Turns {
  /** Whether this turn has lasted long enough; then await `next`. */
  readonly over: () => boolean
  readonly next: () => Promise<void>
}

/** Starts a first turn. */
export function createTurns(
  { elapsed }: Pick<Clock, 'elapsed'>,
  turnMs: number = limits.turnMs,
): Turns {
  let since = elapsed()
  return {
    over: () => elapsed() - since >= turnMs,
    next: async () => {
      await setImmediate()
      since = elapsed()
    },
  }
}
