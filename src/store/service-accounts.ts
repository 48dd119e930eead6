/**
 * Service accounts: members that are machines. What one may do are rules. A write belongs to a publish:
 * the caller raises the revision in the same transaction.
 */
import { sql } from 'kysely'
import type { Transaction } from './db.ts'
import { addMember } from './organisations.ts'
import { holdsWords } from './words.ts'

export interface ServiceAccount {
  /** `service:…`. */
  readonly subject: string
  readonly name: string
  readonly description: string
  readonly state: 'active' | 'suspended'
  readonly created_at: Date
}

/** Adds an active service account. */
export async function addServiceAccount(
  trx: Transaction,
  organisation: string,
  account: Pick<ServiceAccount, 'subject' | 'name' | 'description'>,
): Promise<void> {
  const { subject, name, description } = account
  await addMember(trx, organisation, { subject, state: 'active', name })
  await trx.insertInto('service_accounts').values({ organisation, subject, description }).execute()
}

/** The service account with this id, or `undefined` when there is none or it was removed. */
export function findServiceAccount(
  trx: Transaction,
  organisation: string,
  subject: string,
): Promise<ServiceAccount | undefined> {
  return accountsOf(trx, organisation).where('members.subject', '=', subject).executeTakeFirst()
}

/** Changes name and description; the account must be there. */
export async function updateServiceAccount(
  trx: Transaction,
  organisation: string,
  { subject, name, description }: Pick<ServiceAccount, 'subject' | 'name' | 'description'>,
): Promise<void> {
  await trx
    .updateTable('members')
    .set({ name })
    .where('organisation', '=', organisation)
    .where('subject', '=', subject)
    .execute()
  // One that came with the sample or by SQL may have no row of its own.
  await trx
    .insertInto('service_accounts')
    .values({ organisation, subject, description })
    .onConflict((conflict) =>
      conflict.columns(['organisation', 'subject']).doUpdateSet({ description }),
    )
    .execute()
}

export interface ServiceAccountQuery {
  /** Words in name or id. */
  readonly words?: string | undefined
  /** Name and id of the account before. */
  readonly after?: readonly [string, string] | undefined
  readonly limit: number
}

/** A page of the service accounts of an organisation, by name. */
export function listServiceAccounts(
  trx: Transaction,
  organisation: string,
  { words, after, limit }: ServiceAccountQuery,
): Promise<ServiceAccount[]> {
  let query = accountsOf(trx, organisation)
  if (words !== undefined) query = query.where(holdsWords(words, 'members.name', 'members.subject'))
  if (after !== undefined) {
    const [name, subject] = after
    query = query.where(sql<boolean>`(${NAME}, members.subject) > (${name}, ${subject})`)
  }
  return query.orderBy(NAME).orderBy('members.subject').limit(limit).execute()
}

const NAME = sql<string>`coalesce(members.name, members.subject)`

function accountsOf(trx: Transaction, organisation: string) {
  return trx
    .selectFrom('members')
    .leftJoin('service_accounts', (join) =>
      join
        .onRef('service_accounts.organisation', '=', 'members.organisation')
        .onRef('service_accounts.subject', '=', 'members.subject'),
    )
    .select(['members.subject', 'members.created_at'])
    .select(NAME.as('name'))
    .select(sql<string>`coalesce(service_accounts.description, '')`.as('description'))
    .select(sql<ServiceAccount['state']>`members.state`.as('state'))
    .where('members.organisation', '=', organisation)
    .where('members.state', '<>', 'removed')
    .where(sql<boolean>`starts_with(members.subject, 'service:')`)
}
