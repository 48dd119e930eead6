/** The keys that sign assertions, shared by all replicas; private halves are sealed. */
import type { Kysely, Selectable } from 'kysely'
import type { Db } from './db.ts'
import type { Tables } from './tables.ts'

export type SigningKeyRow = Selectable<Tables['signing_keys']>

export interface Rotation {
  readonly add: readonly SigningKeyRow[]
  /** The `kid` of each key to forget. */
  readonly remove: readonly string[]
}

/** Every key, the one that signed first before the others. */
export function listSigningKeys(db: Db): Promise<SigningKeyRow[]> {
  return selectKeys(db.query)
}

function selectKeys(query: Kysely<Tables>): Promise<SigningKeyRow[]> {
  return query.selectFrom('signing_keys').selectAll().orderBy('signs_from').orderBy('kid').execute()
}

/**
 * Lets `plan` look at the keys and say what to add and remove, while no other replica does. It is
 * synchronous, because nothing outside the database may be awaited in a transaction: prepare a new
 * key beforehand and throw it away when it is not needed. Returns the keys afterwards.
 */
export function rotateSigningKeys(
  db: Db,
  plan: (existing: readonly SigningKeyRow[]) => Rotation,
): Promise<SigningKeyRow[]> {
  return db.transaction('signing-keys', async (trx) => {
    const { add, remove } = plan(await selectKeys(trx))
    if (remove.length > 0) await trx.deleteFrom('signing_keys').where('kid', 'in', remove).execute()
    for (const key of add) {
      const row = { ...key, public_jwk: JSON.stringify(key.public_jwk) }
      await trx.insertInto('signing_keys').values(row).execute()
    }
    return selectKeys(trx)
  })
}
