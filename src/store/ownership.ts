/** Offers to hand over an organisation: one at a time, and nothing happens before it is accepted. */
import { type Selectable, sql } from 'kysely'
import type { Transaction } from './db.ts'
import type { Tables } from './tables.ts'

export type Offer = Selectable<Tables['ownership_transfers']>

/** Writes an offer, in the place of an older one. */
export async function putOffer(trx: Transaction, offer: Offer): Promise<void> {
  const { owner, heir, created_at, expires_at } = offer
  await trx
    .insertInto('ownership_transfers')
    .values(offer)
    .onConflict((conflict) =>
      conflict.column('organisation').doUpdateSet({ owner, heir, created_at, expires_at }),
    )
    .execute()
}

/** The offer that stands, if there is one. */
export function findOffer(trx: Transaction, organisation: string): Promise<Offer | undefined> {
  return trx
    .selectFrom('ownership_transfers')
    .selectAll()
    .where('organisation', '=', organisation)
    .where(sql<boolean>`expires_at > now()`)
    .executeTakeFirst()
}

/** Ends an offer. */
export async function endOffer(trx: Transaction, organisation: string): Promise<void> {
  await trx.deleteFrom('ownership_transfers').where('organisation', '=', organisation).execute()
}
