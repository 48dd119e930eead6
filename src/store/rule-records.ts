/** The `p` rules of an organisation as records that are listed and searched. */
import { sql } from 'kysely'
import type { Transaction } from './db.ts'
import { holdsWords } from './words.ts'

const columns = ['subject', 'domain', 'object', 'method', 'effect'] as const
type Column = (typeof columns)[number]

export interface RuleRecord {
  /** The row's id, decimal. */
  readonly id: string
  /** In the order of the file: subject, domain, object, method, effect. */
  readonly values: readonly string[]
  readonly author: string
  readonly created_at: Date
  readonly revision: number
  readonly expires_at: Date | null
}

export interface RuleQuery extends Partial<Record<Exclude<Column, 'domain'>, string | undefined>> {
  /** Bare id. */
  readonly organisation: string
  /** Part of the rule as a file would hold it, in any case. */
  readonly words?: string | undefined
  /** The id of the rule before. */
  readonly after?: number | undefined
  readonly limit: number
}

/** A page of the rules in force, oldest first. */
export async function listRuleRecords(trx: Transaction, asked: RuleQuery): Promise<RuleRecord[]> {
  const { organisation, words, after, limit } = asked
  const values = columns.map((_, at) => sql<string>`(rule->>${sql.lit(at)})`)
  const line = sql<string>`concat_ws(', ', ptype, ${sql.join(values)})`
  let query = trx
    .selectFrom('casbin')
    .select(['id', 'rule as values', 'author', 'created_at', 'revision', 'expires_at'])
    .where('organisation', '=', organisation)
    .where('ptype', '=', 'p')
    .where(sql<boolean>`(expires_at is null or expires_at > now())`)
  for (const [at, column] of columns.entries()) {
    const wanted = column === 'domain' ? undefined : asked[column]
    if (wanted !== undefined) query = query.where(sql`(rule->>${sql.lit(at)})`, '=', wanted)
  }
  if (words !== undefined) query = query.where(holdsWords(words, line))
  if (after !== undefined) query = query.where('id', '>', after)
  const rows = await query.orderBy('id').limit(limit).execute()
  return rows.map(({ id, ...row }) => ({ ...row, id: String(id) }))
}
