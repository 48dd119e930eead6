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
  'hash' | 'subject' | 'organisations' | 'ended_in' | 'seen_at' | 'expires_at'
> & {
  readonly must_change_password: boolean
}

/** What its person may see of it. */
export type SessionListed = Omit<Row, 'hash' | 'ended_in'>

/** What an organisation may see of a member's: nothing of any other organisation. */
export type SessionInOrganisation = Omit<SessionListed, 'organisations'>

export interface NewSession {
  readonly id: string
  readonly hash: string
  readonly subject: string
  /** Bare ids in which it is valid; null for every organisation of the person. */
  readonly organisations: readonly string[] | null
  readonly address: string | null
  readonly agent: string | null
}

const IN_ORGANISATION = [
  ...(['id', 'subject', 'address', 'agent'] as const),
  ...(['created_at', 'seen_at', 'expires_at'] as const),
].map((column) => `sessions.${column}` as const)
const LISTED = [...IN_ORGANISATION, 'sessions.organisations' as const]

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
    .select(['hash', 'sessions.subject', 'organisations', 'ended_in', 'seen_at', 'expires_at'])
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

export interface SessionQuery {
  /** Bare id. */
  readonly organisation: string
  readonly subject?: string | undefined
  /** Creation, ISO 8601, and id of the session before. */
  readonly after?: readonly [string, string] | undefined
  readonly limit: number
}

/** A page of the sessions of active members that are valid in an organisation, the newest first. */
export function listSessionsIn(
  query: Kysely<Tables>,
  { organisation, subject, after, limit }: SessionQuery,
): Promise<SessionInOrganisation[]> {
  let sessions = query
    .selectFrom('sessions')
    .innerJoin('members', 'members.subject', 'sessions.subject')
    .select(IN_ORGANISATION)
    .where('members.organisation', '=', organisation)
    .where('members.state', '=', 'active')
    .where(validIn(organisation))
    .where(sql<boolean>`not (${over})`)
  if (subject !== undefined) sessions = sessions.where('sessions.subject', '=', subject)
  if (after !== undefined) {
    const [created, id] = after
    sessions = sessions.where(
      sql<boolean>`(${createdAt}, sessions.id) < (${created}::timestamptz, ${id}::text)`,
    )
  }
  const newest = sessions.orderBy(createdAt, 'desc').orderBy('sessions.id', 'desc')
  return newest.limit(limit).execute()
}

/**
 * Ends sessions in one organisation, of a subject or the one with an id: they go on everywhere else.
 * Returns how many were valid there.
 */
export async function endSessionsIn(
  trx: Transaction,
  organisation: string,
  which: { readonly subject: string } | { readonly id: string },
): Promise<number> {
  const [column, value] =
    'id' in which ? (['id', which.id] as const) : (['subject', which.subject] as const)
  const result = await trx
    .updateTable('sessions')
    .set({ ended_in: sql<never>`ended_in || jsonb_build_array(${organisation}::text)` })
    .where(column, '=', value)
    .where(validIn(organisation))
    .where('subject', 'in', (from) =>
      from
        .selectFrom('members')
        .select('subject')
        .where('organisation', '=', organisation)
        .where('state', '<>', 'removed'),
    )
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
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

/** As a moment is told to callers: with more digits a cursor would not find its place again. */
const createdAt = sql`date_trunc('milliseconds', sessions.created_at)`

function validIn(organisation: string) {
  return sql<boolean>`(sessions.organisations is null
    or sessions.organisations @> jsonb_build_array(${organisation}::text))
    and not sessions.ended_in @> jsonb_build_array(${organisation}::text)`
}

const over = sql`expires_at <= now() or seen_at <= now() - ${seconds(limits.sessionIdleMs)}`
