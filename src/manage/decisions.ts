/** `decisions`: the log of decisions, and why a request is allowed or denied. */
import { z } from 'zod'
import { inTurns } from '../lib/turns.ts'
import { type DecisionQuery, listDecisions, type StoredDecision } from '../store/decisions.ts'
import { explanation, showExplanation } from './explanation.ts'
import { decodeCursor, isMoment, pageOf } from './runner/cursor.ts'
import { moment, pageOfItems } from './runner/fields.ts'
import { type Operation, reading } from './runner/operation.ts'
import { pageQuery } from './runner/pages.ts'
import { actInQuery, objectInQuery, subjectInQuery } from './runner/query.ts'

/** In the names that the gateway's own answers and log use. */
const decision = z
  .object({
    decisionId: z.string(),
    requestId: z.string(),
    at: moment,
    subject: z.string().nullable().meta({ example: 'user:ann' }),
    method: z.string().meta({ example: 'GET' }),
    object: z.string().meta({ example: '/docs/documents/1' }),
    allow: z.boolean(),
    reason: z.string().meta({ example: 'denied_by_default' }),
    rule: z.string().nullable().meta({ description: 'The rule that decided.' }),
    revision: z.int().nullable(),
    door: z.string().nullable().meta({ example: 'proxy' }),
    caller: z.string().nullable().meta({
      description: 'Who asked about the subject, where it did not ask for itself.',
    }),
  })
  .meta({ id: 'Decision' })

function show(row: StoredDecision): z.output<typeof decision> {
  const { id, at, request_id, organisation: _own, ...rest } = row
  return { decisionId: id, requestId: request_id, at: at.toISOString(), ...rest }
}

const list = reading({
  id: 'listDecisions',
  method: 'GET',
  path: '/orgs/{org}/decisions',
  summary: 'List the decisions of an organisation, the newest first',
  query: pageQuery,
  answer: pageOfItems(decision),
  run: async ({ tools, organisation, query: { limit, cursor } }) => {
    const before = decodeCursor(cursor, 2, [isMoment]) as DecisionQuery['before']
    const rows = await listDecisions(tools.db, { organisation, before, limit: limit + 1 })
    return pageOf(rows, limit, show, ({ at, id }) => [at.toISOString(), id])
  },
})

const explain = reading({
  id: 'explainDecision',
  method: 'GET',
  path: '/orgs/{org}/decisions/explain',
  summary: 'Explain why a request is allowed or denied',
  description: 'By the very decision that the gateway makes, with what would allow a denied one.',
  query: { sub: subjectInQuery, obj: objectInQuery, act: actInQuery },
  answer: explanation,
  run: ({ tools, view, query }) =>
    inTurns(showExplanation(view, query, tools.files().applications)),
})

export const decisionOperations: readonly Operation[] = [list, explain]
