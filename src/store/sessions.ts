/**
 * Sessions: the hash and whom the session stands for, never its text. What ends one raises the revision
 * of the reserved organisation `platform` in the same transaction, by which every replica hears of it.
 */
import { type Kysely, type Selectable, sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Db, Transaction } from './db.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['sessions']>

/** What authentication asks of a session. */
export type SessionRow = Pick<
  Row,
  'hash' | 'subject' | 'organisations' | 'seen_at' | 'expires_at'
> & {
  readonly must_change_password: boolean
}

/** What its person may see of it. */
export type SessionListed = Omit<Row, 'hash'>

export interface NewSession {
  readonly id: string
  readonly hash: string
  readonly subject: string
  /** Bare ids in which it is valid; null for every organisation of the person. */
  readonly organisations: readonly string[] | null
  readonly address: string | null
  readonly agent: string | null
}

const LISTED = [
  ...(['id', 'subject', 'organisations', 'address', 'agent'] as const),
  ...(['created_at', 'seen_at', 'expires_at'] as const),
]

const seconds = (ms: number) => sql`make_interval(secs => ${ms / 1_000}::float8)`

/** Adds a session, valid from now on for `lifetimeMs`. */
export async function addSession(
  trx: Transaction,
  session: NewSession,
  lifetimeMs: number = limits.sessionLifetimeMs,
): Promise<void> {
  const { organisations, agent } = session
  const row = {
    ...session,
    organisations: organisations && JSON.stringify(organisations),
    agent: agent?.slice(0, limits.agentChars) ?? null,
    expires_at: sql<Date>`now() + ${seconds(lifetimeMs)}`,
  }
  await trx.insertInto('sessions').values(row).execute()
}

/** A session by its public id, an expired one as well, so that the log can say why it was refused. */
export function findSession(db: Db, id: string): Promise<SessionRow | undefined> {
  return db.query
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.subject', 'sessions.subject')
    .select(['hash', 'sessions.subject', 'organisations', 'seen_at', 'expires_at'])
    .select('must_change_password')
    .where('id', '=', id)
    .executeTakeFirst()
}

/** The sessions of a subject that are still worth something, the newest first. */
export function listSessions(query: Kysely<Tables>, subject: string): Promise<SessionListed[]> {
  return query
    .selectFrom('sessions')
    .select(LISTED)
    .where('subject', '=', subject)
    .where(sql<boolean>`not (${over})`)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()
}

/** Ends one session of a subject; `false` when it has none of this id. */
export async function removeSession(
  trx: Transaction,
  subject: string,
  id: string,
): Promise<boolean> {
  const gone = trx.deleteFrom('sessions').where('subject', '=', subject).where('id', '=', id)
  return (await gone.executeTakeFirst()).numDeletedRows === 1n
}

/** Ends every session of a subject but `except`; returns how many there were. */
export async function removeSessions(
  trx: Transaction,
  subject: string,
  except?: string,
): Promise<number> {
  const all = trx.deleteFrom('sessions').where('subject', '=', subject)
  const gone = except === undefined ? all : all.where('id', '<>', except)
  return Number((await gone.executeTakeFirst()).numDeletedRows)
}

/** Notes that a session is in use; writes at most once in `sessionTouchMs`, whoever asks. */
export async function touchSession(db: Db, id: string): Promise<boolean> {
  const result = await db.query
    .updateTable('sessions')
    .set({ seen_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where(sql<boolean>`seen_at <= now() - ${seconds(limits.sessionTouchMs)}`)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Removes every session that is over or idle, by the database's clock; returns how many. */
export async function dropExpiredSessions(db: Db): Promise<number> {
  const gone = db.query.deleteFrom('sessions').where(sql<boolean>`${over}`)
  return Number((await gone.executeTakeFirst()).numDeletedRows)
}

const over = sql`expires_at <= now() or seen_at <= now() - ${seconds(limits.sessionIdleMs)}`
