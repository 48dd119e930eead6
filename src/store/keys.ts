/** API keys: the hash and what the key speaks for, never the key. */
import { type Insertable, type Selectable, sql } from 'kysely'
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

/** Removes every key whose time is over, by the database's clock; returns how many there were. */
export async function dropExpiredKeys(db: Db): Promise<number> {
  const expired = db.query.deleteFrom('api_keys').where(sql<boolean>`expires_at <= now()`)
  return Number((await expired.executeTakeFirst()).numDeletedRows)
}

/** Removes every key that speaks for a member of an organisation; returns how many there were. */
export async function removeKeysOf(
  trx: Transaction,
  organisation: string,
  subject: string,
): Promise<number> {
  const result = await trx
    .deleteFrom('api_keys')
    .where('organisation', '=', organisation)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
