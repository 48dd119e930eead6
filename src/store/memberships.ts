/** The organisations of a person, as that person sees them. */
import { type Kysely, sql } from 'kysely'
import type { MemberState } from './organisations.ts'
import type { Tables } from './tables.ts'

export interface Membership {
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly state: 'active' | 'suspended'
  readonly membership: MemberState
  /** Assigned to the person directly: what comes from teams and other roles is not among them. */
  readonly roles: readonly string[]
}

export interface MembershipQuery {
  /** `user:…`. */
  readonly subject: string
  /** Name and id of the organisation before. */
  readonly after?: readonly [string, string] | undefined
  readonly limit?: number
}

/** A page of them by name, or all; one that removed the person is none of them. */
export function listMemberships(
  query: Kysely<Tables>,
  { subject, after, limit }: MembershipQuery,
): Promise<Membership[]> {
  const roles = sql<string[]>`coalesce((
    select jsonb_agg(rule->>1 order by rule->>1) from casbin
    where casbin.organisation = members.organisation and ptype = 'g' and rule->>0 = ${subject}
      and starts_with(rule->>1, 'role:') and (expires_at is null or expires_at > now())), '[]')`
  let rows = query
    .selectFrom('members')
    .innerJoin('organisations', 'organisations.id', 'members.organisation')
    .select(['organisations.id', 'organisations.name', 'slug', 'organisations.state'])
    .select(['members.state as membership', roles.as('roles')])
    .where('members.subject', '=', subject)
    .where('members.state', '<>', 'removed')
    .orderBy('organisations.name')
    .orderBy('organisations.id')
  if (after !== undefined) {
    const [name, id] = after
    rows = rows.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('organisations.name', 'organisations.id'), '>', tuple(name, id)),
    )
  }
  return (limit === undefined ? rows : rows.limit(limit)).execute()
}

/** Whether an active person holds `role` in an organisation (bare id) directly and without an end. */
export async function isHeldByPerson(
  query: Kysely<Tables>,
  organisation: string,
  role: string,
): Promise<boolean> {
  const row = await query
    .selectFrom('casbin')
    .innerJoin('members', (join) =>
      join
        .onRef('members.organisation', '=', 'casbin.organisation')
        .on('members.subject', '=', sql<string>`rule->>0`),
    )
    .select('casbin.id')
    .where('casbin.organisation', '=', organisation)
    .where('ptype', '=', 'g')
    .where(sql<boolean>`rule->>1 = ${role} and expires_at is null`)
    .where(sql<boolean>`starts_with(members.subject, 'user:')`)
    .where('members.state', '=', 'active')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
