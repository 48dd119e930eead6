/**
 * People: an address, a name, a password. Sessions rest on what is here, so whoever changes a password
 * or an address raises the revision of the reserved organisation `platform` in the same transaction.
 */
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Transaction } from './db.ts'
import type { Tables } from './tables.ts'

export type Account = Selectable<Tables['accounts']>

export interface NewAccount {
  /** `user:…`. */
  readonly subject: string
  /** As it was typed, where mail goes, and as it is compared. */
  readonly email: { readonly email: string; readonly key: string }
  readonly firstName: string | null
  readonly lastName: string | null
  /** Argon2id in PHC form, or null where nobody signs in with one. */
  readonly password: string | null
  readonly mustChangePassword: boolean
  /** The organisation (bare id) that makes the account, null for a person's own. */
  readonly createdBy: string | null
}

/** Adds an account; `false` when its address has one already, also under concurrency. */
export async function createAccount(trx: Transaction, account: NewAccount): Promise<boolean> {
  const row = {
    subject: account.subject,
    email: account.email.email,
    email_key: account.email.key,
    first_name: account.firstName,
    last_name: account.lastName,
    password: account.password,
    must_change_password: account.mustChangePassword,
    created_by: account.createdBy,
  }
  const result = await trx
    .insertInto('accounts')
    .values(row)
    .onConflict((conflict) => conflict.column('email_key').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** The account of a subject, `user:…`. */
export function findAccount(query: Kysely<Tables>, subject: string): Promise<Account | undefined> {
  return query.selectFrom('accounts').selectAll().where('subject', '=', subject).executeTakeFirst()
}

/** The account whose address is compared as `key`. */
export function findAccountByKey(query: Kysely<Tables>, key: string): Promise<Account | undefined> {
  return query.selectFrom('accounts').selectAll().where('email_key', '=', key).executeTakeFirst()
}

/** Replaces a password; `false` when there is no such account. Its sessions are the caller's to end. */
export async function setPassword(
  trx: Transaction,
  subject: string,
  { hash, mustChange }: { readonly hash: string; readonly mustChange: boolean },
): Promise<boolean> {
  return update(trx, subject, { password: hash, must_change_password: mustChange })
}

/**
 * Puts a hash of the same password with today's parameters in the place of `before`; `false` when the
 * password was changed meanwhile.
 */
export async function rehashPassword(
  trx: Transaction,
  subject: string,
  { before, hash }: { readonly before: string; readonly hash: string },
): Promise<boolean> {
  const result = await trx
    .updateTable('accounts')
    .set({ password: hash })
    .where('subject', '=', subject)
    .where('password', '=', before)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Replaces a name; `false` when there is no such account. */
export async function setProfile(
  trx: Transaction,
  subject: string,
  { firstName, lastName }: Pick<NewAccount, 'firstName' | 'lastName'>,
): Promise<boolean> {
  return update(trx, subject, { first_name: firstName, last_name: lastName })
}

/**
 * Notes that mail to an address was read; `false` when the account has another by now. The first time
 * counts.
 */
export async function verifyAddress(
  trx: Transaction,
  subject: string,
  key: string,
): Promise<boolean> {
  const result = await trx
    .updateTable('accounts')
    .set({ email_verified_at: sql<Date>`coalesce(email_verified_at, now())` })
    .where('subject', '=', subject)
    .where('email_key', '=', key)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

async function update(
  trx: Transaction,
  subject: string,
  row: Partial<Pick<Account, 'password' | 'must_change_password' | 'first_name' | 'last_name'>>,
): Promise<boolean> {
  const result = await trx
    .updateTable('accounts')
    .set(row)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
