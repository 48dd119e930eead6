/** `teams/{team}/members`: who is in a team. */
import { z } from 'zod'
import { isTypedId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import type { Rule } from '../policy/rule.ts'
import { type Link, listLinks } from '../store/links.ts'
import { findTeam } from '../store/teams.ts'
import { changeRules, findRule } from './rule-change.ts'
import { decodeCursor, isNumber, pageOf } from './runner/cursor.ts'
import { moment, pageOfItems } from './runner/fields.ts'
import { type Change, changing, type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery } from './runner/query.ts'
import { Refusal } from './runner/refusal.ts'

const teamMember = z
  .object({
    subject: z.string().meta({ example: 'user:ann' }),
    since: moment,
    addedBy: z.string().meta({ example: 'user:olga' }),
  })
  .meta({ id: 'TeamMember' })

function show({ member, created_at, author }: Link): z.output<typeof teamMember> {
  return { subject: member, since: created_at.toISOString(), addedBy: author }
}

const list = reading({
  id: 'listTeamMembers',
  method: 'GET',
  path: '/orgs/{org}/teams/{team}/members',
  summary: 'List the members of a team',
  query: { limit: limitInQuery, cursor: textInQuery },
  answer: pageOfItems(teamMember),
  run: async ({ tools, organisation, params, query: { limit, cursor } }) => {
    const group = params['team'] ?? ''
    const after = decodeCursor(cursor, 1, [isNumber])?.[0]
    return await tools.db.query.transaction().execute(async (trx) => {
      if ((await findTeam(trx, organisation, group)) === undefined) return undefined
      const asked = { organisation, of: 'team', group, after, limit: limit + 1 } as const
      return pageOf(await listLinks(trx, asked), limit, show, ({ id }) => [id])
    })
  },
})

const person = z
  .string()
  .refine((id) => isTypedId(id, 'user', 'service'), 'is user: or service: and an id')
const people = z
  .array(person)
  .max(limits.membersChanged, `has at most ${limits.membersChanged} members`)
  .default([])

const change = changing({
  id: 'changeTeamMembers',
  method: 'POST',
  path: '/orgs/{org}/teams/{team}/members',
  summary: 'Put members into a team and take others out, all at once',
  description: 'Who is in the team already, or already out of it, stays so.',
  body: z.strictObject({ add: people, remove: people }),
  answer: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
  codes: ['conflict'],
  find: async ({ trx, organisation, params }: Change<never, never>) =>
    (await findTeam(trx, organisation, params['team'] ?? '')) && {},
  run: async (asked) => {
    const { view, params, body } = asked
    const team = params['team'] ?? ''
    const dom = view.snapshot.domain
    const both = body.add.find((subject) => body.remove.includes(subject))
    if (both !== undefined) throw new Refusal('invalid_input', `${both} is in add and in remove.`)
    const linkOf = (subject: string): Rule | undefined =>
      findRule(view.state.rules, 'g', [subject, team, dom])
    const added = [...new Set(body.add)].filter((subject) => linkOf(subject) === undefined)
    for (const subject of added) {
      if (view.state.members.has(subject)) continue
      throw new Refusal('invalid_input', `${subject} is no member of the organisation.`)
    }
    const removed = [...new Set(body.remove)].flatMap((subject) => linkOf(subject) ?? [])
    await changeRules(asked, {
      added: added.map((subject) => ({ ptype: 'g', values: [subject, team, dom] })),
      removed,
    })
    const done = { added, removed: removed.map(({ values: [subject = ''] }) => subject) }
    return { answer: done, after: done }
  },
})

export const teamMemberOperations: readonly Operation[] = [list, change]
