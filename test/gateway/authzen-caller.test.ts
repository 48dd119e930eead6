import { expect, test } from 'vitest'
import { permitCaller } from '../../src/gateway/authzen-caller.ts'
import type { Found, OrganisationView } from '../../src/gateway/snapshots.ts'
import type { PolicyFiles } from '../../src/policy/files/files.ts'
import { buildSnapshot } from '../../src/policy/snapshot.ts'
import { ruleOf } from '../policy/support.ts'
import { policyFiles } from '../support/policy.ts'

const OBJECT = '/gatehouse/authzen/evaluation'
const applications = `  - { id: docs, upstreams: ['http://127.0.0.1:9'], organisation: credential }`
const old = policyFiles({ applications, rules: ['p, role:pep, *, /gatehouse/*, POST, allow'] })
const next = policyFiles({ applications, rules: ['p, role:pep, *, /gatehouse/*, POST, deny'] })

async function viewOf(files: PolicyFiles): Promise<OrganisationView> {
  const rules = [ruleOf('g, service:pep, role:pep, org:acme')]
  const snapshot = await buildSnapshot({ files, organisation: 'acme', revision: 1, rules })
  const member = { subject: 'service:pep', state: 'active', email: null, name: null } as const
  const members = new Map([[member.subject, member]])
  const known = {
    members,
    attributes: new Map(),
    roles: [],
    rules,
    nextExpiry: undefined,
    horizon: '0',
  }
  return { snapshot, state: { id: 'acme', state: 'active', revision: 1, ...known } }
}

const principal = {
  subject: 'service:pep',
  credential: { kind: 'key', id: 'k' },
  organisation: 'acme',
  expiresAt: Number.POSITIVE_INFINITY,
} as const

const ask = (
  snapshots: { find: () => Promise<Found>; files: () => PolicyFiles },
  organisation = 'acme',
) =>
  permitCaller(
    { authenticate: () => ({ kind: 'principal', principal }), snapshots },
    { rawHeaders: [], clientAddress: '127.0.0.1' },
    organisation,
    OBJECT,
  )

test('a caller is permitted with the policy and the files that it was built with', async () => {
  const view = await viewOf(old)
  const find = async () => ({ kind: 'found', view }) as const
  expect(await ask({ find, files: () => old })).toEqual({
    kind: 'permitted',
    caller: 'service:pep',
    view,
    files: old,
  })
})

test('I7: files that were swapped meanwhile are asked for again', async () => {
  const views = [await viewOf(old), await viewOf(next)]
  let asked = 0
  const find = async () => {
    const view = views[Math.min(asked, 1)] as OrganisationView
    asked += 1
    return { kind: 'found', view } as const
  }
  expect(await ask({ find, files: () => next })).toMatchObject({
    kind: 'refused',
    reason: 'denied_by_rule',
  })
  expect(asked).toBe(2)
})

test('A6 109: a credential of one organisation asks in no other, and nothing is loaded', async () => {
  const find = async (): Promise<Found> => {
    throw new Error('nothing is to be loaded')
  }
  expect(await ask({ find, files: () => old }, 'beta')).toEqual({
    kind: 'refused',
    reason: 'organisation_disagrees',
    caller: 'service:pep',
  })
})

test('I3: a policy that cannot be had is no permission', async () => {
  const find = async () => ({ kind: 'refused', reason: 'policy_stale' }) as const
  expect(await ask({ find, files: () => old })).toMatchObject({
    kind: 'refused',
    reason: 'policy_stale',
  })
})
