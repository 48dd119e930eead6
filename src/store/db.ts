/** The database as the rest of the store uses it. */
import { type Transaction as KyselyTransaction, sql } from 'kysely'
import type { Clock } from '../lib/clock.ts'
import type { Connection, DatabaseOptions } from './connection.ts'
import { openEmbedded } from './embedded.ts'
import { openPostgres } from './postgres.ts'
import type { Tables } from './tables.ts'

export type Transaction = KyselyTransaction<Tables>

/** What only one replica does at a time, each with the number of its advisory lock. */
const locks = { migrations: 1, seed: 2, 'signing-keys': 3, setup: 4 } as const
/** "gate" in ASCII: keeps our locks apart from those of other users of the database. */
const LOCK_SPACE = 0x67617465

export interface Db extends Connection {
  /**
   * Runs `work` in one transaction that holds the named lock, so that it runs once at a time across
   * all replicas. Waits for the lock no longer than the statement time-out.
   */
  transaction<T>(lock: keyof typeof locks, work: (trx: Transaction) => Promise<T>): Promise<T>
}

/**
 * Opens the PostgreSQL at `databaseUrl` (connects on first use) or the embedded one under `dataDir`
 * (starts it; throws `DirectoryInUseError` when another process has it).
 */
export async function openDatabase(options: DatabaseOptions): Promise<Db> {
  const { databaseUrl, dataDir, log } = options
  const connection =
    databaseUrl === undefined ? await openEmbedded(dataDir) : openPostgres(databaseUrl, log)
  return {
    ...connection,
    transaction: (lock, work) =>
      connection.query.transaction().execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(${LOCK_SPACE}::int, ${locks[lock]}::int)`.execute(
          trx,
        )
        return work(trx)
      }),
  }
}

/**
 * Runs `read` in one REPEATABLE READ transaction, so that all its queries see one moment (I7). The
 * embedded driver drops the isolation level, and needs none: a transaction has the database alone.
 */
export function inSnapshot<T>(db: Db, read: (trx: Transaction) => Promise<T>): Promise<T> {
  return db.query
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(read)
}

/** Classes of SQLSTATE that tell of the database and not of what was asked of it. */
const outages = ['08', '25', '40', '53', '55', '57', '58']

/** Whether an error means that the database is away, too slow or in the way of others; try again. */
export function isOutage(error: unknown): boolean {
  if (error instanceof TooSlowError) return true
  const code = sqlState(error) ?? ''
  if (/^\d/.test(code)) return outages.includes(code.slice(0, 2))
  // The network's, as in `EPIPE`.
  if (/^E(?!RR_)/.test(code)) return true
  // The driver has no codes for these, only words.
  return error instanceof Error && /timeout|connect|terminated|closed/i.test(error.message)
}

/** The database is so slow that nothing of a transaction is kept. */
class TooSlowError extends Error {
  override readonly name = 'TooSlowError'
}

/**
 * The same transaction, in which nothing more is asked after `longestMs`: each query has a bound of its
 * own, and a slow server could stay below every one of them. Throws a `TooSlowError` then.
 */
export function withDeadline(trx: Transaction, clock: Clock, longestMs: number): Transaction {
  const deadline = clock.elapsed() + longestMs
  return trx.withPlugin({
    transformQuery: ({ node }) => {
      if (clock.elapsed() <= deadline) return node
      throw new TooSlowError(`the database took longer than ${longestMs} ms`)
    },
    transformResult: ({ result }) => Promise.resolve(result),
  })
}

/** The SQLSTATE of a database error, as in `23505`; `undefined` for anything else. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
