import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createKeySets } from '../../src/identity/keysets.ts'
import { createTokenVerifier, type TokenVerifier } from '../../src/identity/tokens.ts'
import { limits } from '../../src/lib/limits.ts'
import type { Issuer } from '../../src/policy/issuers.ts'
import {
  claims,
  ecKey,
  edwardsKey,
  encode,
  ISSUER,
  issue,
  issuerWith,
  type Json,
  jwks,
  movableClock,
  rsaKey,
  START,
  signRaw,
  type TestKey,
} from './issuing.ts'
import { type KeyServer, startHttp } from './key-server.ts'

const ec = ecKey('ec')
const rsa = rsaKey('rsa')
const edwards = edwardsKey('ed')
const stranger = ecKey('ec')
const sound = [ec, rsa, edwards]

let server: KeyServer
let issuers: readonly Issuer[]
let clock: ReturnType<typeof movableClock>
let verifier: TokenVerifier

beforeAll(async () => {
  server = await startHttp()
  server.answer = (res) => res.end(jwks(...sound))
})
afterAll(() => server.close())

beforeEach(async () => {
  clock = movableClock()
  issuers = [issuerWith({ url: `${server.origin}/jwks` })]
  const log = { warn: () => undefined }
  const keySets = createKeySets({ directory: '/nowhere', fetchPrivate: false, clock, log })
  verifier = createTokenVerifier({ issuers: () => issuers, keySets, clock })
  await keySets.prepare(issuers)
})

/** Nothing but the configured key set is ever asked for, whatever a token says (A4 78). */
afterEach(() => expect(server.asked.filter((path) => path !== '/jwks')).toEqual([]))

async function outcome(text: string): Promise<string> {
  const verified = await verifier.verify(text)
  return verified.kind === 'refused' ? verified.reason : verified.sub
}

const withIssuer = (changes: Partial<Issuer>) => {
  issuers = [{ ...issuerWith({ url: `${server.origin}/jwks` }), ...changes }]
}

describe('a good token is verified', () => {
  test.each(sound)('signed with $kid', async (key) => {
    expect(await verifier.verify(issue(key))).toEqual({
      kind: 'verified',
      issuer: issuers[0],
      sub: 'auth0|ann',
      expiresAt: START + (300 + limits.clockSkewSeconds) * 1_000,
    })
  })

  test('without a key id, where one key fits', async () => {
    expect(await outcome(issue(ec, {}, { kid: undefined }))).toBe('auth0|ann')
  })
})

describe('the algorithm is the configured one for this key (A4 75, 76)', () => {
  const unsigned = (alg: unknown) => `${encode({ alg, kid: 'ec', typ: 'JWT' })}.${encode(claims)}.`

  test.each(['none', 'None', 'NONE', 'nOnE', 'none ', ''])(
    '%j is refused without signature',
    async (alg) => {
      expect(await outcome(unsigned(alg))).toBe('token_malformed')
    },
  )

  test.each(['none', 'None', 'NONE', 'nOnE'])('%j is refused with a signature', async (alg) => {
    expect(await outcome(issue(ec, {}, { alg }))).toBe('token_algorithm')
  })

  test.each([null, 0, true, [], ['ES256'], {}])('an algorithm that is no text: %j', async (alg) => {
    expect(await outcome(issue(ec, {}, { alg }))).toBe('token_malformed')
  })

  const secrets: [string, string | Buffer][] = [
    ['the JWK', JSON.stringify(rsa.publicJwk)],
    ['the modulus', Buffer.from(String(rsa.publicJwk['n']), 'base64url')],
    ['nothing', ''],
  ]
  test.each(secrets)('HMAC with a public key as the secret: %s', async (_name, secret) => {
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const input = `${encode({ alg, kid: 'rsa' })}.${encode(claims)}`
      const mac = createHmac(alg.replace('HS', 'sha'), secret).update(input).digest('base64url')
      expect(await outcome(`${input}.${mac}`)).toBe('token_algorithm')
    }
  })

  test('one that the issuer does not use is refused, though the key could do it', async () => {
    withIssuer({ algorithms: ['RS256'] })
    expect(await outcome(issue(ec))).toBe('token_algorithm')
    expect(await outcome(issue(rsa))).toBe('auth0|ann')
  })

  test.each(['es256', 'ES256 ', 'ES256K', 'RSA1_5', 'dir', 'A128KW', 'PBES2-HS256+A128KW'])(
    'a spelling or purpose of another kind: %s',
    async (alg) => {
      expect(await outcome(issue(ec, {}, { alg }))).toBe('token_algorithm')
    },
  )

  test('a key of another family is not tried', async () => {
    expect(await outcome(issue(ec, {}, { alg: 'RS256' }))).toBe('token_key_unknown')
    expect(await outcome(issue(ec, {}, { kid: 'rsa' }))).toBe('token_key_unknown')
  })
})

describe('the key is one of the issuer, by its exact id (A4 77)', () => {
  test.each(['__proto__', 'constructor', 'EC', 'ec ', '../ec', "ec' or '1'='1", 'ec\u0000', '*'])(
    '%j names no key',
    async (kid) => {
      expect(await outcome(issue(ec, {}, { kid }))).toBe('token_key_unknown')
    },
  )

  test('the same id and kind of somebody else is a wrong signature', async () => {
    expect(await outcome(issue(stranger))).toBe('token_signature')
  })

  test('the key of another configured issuer is not ours', async () => {
    const other = issuerWith(
      { url: `${server.origin}/jwks` },
      { issuer: 'https://other.example', algorithms: ['EdDSA'] },
    )
    issuers = [...issuers, other]
    expect(await outcome(issue(ec, { iss: other.issuer }))).toBe('token_algorithm')
    expect(await outcome(issue(edwards, { iss: other.issuer }))).toBe('auth0|ann')
  })
})

describe('headers that bring a key or an extension are refused, and nothing is fetched (A4 78, 80)', () => {
  const brought = (): [string, Json][] => [
    ['jku', { jku: `${server.origin}/attacker` }],
    ['x5u', { x5u: `${server.origin}/attacker` }],
    ['jwk', { jwk: stranger.publicJwk }],
    ['x5c', { x5c: ['MIIB'] }],
    ['crit', { crit: ['x'], x: 1 }],
    ['crit of b64', { crit: ['b64'], b64: false }],
    ['b64', { b64: false }],
    ['zip', { zip: 'DEF' }],
  ]
  test('each of them', async () => {
    for (const [, headers] of brought()) {
      expect(await outcome(issue(ec, {}, headers))).toBe('token_malformed')
      expect(await outcome(issue(stranger, {}, headers))).toBe('token_malformed')
    }
  })
})

describe('the issuer is an exact configured one', () => {
  const unknown = [
    `${ISSUER}/`,
    ISSUER.toUpperCase(),
    `${ISSUER}.attacker.example`,
    ` ${ISSUER}`,
    '',
    null,
    1,
    [ISSUER],
    { toString: ISSUER },
    undefined,
    '__proto__',
  ]
  test.each(unknown)('%j is not', async (iss) => {
    expect(await outcome(issue(ec, { iss }))).toBe('token_issuer_unknown')
  })

  test('none is when none is configured', async () => {
    issuers = []
    expect(await outcome(issue(ec))).toBe('token_issuer_unknown')
  })
})

describe('a token of another purpose is refused by its type (A4 83)', () => {
  const usual: [unknown, string][] = [
    [undefined, 'auth0|ann'],
    ['JWT', 'auth0|ann'],
    ['jwt', 'auth0|ann'],
    ['at+jwt', 'auth0|ann'],
    ['application/at+JWT', 'auth0|ann'],
    ['gatehouse+jwt', 'token_type'],
    ['logout+jwt', 'token_type'],
    ['dpop+jwt', 'token_type'],
    ['JOSE', 'token_type'],
    ['application/', 'token_type'],
    [1, 'token_malformed'],
    [['JWT'], 'token_malformed'],
  ]
  test.each(usual)('without a configured type, %j', async (typ, expected) => {
    expect(await outcome(issue(ec, {}, { typ }))).toBe(expected)
  })

  const named: [unknown, string][] = [
    ['at+jwt', 'auth0|ann'],
    ['AT+JWT', 'auth0|ann'],
    ['application/at+jwt', 'auth0|ann'],
    ['JWT', 'token_type'],
    [undefined, 'token_type'],
  ]
  test.each(named)('with at+jwt configured, %j', async (typ, expected) => {
    withIssuer({ type: 'at+jwt' })
    expect(await outcome(issue(ec, {}, { typ }))).toBe(expected)
  })
})

describe('claims are checked after the signature (A4 79, 81)', () => {
  const wrong: [string, Json, string][] = [
    ['exp as text', { exp: String(START) }, 'token_claims'],
    ['no exp', { exp: undefined }, 'token_claims'],
    ['another audience', { aud: 'other' }, 'token_claims'],
    ['audiences without us', { aud: ['a', 'b'] }, 'token_claims'],
    ['no subject', { sub: undefined }, 'token_claims'],
    ['over', { exp: START / 1_000 - limits.clockSkewSeconds }, 'token_expired'],
    ['not yet', { nbf: START / 1_000 + 60 }, 'token_not_yet_valid'],
  ]
  test.each(wrong)('%s', async (_name, changes, reason) => {
    expect(await outcome(issue(ec, changes))).toBe(reason)
    expect(await outcome(issue(stranger, changes))).toBe('token_signature')
  })

  test('a claim twice is refused whichever of the two a reader would take', async () => {
    const text = JSON.stringify(claims)
    const header = { alg: 'ES256', kid: 'ec' }
    expect(await outcome(signRaw(ec, header, text))).toBe('auth0|ann')
    for (const twice of ['"sub":"root"', '"s\\u0075b":"root"', '"aud":"x"', '"exp":9999999999']) {
      expect(await outcome(signRaw(ec, header, `${text.slice(0, -1)},${twice}}`))).toBe(
        'token_malformed',
      )
      expect(await outcome(signRaw(ec, header, `{${twice},${text.slice(1)}`))).toBe(
        'token_malformed',
      )
    }
  })

  test.each(['[]', 'null', '1', '"text"', '', '{', '{}x'])(
    'a payload that is no object: %s',
    async (payload) => {
      expect(await outcome(signRaw(ec, { alg: 'ES256', kid: 'ec' }, payload))).toBe(
        'token_malformed',
      )
    },
  )

  test('time moves on', async () => {
    const text = issue(ec)
    clock.move((300 + limits.clockSkewSeconds) * 1_000 - 1)
    expect(await outcome(text)).toBe('auth0|ann')
    clock.move(1)
    expect(await outcome(text)).toBe('token_expired')
  })
})

describe('a signature that verifies nothing (A4 84)', () => {
  const order = Buffer.from(
    'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
    'hex',
  )
  const one = Buffer.concat([Buffer.alloc(31), Buffer.from([1])])
  const zero = Buffer.alloc(32)
  const numbers = [zero, one, order]
  const pairs = numbers.flatMap((r) => numbers.map((s) => Buffer.concat([r, s])))

  test.each(pairs.map((pair) => pair.toString('base64url')))(
    'r and s of 0, 1 or n: %s',
    async (signature) => {
      const input = issue(ec).split('.').slice(0, 2).join('.')
      expect(await outcome(`${input}.${signature}`)).toBe('token_signature')
    },
  )

  test('a DER signature in place of the fixed length is refused', async () => {
    const input = issue(ec).split('.').slice(0, 2).join('.')
    expect(
      await outcome(`${input}.${Buffer.from('3006020101020101', 'hex').toString('base64url')}`),
    ).toBe('token_signature')
  })

  test('the empty one is malformed', async () => {
    expect(await outcome(issue(ec).replace(/[^.]*$/, ''))).toBe('token_malformed')
  })
})

test('without a key set nothing is verified, and that is ours to answer for', async () => {
  withIssuer({ keys: { file: 'missing.json' } })
  expect(await outcome(issue(ec))).toBe('keys_unavailable')
})

test('an encrypted token of five segments is refused (A4 82)', async () => {
  const header = encode({ alg: 'RSA-OAEP', enc: 'A128GCM', kid: 'rsa' })
  expect(await outcome(`${header}.AAAA.AAAA.AAAA.AAAA`)).toBe('token_malformed')
})

test('a token is verified in one spelling: any byte changed anywhere and it is refused (I17)', async () => {
  const tokens = new Map<TestKey, string>(sound.map((key) => [key, issue(key)]))
  const bytes = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(...Buffer.from('AQgw.=-_+/ \n')),
  )
  const edits = fc.constantFrom('replace', 'insert', 'remove')
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...sound),
      edits,
      fc.nat(),
      bytes,
      async (key, edit, place, byte) => {
        const text = tokens.get(key) ?? ''
        const at = place % text.length
        const put = edit === 'remove' ? '' : String.fromCharCode(byte)
        const changed = text.slice(0, at) + put + text.slice(edit === 'insert' ? at : at + 1)
        fc.pre(changed !== text)
        expect((await verifier.verify(changed)).kind).toBe('refused')
      },
    ),
    { numRuns: 1_500 },
  )
})
