/**
 * Attempts at something that can be guessed, counted for all replicas. An attempt is counted before it
 * is made, so that many at the same time are as slow as one after the other.
 */
import { type Kysely, sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Db } from './db.ts'
import type { Tables } from './tables.ts'

export interface Attempt {
  /** What is guessed at or who guesses, as in `account:ann@example.com`, `address:192.0.2.7`. */
  readonly about: string
  /** How many are free before pauses begin. */
  readonly free: number
}

const seconds = (ms: number) => sql`make_interval(secs => ${ms / 1_000}::float8)`

/**
 * Counts an attempt and returns 0 when it may be made now, otherwise the milliseconds for which it may
 * not. Beyond the free ones each is followed by a pause, doubled up to `attemptPauseMostMs`.
 */
export async function beginAttempt(
  query: Kysely<Tables>,
  { about, free }: Attempt,
): Promise<number> {
  const first = pauseAfter(sql`1`, free)
  const failures = sql<number>`case when attempts.until <= now() - ${seconds(limits.attemptsForgottenMs)}
    then 1 else least(attempts.failures, 1000000) + 1 end`
  const counted = await query
    .insertInto('attempts')
    .values({ about, failures: 1, until: first })
    .onConflict((conflict) =>
      conflict
        .column('about')
        .doUpdateSet({ failures, until: pauseAfter(failures, free) })
        .where(sql<boolean>`attempts.until <= now()`),
    )
    .returning('failures')
    .executeTakeFirst()
  return counted === undefined ? await pauseLeft(query, about) : 0
}

/** When the next attempt may be made after this many. */
function pauseAfter(failures: ReturnType<typeof sql>, free: number) {
  const { attemptPauseMs: least, attemptPauseMostMs: most } = limits
  return sql<Date>`now() + case when ${failures} < ${free}::int then interval '0'
    else make_interval(secs => least(${most}::float8,
      ${least}::float8 * power(2, least(${failures} - ${free}::int, 30))) / 1000) end`
}

async function pauseLeft(query: Kysely<Tables>, about: string): Promise<number> {
  const row = await query
    .selectFrom('attempts')
    .select(sql<number>`ceil(extract(epoch from until - now()) * 1000)::int`.as('left'))
    .where('about', '=', about)
    .executeTakeFirst()
  return Math.max(1, row?.left ?? 1)
}

/**
 * Takes one attempt back that succeeded. For a client's address, which many people share: were all
 * forgotten, whoever has an account of their own could begin anew with each guess at another's.
 */
export async function takeBackAttempt(query: Kysely<Tables>, about: string): Promise<void> {
  await query
    .updateTable('attempts')
    .set({ failures: sql<number>`greatest(failures - 1, 0)` })
    .where('about', '=', about)
    .execute()
}

/** Forgets the attempts at an account after one that succeeded. */
export async function forgetAttempts(query: Kysely<Tables>, about: string): Promise<void> {
  await query.deleteFrom('attempts').where('about', '=', about).execute()
}

/** Removes what is forgotten anyway; returns how much there was. */
export async function dropOldAttempts(db: Db): Promise<number> {
  const old = db.query
    .deleteFrom('attempts')
    .where(sql<boolean>`until <= now() - ${seconds(limits.attemptsForgottenMs)}`)
  return Number((await old.executeTakeFirst()).numDeletedRows)
}
