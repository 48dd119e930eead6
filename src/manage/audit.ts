/** `audit`: who changed what in an organisation, to read, to filter and to take away. */
import { z } from 'zod'
import { isTypedId } from '../lib/ids.ts'
import { listAudit } from '../store/audit.ts'
import { inSnapshot } from '../store/db.ts'
import { decodeNumber, pageOf } from './runner/cursor.ts'
import { moment, pageOfItems } from './runner/fields.ts'
import { type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery } from './runner/query.ts'

const HASH = 'a'.repeat(64)
export const auditEntry = z
  .object({
    organisation: z.string().meta({ example: 'acme' }),
    revision: z.int().meta({ description: 'What the change raised the revision to.' }),
    at: moment,
    actor: z.string().meta({ example: 'user:ann' }),
    credential: z.string().nullable().meta({ example: 'key:8f3k0v2m5q9x' }),
    address: z.string().nullable().meta({ example: '192.0.2.7' }),
    requestId: z.string(),
    operation: z.string().meta({ example: 'createTeam' }),
    object: z.string().meta({ example: '/gatehouse/teams/team:writers' }),
    before: z.unknown().nullable(),
    after: z.unknown().nullable(),
    previous: z.string().meta({ example: HASH, description: 'The hash of the entry before.' }),
    hash: z.string().meta({ example: HASH }),
  })
  .meta({ id: 'AuditEntry' })

const actorInQuery = z
  .string()
  .refine(
    (actor) => isTypedId(actor, 'user', 'service') || ['anonymous', 'gatehouse'].includes(actor),
    'is user: or service: and an id, anonymous or gatehouse',
  )
const nameInQuery = (most: number) =>
  z
    .string()
    .max(most, `has at most ${most} characters`)
    .regex(/^[^\p{Cc}]*$/u, 'holds no control characters')
    .optional()
const timeInQuery = z.iso
  .datetime('is a moment in UTC, as in 2026-01-31T12:00:00Z')
  .transform((text) => new Date(text))

/** What the entries may be narrowed to. */
export const auditFilters = {
  actor: actorInQuery.optional(),
  operation: nameInQuery(100),
  object: nameInQuery(600),
  since: timeInQuery.optional(),
  until: timeInQuery.optional(),
}

const list = reading({
  id: 'listAudit',
  method: 'GET',
  path: '/orgs/{org}/audit',
  summary: 'List the changes of an organisation',
  description: 'Newest first, unless you say otherwise. All of them at once are an export.',
  query: {
    ...auditFilters,
    order: z.enum(['newest', 'oldest'], { error: 'is newest or oldest' }).default('newest'),
    limit: limitInQuery,
    cursor: textInQuery,
  },
  answer: pageOfItems(auditEntry),
  run: async ({ tools, organisation, query }) => {
    const { limit, cursor, ...asked } = query
    const after = decodeNumber(cursor)
    const bound = asked.order === 'newest' ? { olderThan: after } : { newerThan: after }
    const rows = await inSnapshot(tools.db, (trx) =>
      listAudit(trx, { ...asked, ...bound, organisation, limit: limit + 1 }),
    )
    return pageOf(
      rows,
      limit,
      (row) => row,
      ({ revision }) => [String(revision)],
    )
  },
})

export const auditOperations: readonly Operation[] = [list]
