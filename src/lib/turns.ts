/**
 * Long work in one thread, in short turns, so that requests of others come in between. Work that
 * waits for nothing is a generator that yields between small steps; who runs it decides whether it
 * is done at once or in turns.
 */
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
      await ownRound()
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

/** Does the work in turns of `limits.turnMs`, each in a round of the event loop of its own. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  const turns = createTurns()
  for (;;) {
    await turns.next()
    do {
      const { done, value } = steps.next()
      if (done) return value
    } while (!turns.over())
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
