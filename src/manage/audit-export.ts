/** `audit/export`: all entries of the audit at once, to keep, to verify or to look through in a table. */
import { z } from 'zod'
import type { ChainedEntry } from '../lib/audit-chain.ts'
import { csvLine } from '../lib/csv.ts'
import { limits } from '../lib/limits.ts'
import { createTurns } from '../lib/turns.ts'
import { type AuditQuery, readAudit } from '../store/audit.ts'
import { type Db, inSnapshot } from '../store/db.ts'
import { auditEntry, auditFilters } from './audit.ts'
import { type Operation, streaming } from './runner/operation.ts'

interface Format {
  readonly type: string
  /** What stands before the first entry. */
  readonly head: string
  readonly lineOf: (entry: ChainedEntry) => string
}

const columns = auditEntry.keyof().options

const formats: Readonly<Record<'jsonl' | 'csv', Format>> = {
  // What `gatehouse audit verify` reads.
  jsonl: {
    type: 'application/jsonl',
    head: '',
    lineOf: (entry) => `${JSON.stringify(entry)}\n`,
  },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: csvLine(columns),
    lineOf: ({ before, after, ...entry }) => {
      const records = { before: jsonCell(before), after: jsonCell(after) }
      const cells = { ...entry, ...records }
      return csvLine(columns.map((name) => cells[name]))
    },
  },
}

/**
 * A record as JSON. Where a spreadsheet takes the semicolon for the end of a cell, what stands behind
 * one could be a formula: JSON has another way to write it, and in strings alone has one at all.
 */
function jsonCell(record: unknown): string | null {
  return record === null ? null : JSON.stringify(record).replaceAll(';', '\\u003b')
}

/** The entries that are asked for, oldest first, of which a page is held at a time. */
async function* readEntries(
  db: Db,
  asked: Omit<AuditQuery, 'order' | 'limit' | 'newerThan'>,
): AsyncGenerator<ChainedEntry, void, void> {
  const most = { limit: limits.exportPageRows, bytes: limits.exportPageBytes }
  let newerThan = 0
  for (;;) {
    const from = newerThan
    const page = await inSnapshot(db, (trx) =>
      readAudit(trx, { ...asked, ...most, newerThan: from }),
    )
    const last = page.at(-1)
    if (last === undefined) return
    yield* page
    newerThan = last.revision
  }
}

async function* piecesOf(
  entries: AsyncGenerator<ChainedEntry, void, void>,
  { head, lineOf }: Format,
): AsyncGenerator<string, void, void> {
  const turns = createTurns()
  let text = head
  for await (const entry of entries) {
    text += lineOf(entry)
    if (turns.over()) await turns.next()
    if (text.length < limits.exportPieceChars) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

const exportAudit = streaming({
  id: 'exportAudit',
  method: 'GET',
  path: '/orgs/{org}/audit/export',
  summary: 'Export the changes of an organisation, oldest first',
  description:
    'As JSON lines, which `gatehouse audit verify` reads, or as CSV for a spreadsheet. It reaches to ' +
    'the revision that `Gatehouse-Revision` names; one that cannot be finished breaks the connection.',
  query: {
    format: z.enum(['jsonl', 'csv'], { error: 'is jsonl or csv' }).default('jsonl'),
    ...auditFilters,
  },
  types: {
    'application/jsonl': 'One AuditEntry a line, in the form of the list.',
    'text/csv': 'RFC 4180 with a head: a column for each field, `before` and `after` as JSON.',
  },
  run: ({ tools, organisation, view, query: { format, ...filters } }) => {
    // What changes meanwhile is not waited for: that could go on for ever.
    const asked = { ...filters, organisation, olderThan: view.state.revision + 1 }
    const day = new Date(tools.clock.now()).toISOString().slice(0, 10)
    return {
      type: formats[format].type,
      filename: `${organisation}-audit-${day}.${format}`,
      pieces: piecesOf(readEntries(tools.db, asked), formats[format]),
    }
  },
})

export const auditExportOperations: readonly Operation[] = [exportAudit]
