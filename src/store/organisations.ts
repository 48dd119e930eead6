/**
 * Organisations and their members. Every write here belongs to a publish: the caller raises the
 * revision in the same transaction.
 */
import { type Selectable, sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Attributes } from '../policy/attributes.ts'
import type { Rule } from '../policy/rule.ts'
import type { RuleChange } from '../policy/rule-list.ts'
import type { CustomRole } from '../policy/rules/custom-roles.ts'
import { loadAttributes } from './attributes.ts'
import { type Db, inSnapshot, type Transaction } from './db.ts'
import { membersOf } from './members.ts'
import { loadRoles } from './roles.ts'
import { loadRuleChange, loadRules, nextExpiry } from './rules.ts'
import type { Tables } from './tables.ts'

export type Organisation = Pick<
  Selectable<Tables['organisations']>,
  'id' | 'name' | 'slug' | 'state' | 'revision'
>

export type MemberState = Tables['members']['state']

export interface Member {
  /** `user:…` or `service:…`. */
  readonly subject: string
  readonly state: MemberState
  readonly email: string | null
  readonly name: string | null
}

/** Everything of an organisation that decisions are made from, as one moment saw it. */
export interface OrganisationState {
  /** Bare id. */
  readonly id: string
  readonly state: Organisation['state']
  readonly revision: number
  readonly members: ReadonlyMap<string, Member>
  /** By `user:…`, `service:…` or the object of a resource. */
  readonly attributes: ReadonlyMap<string, Attributes>
  /** Those that the organisation made for itself. */
  readonly roles: readonly CustomRole[]
  readonly rules: readonly Rule[]
  /** When the first of `rules` ends by itself, milliseconds since the epoch. */
  readonly nextExpiry: number | undefined
}

const COLUMNS = ['id', 'name', 'slug', 'state', 'revision'] as const

/** An organisation as it is now and, where few of its rules changed since it was loaded, those. */
export interface ReloadedOrganisation {
  readonly state: OrganisationState
  readonly change: RuleChange | undefined
}

/**
 * Loads an organisation by its bare id in one snapshot; `undefined` when there is none. Throws
 * `RulesDamagedError` when its rules cannot be trusted.
 */
export function loadOrganisation(db: Db, id: string): Promise<OrganisationState | undefined> {
  return inSnapshot(db, async (trx) => {
    const rest = await loadRest(trx, id)
    return rest && { ...rest, rules: await loadRules(trx, id) }
  })
}

/** The same of an organisation that was loaded `before`: rules that stayed are not read again. */
export function reloadOrganisation(
  db: Db,
  before: OrganisationState,
): Promise<ReloadedOrganisation | undefined> {
  const { id } = before
  return inSnapshot(db, async (trx) => {
    const rest = await loadRest(trx, id)
    if (rest === undefined) return undefined
    const change = await loadRuleChange(trx, id, before)
    const rules = change ? changed(before.rules, change) : await loadRules(trx, id)
    return { state: { ...rest, rules }, change }
  })
}

/** Everything but the rules. */
async function loadRest(
  trx: Transaction,
  id: string,
): Promise<Omit<OrganisationState, 'rules'> | undefined> {
  const organisation = await findOrganisation(trx, id)
  if (organisation === undefined) return undefined
  const { state, revision } = organisation
  const members = await listMembers(trx, id)
  return {
    id,
    state,
    revision,
    members: new Map(members.map((member) => [member.subject, member])),
    attributes: await loadAttributes(trx, id),
    roles: await loadRoles(trx, id),
    nextExpiry: (await nextExpiry(trx, id))?.getTime(),
  }
}

function changed(rules: readonly Rule[], { added, removed }: RuleChange): readonly Rule[] {
  const gone = new Set(removed)
  const left = gone.size === 0 ? rules : rules.filter((rule) => !gone.has(rule))
  return [...left, ...added]
}

/** The row of an organisation by its bare id. */
export function findOrganisation(trx: Transaction, id: string): Promise<Organisation | undefined> {
  return trx.selectFrom('organisations').select(COLUMNS).where('id', '=', id).executeTakeFirst()
}

/** A page at a time, so that a large organisation holds nobody up. */
async function listMembers(trx: Transaction, organisation: string): Promise<Member[]> {
  const all: Member[] = []
  for (;;) {
    const page = await membersOf(trx, organisation)
      .where('members.subject', '>', all.at(-1)?.subject ?? '')
      .where('members.state', '<>', 'removed')
      .orderBy('members.subject')
      .limit(limits.loadPageRows)
      .execute()
    for (const member of page) all.push(member)
    if (page.length < limits.loadPageRows) return all
  }
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
