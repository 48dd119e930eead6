/** Long computations in small pieces, so that requests are answered between them. */
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

/** The result after as many turns of the event loop as it takes; each takes one slice of one of them. */
export async function inSlices<T>(work: Sliced<T>): Promise<T> {
  for (;;) {
    await ownTurn()
    const until = performance.now() + limits.sliceMs
    do {
      const step = work.next()
      if (step.done) return step.value
    } while (performance.now() < until)
  }
}

const waiting: (() => void)[] = []

/** A turn of the event loop that no other computation has: together they would hold it for long. */
function ownTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(giveTurn)
  })
}

function giveTurn(): void {
  const [next] = waiting.splice(0, 1)
  if (waiting.length > 0) setImmediate(giveTurn)
  next?.()
}
