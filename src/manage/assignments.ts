/** `assignments`: which role is held by which member, service account or team, and until when. */
import { z } from 'zod'
import { isTypedId } from '../lib/ids.ts'
import type { Rule } from '../policy/rule.ts'
import { type Link, listLinks } from '../store/links.ts'
import { findTeam } from '../store/teams.ts'
import { refuseUnknown } from './known-groups.ts'
import { changeRules, keepOwner, ownerRole, refuseUnlessOwner } from './rule-change.ts'
import { decodeCursor, isNumber, pageOf } from './runner/cursor.ts'
import { moment, pageOfItems } from './runner/fields.ts'
import { type Change, changing, type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery } from './runner/query.ts'
import { Refusal } from './runner/refusal.ts'

const assignment = z
  .object({
    id: z.string().meta({ example: '42' }),
    subject: z.string().meta({ example: 'team:writers' }),
    role: z.string().meta({ example: 'role:editor' }),
    since: moment,
    assignedBy: z.string().meta({ example: 'user:olga' }),
    expiresAt: moment.nullable(),
  })
  .meta({ id: 'Assignment' })

function show({ id, member, group, author, created_at, expires_at }: Link) {
  return {
    id,
    subject: member,
    role: group,
    since: created_at.toISOString(),
    assignedBy: author,
    expiresAt: expires_at?.toISOString() ?? null,
  } satisfies z.output<typeof assignment>
}

const holder = z
  .string()
  .refine((id) => isTypedId(id, 'user', 'service', 'team'), 'is user:, service: or team: and an id')
const role = z.string().refine((id) => isTypedId(id, 'role'), 'is role: and an id')

const list = reading({
  id: 'listAssignments',
  method: 'GET',
  path: '/orgs/{org}/assignments',
  summary: 'List who holds which role',
  query: {
    subject: holder.optional(),
    role: role.optional(),
    limit: limitInQuery,
    cursor: textInQuery,
  },
  answer: pageOfItems(assignment),
  run: async ({ tools, organisation, query }) => {
    const { limit, cursor, subject, role } = query
    const after = decodeCursor(cursor, 1, [isNumber])?.[0]
    const asked = { organisation, of: 'role', member: subject, group: role, after } as const
    return await tools.db.query.transaction().execute(async (trx) => {
      const rows = await listLinks(trx, { ...asked, limit: limit + 1 })
      return pageOf(rows, limit, show, ({ id }) => [id])
    })
  },
})

const create = changing({
  id: 'createAssignment',
  method: 'POST',
  path: '/orgs/{org}/assignments',
  summary: 'Give a role to a member, a service account or a team',
  description: 'With `expiresAt` the right is gone at that moment without anybody doing anything.',
  body: z.strictObject({
    subject: holder,
    role,
    expiresAt: z.iso.datetime('is a moment in UTC, as in 2026-01-31T12:00:00Z').optional(),
  }),
  answer: assignment,
  status: 201,
  codes: ['conflict'],
  run: async (change) => {
    const { trx, organisation, view, body, now } = change
    await refuseStrangers(change, body.subject)
    await refuseUnknown(change, [body.role])
    const expiresAt = body.expiresAt === undefined ? undefined : new Date(body.expiresAt)
    if (expiresAt !== undefined && expiresAt <= now) {
      throw new Refusal('invalid_input', 'expiresAt is in the past.')
    }
    if (body.role === ownerRole) refuseOwner(body.subject, expiresAt)
    const values = [body.subject, body.role, view.snapshot.domain]
    await changeRules(change, { added: [{ ptype: 'g', values }], expiresAt })
    const [row] = await listLinks(trx, {
      organisation,
      of: 'role',
      member: body.subject,
      group: body.role,
      limit: 1,
    })
    if (row === undefined) throw new Error('an assignment that was written is not there')
    const made = show(row)
    return { answer: made, after: made, made: `assignments/${made.id}` }
  },
})

/** Who owns an organisation is a person and stays it: a last owner must not end by the clock (I12). */
function refuseOwner(subject: string, expiresAt: Date | undefined): void {
  if (!subject.startsWith('user:')) {
    throw new Refusal('invalid_input', 'subject: an owner is a person, user: and an id.')
  }
  if (expiresAt !== undefined) {
    throw new Refusal('invalid_input', 'expiresAt: an owner stays owner until somebody ends it.')
  }
}

async function refuseStrangers(
  { trx, organisation, view }: Change<unknown, unknown>,
  subject: string,
): Promise<void> {
  if (view.state.members.has(subject)) return
  const team = subject.startsWith('team:') && (await findTeam(trx, organisation, subject))
  if (team) return
  const what = subject.startsWith('team:') ? 'team' : 'member'
  throw new Refusal('invalid_input', `subject: the organisation has no ${what} ${subject}.`)
}

const remove = changing({
  id: 'deleteAssignment',
  method: 'DELETE',
  path: '/orgs/{org}/assignments/{assignment}',
  summary: 'Take a role from whoever holds it',
  codes: ['conflict'],
  find: async ({ trx, organisation, view, params }: Change<never, never>) => {
    const rule = ruleOf(view.state.rules, params['assignment'])
    const [member, group] = rule?.values ?? []
    const asked = { organisation, of: 'role', member, group, limit: 1 } as const
    const [row] = rule === undefined ? [] : await listLinks(trx, asked)
    return row && show(row)
  },
  run: async (change) => {
    const { view, params } = change
    const rule = ruleOf(view.state.rules, params['assignment'])
    const removed = rule === undefined ? [] : [rule]
    if (rule?.values[1] === ownerRole) {
      refuseUnlessOwner(change, rule.values[0] ?? '')
      keepOwner(change, removed)
    }
    await changeRules(change, { removed })
    return { answer: undefined }
  },
})

/** The assignment of a role by its row's id. */
function ruleOf(rules: readonly Rule[], id: string | undefined): Rule | undefined {
  return rules.find(({ ptype, values: [, group = ''], source }) => {
    const same = source.kind === 'organisation' && source.id === id
    return same && ptype === 'g' && group.startsWith('role:')
  })
}

export const assignmentOperations: readonly Operation[] = [list, create, remove]
