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

/**
 * The subjects that `sub` stands for by one of `issuers`; several where they call different people so.
 */
export async function findSubjects(
  db: Db,
  sub: string,
  issuers: readonly string[],
): Promise<string[]> {
  if (issuers.length === 0) return []
  const rows = await db.query
    .selectFrom('identities')
    .select('subject')
    .distinct()
    .where('issuer', 'in', issuers)
    .where('sub', '=', sub)
    .execute()
  return rows.map(({ subject }) => subject)
}

/** Binds an issuer's subject to one of ours; throws when it is bound already. */
export async function addIdentity(
  trx: Transaction,
  { issuer, sub, subject }: NewIdentity,
): Promise<void> {
  await trx.insertInto('identities').values({ issuer, sub, subject }).execute()
}
