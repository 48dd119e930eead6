/**
 * Long work in turns, so that the event loop is never held for longer than a moment. The work is a
 * generator that yields between small steps; who runs it decides whether others may come between.
 */
import { setImmediate } from 'node:timers/promises'
import { limits } from './limits.ts'

/** Work that can be interrupted wherever it yields. A step takes well under a millisecond. */
export type Steps<T> = Generator<void, T, void>

/** Does all the work at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Does the work in turns of `limits.turnMs`. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  let began = performance.now()
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
    if (performance.now() - began < limits.turnMs) continue
    await setImmediate()
    began = performance.now()
  }
}
