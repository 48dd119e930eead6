/** One walk: who is there at first, and what has to hold after each step. */
import { expect } from 'vitest'
import { makeKey } from '../../src/identity/api-keys.ts'
import type { ChainedEntry } from '../../src/lib/audit-chain.ts'
import { operations } from '../../src/manage/operations.ts'
import { addKey } from '../../src/store/keys.ts'
import { loadOrganisation } from '../../src/store/organisation-state.ts'
import { addMember, createOrganisation, raiseRevision } from '../../src/store/organisations.ts'
import { insertRole } from '../../src/store/roles.ts'
import { addRules } from '../../src/store/rules.ts'
import type { TestGateway } from '../support/gateway.ts'
import { type Answered, ask } from '../support/management.ts'
import { until } from '../support/until.ts'
import { password, tokenIn } from './people.ts'
import { auditSince, forgeriesOf, isChain, refusalsOf, tracesOf } from './walks-record.ts'
import { type Credential, type Request, requestOf, type Site, type Step } from './walks-steps.ts'
import { excess, excessOfKey, look, may, ownersOf, type Seen } from './walks-world.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] }
type Lists = Mutable<Omit<Site, 'state' | 'n' | 'ended'>>

export interface Walk {
  readonly gateway: TestGateway
  readonly lists: Lists
  /** The ids of keys that are worth nothing any more. */
  readonly ended: Set<string>
  /** What was asked and answered, for whoever reads of a failure. */
  readonly told: string[]
  /** The kinds of step that changed something. */
  readonly done: Step['kind'][]
  seen: Seen
  traces: string
  platformRevision: number
}

const customRole = {
  ...{ id: 'role:desk', name: 'Desk', slug: 'desk', description: '' },
  permissions: ['members:write', 'teams:write', 'roles:write', 'assignments:write', 'docs:read'],
}
const robotScopes = ['teams:write', 'assignments:write', 'keys:write']

const starting: readonly (readonly [string, string])[] = [
  ['user:olga', 'role:owner'],
  ['user:alan', 'role:admin'],
  ['user:kim', 'role:keeper'],
  ['user:mia', 'role:reader'],
  ['user:cora', customRole.id],
  ['user:sam', 'role:admin'],
  ['service:robot', 'role:robot'],
]

/** Begins a walk in a new organisation, which has one owner or two. */
export async function beginWalk(
  gateway: TestGateway,
  organisation: string,
  owners: number,
): Promise<Walk> {
  const { db } = gateway.running
  const there = owners === 1 ? starting : [['user:oda', 'role:owner'] as const, ...starting]
  await db.transaction('seed', async (trx) => {
    await createOrganisation(trx, { id: organisation, name: organisation, slug: organisation })
    const revision = await raiseRevision(trx, organisation)
    await insertRole(trx, organisation, customRole)
    const links = there.map(([subject, role]) => [subject, role, `org:${organisation}`])
    for (const [subject] of there) {
      const state = subject === 'user:sam' ? 'suspended' : 'active'
      await addMember(trx, organisation, { subject, state })
    }
    const added = links.map((values) => ({ ptype: 'g', values }))
    await addRules(trx, organisation, added, { author: 'gatehouse', revision })
  })
  const subjects = there.map(([subject]) => subject)
  const [last] = (await auditSince(db, 'platform')).slice(-1)
  const walk: Walk = {
    gateway,
    lists: {
      organisation,
      teams: [],
      people: subjects.filter((one) => one.startsWith('user:')),
      services: ['service:robot'],
      roles: [customRole.id],
      credentials: [],
      invitations: [],
      offer: undefined,
    },
    ended: new Set(),
    told: [],
    done: [],
    seen: await look(db, organisation),
    traces: '',
    platformRevision: last?.revision ?? 0,
  }
  for (const subject of subjects) await giveKey(walk, subject)
  walk.traces = await tracesOf(db, organisation)
  return walk
}

/** A key from nowhere, as somebody would have made it who signed in. */
async function giveKey({ gateway, lists }: Walk, subject: string): Promise<void> {
  const { organisation } = lists
  const { id, text, hash } = makeKey()
  const scopes = subject === 'service:robot' ? robotScopes : undefined
  const narrow = { scopes: scopes === undefined ? null : JSON.stringify(scopes) }
  const row = { id, hash, organisation, subject, label: 'first', expires_at: null, ...narrow }
  await gateway.running.db.transaction('seed', (trx) => addKey(trx, row))
  lists.credentials.push({ id, subject, text, scopes })
}

/** What a step did. */
interface Taken {
  readonly request: Request
  readonly by: Credential
  readonly answer: Answered
  readonly before: Seen
  readonly after: Seen
  /** New rows of the audit, of the organisation and of the platform. */
  readonly rows: readonly ChainedEntry[]
  readonly platformRows: readonly ChainedEntry[]
}

/** Takes a step, and throws where something holds no more. */
export async function takeStep(walk: Walk, step: Step): Promise<void> {
  const { gateway, lists, ended, seen: before, told } = walk
  const { db } = gateway.running
  const { organisation } = lists
  const { request, by } = requestOf(step, siteOf(walk))
  const { method, path, body, open } = request
  const who = open ? 'anybody' : `${by.subject}${by.scopes ? ` (${by.scopes})` : ''}`
  const gone = !open && ended.has(by.id) ? ' with a key that is gone' : ''
  const line = `${who}${gone}: ${method} ${path} ${body === undefined ? '' : JSON.stringify(body)}`
  const at = told.push(line) - 1
  const below = open ? path : `/orgs/${organisation}${path}`
  const headers: Record<string, string> = method === 'PATCH' ? { 'if-match': '*' } : {}
  const answer = await ask(
    gateway.adminPort,
    open ? undefined : by.text,
    method,
    below,
    body,
    headers,
  )
  told[at] = `${line} -> ${answer.status} ${answer.json['detail'] ?? ''}`
  if (answer.status >= 400) {
    expect(refusalsOf(request.id)).toContain(answer.json['code'])
    expect(await tracesOf(db, organisation)).toBe(walk.traces)
    return
  }
  const after = await look(db, organisation)
  const rows = await auditSince(db, organisation, before.state.revision)
  const platformRows = await auditSince(db, 'platform', walk.platformRevision)
  const taken = { request, by, answer, before, after, rows, platformRows }
  checkActor(walk, taken)
  checkRights(walk, taken)
  checkRows(walk, taken)
  walk.done.push(step.kind)
  walk.seen = after
  walk.platformRevision += platformRows.length
  await remember(walk, taken)
  if (request.lapses === true) await waitForLapse(walk, before)
  walk.traces = await tracesOf(db, organisation)
}

function siteOf({ lists, seen: { state }, ended, told }: Walk): Site {
  const people = lists.people.filter((one) => state.members.has(one))
  const services = lists.services.filter((one) => state.members.has(one))
  const credentials = lists.credentials.filter(({ id }) => !ended.has(id))
  const spent = lists.credentials.filter(({ id }) => ended.has(id))
  return { ...lists, people, services, credentials, ended: spent, state, n: told.length }
}

/** Whoever was let do it was there, with a key that counts, and held the permission. */
function checkActor({ ended }: Walk, { request, by, before }: Taken): void {
  if (request.open === true) return
  expect(ended.has(by.id)).toBe(false)
  expect(before.state.members.get(by.subject)?.state).toBe('active')
  // An offer is answered by whom it is made to, whatever they hold.
  if (/^(accept|end)Ownership/.test(request.id)) return
  const [path] = request.path.split('?')
  expect(may(before, by, request.method, `/gatehouse${path || '/organisation'}`)).toBe(true)
}

/** Nobody holds more by it than whoever gave it, and somebody still owns it all. */
function checkRights({ lists }: Walk, { request, by, answer, before, after }: Taken): void {
  const heir = request.id === 'acceptOwnership'
  const giver = heir ? { subject: lists.offer?.owner ?? '' } : by
  // Who accepts an invitation gets what it said, and nobody else anything.
  expect(excess(before, after, request.open ? { subject: 'user:nobody' } : giver)).toEqual([])
  const key = keyIn(request, answer)
  if (key !== undefined) expect(excessOfKey(before, key, by)).toEqual([])
  expect(ownersOf(after.state)).not.toEqual([])
}

/** One row for the one change, which says who did what; and no secret. */
function checkRows({ lists }: Walk, { request, by, answer, before, rows, platformRows }: Taken) {
  const { id, open } = request
  const { json, status } = answer
  const member = lists.invitations.find(({ token }) => hasToken(request, token))?.member
  const who = open
    ? { actor: member, credential: null }
    : { actor: by.subject, credential: `key:${by.id}` }
  const revision = before.state.revision + 1
  expect(rows).toMatchObject([{ operation: id, revision, ...who }])
  const wide = open || operations.some((one) => one.id === id && one.alsoPlatform === true)
  expect(platformRows).toMatchObject(wide ? [{ operation: id }] : [])
  const { after } = (open ? platformRows[0] : rows[0]) ?? {}
  // Whoever ends sessions knows whose; the audit has to say so.
  const [more, less] = id === 'endSessions' ? [after, json] : [json, after]
  if (status !== 204 && after !== null) expect(more).toMatchObject(less as object)
  const secrets = [tokenIn(json['link']), keyIn(request, answer)?.text ?? '', password]
  const text = JSON.stringify([rows, platformRows])
  for (const secret of secrets.filter(Boolean)) expect(text).not.toContain(secret)
}

function hasToken({ body }: Request, token: string): boolean {
  return (body as { token?: unknown } | undefined)?.token === token
}

/** The key that an answer tells of. */
function keyIn({ id }: Request, { json }: Answered): Credential | undefined {
  if (!/^(create|update|rotate)Key$/.test(id)) return undefined
  const shown = (id === 'rotateKey' ? json['made'] : json) as Record<string, unknown>
  const scopes = (shown['scopes'] ?? undefined) as string[] | undefined
  const text = String(shown['key'] ?? '')
  return { id: String(shown['id']), subject: String(shown['subject']), text, scopes }
}

/** Knows that nobody is let in any more by what somebody held. */
function endCredentials({ lists, ended }: Walk, subject: string): void {
  for (const one of lists.credentials) if (one.subject === subject) ended.add(one.id)
}

/** Keeps what later steps can be about. */
async function remember(walk: Walk, { request, by, answer }: Taken): Promise<void> {
  const { lists, ended } = walk
  const made = String(answer.json['id'])
  const named = request.path.split('/').find((part) => part.includes(':')) ?? ''
  const answered = (member: string | undefined) => {
    lists.invitations = lists.invitations.filter((one) => one.member !== member)
  }
  const guest = lists.invitations.find(({ token }) => hasToken(request, token))?.member
  const keyId = request.path.split('/')[2] ?? ''
  const key = keyIn(request, answer)
  switch (request.id) {
    case 'createTeam':
      lists.teams.push(made)
      return
    case 'deleteTeam':
      lists.teams = lists.teams.filter((one) => one !== named)
      return
    case 'createRole':
      lists.roles.push(made)
      return
    case 'deleteRole':
      lists.roles = lists.roles.filter((one) => one !== named)
      return
    case 'createMember':
      lists.people.push(made)
      await giveKey(walk, made)
      return
    case 'createServiceAccount':
      lists.services.push(made)
      return
    case 'inviteMember':
      lists.people.push(made)
      lists.invitations.push({ member: made, token: tokenIn(answer.json['link']) })
      return
    case 'acceptInvitation':
      answered(guest)
      if (guest !== undefined) await giveKey(walk, guest)
      return
    case 'declineInvitation':
    case 'revokeInvitation':
    case 'removeMember':
    case 'deleteServiceAccount':
      answered(guest ?? named)
      endCredentials(walk, guest ?? named)
      return
    case 'deleteKey':
      ended.add(keyId)
      return
    case 'rotateKey':
      ended.add(keyId)
      if (key !== undefined) lists.credentials.push(key)
      return
    case 'createKey':
      if (key !== undefined) lists.credentials.push(key)
      return
    case 'updateKey':
      lists.credentials = lists.credentials.map((one) =>
        one.id === key?.id ? { ...one, scopes: key.scopes } : one,
      )
      return
    case 'offerOwnership':
      lists.offer = { owner: by.subject, heir: String(answer.json['to']) }
      return
    case 'acceptOwnership':
    case 'endOwnershipTransfer':
      lists.offer = undefined
  }
}

/** What was given until a moment is gone then, without a change, and all is as it was before. */
async function waitForLapse(walk: Walk, before: Seen): Promise<void> {
  const { db } = walk.gateway.running
  const { organisation } = walk.lists
  const count = before.state.rules.length
  await until(async () => (await loadOrganisation(db, organisation))?.rules.length === count)
  const { revision } = walk.seen.state
  walk.seen = await look(db, organisation)
  expect(walk.seen.state.revision).toBe(revision)
  expect(walk.seen.rights).toEqual(before.rights)
}

/** The whole audit is one chain, and none that somebody could make of it is. */
export async function checkChain({ gateway, lists, done }: Walk): Promise<void> {
  const entries = await auditSince(gateway.running.db, lists.organisation)
  expect(entries).toHaveLength(done.length)
  expect(entries.length === 0 || isChain(entries)).toBe(true)
  for (const at of entries.keys()) {
    for (const forged of forgeriesOf(entries, at)) expect(isChain(forged)).toBe(false)
  }
}
