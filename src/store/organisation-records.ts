/** What is told of organisations: names, slugs and settings. What decisions are made from is elsewhere. */
import type { Selectable } from 'kysely'
import type { Db, Transaction } from './db.ts'
import type { Tables } from './tables.ts'
import { holdsWords } from './words.ts'

export type OrganisationRecord = Omit<Selectable<Tables['organisations']>, 'revision'>

const COLUMNS = ['id', 'name', 'slug', 'state', 'settings', 'created_at'] as const

/** The bare id of the organisation that has this id, or has or once had this slug. */
export async function resolveOrganisation(
  query: Db['query'] | Transaction,
  name: string,
): Promise<string | undefined> {
  const row = await query
    .selectFrom('organisations')
    .select('id')
    .where('id', '=', name)
    .unionAll(query.selectFrom('slugs').select('organisation as id').where('slug', '=', name))
    .limit(1)
    .executeTakeFirst()
  return row?.id
}

export function findOrganisationRecord(
  trx: Transaction,
  id: string,
): Promise<OrganisationRecord | undefined> {
  return trx.selectFrom('organisations').select(COLUMNS).where('id', '=', id).executeTakeFirst()
}

export interface OrganisationQuery {
  /** Words in name, slug or id. */
  readonly words?: string | undefined
  /** Only those of which this subject is a member, and not a removed one. */
  readonly member?: string | undefined
  /** Name and id of the organisation before. */
  readonly after?: readonly [string, string] | undefined
  readonly limit: number
}

/** A page of organisations by name, the reserved one left out. */
export function listOrganisations(
  trx: Transaction,
  { words, member, after, limit }: OrganisationQuery,
): Promise<OrganisationRecord[]> {
  let query = trx.selectFrom('organisations').select(COLUMNS).where('id', '<>', 'platform')
  if (words !== undefined) query = query.where(holdsWords(words, 'name', 'slug', 'id'))
  if (member !== undefined) {
    query = query.where('id', 'in', (from) =>
      from
        .selectFrom('members')
        .select('organisation')
        .where('subject', '=', member)
        .where('state', '<>', 'removed'),
    )
  }
  if (after !== undefined) {
    const [name, id] = after
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('name', 'id'), '>', tuple(name, id)),
    )
  }
  return query.orderBy('name').orderBy('id').limit(limit).execute()
}

/** Changes what is given. The caller has taken a new slug first. */
export async function updateOrganisation(
  trx: Transaction,
  id: string,
  changes: { readonly name: string; readonly slug: string; readonly settings: object },
): Promise<void> {
  const settings = JSON.stringify(changes.settings)
  await trx
    .updateTable('organisations')
    .set({ ...changes, settings })
    .where('id', '=', id)
    .execute()
}

/** Takes a slug for ever; `false` where another organisation has or had it. */
export async function takeSlug(trx: Transaction, organisation: string, slug: string) {
  const values = { slug, organisation }
  await trx
    .insertInto('slugs')
    .values(values)
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .execute()
  const row = await trx
    .selectFrom('slugs')
    .select('organisation')
    .where('slug', '=', slug)
    .executeTakeFirstOrThrow()
  return row.organisation === organisation
}
