/**
 * One process on a data directory. Two would lose acknowledged rows (hazard 4), so the
 * holder keeps an exclusive transaction open on a small SQLite file in it. The operating system
 * drops that lock with the process, kill -9 included: nothing is stale, no pid is asked whether it
 * lives, and of two that start at once exactly one wins. The pid file beside it only informs.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../lib/clock.ts'
import { limits } from '../lib/limits.ts'

const LOCK_FILE = 'gatehouse.lock'
const PID_FILE = 'gatehouse.pid'
const SQLITE_BUSY = 5
const RETRY_MS = 50

/** The message is for the operator, whole. */
export class DirectoryInUseError extends Error {
  constructor(directory: string, pid: string | undefined) {
    const holder = pid === undefined ? 'Another Gatehouse' : `Another Gatehouse (pid ${pid})`
    super(
      `${holder} uses the data directory ${directory}: stop it, set DATA_DIR to another directory, ` +
        'or set DATABASE_URL to share one PostgreSQL.',
    )
    this.name = 'DirectoryInUseError'
  }
}

/** Locks collected as garbage would be given back while the database is still open. */
const held = new Set<DatabaseSync>()

/**
 * Takes the lock on `directory`, which is made when missing, and returns what gives it back. Waits
 * a moment for a predecessor that is just leaving, then throws `DirectoryInUseError`.
 */
export async function lockDirectory(
  directory: string,
  { waitMs = limits.directoryLockWaitMs }: { readonly waitMs?: number } = {},
): Promise<() => void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const deadline = systemClock.elapsed() + waitMs
  let lock = tryLock(join(directory, LOCK_FILE))
  while (lock === undefined) {
    if (systemClock.elapsed() > deadline)
      throw new DirectoryInUseError(directory, readPid(directory))
    await sleep(RETRY_MS)
    lock = tryLock(join(directory, LOCK_FILE))
  }
  const taken = lock
  held.add(taken)
  writeFileSync(join(directory, PID_FILE), `${process.pid}\n`, { mode: 0o600 })
  return () => {
    if (!held.delete(taken)) return
    rmSync(join(directory, PID_FILE), { force: true })
    taken.close()
  }
}

/** The file must be opened by SQLite alone: closing any other handle of it here drops the lock. */
function tryLock(file: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 0 })
    database.exec('pragma journal_mode = memory; begin exclusive')
    return database
  } catch (error) {
    database?.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      return undefined
    }
    throw new Error(
      `DATA_DIR cannot be locked by ${file}: make it a directory that can be written.`,
      {
        cause: error,
      },
    )
  }
}

function readPid(directory: string): string | undefined {
  try {
    const text = readFileSync(join(directory, PID_FILE), 'utf8').trim()
    return /^\d{1,10}$/.test(text) ? text : undefined
  } catch {
    return undefined
  }
}
