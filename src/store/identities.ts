/** Whom an issuer's subject stands for. An email address never identifies anybody (A5 99). */
import type { Insertable } from 'kysely'
import type { Db, Transaction } from './db.ts'
import type { Tables } from './tables.ts'

export type NewIdentity = Omit<Insertable<Tables['identities']>, 'created_at'>

/** The subject (`user:…` or `service:…`) of exactly this issuer and `sub`. */
export async function findIdentity(
  db: Db,
  issuer: string,
  sub: string,
): Promise<string | undefined> {
  const row = await db.query
    .selectFrom('identities')
    .select('subject')
    .where('issuer', '=', issuer)
    .where('sub', '=', sub)
    .executeTakeFirst()
  return row?.subject
}

/** Binds an issuer's subject to one of ours; throws when it is bound already. */
export async function addIdentity(
  trx: Transaction,
  { issuer, sub, subject }: NewIdentity,
): Promise<void> {
  await trx.insertInto('identities').values({ issuer, sub, subject }).execute()
}
