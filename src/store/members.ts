/** Members: those of whom decisions are made, and as they are listed, those who left too. */
import { type RawBuilder, sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Transaction } from './db.ts'
import { loadKeyed } from './keyed.ts'
import type { Tables } from './tables.ts'
import { holdsWords } from './words.ts'

type MemberState = Tables['members']['state']

export interface Member {
  /** `user:…` or `service:…`. */
  readonly subject: string
  readonly state: MemberState
  /** As it was typed until an invitation is accepted; then that of the account. */
  readonly email: string | null
  readonly name: string | null
}

export interface MemberRecord extends Member {
  readonly created_at: Date
}

export interface MemberQuery {
  /** Bare id. */
  readonly organisation: string
  /** People or service accounts. */
  readonly kind: 'user' | 'service'
  readonly states: readonly MemberState[]
  /** Words in name, address or id. */
  readonly words?: string | undefined
  /** Moment and subject of the member before. */
  readonly after?: readonly [string, string] | undefined
  readonly limit: number
}

// What a person's account tells is told from the acceptance on: nobody learns a name, or that there is
// an account, by typing an address.
const known = sql<boolean>`members.state <> 'invited' and accounts.subject is not null`
const full = sql<string>`concat_ws(' ', accounts.first_name, accounts.last_name)`
const email = sql<string | null>`case when ${known} then accounts.email else members.email end`
const name = sql<string | null>`case when ${known} then nullif(${full}, '') else members.name end`

/** The members of an organisation with the address and the name that it may know. */
export function membersOf(trx: Transaction, organisation: string) {
  return (
    trx
      .selectFrom('members')
      // The limit has each member's account looked up by its key, for as many members as are asked for;
      // as a plain join the accounts of everybody everywhere would be read.
      .leftJoinLateral(
        (from) =>
          from
            .selectFrom('accounts')
            .select(['subject', 'email', 'first_name', 'last_name'])
            .whereRef('accounts.subject', '=', 'members.subject')
            .limit(1)
            .as('accounts'),
        (join) => join.onTrue(),
      )
      .select(['members.subject', 'members.state'])
      .select([email.as('email'), name.as('name')])
      .where('members.organisation', '=', organisation)
  )
}

/**
 * The members of an organisation (bare id) by subject, but for those who were removed; brought up to
 * date where they were loaded `before`.
 */
export function loadMembers(
  trx: Transaction,
  organisation: string,
  before?: { readonly members: ReadonlyMap<string, Member>; readonly horizon: string },
): Promise<ReadonlyMap<string, Member>> {
  const page = async (after: string, changed: RawBuilder<boolean>) => {
    const rows = await membersOf(trx, organisation)
      .where('members.subject', '>', after)
      .where(changed)
      .orderBy('members.subject')
      .limit(limits.loadPageRows)
      .execute()
    return rows.map((row) => [row.subject, row.state === 'removed' ? undefined : row] as const)
  }
  const count = async () => {
    const { members } = await trx
      .selectFrom('members')
      .select(sql<number>`count(*)::int`.as('members'))
      .where('organisation', '=', organisation)
      .where('state', '<>', 'removed')
      .executeTakeFirstOrThrow()
    return members
  }
  return loadKeyed({ page, count }, before && { entries: before.members, horizon: before.horizon })
}

/** A page of members, those who came first at the front. */
export function listMemberRecords(trx: Transaction, asked: MemberQuery): Promise<MemberRecord[]> {
  const { organisation, kind, states, words, after, limit } = asked
  let query = membersOf(trx, organisation)
    .select('members.created_at')
    .where(sql<boolean>`starts_with(members.subject, ${`${kind}:`})`)
    .where('members.state', 'in', states)
  if (words !== undefined) query = query.where(holdsWords(words, email, name, 'members.subject'))
  if (after !== undefined) {
    const [at, subject] = after
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('members.created_at', 'members.subject'), '>', tuple(new Date(at), subject)),
    )
  }
  return query.orderBy('members.created_at').orderBy('members.subject').limit(limit).execute()
}

/** A member by its subject, in whatever state. */
export function findMemberRecord(
  trx: Transaction,
  organisation: string,
  subject: string,
): Promise<MemberRecord | undefined> {
  return membersOf(trx, organisation)
    .select('members.created_at')
    .where('members.subject', '=', subject)
    .executeTakeFirst()
}

/** Adds a member, or takes back one who was removed; `false` when it is one already. */
export async function enterMember(
  trx: Transaction,
  organisation: string,
  member: {
    readonly subject: string
    readonly state: 'invited' | 'active'
    readonly email: string
    readonly now: Date
  },
): Promise<boolean> {
  const { subject, state, email, now } = member
  const result = await trx
    .insertInto('members')
    .values({ organisation, subject, state, email, created_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['organisation', 'subject'])
        .doUpdateSet({ state, email, created_at: now })
        .where('members.state', '=', 'removed'),
    )
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** Whether somebody has never been let in anywhere: at most invited. */
export async function isNewcomer(trx: Transaction, subject: string): Promise<boolean> {
  const row = await trx
    .selectFrom('members')
    .select('organisation')
    .where('subject', '=', subject)
    .where('state', '<>', 'invited')
    .limit(1)
    .executeTakeFirst()
  return row === undefined
}
