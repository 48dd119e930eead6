/**
 * When each API key was used last: noted in memory where a request is authenticated, written in the
 * background. Bounded: what has no room is not noted, and the next use of the key is.
 */
import type { Clock } from '../lib/clock.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { KeyUse } from '../store/keys.ts'

export interface KeyUses {
  /** Notes that a key (public id) was accepted now. */
  readonly note: (id: string) => void
  /** Writes what is noted and stops. */
  readonly close: () => Promise<void>
}

export interface KeyUsesOptions {
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
  /** Writes a batch; each key's use no more often than `limits.keyUseMs`. */
  readonly write: (uses: readonly KeyUse[]) => Promise<void>
  readonly flushMs?: number
  readonly most?: number
}

/** Starts writing every `flushMs`. */
export function createKeyUses(options: KeyUsesOptions): KeyUses {
  const { clock, log, write, flushMs = limits.keyUseFlushMs, most = limits.keyUsesNoted } = options
  let noted = new Map<string, number>()
  let writing: Promise<void> | undefined

  const flush = async (): Promise<void> => {
    const taken = [...noted]
    noted = new Map()
    for (let at = 0; at < taken.length; at += limits.keyUseBatchRows) {
      const batch = taken.slice(at, at + limits.keyUseBatchRows)
      await write(batch.map(([id, used]) => ({ id, at: new Date(used) })))
    }
  }
  /** A use that could not be written is worth no second try: the next one tells more. */
  const run = (): Promise<void> => {
    writing ??= flush()
      .catch((error: unknown) => log.warn({ error: String(error) }, 'uses of keys are not written'))
      .finally(() => {
        writing = undefined
      })
    return writing
  }
  const timer = setInterval(() => void run(), flushMs).unref()

  return {
    note: (id) => {
      if (noted.size < most || noted.has(id)) noted.set(id, clock.now())
    },
    close: async () => {
      clearInterval(timer)
      // One that is under way may have begun before the last use.
      await writing
      await run()
    },
  }
}
