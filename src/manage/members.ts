/** `members`: the people of an organisation, what they hold, and whether they are let in. */
import { z } from 'zod'
import { checkPassword } from '../identity/password-rules.ts'
import { isTypedId, mintId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import { createAccount } from '../store/accounts.ts'
import { removeAttributes } from '../store/attributes.ts'
import { inSnapshot } from '../store/db.ts'
import { endInvitation } from '../store/invitations.ts'
import { removeKeysOf } from '../store/keys.ts'
import {
  enterMember,
  findMemberRecord,
  listMemberRecords,
  type MemberQuery,
  type MemberRecord,
} from '../store/members.ts'
import { setMemberState } from '../store/organisations.ts'
import { refuseUnknown } from './known-groups.ts'
import {
  changeRules,
  keepOwner,
  refuseReturn,
  refuseUnlessOwner,
  rulesNaming,
} from './rule-change.ts'
import { decodeCursor, isMoment, pageOf } from './runner/cursor.ts'
import {
  emailField,
  firstNameField,
  lastNameField,
  moment,
  pageOfItems,
  passwordField,
} from './runner/fields.ts'
import { type Call, type Change, changing, type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery, wordsInQuery } from './runner/query.ts'
import { Refusal } from './runner/refusal.ts'

export const member = z
  .object({
    id: z.string().meta({ example: 'user:ann' }),
    state: z.enum(['invited', 'active', 'suspended', 'removed']),
    email: z.string().nullable(),
    name: z.string().nullable(),
    since: moment,
    teams: z.array(z.string()).meta({ example: ['team:writers'] }),
    roles: z
      .array(z.string())
      .meta({ example: ['role:editor'], description: 'Those given directly, not through a team.' }),
  })
  .meta({ id: 'Member' })

export type ShownMember = z.output<typeof member>

/** A member as callers see it; its teams and roles are those of the policy in `view`. */
function showMember(
  { view }: Pick<Call<unknown, unknown>, 'view'>,
  { subject, state, email, name, created_at }: MemberRecord,
): ShownMember {
  const groups = view.state.rules
    .filter(({ ptype, values }) => ptype === 'g' && values[0] === subject)
    .map(({ values: [, group = ''] }) => group)
  return {
    id: subject,
    state,
    email,
    name,
    since: created_at.toISOString(),
    teams: groups.filter((group) => isTypedId(group, 'team')),
    roles: groups.filter((group) => isTypedId(group, 'role')),
  }
}

const states = ['invited', 'active', 'suspended', 'removed'] as const
const present = ['invited', 'active', 'suspended'] as const

const list = reading({
  id: 'listMembers',
  method: 'GET',
  path: '/orgs/{org}/members',
  summary: 'List and search the members of an organisation',
  description: 'Without `state`, everybody but those who were removed.',
  query: {
    q: wordsInQuery,
    state: z.enum(states, { error: `is one of ${states.join(', ')}` }).optional(),
    limit: limitInQuery,
    cursor: textInQuery,
  },
  answer: pageOfItems(member),
  run: async (call) => {
    const { tools, organisation, query } = call
    const { q, state, limit, cursor } = query
    const asked: MemberQuery = {
      organisation,
      kind: 'user',
      states: state === undefined ? present : [state],
      words: q,
      after: decodeCursor(cursor, 2, [isMoment]) as MemberQuery['after'],
      limit: limit + 1,
    }
    const rows = await inSnapshot(tools.db, (trx) => listMemberRecords(trx, asked))
    const keysOf = ({ created_at, subject }: MemberRecord) => [created_at.toISOString(), subject]
    return pageOf(rows, limit, (row) => showMember(call, row), keysOf)
  },
})

const get = reading({
  id: 'getMember',
  method: 'GET',
  path: '/orgs/{org}/members/{member}',
  summary: 'Read a member',
  answer: member,
  run: async (call) => {
    const id = call.params['member'] ?? ''
    const read = (trx: Change<unknown, unknown>['trx']) =>
      findMemberRecord(trx, call.organisation, id)
    const row = await inSnapshot(call.tools.db, read)
    return row && showMember(call, row)
  },
})

const names = (...prefixes: readonly ('team' | 'role')[]) =>
  z
    .array(z.string().refine((id) => isTypedId(id, ...prefixes), `is ${prefixes[0]}: and an id`))
    .max(limits.groupsGiven, `has at most ${limits.groupsGiven} members`)
    .default([])
export const teamsField = names('team')
export const rolesField = names('role')

const create = changing({
  id: 'createMember',
  method: 'POST',
  path: '/orgs/{org}/members',
  summary: 'Create a member with a password of your choice',
  description:
    'For an address that has no account yet; invite anybody else. The password has to be changed at the first sign-in.',
  body: z.strictObject({
    firstName: firstNameField,
    lastName: lastNameField,
    email: emailField,
    password: passwordField,
    teams: teamsField,
    roles: rolesField,
  }),
  answer: member,
  status: 201,
  codes: ['conflict'],
  prepare: async ({ tools, body }) => {
    const { email, firstName, lastName, password } = body
    const problem = await checkPassword(password, { ...email, firstName, lastName })
    if (problem !== undefined) throw new Refusal('invalid_input', `password: ${problem}`)
    return tools.passwords.hash(password)
  },
  run: async (change) => {
    const { trx, organisation, body, now, prepared } = change
    const { email, firstName, lastName } = body
    const subject = mintId('user')
    const created = await createAccount(trx, {
      subject,
      email,
      firstName,
      lastName,
      password: prepared,
      mustChangePassword: true,
      createdBy: organisation,
    })
    if (!created) {
      throw new Refusal('conflict', 'email: this address has an account already; invite it.')
    }
    await enterMember(trx, organisation, { subject, state: 'active', email: email.email, now })
    await giveGroups(change, subject, body)
    return showEntered(change, subject, body)
  },
})

type AnyChange = Change<unknown, unknown, unknown>

interface Groups {
  readonly teams: readonly string[]
  readonly roles: readonly string[]
}

/** Puts somebody into teams and gives them roles; throws a `Refusal` for what there is not. */
export async function giveGroups(
  change: AnyChange,
  subject: string,
  { teams, roles }: Groups,
): Promise<void> {
  const { domain } = change.view.snapshot
  const groups = [...new Set([...teams, ...roles])]
  await refuseUnknown(change, groups)
  const held = rulesNaming(change.view.state.rules, subject).map(({ values }) => values[1])
  const added = groups
    .filter((group) => !held.includes(group))
    .map((group) => ({ ptype: 'g', values: [subject, group, domain] }))
  await changeRules(change, { added })
}

/** What was done, of somebody who has just come. */
export async function showEntered(
  { trx, organisation, view }: AnyChange,
  subject: string,
  groups: Groups,
): Promise<{ answer: ShownMember; after: ShownMember; made: string }> {
  const row = await findMemberRecord(trx, organisation, subject)
  if (row === undefined) throw new Error('a member who was written is not there')
  const before = showMember({ view }, row)
  const teams = [...new Set([...before.teams, ...groups.teams])]
  const roles = [...new Set([...before.roles, ...groups.roles])]
  const shown = { ...before, teams, roles }
  return { answer: shown, after: shown, made: `members/${subject}` }
}

const suspend = changing({
  id: 'suspendMember',
  method: 'POST',
  path: '/orgs/{org}/members/{member}/suspend',
  summary: 'Suspend a member: sessions and keys stop to work here at once',
  answer: member,
  codes: ['conflict'],
  find: findShown,
  run: async (change, before) => {
    if (before.state !== 'active') throw new Refusal('conflict', `The member is ${before.state}.`)
    refuseUnlessOwner(change, before.id)
    keepOwner(change, [], before.id)
    return setState(change, before, 'suspended')
  },
})

const resume = changing({
  id: 'resumeMember',
  method: 'POST',
  path: '/orgs/{org}/members/{member}/resume',
  summary: 'Let a suspended member in again',
  answer: member,
  codes: ['conflict'],
  find: findShown,
  run: async (change, before) => {
    if (before.state !== 'suspended')
      throw new Refusal('conflict', `The member is ${before.state}.`)
    await refuseReturn(change, before.id)
    return setState(change, before, 'active')
  },
})

async function setState(
  { trx, organisation }: AnyChange,
  before: ShownMember,
  state: 'active' | 'suspended',
) {
  await setMemberState(trx, organisation, before.id, state)
  const after = { ...before, state }
  return { answer: after, after }
}

const remove = changing({
  id: 'removeMember',
  method: 'DELETE',
  path: '/orgs/{org}/members/{member}',
  summary: 'Remove a member with all that they held: rules, roles, teams and keys',
  codes: ['conflict'],
  find: findShown,
  run: async (change, before) => {
    if (before.state === 'removed') throw new Refusal('conflict', 'The member is removed already.')
    await removeEntirely(change, before.id)
    return { answer: undefined, after: { ...before, state: 'removed', teams: [], roles: [] } }
  },
})

/** Takes everything from a member; the record stays, so that it is known who was there. */
export async function removeEntirely(change: AnyChange, subject: string): Promise<void> {
  const { trx, organisation, view } = change
  const removed = rulesNaming(view.state.rules, subject)
  refuseUnlessOwner(change, subject)
  keepOwner(change, removed, subject)
  await changeRules(change, { removed })
  await removeKeysOf(trx, organisation, subject)
  await removeAttributes(trx, organisation, subject)
  await endInvitation(trx, organisation, subject)
  await setMemberState(trx, organisation, subject, 'removed')
}

export const memberOperations: readonly Operation[] = [list, create, get, suspend, resume, remove]

async function findShown(change: Change<never, never, never>): Promise<ShownMember | undefined> {
  const { trx, organisation, params } = change
  const row = await findMemberRecord(trx, organisation, params['member'] ?? '')
  return row && showMember(change, row)
}
