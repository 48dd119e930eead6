/**
 * Organisations and their members. Every write here belongs to a publish: the caller raises the
 * revision in the same transaction.
 */
import { type Selectable, sql } from 'kysely'
import type { Db, Transaction } from './db.ts'
import type { Tables } from './tables.ts'

export type Organisation = Pick<
  Selectable<Tables['organisations']>,
  'id' | 'name' | 'slug' | 'state' | 'revision'
>

export type MemberState = Tables['members']['state']

const COLUMNS = ['id', 'name', 'slug', 'state', 'revision'] as const

/** The row of an organisation by its bare id. */
export function findOrganisation(trx: Transaction, id: string): Promise<Organisation | undefined> {
  return trx.selectFrom('organisations').select(COLUMNS).where('id', '=', id).executeTakeFirst()
}

/** The newest revision of each organisation in `ids` that exists. */
export async function listRevisions(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query
    .selectFrom('organisations')
    .select(['id', 'revision'])
    .where('id', 'in', ids)
    .execute()
  return new Map(rows.map(({ id, revision }) => [id, revision]))
}

/** Adds an organisation, active and at revision 0. Throws where its id or slug is taken. */
export async function createOrganisation(
  trx: Transaction,
  organisation: { readonly id: string; readonly name: string; readonly slug: string },
): Promise<void> {
  const { id, name, slug } = organisation
  await trx.insertInto('organisations').values({ id, name, slug }).execute()
  await trx.insertInto('slugs').values({ slug, organisation: id }).execute()
}

/** Suspends an organisation or takes it up again; `false` when there is none. */
export async function setOrganisationState(
  trx: Transaction,
  id: string,
  state: Organisation['state'],
): Promise<boolean> {
  const update = trx.updateTable('organisations').set({ state }).where('id', '=', id)
  return (await update.executeTakeFirst()).numUpdatedRows === 1n
}

export interface NewMember {
  readonly subject: string
  readonly state: MemberState
  readonly email?: string | null
  readonly name?: string | null
}

/** Adds a member to an organisation. */
export async function addMember(
  trx: Transaction,
  organisation: string,
  { subject, state, email = null, name = null }: NewMember,
): Promise<void> {
  await trx.insertInto('members').values({ organisation, subject, state, email, name }).execute()
}

/** Changes a membership of an organisation; `false` when there is none. */
export async function setMemberState(
  trx: Transaction,
  organisation: string,
  subject: string,
  state: MemberState,
): Promise<boolean> {
  const result = await trx
    .updateTable('members')
    .set({ state })
    .where('organisation', '=', organisation)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * Takes the lock under which `raiseRevision` works, before that of another organisation: who needs the
 * platform's as well takes it first, so that no two wait for each other crosswise.
 */
export async function lockOrganisation(trx: Transaction, organisation: string): Promise<void> {
  const row = trx.selectFrom('organisations').select('id').where('id', '=', organisation)
  await row.forUpdate().executeTakeFirstOrThrow()
}

/**
 * Raises the revision and, when the transaction commits, tells every replica `<org>:<n>`. The row
 * stays locked until then, so publishes of one organisation follow each other.
 */
export async function raiseRevision(trx: Transaction, organisation: string): Promise<number> {
  const { revision } = await trx
    .updateTable('organisations')
    .set(({ eb }) => ({ revision: eb('revision', '+', 1) }))
    .where('id', '=', organisation)
    .returning('revision')
    .executeTakeFirstOrThrow()
  await sql`select pg_notify('gatehouse', ${`${organisation}:${revision}`})`.execute(trx)
  return revision
}
