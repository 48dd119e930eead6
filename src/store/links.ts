/** Who is in which team and who holds which role: rules of type `g`, as rows that are listed. */
import { sql } from 'kysely'
import type { Transaction } from './db.ts'

export interface Link {
  /** The row's id, decimal. */
  readonly id: string
  /** `user:…`, `service:…`, `team:…` or `role:…`. */
  readonly member: string
  /** `team:…` or `role:…`. */
  readonly group: string
  readonly author: string
  readonly created_at: Date
  /** When it ends by itself. */
  readonly expires_at: Date | null
}

export interface LinkQuery {
  /** Bare id. */
  readonly organisation: string
  /** What the group is. */
  readonly of: 'team' | 'role'
  readonly member?: string | undefined
  readonly group?: string | undefined
  /** The id of the link before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** A page of the links in force, oldest first. */
export async function listLinks(trx: Transaction, asked: LinkQuery): Promise<Link[]> {
  const { organisation, of, member, group, after, limit } = asked
  const [v0, v1] = [sql<string>`rule->>0`, sql<string>`rule->>1`]
  let query = trx
    .selectFrom('casbin')
    .select(['id', 'author', 'created_at', 'expires_at'])
    .select([v0.as('member'), v1.as('group')])
    .where('organisation', '=', organisation)
    .where('ptype', '=', 'g')
    .where(sql<boolean>`(expires_at is null or expires_at > now())`)
    // Spelt out, so that it is seen to be what an index is about.
    .where(sql<boolean>`starts_with(rule->>1, ${sql.lit(`${of}:`)})`)
  if (member !== undefined) query = query.where(v0, '=', member)
  if (group !== undefined) query = query.where(v1, '=', group)
  if (after !== undefined) query = query.where('id', '>', Number(after))
  const rows = await query.orderBy('id').limit(limit).execute()
  return rows.map(({ id, ...row }) => ({ ...row, id: String(id) }))
}
