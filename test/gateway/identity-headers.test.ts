import fc from 'fast-check'
import { decodeJwt, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Assertions, createAssertions } from '../../src/gateway/assertion.ts'
import { requestHeaders } from '../../src/gateway/headers.ts'
import { createIdentityHeaders } from '../../src/gateway/identity-headers.ts'
import type { OrganisationView } from '../../src/gateway/snapshots.ts'
import type { Principal } from '../../src/identity/principal.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { PolicyFiles } from '../../src/policy/files/files.ts'
import { buildSnapshot } from '../../src/policy/snapshot.ts'
import { policyFiles } from '../support/policy.ts'

const names = [
  'gatehouse-assertion',
  'gatehouse-decision',
  'remote-user',
  'remote-groups',
  'remote-email',
  'x-request-id',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]

let assertions: Assertions
let files: PolicyFiles

beforeAll(async () => {
  const { privateKey } = await generateKeyPair('ES256')
  assertions = createAssertions({
    publicUrl: 'https://gateway.example',
    clock: systemClock,
    signingKey: () => ({ kid: 'one', privateKey }),
  })
  files = policyFiles({
    applications: "  - { id: docs, upstreams: ['http://127.0.0.1:9'], organisation: credential }",
    rules: ['g, role:editor, role:reader, *', 'p, role:reader, *, /docs/*, GET, allow'],
  })
})

/** The organisation acme, where `user:ann` holds `held` and has `email`. */
async function viewOf(held: readonly string[], email: string | null): Promise<OrganisationView> {
  const rules = held.map((role) => {
    const source = {
      kind: 'organisation',
      id: '1',
      author: 'gatehouse',
      at: '',
      revision: 7,
    } as const
    return { ptype: 'g', values: ['user:ann', role, 'org:acme'], source }
  })
  const snapshot = await buildSnapshot({ files, organisation: 'acme', revision: 7, rules })
  const member = { subject: 'user:ann', state: 'active', email, name: null } as const
  const members = new Map([['user:ann', member]])
  const state = { id: 'acme', state: 'active', revision: 7, members, rules } as const
  return {
    snapshot,
    state: { ...state, attributes: new Map(), roles: [], nextExpiry: undefined, horizon: '0' },
  }
}

async function headersOf(subject: string | undefined, view: OrganisationView) {
  const [application] = files.applications
  if (application === undefined) throw new Error('no application')
  const principal: Principal | undefined =
    subject === undefined
      ? undefined
      : {
          subject,
          credential: { kind: 'key', id: 'k1' },
          organisation: 'acme',
          expiresAt: Number.POSITIVE_INFINITY,
        }
  const list = await createIdentityHeaders(assertions)({
    principal,
    application,
    view,
    host: 'docs.test:8443',
    clientAddress: '203.0.113.9',
    scheme: 'https',
    requestId: 'r1',
    decisionId: 'd1',
  })
  expect(list.map(([name]) => name)).toEqual(names)
  // What leaves for an upstream is made of them; one that is no header text would stop the request.
  expect(requestHeaders([], list)).not.toBe('internal')
  return Object.fromEntries(list)
}

describe('a member', () => {
  test('is told of by every header, with inherited teams and roles', async () => {
    const view = await viewOf(['team:writers', 'team:ops', 'role:editor'], 'ann@acme.test')
    const headers = await headersOf('user:ann', view)
    expect(headers).toEqual({
      'gatehouse-assertion': expect.any(String),
      'gatehouse-decision': 'd1',
      'remote-user': 'user:ann',
      'remote-groups': expect.stringMatching(/^team:(writers,team:ops|ops,team:writers)$/),
      'remote-email': 'ann@acme.test',
      'x-request-id': 'r1',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'docs.test:8443',
      'x-forwarded-proto': 'https',
    })
    const claims = decodeJwt(headers['gatehouse-assertion'] ?? '')
    expect(claims).toMatchObject({
      sub: 'user:ann',
      aud: 'docs',
      org: 'acme',
      email: 'ann@acme.test',
      rev: 7,
    })
    expect(claims['teams']).toEqual(expect.arrayContaining(['team:ops', 'team:writers']))
    expect(claims['roles']).toEqual(expect.arrayContaining(['role:editor', 'role:reader']))
  })

  test('with nothing to tell has empty headers, not missing ones', async () => {
    const headers = await headersOf('user:ann', await viewOf([], null))
    expect(headers).toMatchObject({ 'remote-groups': '', 'remote-email': '' })
    expect(decodeJwt(headers['gatehouse-assertion'] ?? '')).not.toHaveProperty('email')
  })

  test('has the email of their own row and of no other', async () => {
    const headers = await headersOf('service:ci', await viewOf([], 'ann@acme.test'))
    expect(headers).toMatchObject({ 'remote-user': 'service:ci', 'remote-email': '' })
  })
})

test('anonymous has every header about a person, empty', async () => {
  const headers = await headersOf(undefined, await viewOf(['team:writers'], 'ann@acme.test'))
  expect(headers).toMatchObject({
    'gatehouse-assertion': '',
    'remote-user': '',
    'remote-groups': '',
    'remote-email': '',
    'gatehouse-decision': 'd1',
  })
})

describe('an email that a header could not hold, or hold for another one', () => {
  test.each([
    ['ann@acme.test, admin@acme.test'],
    ['ann@acme.test,admin'],
    ['ann@acme.test;admin@acme.test'],
    ['ann@evil.test@acme.test'],
    ['"ann, admin"@acme.test'],
    ['Ann <ann@acme.test>'],
    ['ann@acme.test\r\nRemote-User: user:root'],
    ['ann@acme.test\n'],
    ['ann@acme.test\0'],
    [' ann@acme.test'],
    ['änn@acme.test'],
    ['ann@äcme.test'],
    ['安@acme.test'],
    ['ann\u202e@acme.test'],
    ['ann@'],
    ['@acme.test'],
    ['no address'],
  ])('%j is in the assertion alone', async (email) => {
    const headers = await headersOf('user:ann', await viewOf([], email))
    expect(headers['remote-email']).toBe('')
    expect(decodeJwt(headers['gatehouse-assertion'] ?? '')['email']).toBe(email)
  })

  test.each([
    'ann@acme.test',
    "o'hara+x@acme.test",
    'a.b-c_d@sub.acme.test',
    'ANN@ACME.TEST',
    'a@b',
  ])('%s is an ordinary one', async (email) => {
    expect((await headersOf('user:ann', await viewOf([], email)))['remote-email']).toBe(email)
  })

  test('is never sent as something else: exactly itself or nothing', async () => {
    const view = await viewOf([], null)
    const any = fc.oneof(fc.string({ unit: 'binary' }), fc.emailAddress(), fc.string())
    await fc.assert(
      fc.asyncProperty(any, async (email) => {
        const member = { subject: 'user:ann', state: 'active', email, name: null } as const
        const members = new Map([['user:ann', member]])
        const state = { ...view.state, members }
        const sent = (await headersOf('user:ann', { ...view, state }))['remote-email']
        expect(['', email]).toContain(sent)
        expect(sent).toMatch(/^[!-~]*$/)
      }),
      { numRuns: 100 },
    )
  })
})
