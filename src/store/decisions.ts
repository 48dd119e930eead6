/** The log of decisions and of the gaps in it. */
import { type Insertable, type Selectable, sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Db } from './db.ts'
import type { Tables } from './tables.ts'

export type DecisionRow = Insertable<Tables['decisions']>
export type StoredDecision = Selectable<Tables['decisions']>
export type Gap = Insertable<Tables['decision_gaps']>

/** Writes decisions; one that is there already stays as it is, so a batch may be sent again. */
export async function insertDecisions(db: Db, rows: readonly DecisionRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += limits.decisionBatchRows) {
    await db.query
      .insertInto('decisions')
      .values(rows.slice(start, start + limits.decisionBatchRows))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  }
}

/** Records that decisions were dropped between two moments, and how many. */
export async function insertGap(db: Db, gap: Gap): Promise<void> {
  await db.query.insertInto('decision_gaps').values(gap).execute()
}

export interface DecisionQuery {
  /** Bare id. */
  readonly organisation: string
  /** Moment, ISO 8601 in milliseconds as they are kept, and id of the decision after. */
  readonly before?: readonly [string, string] | undefined
  readonly limit: number
}

/** A page of the decisions of an organisation, the newest first. */
export function listDecisions(
  db: Db,
  { organisation, before, limit }: DecisionQuery,
): Promise<StoredDecision[]> {
  let decisions = db.query
    .selectFrom('decisions')
    .selectAll()
    .where('organisation', '=', organisation)
  if (before !== undefined) {
    const [at, id] = before
    decisions = decisions.where(sql<boolean>`(at, id) < (${at}::timestamptz, ${id}::text)`)
  }
  return decisions.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute()
}
