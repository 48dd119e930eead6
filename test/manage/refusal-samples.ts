/** Requests that an operation refuses by a code of its own, by its id and the code. */

import { limits } from '../../src/lib/limits.ts'
import type { Code } from '../../src/lib/problems.ts'
import { ownerRole } from '../../src/manage/rule-change.ts'
import { addKey } from '../../src/store/keys.ts'
import { raiseRevision } from '../../src/store/organisations.ts'
import { recordRuleRevision } from '../../src/store/policy-revisions.ts'
import { addRules } from '../../src/store/rules.ts'
import { addServiceAccount } from '../../src/store/service-accounts.ts'
import { addTeam } from '../../src/store/teams.ts'
import { addAccount } from '../store/people-rows.ts'
import {
  foreign,
  invitation,
  joined,
  OTHER,
  offered,
  PASSWORD,
  person,
  session,
  setUpToken,
  token,
} from './people-samples.ts'
import { fresh, type Ground, type Sample, somebody } from './samples.ts'

export interface Refused extends Sample {
  /** Sent so often at the same time; one of them is refused. */
  readonly times?: number
}
type MakeRefused = (ground: Ground) => Promise<Refused> | Refused

const idOf = async (made: Promise<Readonly<Record<string, unknown>>>) => String((await made)['id'])
const member = ({ made }: Ground) => idOf(made('/members', somebody()))
const service = ({ made }: Ground) => idOf(made('/service-accounts', { name: fresh() }))
const names = { firstName: 'Dora', lastName: 'Dorn' }
const nowhere = { token: 'a'.repeat(52) }
const taken = () => ({ name: fresh(), slug: 'acme' })

/** Pauses whoever guesses at `about`. */
async function paused({ db }: Ground, about: string): Promise<void> {
  const until = new Date(Date.now() + 60_000)
  await db.query.insertInto('attempts').values({ about, failures: 9, until }).execute()
}

/** A new organisation that one person owns. */
async function owned(ground: Ground) {
  await addAccount(ground.db, 'root')
  const as = { subject: 'user:root', bearer: await session(ground, 'user:root') }
  const org = await ground.organisation('active')
  return { as, org, inside: ground.within(org, as.bearer) }
}

/** One that a team or a service account owns, and nobody by themselves. */
async function ownedBy(ground: Ground, owner: 'team' | 'service') {
  const id = `${owner}:${fresh()}`
  const text = { name: fresh(), description: '' }
  const holds = [owner === 'team' ? id : 'role:admin']
  const { org, ...as } = await ground.ownerless(holds, async (trx, organisation) => {
    if (owner === 'team') await addTeam(trx, organisation, { id, ...text, created_at: new Date() })
    else await addServiceAccount(trx, organisation, { subject: id, ...text })
    const values = [id, ownerRole, `org:${organisation}`]
    await addRules(trx, organisation, [{ ptype: 'g', values }], { author: 'user:ann', revision: 1 })
  })
  return { as, params: { org, [owner]: id } }
}

/** One that had a rule of an application which is gone. */
async function forgotten(ground: Ground) {
  const { org, ...as } = await ground.ownerless(['role:owner'], async (trx, organisation) => {
    await raiseRevision(trx, organisation)
    const revision = await raiseRevision(trx, organisation)
    const removed = [['p', 'role:viewer', `org:${organisation}`, '/gone/page', 'GET', 'allow']]
    const message = 'With the application'
    await recordRuleRevision(trx, organisation, { revision, message, added: [], removed })
  })
  return { as, params: { org }, body: { revision: 1, message: 'Back' } }
}

const someRole = async ({ made }: Ground) => {
  const slug = fresh()
  const body = { name: slug, slug, permissions: ['teams:read'] }
  return { id: await idOf(made('/roles', body)), slug }
}

export const refusals: Readonly<Record<string, Partial<Record<Code, MakeRefused>>>> = {
  setUp: {
    conflict: async (ground) => {
      const { email } = await person(ground)
      return { body: { ...somebody(), email, token: await setUpToken(ground) } }
    },
  },
  signIn: {
    unauthenticated: async (ground) => {
      return { body: { email: (await person(ground)).email, password: OTHER } }
    },
    too_many_requests: async (ground) => {
      const email = `${fresh()}@example.com`
      await paused(ground, `account:${email}`)
      return { body: { email, password: OTHER } }
    },
  },
  signOut: {
    conflict: async (ground) => {
      const { subject } = await person(ground)
      return { as: { subject, bearer: await foreign(ground, subject) } }
    },
  },
  requestPasswordReset: {
    too_many_requests: async (ground) => {
      const email = `${fresh()}@example.com`
      await paused(ground, `reset:${email}`)
      return { body: { email } }
    },
  },
  updateMe: {
    not_found: async (ground) => {
      const subject = `user:${fresh()}`
      return { as: { subject, bearer: await foreign(ground, subject) }, body: names }
    },
  },
  changeMyPassword: {
    not_found: async (ground) => {
      const subject = `user:${fresh()}`
      const bearer = await foreign(ground, subject)
      return { as: { subject, bearer }, body: { current: PASSWORD, password: OTHER } }
    },
    too_many_requests: async (ground) => {
      const as = await person(ground)
      await paused(ground, `account:${as.email}`)
      return { as, body: { current: PASSWORD, password: OTHER } }
    },
    conflict: async (ground) => {
      const { subject } = await person(ground)
      const bearer = await foreign(ground, subject)
      const body = { current: PASSWORD, password: OTHER }
      return { as: { subject, bearer }, body, times: 2 }
    },
  },
  acceptMyInvitation: {
    not_found: async (ground) => ({ as: await person(ground), body: nowhere }),
    denied: async (ground) => {
      const theirs = await invitation(ground, somebody().email)
      return { as: await person(ground), body: { token: theirs } }
    },
  },
  readInvitation: { not_found: () => ({ body: nowhere }) },
  acceptInvitation: {
    not_found: () => ({ body: { ...nowhere, ...names, password: OTHER } }),
    conflict: async (ground) => {
      const { email } = await person(ground)
      return { body: { token: await invitation(ground, email), ...names, password: OTHER } }
    },
  },
  declineInvitation: { not_found: () => ({ body: nowhere }) },
  completePasswordReset: {
    denied: () => ({ body: { ...nowhere, password: OTHER } }),
    invalid_input: async (ground) => {
      const { subject } = await person(ground)
      const open = await token(ground, 'password-reset', subject)
      return { body: { token: open, password: 'short' } }
    },
  },
  createOrganisation: { conflict: () => ({ by: 'platform', body: taken() }) },
  updateOrganisation: { conflict: () => ({ body: { slug: 'beta' } }) },
  suspendOrganisation: {
    conflict: async ({ organisation }) => {
      return { by: 'platform', params: { org: await organisation('suspended') } }
    },
  },
  resumeOrganisation: {
    conflict: async ({ organisation }) => {
      return { by: 'platform', params: { org: await organisation('active') } }
    },
  },
  offerOwnership: { conflict: () => ({ body: { to: 'user:olga' } }) },
  acceptOwnership: {
    conflict: async (ground) => {
      const { from, to } = await offered(ground)
      await ground.made(`/members/${from.subject}/suspend`, undefined)
      return { as: to }
    },
  },
  inviteMember: {
    conflict: async ({ made }) => {
      const { email } = somebody()
      await made('/members/invitations', { email })
      return { body: { email } }
    },
  },
  revokeInvitation: {
    conflict: async (ground) => {
      const { org, ...as } = await ground.ownerless(['role:admin'])
      const body = { email: somebody().email }
      const id = await idOf(ground.within(org, as.bearer).made('/members/invitations', body))
      return { as, params: { org, member: id } }
    },
  },
  createMember: {
    conflict: async (ground) => ({ body: { ...somebody(), email: (await joined(ground)).email } }),
  },
  suspendMember: {
    conflict: async (ground) => {
      const id = await member(ground)
      await ground.made(`/members/${id}/suspend`, undefined)
      return { params: { member: id } }
    },
  },
  resumeMember: { conflict: async (ground) => ({ params: { member: await member(ground) } }) },
  removeMember: {
    conflict: async (ground) => {
      const { as, org } = await owned(ground)
      return { as, params: { org, member: as.subject } }
    },
  },
  createTeam: {
    conflict: async ({ made }) => {
      const name = fresh()
      await made('/teams', { name })
      return { body: { name } }
    },
  },
  updateTeam: {
    conflict: async ({ made }) => {
      const name = fresh()
      await made('/teams', { name })
      return { params: { team: await idOf(made('/teams', { name: fresh() })) }, body: { name } }
    },
  },
  deleteTeam: { conflict: (ground) => ownedBy(ground, 'team') },
  changeTeamMembers: {
    conflict: async (ground) => {
      const owned = await ownedBy(ground, 'team')
      return { ...owned, body: { remove: [owned.as.subject] } }
    },
  },
  createRole: {
    conflict: async (ground) => {
      const { slug } = await someRole(ground)
      return { body: { name: fresh(), slug, permissions: [] } }
    },
  },
  updateRole: {
    conflict: async (ground) => {
      const { slug } = await someRole(ground)
      return { params: { role: (await someRole(ground)).id }, body: { slug } }
    },
  },
  deleteRole: { conflict: () => ({ params: { role: 'role:owner' } }) },
  createAssignment: {
    conflict: () => ({ body: { subject: 'user:olga', role: 'role:owner' } }),
  },
  deleteAssignment: {
    conflict: async (ground) => {
      const { as, org } = await owned(ground)
      const rules = ground.db.query.selectFrom('casbin').select('id')
      const { id } = await rules.where('organisation', '=', org).executeTakeFirstOrThrow()
      return { as, params: { org, assignment: String(id) } }
    },
  },
  suspendServiceAccount: {
    conflict: async (ground) => {
      const id = await service(ground)
      await ground.made(`/service-accounts/${id}/suspend`, undefined)
      return { params: { service: id } }
    },
  },
  resumeServiceAccount: {
    conflict: async (ground) => ({ params: { service: await service(ground) } }),
  },
  deleteServiceAccount: { conflict: (ground) => ownedBy(ground, 'service') },
  createKey: {
    conflict: async (ground) => {
      const subject = await service(ground)
      await ground.db.query.transaction().execute(async (trx) => {
        for (let at = 0; at < limits.keysPerSubject; at += 1) {
          const row = { organisation: 'acme', subject, label: 'many', expires_at: null }
          await addKey(trx, { ...row, id: `many0000${at}`, hash: 'ab'.repeat(32) })
        }
      })
      return { body: { subject, label: fresh() } }
    },
  },
  rotateKey: {
    conflict: async (ground) => {
      const asked = { subject: await service(ground), label: fresh() }
      const key = await idOf(ground.made('/keys', asked))
      await ground.made(`/keys/${key}/rotate`, { overlapSeconds: 0 })
      return { params: { key }, body: { overlapSeconds: 0 } }
    },
  },
  publishRules: {
    conflict: async ({ made }) => {
      const add = [['p', 'team:writers', 'org:acme', `/docs/${fresh()}`, 'GET', 'allow']]
      await made('/policies/publish', { message: 'A sample', add })
      return { body: { message: 'Once more', add } }
    },
  },
  rollbackRules: { conflict: forgotten },
}
