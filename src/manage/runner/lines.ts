/**
 * Lines in which the changes of one organisation wait for each other, so that those of one process do
 * not overtake each other in the database all the time; and in which no more changes are under way than
 * leave connections for whoever has to read meanwhile.
 */
import { BusyError, createGate, type Gate } from '../../lib/gate.ts'
import { limits } from '../../lib/limits.ts'
import { Refusal } from './refusal.ts'

export interface Lines {
  /** Runs `work` behind whatever else waits in the line; throws a `Refusal` where too many do. */
  readonly inLine: <T>(name: string, work: () => Promise<T>) => Promise<T>
}

/** Makes lines in which nobody waits. */
export function createLines(): Lines {
  const lines = new Map<string, { readonly gate: Gate; users: number }>()
  const waiting = limits.changesWaiting
  const all = createGate({ running: limits.changesAtOnce, waiting })
  return {
    inLine: async (name, work) => {
      const line = lines.get(name) ?? { gate: createGate({ running: 1, waiting }), users: 0 }
      lines.set(name, line)
      line.users += 1
      try {
        return await line.gate(() => all(work))
      } catch (error) {
        if (!(error instanceof BusyError)) throw error
        throw new Refusal('unavailable', 'Too many changes are under way. Try again shortly.')
      } finally {
        line.users -= 1
        if (line.users === 0) lines.delete(name)
      }
    },
  }
}
