/** So many pieces of work at a time and so many in line; whatever comes beyond is refused at once. */

/** Thrown to those for whom there is no place in line. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
}

export type Gate = <T>(work: () => Promise<T>) => Promise<T>

/** Lets `running` pieces run at the same time and `waiting` wait, in the order they came. */
export function createGate({
  running: most,
  waiting: mostWaiting,
}: {
  readonly running: number
  readonly waiting: number
}): Gate {
  const line: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < most) running += 1
    else {
      if (line.length >= mostWaiting) throw new BusyError('too much of this is under way already')
      // Whoever leaves hands its place over, so that nobody overtakes.
      await new Promise<void>((resolve) => line.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
