/** The steps of random walks: each kind makes a request out of what there is and a few numbers. */
import fc from 'fast-check'
import type { OrganisationState } from '../../src/store/organisation-state.ts'
import { password } from './people.ts'
import { type Asker, ownersOf } from './walks-world.ts'

/** A key that somebody has. */
export interface Credential extends Asker {
  readonly id: string
  readonly text: string
}

/** What there is. Lists are in the order in which things came, whatever ids they got by chance. */
export interface Site {
  readonly organisation: string
  readonly state: OrganisationState
  /** How many steps were made. */
  readonly n: number
  readonly teams: readonly string[]
  readonly people: readonly string[]
  readonly services: readonly string[]
  /** Custom ones. */
  readonly roles: readonly string[]
  readonly credentials: readonly Credential[]
  /** Those that were revoked or replaced, or whose holder is gone. */
  readonly ended: readonly Credential[]
  readonly invitations: readonly { readonly member: string; readonly token: string }[]
  readonly offer: { readonly owner: string; readonly heir: string } | undefined
}

export interface Request {
  readonly id: string
  readonly method: string
  /** Below the organisation's; with `open` below `/api/v1`, where anyone may ask. */
  readonly path: string
  readonly body?: unknown
  readonly open?: true
  /** Who asks, rather than whoever has the turn. */
  readonly as?: string | undefined
  /** A role is given until a moment that is waited for. */
  readonly lapses?: true
}

const post = (id: string, path: string, body?: unknown): Request => {
  return { id, method: 'POST', path, body }
}
const patch = (id: string, path: string, body: unknown): Request => {
  return { id, method: 'PATCH', path, body }
}
const drop = (id: string, path: string): Request => ({ id, method: 'DELETE', path })

const permissions = ['teams:write', 'members:read', 'docs:read', 'docs:*', 'policies:write']
const scopes = ['teams:write', 'assignments:write', 'keys:write']
const fixedRoles = ['role:owner', 'role:admin', 'role:viewer', 'role:reader', 'role:keeper']
const LENT_MS = 150

/** `at` and `other` stand for records: they are taken modulo how many there are. */
interface Turn {
  readonly at: number
  readonly other: number
  readonly flag: boolean
}
type Make = (site: Site, turn: Turn) => Request

function pick(list: readonly string[], at: number, none: string): string {
  return list[at % Math.max(list.length, 1)] ?? none
}
const some = (list: readonly string[], at: number) => list.filter((_, i) => ((at >> i) & 1) === 1)
const team = ({ teams }: Site, { at }: Turn) => pick(teams, at, 'team:none')
const customRole = ({ roles }: Site, { at }: Turn) => pick(roles, at, 'role:none')
const anyRole = ({ roles }: Site, { other }: Turn) =>
  pick([...fixedRoles, ...roles], other, 'role:none')
const service = ({ services }: Site, { at }: Turn) => pick(services, at, 'service:none')
const holder = ({ people, services, teams }: Site, { at }: Turn) =>
  pick([...people, ...teams, ...services], at, 'user:none')
const inState = ({ people, services, state }: Site, wanted: string) =>
  [...people, ...services].filter((one) => state.members.get(one)?.state === wanted)
const guest = ({ invitations }: Site, { at }: Turn) => invitations[at % invitations.length]

/** Half of the time an owner, for the last of them is what a walk has to come across. */
function target(site: Site, turn: Turn): string {
  const owners = ownersOf(site.state)
  return pick(turn.flag ? owners : site.people, turn.at, 'user:none')
}

const teams = {
  createTeam: ({ n }) => post('createTeam', '/teams', { name: `t${n}` }),
  deleteTeam: (site, turn) => drop('deleteTeam', `/teams/${team(site, turn)}`),
  changeTeamMembers: (site, turn) => {
    const { people, services } = site
    const who = [pick([...people, ...services], turn.other, 'user:none')]
    const body = { [turn.flag ? 'add' : 'remove']: who }
    return post('changeTeamMembers', `/teams/${team(site, turn)}/members`, body)
  },
} satisfies Record<string, Make>

const roles = {
  createRole: ({ n }, { at }) => {
    const body = { name: `r${n}`, slug: `r${n}`, permissions: some(permissions, at) }
    return post('createRole', '/roles', body)
  },
  updateRole: (site, turn) => {
    const body = { permissions: some(permissions, turn.other) }
    return patch('updateRole', `/roles/${customRole(site, turn)}`, body)
  },
  deleteRole: (site, turn) => drop('deleteRole', `/roles/${customRole(site, turn)}`),
} satisfies Record<string, Make>

const assignments = {
  assign: (site, turn) => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const body = { subject: holder(site, turn), role: anyRole(site, turn) }
    return post('createAssignment', '/assignments', turn.flag ? { ...body, expiresAt } : body)
  },
  lend: (site, turn) => {
    const expiresAt = new Date(Date.now() + LENT_MS).toISOString()
    const body = { subject: holder(site, turn), role: anyRole(site, turn), expiresAt }
    return { ...post('createAssignment', '/assignments', body), lapses: true }
  },
  unassign: (site, { at, flag }) => {
    const { rules } = site.state
    const given = rules.filter(({ ptype, values: [who = '', role = ''] }) => {
      const owner = ptype === 'g' && role === 'role:owner' && who.startsWith('user:')
      return flag ? owner : ptype === 'g' && role.startsWith('role:')
    })
    const source = given[at % Math.max(given.length, 1)]?.source
    const id = source?.kind === 'organisation' ? source.id : '1'
    return drop('deleteAssignment', `/assignments/${id}`)
  },
} satisfies Record<string, Make>

function rule(site: Site, { at, other, flag }: Turn): readonly string[] {
  const { organisation } = site
  const who = pick([...fixedRoles, holder(site, { at, other, flag })], other, '*')
  const object = flag ? '/docs/items/1' : '/gatehouse/teams'
  return ['p', who, `org:${organisation}`, object, 'GET', at % 2 === 0 ? 'allow' : 'deny']
}

const rules = {
  addRule: (site, turn) =>
    post('publishRules', '/policies/publish', { message: 'walk', add: [rule(site, turn)] }),
  replaceRules: (site, turn) =>
    post('publishRules', '/policies/publish', { message: 'walk', rules: [rule(site, turn)] }),
  rollback: ({ state }, { other }) => {
    const revision = Math.max(1, state.revision - 1 - (other % 8))
    return post('rollbackRules', '/policies/rollback', { message: 'walk', revision })
  },
} satisfies Record<string, Make>

const person = { firstName: 'Eve', lastName: 'Ede', password }

const people = {
  invite: (site, turn) => {
    const email = `w${site.n}@${site.organisation}.example`
    const roles = turn.flag ? [anyRole(site, turn)] : []
    return post('inviteMember', '/members/invitations', { email, roles })
  },
  accept: (site, turn) => {
    const token = guest(site, turn)?.token ?? '0'.repeat(52)
    return { ...post('acceptInvitation', '/invitations/accept', { token, ...person }), open: true }
  },
  decline: (site, turn) => {
    const token = guest(site, turn)?.token ?? '0'.repeat(52)
    return { ...post('declineInvitation', '/invitations/decline', { token }), open: true }
  },
  revoke: (site, turn) =>
    drop('revokeInvitation', `/members/invitations/${guest(site, turn)?.member ?? 'user:none'}`),
  suspend: (site, turn) => {
    const who = target(site, turn)
    // Another owner would leave one.
    const as = turn.flag ? who : undefined
    return { ...post('suspendMember', `/members/${who}/suspend`), as }
  },
  resume: (site, turn) => {
    const resting = inState(site, 'suspended').filter((one) => one.startsWith('user:'))
    const who = pick(resting, turn.at, 'user:none')
    return post('resumeMember', `/members/${who}/resume`)
  },
  remove: (site, turn) => drop('removeMember', `/members/${target(site, turn)}`),
  create: (site, turn) => {
    const email = `c${site.n}@${site.organisation}.example`
    const roles = turn.flag ? [anyRole(site, turn)] : []
    const teams = site.teams.length > 0 ? [team(site, turn)] : []
    return post('createMember', '/members', { email, ...person, roles, teams })
  },
  endSessions: (site, turn) =>
    drop('endSessions', `/sessions?subject=${pick(site.people, turn.at, 'user:none')}`),
} satisfies Record<string, Make>

const keys = {
  createKey: (site, { at, other, flag }) => {
    const subject = pick(inState(site, 'active'), at, 'service:none')
    const body = { subject, label: 'walk', scopes: flag ? some(scopes, 1 + other) : null }
    // People make keys of their own alone.
    const as = subject.startsWith('user:') ? subject : undefined
    return { ...post('createKey', '/keys', body), as }
  },
  updateKey: (site, { at, other, flag }) => {
    const { id = 'none', subject } = site.credentials[at % site.credentials.length] ?? {}
    const body = { scopes: flag ? some(scopes, 1 + other) : null }
    return { ...patch('updateKey', `/keys/${id}`, body), as: subject }
  },
  rotateKey: ({ credentials }, { at }) => {
    const { id = 'none', subject } = credentials[at % credentials.length] ?? {}
    return { ...post('rotateKey', `/keys/${id}/rotate`, { overlapSeconds: 0 }), as: subject }
  },
  deleteKey: ({ credentials }, { at }) => {
    // One of the newest, so that not everybody is soon without.
    const { id = 'none' } = credentials.at(-1 - (at % 2)) ?? {}
    return drop('deleteKey', `/keys/${id}`)
  },
} satisfies Record<string, Make>

const services = {
  createService: ({ n }) =>
    post('createServiceAccount', '/service-accounts', { name: `s${n}`, description: '' }),
  suspendService: (site, turn) =>
    post('suspendServiceAccount', `/service-accounts/${service(site, turn)}/suspend`),
  resumeService: (site, { at }) => {
    const resting = inState(site, 'suspended').filter((one) => one.startsWith('service:'))
    return post(
      'resumeServiceAccount',
      `/service-accounts/${pick(resting, at, 'service:none')}/resume`,
    )
  },
  deleteService: ({ services: all }) =>
    drop('deleteServiceAccount', `/service-accounts/${all.at(-1) ?? 'service:none'}`),
} satisfies Record<string, Make>

const ownership = {
  offer: (site, turn) => {
    const heir = pick(inState(site, 'active'), turn.at, 'user:none')
    const as = turn.flag ? pick(ownersOf(site.state), turn.other, 'user:none') : undefined
    return { ...post('offerOwnership', '/ownership-transfer', { to: heir }), as }
  },
  acceptOffer: ({ offer }, { flag }) => {
    const as = flag ? offer?.heir : undefined
    return { ...post('acceptOwnership', '/ownership-transfer/accept'), as }
  },
  endOffer: () => drop('endOwnershipTransfer', '/ownership-transfer'),
} satisfies Record<string, Make>

const settings = {
  rename: ({ n }) => patch('updateOrganisation', '', { name: `o${n}` }),
  renameTeam: (site, turn) =>
    patch('updateTeam', `/teams/${team(site, turn)}`, { name: `t${site.n}` }),
  describeService: (site, turn) =>
    patch('updateServiceAccount', `/service-accounts/${service(site, turn)}`, {
      description: `s${site.n}`,
    }),
  tell: (site, turn) => {
    const entity = pick([...site.people, ...site.services], turn.at, 'user:none')
    const items = [{ entity, attributes: { level: turn.other } }]
    return { id: 'putAttributes', method: 'PUT', path: '/attributes', body: { items } }
  },
  forget: (site, turn) =>
    drop('deleteAttributes', `/attributes?entity=${pick(site.people, turn.at, 'user:none')}`),
} satisfies Record<string, Make>

const makes = {
  ...{ ...teams, ...roles, ...assignments, ...rules },
  ...{ ...people, ...keys, ...services, ...ownership, ...settings },
} satisfies Record<string, Make>

export type Kind = keyof typeof makes
export const kinds = Object.keys(makes) as readonly Kind[]

/** Those that are oftener, for much else follows from them. */
const often: Partial<Record<Kind, number>> = {
  ...{ assign: 5, lend: 2, unassign: 4, createTeam: 3, deleteTeam: 2, changeTeamMembers: 5 },
  ...{ createRole: 2, updateRole: 3, addRule: 6, replaceRules: 2, rollback: 6 },
  ...{ invite: 6, accept: 4, decline: 2, revoke: 3, suspend: 6, resume: 4, remove: 3 },
  ...{ createKey: 4, updateKey: 3, rotateKey: 2, deleteKey: 2 },
  ...{ createService: 2, suspendService: 3, resumeService: 3, deleteService: 1 },
  ...{ offer: 4, acceptOffer: 4, endOffer: 2, create: 2, tell: 2 },
}

export interface Step extends Turn {
  readonly kind: Kind
  readonly who: number
  /** Half of the time an owner asks, who gets further than most. */
  readonly rank: 'owner' | 'any'
}

const number = fc.nat(59)
export const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds.flatMap((kind) => Array<Kind>(often[kind] ?? 1).fill(kind))),
  who: number,
  rank: fc.constantFrom('owner', 'any'),
  at: number,
  other: number,
  flag: fc.boolean(),
})

/** What a step asks for, and with which key. */
export function requestOf(step: Step, site: Site): { request: Request; by: Credential } {
  const make: Make = makes[step.kind]
  const request = make(site, step)
  const { credentials, ended } = site
  const owners = step.rank === 'owner' ? ownersOf(site.state) : []
  const subject = request.as ?? owners[step.who % Math.max(owners.length, 1)]
  const own = credentials.filter((one) => subject === undefined || one.subject === subject)
  const [spent] = step.who % 8 === 0 ? ended.slice(-1) : []
  const by = spent ?? pickOne(own, step.who) ?? pickOne(credentials, step.who)
  if (by === undefined) throw new Error('nobody has a key')
  return { request, by }
}

function pickOne<T>(list: readonly T[], at: number): T | undefined {
  return list[at % Math.max(list.length, 1)]
}
