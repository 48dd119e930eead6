/**
 * Lines in which the changes of one organisation wait for each other, so that those of one process do
 * not overtake each other in the database all the time.
 */
import { limits } from '../../lib/limits.ts'
import { Refusal } from './refusal.ts'

export interface Lines {
  /** Runs `work` behind whatever else waits in the line; throws a `Refusal` where too many do. */
  readonly inLine: <T>(name: string, work: () => Promise<T>) => Promise<T>
}

/** Makes lines in which nobody waits. */
export function createLines(): Lines {
  const lines = new Map<string, { length: number; last: Promise<unknown> }>()
  return {
    inLine: async (name, work) => {
      const line = lines.get(name) ?? { length: 0, last: Promise.resolve() }
      if (line.length >= limits.changesWaiting) {
        throw new Refusal('unavailable', 'Too many changes are under way. Try again shortly.')
      }
      lines.set(name, line)
      line.length += 1
      const turn = line.last.then(work, work)
      line.last = turn.catch(() => undefined)
      try {
        return await turn
      } finally {
        line.length -= 1
        if (line.length === 0) lines.delete(name)
      }
    },
  }
}
