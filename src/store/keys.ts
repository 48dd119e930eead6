/** API keys: the hash and what the key speaks for, never the key. */
import { type Insertable, type Selectable, sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Db, Transaction } from './db.ts'
import type { Tables } from './tables.ts'

const COLUMNS = [
  'id',
  'hash',
  'organisation',
  'subject',
  'label',
  'scopes',
  'networks',
  'expires_at',
] as const

export type KeyRow = Pick<Selectable<Tables['api_keys']>, (typeof COLUMNS)[number]>
export type NewKey = Omit<Insertable<Tables['api_keys']>, 'created_at'>

/**
 * A key by its public id. The one read that names no organisation, for it is the key that tells it;
 * an expired key is found as well, so that the log can say why it was refused.
 */
export function findKey(db: Db, id: string): Promise<KeyRow | undefined> {
  return db.query.selectFrom('api_keys').select(COLUMNS).where('id', '=', id).executeTakeFirst()
}

/** Adds a key for a member of its organisation. */
export async function addKey(trx: Transaction, key: NewKey): Promise<void> {
  await trx.insertInto('api_keys').values(key).execute()
}

/** Removes a key of an organisation; `false` when there is none. */
export async function removeKey(
  trx: Transaction,
  organisation: string,
  id: string,
): Promise<boolean> {
  const result = await trx
    .deleteFrom('api_keys')
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** Removes every key of a member; returns how many there were. */
export async function removeKeysOf(
  trx: Transaction,
  organisation: string,
  subject: string,
): Promise<number> {
  const gone = trx
    .deleteFrom('api_keys')
    .where('organisation', '=', organisation)
    .where('subject', '=', subject)
  return Number((await gone.executeTakeFirst()).numDeletedRows)
}

/** What of a key may be changed. */
export interface KeySettings {
  readonly label: string
  readonly scopes: readonly string[] | null
  readonly networks: readonly string[] | null
  readonly expires_at: Date | null
}

/** What callers may see of a key. */
export type KeyListed = Pick<Selectable<Tables['api_keys']>, (typeof LISTED)[number]>

const LISTED = [
  ...(['id', 'subject', 'label', 'scopes', 'networks', 'created_by'] as const),
  ...(['created_at', 'expires_at', 'used_at'] as const),
]

/** The lists as the columns hold them. */
export function writeKeySettings({ label, scopes, networks, expires_at }: KeySettings) {
  const json = (list: readonly string[] | null) => list && JSON.stringify(list)
  return { label, scopes: json(scopes), networks: json(networks), expires_at }
}

/** A key of an organisation by its public id, an expired one as well. */
export function findKeyListed(
  trx: Transaction,
  organisation: string,
  id: string,
): Promise<KeyListed | undefined> {
  return trx
    .selectFrom('api_keys')
    .select(LISTED)
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .executeTakeFirst()
}

export interface KeyQuery {
  /** Of this member alone. */
  readonly subject?: string | undefined
  /** Creation and id of the key before. */
  readonly after?: readonly [string, string] | undefined
  readonly limit: number
}

/** A page of the keys of an organisation, the newest first. */
export function listKeys(
  trx: Transaction,
  organisation: string,
  { subject, after, limit }: KeyQuery,
): Promise<KeyListed[]> {
  // What a cursor can hold is no finer than that.
  const made = sql<Date>`date_trunc('milliseconds', created_at)`
  let query = trx.selectFrom('api_keys').select(LISTED).where('organisation', '=', organisation)
  if (subject !== undefined) query = query.where('subject', '=', subject)
  if (after !== undefined) {
    const [at, id] = after
    query = query.where(sql<boolean>`(${made}, id) < (${at}::timestamptz, ${id})`)
  }
  return query.orderBy(made, 'desc').orderBy('id', 'desc').limit(limit).execute()
}

/** Changes the settings of a key, which must be there. */
export async function updateKey(
  trx: Transaction,
  organisation: string,
  id: string,
  settings: KeySettings,
): Promise<void> {
  await trx
    .updateTable('api_keys')
    .set(writeKeySettings(settings))
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .execute()
}

/** When a key was used last. */
export interface KeyUse {
  readonly id: string
  readonly at: Date
}

/** Notes uses, each key's at most once in `limits.keyUseMs`, whoever else notes them. */
export async function noteKeyUses(db: Db, uses: readonly KeyUse[]): Promise<void> {
  const rows = JSON.stringify(uses)
  const pause = sql`make_interval(secs => ${limits.keyUseMs / 1_000}::float8)`
  await sql`update api_keys set used_at = uses.at
    from jsonb_to_recordset(${rows}::jsonb) as uses(id text, at timestamptz)
    where api_keys.id = uses.id
      and (used_at is null or used_at <= uses.at - ${pause})`.execute(db.query)
}

/** Removes every key whose time is over, by the database's clock; returns how many there were. */
export async function dropExpiredKeys(db: Db): Promise<number> {
  const expired = db.query.deleteFrom('api_keys').where(sql<boolean>`expires_at <= now()`)
  return Number((await expired.executeTakeFirst()).numDeletedRows)
}
