/**
 * Long work in turns, so that the event loop is never held for longer than a moment. The work is a
 * generator that yields between small steps; who runs it decides whether others may come between.
 */
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

/** Does the work in turns of `limits.turnMs`, each in a round of the event loop of its own. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    await ownRound()
    const until = performance.now() + limits.turnMs
    do {
      const { done, value } = steps.next()
      if (done) return value
    } while (performance.now() < until)
  }
}

const waiting: (() => void)[] = []

/** A round of the event loop in which no other work has its turn: together they would hold it. */
function ownRound(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(giveRound)
  })
}

function giveRound(): void {
  const [next] = waiting.splice(0, 1)
  if (waiting.length > 0) setImmediate(giveRound)
  next?.()
}
