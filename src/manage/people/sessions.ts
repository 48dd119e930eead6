/**
 * `sessions`: those of an organisation's members, as far as they concern it. A session is its person's,
 * and ends as a whole by them alone; an organisation ends what it is worth there, and nothing else.
 */
import { z } from 'zod'
import {
  endSessionsIn,
  listSessionsIn,
  type SessionInOrganisation,
  type SessionQuery,
} from '../../store/sessions.ts'
import { alsoChange } from '../also-change.ts'
import { decodeCursor, isMoment, pageOf } from '../runner/cursor.ts'
import { moment, pageOfItems } from '../runner/fields.ts'
import { type Change, changing, type Operation, reading } from '../runner/operation.ts'
import { platform } from '../runner/permit.ts'
import { limitInQuery, subjectInQuery, textInQuery } from '../runner/query.ts'
import { Refusal } from '../runner/refusal.ts'

const session = z
  .object({
    id: z.string().meta({ example: '8f3k0v2m5q9x' }),
    subject: z.string().meta({ example: 'user:ann' }),
    address: z.string().nullable(),
    agent: z.string().nullable(),
    createdAt: moment,
    seenAt: moment,
    expiresAt: moment,
  })
  .meta({ id: 'Session' })

function show(row: SessionInOrganisation): z.output<typeof session> {
  const { id, subject, address, agent } = row
  const [createdAt, seenAt, expiresAt] = [row.created_at, row.seen_at, row.expires_at]
  return {
    ...{ id, subject, address, agent },
    createdAt: createdAt.toISOString(),
    seenAt: seenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }
}

const list = reading({
  id: 'listSessions',
  method: 'GET',
  path: '/orgs/{org}/sessions',
  summary: 'List the sessions of members that are valid in the organisation, the newest first',
  query: { subject: subjectInQuery.optional(), limit: limitInQuery, cursor: textInQuery },
  answer: pageOfItems(session),
  run: async ({ tools, organisation, query: { subject, limit, cursor } }) => {
    const after = decodeCursor(cursor, 2, [isMoment]) as SessionQuery['after']
    const asked = { organisation, subject, after, limit: limit + 1 }
    const rows = await listSessionsIn(tools.db.query, asked)
    return pageOf(rows, limit, show, ({ id, created_at }) => [created_at.toISOString(), id])
  },
})

const end = changing({
  id: 'endSession',
  method: 'DELETE',
  path: '/orgs/{org}/sessions/{session}',
  alsoPlatform: true,
  summary: 'End what a session is worth in the organisation',
  description: 'It goes on elsewhere. Its person comes back by signing in again.',
  run: async (change) => {
    const { trx, organisation, params } = change
    const id = params['session'] ?? ''
    if ((await endSessionsIn(trx, organisation, { id })) === 0) {
      throw new Refusal('not_found', 'No session of this id is valid here.')
    }
    await tellEverywhere(change, `/gatehouse/sessions/${id}`)
    return { answer: undefined }
  },
})

const endOf = changing({
  id: 'endSessions',
  method: 'DELETE',
  path: '/orgs/{org}/sessions',
  alsoPlatform: true,
  summary: 'End what the sessions of a member are worth in the organisation',
  description: 'They go on elsewhere. Their person comes back by signing in again.',
  query: { subject: subjectInQuery },
  answer: z.object({ ended: z.int() }),
  run: async (change) => {
    const { trx, organisation, view, query } = change
    const { subject } = query
    if (!view.state.members.has(subject)) {
      throw new Refusal('not_found', `${subject} is no member of the organisation.`)
    }
    const done = { subject, ended: await endSessionsIn(trx, organisation, { subject }) }
    await tellEverywhere(change, '/gatehouse/sessions')
    return { answer: { ended: done.ended }, after: done }
  },
})

/** What every replica found out about sessions holds for one revision of the platform. */
async function tellEverywhere(
  change: Change<unknown, unknown, unknown>,
  object: string,
): Promise<void> {
  const { organisation } = change
  // A change of the platform itself has raised it.
  if (organisation === platform) return
  await alsoChange(change, {
    organisation: platform,
    operation: 'endSessions',
    object,
    after: { organisation },
    write: async () => undefined,
  })
}

export const sessionOperations: readonly Operation[] = [list, end, endOf]
