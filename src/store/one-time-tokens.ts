/** Links that are worth something once: only the SHA-256 of their text is kept. */
import { type Kysely, sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Db, Transaction } from './db.ts'
import type { Tables } from './tables.ts'

export type Purpose = Tables['one_time_tokens']['purpose']

export interface NewToken {
  /** SHA-256 of its text, hexadecimal. */
  readonly hash: string
  readonly purpose: Purpose
  /** Whose it is; null for nobody's, as of a set-up link. */
  readonly subject: string | null
  /** Milliseconds from now by the database's clock; `undefined` for a token that only ends by use. */
  readonly lifetimeMs: number | undefined
}

const open = sql<boolean>`used_at is null and (expires_at is null or expires_at > now())`

/** Adds a token. Another of the same purpose for the same subject ends: the last link is the one. */
export async function putToken(
  trx: Transaction,
  { hash, purpose, subject, lifetimeMs }: NewToken,
): Promise<void> {
  await removeTokens(trx, purpose, subject)
  const expires_at =
    lifetimeMs === undefined
      ? null
      : sql<Date>`now() + make_interval(secs => ${lifetimeMs / 1_000}::float8)`
  await trx.insertInto('one_time_tokens').values({ hash, purpose, subject, expires_at }).execute()
}

/** Whose token would be taken now, for whoever must know before it costs something to take it. */
export function findToken(
  query: Kysely<Tables>,
  hash: string,
  purpose: Purpose,
): Promise<{ readonly subject: string | null } | undefined> {
  return query
    .selectFrom('one_time_tokens')
    .select('subject')
    .where('hash', '=', hash)
    .where('purpose', '=', purpose)
    .where(open)
    .executeTakeFirst()
}

/**
 * Takes a token: of all who try, across replicas, one gets its subject and the others `undefined`
 * (I18). A transaction that is rolled back gives it back.
 */
export function takeToken(
  trx: Transaction,
  hash: string,
  purpose: Purpose,
): Promise<{ readonly subject: string | null } | undefined> {
  return trx
    .updateTable('one_time_tokens')
    .set({ used_at: sql<Date>`now()` })
    .where('hash', '=', hash)
    .where('purpose', '=', purpose)
    .where(open)
    .returning('subject')
    .executeTakeFirst()
}

/** Ends the open tokens of a purpose and a subject, as when another way made them pointless. */
export async function removeTokens(
  trx: Transaction,
  purpose: Purpose,
  subject: string | null,
): Promise<void> {
  await trx
    .deleteFrom('one_time_tokens')
    .where('purpose', '=', purpose)
    .where(sql<boolean>`subject is not distinct from ${subject}::text`)
    .execute()
}

/** Removes what was used or is over for a while; returns how many there were. */
export async function dropSpentTokens(db: Db): Promise<number> {
  const kept = sql`make_interval(secs => ${limits.spentTokensKeptMs / 1_000}::float8)`
  const spent = db.query
    .deleteFrom('one_time_tokens')
    .where(sql<boolean>`least(used_at, expires_at) <= now() - ${kept}`)
  return Number((await spent.executeTakeFirst()).numDeletedRows)
}
