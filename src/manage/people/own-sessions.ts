/** `me/sessions`: where one is signed in, and the end of it. */
import { z } from 'zod'
import {
  listSessions,
  removeSession,
  removeSessions,
  type SessionListed,
} from '../../store/sessions.ts'
import { moment } from '../runner/fields.ts'
import { changing, type Operation, reading } from '../runner/operation.ts'
import { Refusal } from '../runner/refusal.ts'
import { sessionOf } from './credentials.ts'

const session = z
  .object({
    id: z.string().meta({ example: '8f3k0v2m5q9x' }),
    current: z.boolean().meta({ description: 'Whether it is the one that asks.' }),
    organisations: z.array(z.string()).nullable().meta({ description: 'Null for all of yours.' }),
    address: z.string().nullable(),
    agent: z.string().nullable(),
    createdAt: moment,
    seenAt: moment,
    expiresAt: moment,
  })
  .meta({ id: 'OwnSession' })

function show(row: SessionListed, asking: string | undefined): z.output<typeof session> {
  const { id, organisations, address, agent } = row
  return {
    id,
    current: id === asking,
    organisations,
    address,
    agent,
    createdAt: row.created_at.toISOString(),
    seenAt: row.seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }
}

const list = reading({
  id: 'listMySessions',
  method: 'GET',
  path: '/me/sessions',
  access: 'person',
  summary: 'List where you are signed in, the newest first',
  answer: z.object({ items: z.array(session) }),
  run: async ({ tools, actor }) => {
    const rows = await listSessions(tools.db.query, actor.subject)
    return { items: rows.map((row) => show(row, sessionOf(actor))) }
  },
})

const end = changing({
  id: 'endMySession',
  method: 'DELETE',
  path: '/me/sessions/{session}',
  access: 'person',
  summary: 'End one of your sessions, everywhere',
  run: async ({ trx, actor, params }) => {
    if (await removeSession(trx, actor.subject, params['session'] ?? '')) {
      return { answer: undefined }
    }
    throw new Refusal('not_found', 'You have no session of this id.')
  },
})

const endOthers = changing({
  id: 'endMyOtherSessions',
  method: 'DELETE',
  path: '/me/sessions',
  access: 'person',
  summary: 'End all of your sessions but the one that asks',
  answer: z.object({ ended: z.int() }),
  run: async ({ trx, actor }) => {
    const done = { ended: await removeSessions(trx, actor.subject, sessionOf(actor)) }
    return { answer: done, after: done }
  },
})

export const ownSessionOperations: readonly Operation[] = [list, end, endOthers]
