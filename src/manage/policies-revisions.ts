/** `policies/revisions`: who changed which of an organisation's own rules, when and why. */
import { z } from 'zod'
import { inSnapshot } from '../store/db.ts'
import {
  type DescribedRevision,
  findRuleRevision,
  listRuleRevisions,
} from '../store/policy-revisions.ts'
import { columns } from './candidate.ts'
import { decodeNumber, pageOf } from './runner/cursor.ts'
import { moment, pageOfItems } from './runner/fields.ts'
import { type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery } from './runner/query.ts'

const revision = z
  .object({
    revision: z.int(),
    author: z.string().meta({ example: 'user:olga' }),
    at: moment,
    message: z.string(),
    addedCount: z.int(),
    removedCount: z.int(),
  })
  .meta({ id: 'RuleRevision' })

function show(row: DescribedRevision): z.output<typeof revision> {
  const { revision: number, actor: author, at, message, addedCount, removedCount } = row
  return { revision: number, author, at: at.toISOString(), message, addedCount, removedCount }
}

const list = reading({
  id: 'listRuleRevisions',
  method: 'GET',
  path: '/orgs/{org}/policies/revisions',
  summary: "List the changes of the organisation's own rules, newest first",
  description: 'Publishes, rollbacks, and what went with a team or a role that was deleted.',
  query: { limit: limitInQuery, cursor: textInQuery },
  answer: pageOfItems(revision),
  run: async ({ tools, organisation, query: { limit, cursor } }) => {
    const asked = { organisation, olderThan: decodeNumber(cursor), limit: limit + 1 }
    const rows = await inSnapshot(tools.db, (trx) => listRuleRevisions(trx, asked))
    return pageOf(rows, limit, show, ({ revision: number }) => [String(number)])
  },
})

const get = reading({
  id: 'getRuleRevision',
  method: 'GET',
  path: '/orgs/{org}/policies/revisions/{revision}',
  summary: 'Read what a revision added and removed',
  answer: revision.extend({ added: z.array(columns), removed: z.array(columns) }),
  run: async ({ tools, organisation, params }) => {
    const number = Number(params['revision'])
    const row = await inSnapshot(tools.db, (trx) => findRuleRevision(trx, organisation, number))
    return row && { ...show(row), added: row.added, removed: row.removed }
  },
})

export const revisionOperations: readonly Operation[] = [list, get]
