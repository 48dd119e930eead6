/** Who changed what: one row for each revision of an organisation, written with the change itself. */
import { type Selectable, sql } from 'kysely'
import { type AuditEntry, type ChainedEntry, chainStart, hashEntry } from '../lib/audit-chain.ts'
import type { Transaction } from './db.ts'
import type { Tables } from './tables.ts'

const COLUMNS = [
  ...(['organisation', 'revision', 'at', 'actor', 'credential', 'address', 'request_id'] as const),
  ...(['operation', 'object', 'before', 'after', 'previous', 'hash'] as const),
]

/**
 * Appends the entry of a change. The caller has raised the revision in `trx`, and holds its lock, so
 * that the entry before this one is the last.
 */
export async function appendAudit(trx: Transaction, entry: AuditEntry): Promise<ChainedEntry> {
  const last = await trx
    .selectFrom('audit')
    .select('hash')
    .where('organisation', '=', entry.organisation)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirst()
  const previous = last?.hash ?? chainStart
  const hash = hashEntry(entry, previous)
  const { requestId, at, before, after, ...rest } = entry
  await trx
    .insertInto('audit')
    .values({
      ...rest,
      at: new Date(at),
      request_id: requestId,
      before: jsonOf(before),
      after: jsonOf(after),
      previous,
      hash,
    })
    .execute()
  return { ...entry, previous, hash }
}

function jsonOf(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value)
}

export interface AuditQuery {
  /** Bare id. */
  readonly organisation: string
  /** Entries of older revisions than this. */
  readonly olderThan?: number | undefined
  /** Entries of newer revisions than this. */
  readonly newerThan?: number | undefined
  readonly actor?: string | undefined
  readonly operation?: string | undefined
  readonly object?: string | undefined
  /** From the one moment on and before the other. */
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  readonly order: 'newest' | 'oldest'
  readonly limit: number
}

/** A page of the audit of an organisation. */
export async function listAudit(trx: Transaction, asked: AuditQuery): Promise<ChainedEntry[]> {
  const order = asked.order === 'newest' ? 'desc' : 'asc'
  const rows = await auditOf(trx, asked)
    .selectAll()
    .orderBy('revision', order)
    .limit(asked.limit)
    .execute()
  return rows.map(entryOf)
}

/**
 * The same, oldest first and one entry at least, where the entries before the last of them hold less
 * than `bytes`, as the database keeps them.
 */
export async function readAudit(
  trx: Transaction,
  asked: Omit<AuditQuery, 'order'> & { readonly bytes: number },
): Promise<ChainedEntry[]> {
  const size = sql`coalesce(pg_column_size(before), 0) + coalesce(pg_column_size(after), 0)`
  const ahead = sql<number>`coalesce(sum(${size}) over
    (order by revision rows between unbounded preceding and 1 preceding), 0)`
  const page = auditOf(trx, asked)
    .selectAll()
    .select(ahead.as('ahead'))
    .orderBy('revision')
    .limit(asked.limit)
  const rows = await trx
    .selectFrom(page.as('page'))
    .select(COLUMNS)
    .where('ahead', '<', asked.bytes)
    .orderBy('revision')
    .execute()
  return rows.map(entryOf)
}

function auditOf(trx: Transaction, asked: Omit<AuditQuery, 'order'>) {
  const { organisation, olderThan, newerThan, actor, operation, object, since, until } = asked
  let query = trx.selectFrom('audit').where('organisation', '=', organisation)
  if (olderThan !== undefined) query = query.where('revision', '<', olderThan)
  if (newerThan !== undefined) query = query.where('revision', '>', newerThan)
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (operation !== undefined) query = query.where('operation', '=', operation)
  if (object !== undefined) query = query.where('object', '=', object)
  if (since !== undefined) query = query.where('at', '>=', since)
  if (until !== undefined) query = query.where('at', '<', until)
  return query
}

function entryOf(row: Selectable<Tables['audit']>): ChainedEntry {
  const { at, request_id, ...rest } = row
  return { ...rest, at: at.toISOString(), requestId: request_id }
}
