/** The log of decisions and of the gaps in it. */
import { type Insertable, type Selectable, sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Db } from './db.ts'
import type { Tables } from './tables.ts'

export type DecisionRow = Insertable<Tables['decisions']>
export type StoredDecision = Selectable<Tables['decisions']>
export type Gap = Insertable<Tables['decision_gaps']>

/** A cursor that this log never handed out. */
export class CursorError extends Error {
  override readonly name = 'CursorError'
}

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

export interface DecisionPage {
  readonly items: readonly StoredDecision[]
  /** The cursor of the next page; absent on the last. */
  readonly next?: string
}

/**
 * The decisions of one organisation, newest first, at most `limit`; `cursor` is the `next` of the
 * page before. Throws `CursorError`.
 */
export async function listDecisions(
  db: Db,
  organisation: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<DecisionPage> {
  const before = cursor === undefined ? undefined : readCursor(cursor)
  const rows = await db.query
    .selectFrom('decisions')
    .selectAll()
    .where('organisation', '=', organisation)
    .$if(before !== undefined, (query) =>
      query.where(sql<boolean>`(at, id) < (${before?.at}, ${before?.id})`),
    )
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  if (rows.length <= limit || last === undefined) return { items }
  return { items, next: `${last.at.getTime()}.${last.id}` }
}

/** Records are kept to the millisecond, so the cursor's moment is exact. */
function readCursor(cursor: string): { at: Date; id: string } {
  const [, at, id] = /^(\d{1,14})\.([\w-]{1,80})$/.exec(cursor) ?? []
  if (at === undefined || id === undefined) throw new CursorError('the cursor is malformed')
  return { at: new Date(Number(at)), id }
}
