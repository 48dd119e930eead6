import fc from 'fast-check'
import { type CryptoKey, decodeJwt, generateKeyPair, jwtVerify } from 'jose'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type AssertionRequest,
  type Assertions,
  createAssertions,
} from '../../src/gateway/assertion.ts'
import type { SigningKey } from '../../src/gateway/signing.ts'
import { limits } from '../../src/lib/limits.ts'

const START = 1_767_225_600_000
const publicUrl = 'https://gateway.example'

const request: AssertionRequest = {
  subject: 'user:ann',
  organisation: 'acme',
  application: 'docs',
  revision: 7,
  claims: {
    email: 'ann@acme.example',
    teams: ['team:writers'],
    roles: ['role:editor', 'role:member'],
  },
}

let publicKey: CryptoKey
let keys: SigningKey[]
let passed: number
let asked: number[]
let assertions: Assertions

beforeAll(async () => {
  const pair = await generateKeyPair('ES256')
  publicKey = pair.publicKey
  keys = [{ kid: 'one', privateKey: pair.privateKey }]
})

beforeEach(() => {
  passed = 0
  asked = []
  assertions = createAssertions({
    publicUrl,
    clock: { now: () => START + passed, elapsed: () => passed },
    signingKey: (now) => {
      asked.push(now)
      const [key] = keys
      if (key === undefined) throw new Error('No signing key is in force.')
      return key
    },
  })
})

describe('an assertion', () => {
  test('says exactly who asks, where, by which revision, and for how long', async () => {
    const token = await assertions.assertionFor(request)
    const { payload, protectedHeader } = await jwtVerify(token, publicKey, {
      algorithms: ['ES256'],
      typ: 'gatehouse+jwt',
      issuer: publicUrl,
      audience: 'docs',
      currentDate: new Date(START),
    })
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: 'one', typ: 'gatehouse+jwt' })
    expect(payload).toEqual({
      iss: publicUrl,
      aud: 'docs',
      sub: 'user:ann',
      org: 'acme',
      email: 'ann@acme.example',
      teams: ['team:writers'],
      roles: ['role:editor', 'role:member'],
      rev: 7,
      iat: START / 1_000,
      exp: START / 1_000 + limits.assertionLifetimeSeconds,
    })
  })

  test('lives five minutes at most, and more than its reuse', () => {
    expect(limits.assertionLifetimeSeconds).toBeLessThanOrEqual(300)
    expect(limits.assertionReuseMs).toBeLessThan(limits.assertionLifetimeSeconds * 1_000)
  })

  test('has no email where there is none', async () => {
    const token = await assertions.assertionFor({
      ...request,
      claims: { email: '', teams: [], roles: [] },
    })
    expect(decodeJwt(token)).not.toHaveProperty('email')
    expect(decodeJwt(token)).toMatchObject({ teams: [], roles: [] })
  })

  test('is worth nothing at another application', async () => {
    const token = await assertions.assertionFor(request)
    const verifying = jwtVerify(token, publicKey, {
      audience: 'payroll',
      currentDate: new Date(START),
    })
    await expect(verifying).rejects.toThrow(/aud/)
  })
})

describe('an assertion is reused', () => {
  test('without a promise, until the reuse is over', async () => {
    const first = await assertions.assertionFor(request)
    passed = limits.assertionReuseMs - 1
    expect(assertions.assertionFor({ ...request })).toBe(first)
    expect(asked).toEqual([START])
    passed += 1
    const next = await assertions.assertionFor(request)
    expect(decodeJwt(next).iat).toBe((START + limits.assertionReuseMs) / 1_000)
    expect(asked).toHaveLength(2)
  })

  test('by all that ask while it is being signed', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => assertions.assertionFor(request)),
    )
    expect(new Set(all).size).toBe(1)
    expect(asked).toHaveLength(1)
  })

  const { claims } = request
  const changes: [string, Partial<AssertionRequest>][] = [
    ['subject', { subject: 'user:ben' }],
    ['organisation', { organisation: 'globex' }],
    ['application', { application: 'payroll' }],
    ['revision', { revision: 8 }],
    ['email', { claims: { ...claims, email: 'a@b.example' } }],
    ['teams', { claims: { ...claims, teams: [] } }],
    ['roles', { claims: { ...claims, roles: ['role:editor'] } }],
    ['teams for roles', { claims: { ...claims, teams: claims.roles, roles: claims.teams } }],
  ]
  test.each(changes)('never for another %s', async (_name, change) => {
    const first = await assertions.assertionFor(request)
    expect(await assertions.assertionFor({ ...request, ...change })).not.toBe(first)
    expect(asked).toHaveLength(2)
  })

  test('never by a request whose parts only look the same when joined (I23)', async () => {
    const part = fc.constantFrom('a', 'b', 'a,b', 'a"', '","', '\\', '', '["a"]', 'a\u0000b')
    const requests = fc.record({
      subject: part,
      organisation: part,
      application: part,
      revision: fc.constantFrom(1, 11),
      claims: fc.record({
        email: part,
        teams: fc.array(part, { maxLength: 2 }),
        roles: fc.array(part, { maxLength: 2 }),
      }),
    })
    await fc.assert(
      fc.asyncProperty(requests, async (asking) => {
        const said = decodeJwt(await assertions.assertionFor(asking))
        expect(said).toMatchObject({
          sub: asking.subject,
          org: asking.organisation,
          aud: asking.application,
          rev: asking.revision,
          teams: asking.claims.teams,
          roles: asking.claims.roles,
        })
        expect(said['email'] ?? '').toBe(asking.claims.email)
      }),
      { numRuns: 300 },
    )
  })
})

test('without a signing key there is no assertion, and the next attempt starts afresh', async () => {
  const kept = keys
  keys = []
  await expect(assertions.assertionFor(request)).rejects.toThrow('No signing key')
  keys = kept
  expect(decodeJwt(await assertions.assertionFor(request)).sub).toBe('user:ann')
})
