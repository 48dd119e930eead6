/** One good request for each operation, by its id: what the matrix of all operations is made of. */
import type { Db, Transaction } from '../../src/store/db.ts'
import type { Json, Management } from '../support/management.ts'

export interface Sample {
  /** The parts of the path; the organisation is the ground's, unless it says otherwise. */
  readonly params?: Readonly<Record<string, string>>
  /** As in `?limit=1`. */
  readonly query?: string
  readonly body?: unknown
  /** Who may: `owner` of acme, unless it says otherwise. */
  readonly by?: 'owner' | 'platform'
  /** Somebody else, by a credential of theirs. */
  readonly as?: { readonly subject: string; readonly bearer: string }
  readonly status?: number
  /** Other organisations in which it is recorded as well. */
  readonly also?: readonly string[]
}

/** What a sample may begin with in an organisation: `path` is below it, `by` its owner. */
export interface Ground {
  /** The bare id of the organisation. */
  readonly id: string
  readonly db: Db
  /** `as` is a credential of whoever asks in the place of the owner. */
  readonly made: (
    path: string,
    body: unknown,
    method?: 'POST' | 'PUT',
    as?: string,
  ) => Promise<Json>
  /** Signs somebody in and returns the session's text. */
  readonly signIn: (body: { email: string; password: string }) => Promise<string>
  /** A new organisation of the platform's owner, in this state. */
  readonly organisation: (state: 'active' | 'suspended') => Promise<string>
  /** The same in another organisation, by a credential for it. */
  readonly within: (organisation: string, as: string) => Ground
  /** A new organisation that nobody owns, whoever holds what in it, and what else is there. */
  readonly ownerless: (
    holds: readonly string[],
    seed?: (trx: Transaction, org: string) => Promise<void>,
  ) => Promise<{ org: string; subject: string; bearer: string }>
}

/** Makes the sample in an organisation; each call makes what it names anew. */
export type Make = (ground: Ground) => Sample | Promise<Sample>

let count = 0
/** A word that no other sample uses. */
export function fresh(): string {
  count += 1
  return `sample-${count}`
}
const team = async ({ made }: Ground) => ({
  team: String((await made('/teams', { name: fresh() }))['id']),
})
const assignment = async (ground: Ground) => {
  const body = { subject: (await team(ground)).team, role: 'role:viewer' }
  return { assignment: String((await ground.made('/assignments', body))['id']) }
}

export const somebody = () => ({
  firstName: 'Dora',
  lastName: 'Dorn',
  email: `${fresh()}@acme.example`,
  password: 'four quiet words here',
})
const idOf = async (made: Promise<Json>) => String((await made)['id'])
const member = async ({ made }: Ground) => ({ member: await idOf(made('/members', somebody())) })
const invited = async ({ made }: Ground) => {
  return { member: await idOf(made('/members/invitations', { email: `${fresh()}@acme.example` })) }
}
const suspended = async (ground: Ground) => {
  const params = await member(ground)
  await ground.made(`/members/${params.member}/suspend`, undefined)
  return params
}
const role = async ({ made }: Ground) => {
  const body = { name: fresh(), slug: fresh(), permissions: ['teams:read'] }
  return { role: await idOf(made('/roles', body)) }
}
const service = async ({ made }: Ground) => {
  return { service: await idOf(made('/service-accounts', { name: fresh() })) }
}
const key = async (ground: Ground) => {
  const subject = (await service(ground)).service
  return { key: await idOf(ground.made('/keys', { subject, label: fresh() })) }
}
const ruleOf = (organisation: string) => {
  return ['p', 'team:writers', `org:${organisation}`, `/docs/${fresh()}`, 'GET', 'allow']
}
const item = '/docs/items/1'
const published = async ({ made, id }: Ground) => {
  const body = { message: 'A sample', add: [ruleOf(id)] }
  return String((await made('/policies/publish', body))['revision'])
}

export const samples: Readonly<Record<string, Make>> = {
  getOwnershipTransfer: async (ground) => {
    await ground.made('/ownership-transfer', { to: (await member(ground)).member })
    return {}
  },
  offerOwnership: async (ground) => ({ body: { to: (await member(ground)).member } }),
  listInvitations: async (ground) => {
    await invited(ground)
    return { query: '?limit=1' }
  },
  inviteMember: () => ({ body: { email: `${fresh()}@acme.example` } }),
  resendInvitation: async (ground) => ({ params: await invited(ground) }),
  revokeInvitation: async (ground) => ({ params: await invited(ground) }),
  listMembers: () => ({ query: '?state=active' }),
  createMember: () => ({ body: somebody() }),
  getMember: async (ground) => ({ params: await member(ground) }),
  suspendMember: async (ground) => ({ params: await member(ground) }),
  resumeMember: async (ground) => ({ params: await suspended(ground) }),
  removeMember: async (ground) => ({ params: await member(ground) }),
  listRoles: () => ({}),
  createRole: () => ({ body: { name: fresh(), slug: fresh(), permissions: ['teams:read'] } }),
  getRole: async (ground) => ({ params: await role(ground) }),
  updateRole: async (ground) => ({ params: await role(ground), body: { name: fresh() } }),
  deleteRole: async (ground) => ({ params: await role(ground) }),
  listPermissions: () => ({}),
  listTeamPermissions: async (ground) => ({ params: await team(ground) }),
  listMemberPermissions: async (ground) => ({ params: await member(ground) }),
  listServiceAccountPermissions: async (ground) => ({ params: await service(ground) }),
  listRolePermissions: async (ground) => ({ params: await role(ground) }),
  listServiceAccounts: () => ({ query: '?limit=1' }),
  createServiceAccount: () => ({ body: { name: fresh() } }),
  getServiceAccount: async (ground) => ({ params: await service(ground) }),
  updateServiceAccount: async (ground) => {
    return { params: await service(ground), body: { name: fresh() } }
  },
  suspendServiceAccount: async (ground) => ({ params: await service(ground) }),
  resumeServiceAccount: async (ground) => {
    const params = await service(ground)
    await ground.made(`/service-accounts/${params.service}/suspend`, undefined)
    return { params }
  },
  deleteServiceAccount: async (ground) => ({ params: await service(ground) }),
  listKeys: () => ({ query: '?limit=1' }),
  createKey: async (ground) => {
    return { body: { subject: (await service(ground)).service, label: fresh() } }
  },
  getKey: async (ground) => ({ params: await key(ground) }),
  updateKey: async (ground) => ({ params: await key(ground), body: { label: fresh() } }),
  rotateKey: async (ground) => ({ params: await key(ground), body: { overlapSeconds: 60 } }),
  deleteKey: async (ground) => ({ params: await key(ground) }),
  listSessions: () => ({}),
  endSessions: () => ({ query: '?subject=user:mia' }),
  endSession: async ({ made, signIn }) => {
    const person = somebody()
    await made('/members', person)
    const session = await signIn({ email: person.email, password: person.password })
    return { params: { session: session.split('_')[1] ?? '' } }
  },
  listRules: () => ({ query: '?q=docs' }),
  checkRules: ({ id }) => ({ body: { rules: [ruleOf(id)] } }),
  diffRules: ({ id }) => ({ body: { rules: [ruleOf(id)] } }),
  publishRules: ({ id }) => ({ body: { message: 'A sample', add: [ruleOf(id)] } }),
  rollbackRules: async (ground) => {
    const revision = Number(await published(ground))
    await published(ground)
    return { body: { revision, message: 'Back' } }
  },
  listRuleRevisions: () => ({ query: '?limit=1' }),
  getRuleRevision: async (ground) => ({ params: { revision: await published(ground) } }),
  listOrganisations: () => ({ by: 'platform' }),
  createOrganisation: () => ({ by: 'platform', body: { name: 'Gamma', slug: fresh() } }),
  getOrganisation: () => ({}),
  updateOrganisation: () => ({ body: { name: fresh() } }),
  suspendOrganisation: async ({ organisation }) => {
    return { by: 'platform', params: { org: await organisation('active') } }
  },
  resumeOrganisation: async ({ organisation }) => {
    return { by: 'platform', params: { org: await organisation('suspended') } }
  },
  listTeams: () => ({ query: '?q=a&limit=1' }),
  createTeam: () => ({ body: { name: fresh() } }),
  getTeam: async (ground) => ({ params: await team(ground) }),
  updateTeam: async (ground) => ({ params: await team(ground), body: { name: fresh() } }),
  deleteTeam: async (ground) => ({ params: await team(ground) }),
  listTeamMembers: async (ground) => ({ params: await team(ground) }),
  changeTeamMembers: async (ground) => ({ params: await team(ground), body: { add: [] } }),
  listAssignments: () => ({}),
  createAssignment: async (ground) => {
    return { body: { subject: (await team(ground)).team, role: 'role:viewer' } }
  },
  deleteAssignment: async (ground) => ({ params: await assignment(ground) }),
  getAttributes: async ({ made }) => {
    await made('/attributes', { items: [{ entity: 'user:ann', attributes: {} }] }, 'PUT')
    return { query: '?entity=user:ann' }
  },
  putAttributes: () => ({ body: { items: [{ entity: 'user:ann', attributes: {} }] } }),
  deleteAttributes: () => ({ query: '?entity=user:ann' }),
  listDecisions: () => ({ query: '?limit=1' }),
  explainDecision: () => ({ query: `?sub=user:mia&obj=${item}&act=GET` }),
  whoCan: () => ({ query: `?obj=${item}&act=GET` }),
  whatCan: () => ({ query: '?sub=user:mia' }),
  whichActions: () => ({ query: `?sub=user:mia&obj=${item}` }),
  whichOperations: () => ({ query: '?sub=user:mia' }),
  listAudit: () => ({ query: '?order=oldest' }),
  exportAudit: () => ({ query: '?format=csv' }),
}

/** Lets samples begin with what `owner` makes in an organisation. */
export function groundIn(scene: Management, owner: string, organisation: string): Ground {
  const { call, gateway } = scene
  const made = async (by: string, path: string, body?: unknown, method = 'POST') => {
    const { status, json } = await call(by, method, path, body)
    if (status >= 300) throw new Error(`${path}: ${JSON.stringify(json)}`)
    return json
  }
  return {
    id: organisation,
    db: gateway.running.db,
    signIn: async (body) =>
      String((await call(undefined, 'POST', '/sign-in', body)).json['session']),
    made: (path, body, method, as = owner) =>
      made(as, `/orgs/${organisation}${path}`, body, method),
    within: (id, as) => groundIn(scene, as, id),
    ownerless: async (holds, seed) => {
      const [org, subject] = [fresh(), `user:${fresh()}`]
      await gateway.organisation(org)
      if (seed !== undefined) {
        await gateway.running.db.transaction('seed', (trx) => seed(trx, org))
      }
      const bearer = await gateway.member(subject, { organisation: org, holds })
      return { org, subject, bearer }
    },
    organisation: async (state) => {
      const { id } = await made('platform', '/orgs', { name: 'Another', slug: fresh() })
      if (state === 'suspended') await made('platform', `/orgs/${id}/suspend`)
      return String(id)
    },
  }
}
