/**
 * Rows of an organisation that are held in memory by a key of theirs, and brought up to date by what
 * changed. Each row keeps the transaction that wrote it last, so it matters neither which operation
 * that was nor whether it raised a revision.
 */
import { type RawBuilder, sql } from 'kysely'
import { limits } from '../lib/limits.ts'

/** A key and what stands there; nothing where that is gone. */
export type Entry<Value> = readonly [key: string, value: Value | undefined]

export interface Keyed<Value> {
  /** By key, those behind `after`, at most `limits.loadPageRows`; only those that `changed` lets pass. */
  readonly page: (after: string, changed: RawBuilder<boolean>) => Promise<Entry<Value>[]>
  /** How many there are that are not gone. */
  readonly count: () => Promise<number>
}

/** What was loaded, and the oldest transaction whose writes may not be in it. */
export interface Before<Value> {
  readonly entries: ReadonlyMap<string, Value>
  readonly horizon: string
}

/**
 * Everything there is, a page at a time so that a large organisation holds nobody up; of what was
 * loaded `before`, only what changed. A row that went without a trace is missed in the count, and then
 * all are read.
 */
export async function loadKeyed<Value>(
  { page, count }: Keyed<Value>,
  before?: Before<Value>,
): Promise<ReadonlyMap<string, Value>> {
  const changed = before ? sql<boolean>`changed >= ${before.horizon}::xid8` : sql<boolean>`true`
  const found: Entry<Value>[] = []
  for (let last = ''; ; last = found.at(-1)?.[0] ?? '') {
    const rows = await page(last, changed)
    for (const row of rows) found.push(row)
    if (rows.length < limits.loadPageRows) break
  }
  const entries = before && found.length === 0 ? before.entries : merge(before?.entries, found)
  if (before === undefined || entries.size === (await count())) return entries
  return await loadKeyed({ page, count })
}

function merge<Value>(
  before: ReadonlyMap<string, Value> | undefined,
  found: readonly Entry<Value>[],
): ReadonlyMap<string, Value> {
  const entries = new Map(before)
  for (const [key, value] of found) {
    if (value === undefined) entries.delete(key)
    else entries.set(key, value)
  }
  return entries
}

/** The `horizon` of what the same transaction loads, which must be a snapshot. */
export const horizon = sql<string>`pg_snapshot_xmin(pg_current_snapshot())::text`
