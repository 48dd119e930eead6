/** What is over is removed every few minutes. Each replica does it: what one removed, another misses. */
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import { dropOldAttempts } from '../store/attempts.ts'
import type { Db } from '../store/db.ts'
import { dropOldAnswers } from '../store/idempotency.ts'
import { dropSpentTokens } from '../store/one-time-tokens.ts'
import { dropExpiredSessions } from '../store/sessions.ts'

const drops = { dropExpiredSessions, dropSpentTokens, dropOldAttempts, dropOldAnswers }

export interface UpkeepOptions {
  readonly db: Db
  readonly log: Pick<Log, 'warn'>
  readonly everyMs?: number
}

/** Begins; `stop` ends when nothing is under way any more. */
export function startUpkeep({ db, log, everyMs = limits.upkeepMs }: UpkeepOptions): {
  readonly stop: () => Promise<void>
} {
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= dropAll(db, log).finally(() => {
      running = undefined
    })
  }, everyMs).unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}

/** One after the other, and each although another failed. */
async function dropAll(db: Db, log: Pick<Log, 'warn'>): Promise<void> {
  for (const [name, drop] of Object.entries(drops)) {
    try {
      await drop(db)
    } catch (error) {
      log.warn({ upkeep: name, error: String(error) }, 'what is over was not removed')
    }
  }
}
