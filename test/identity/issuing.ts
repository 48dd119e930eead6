/** An issuer for tests: real keys, real signatures, and every way to get a token wrong. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Clock } from '../../src/lib/clock.ts'
import type { Issuer } from '../../src/policy/issuers.ts'

export type Json = Record<string, unknown>

/** 2026-01-01T00:00:00Z; the tests' present. */
export const START = 1_767_225_600_000
export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'https://gateway.example'

/** Claims that every configured issuer of these tests may make. */
export const claims: Json = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'auth0|ann',
  iat: START / 1_000,
  exp: START / 1_000 + 300,
}

export interface TestKey {
  readonly kid: string
  readonly publicJwk: Json
  readonly privateKey: KeyObject
}

export function ecKey(kid: string): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid, privateKey, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } }
}

export function rsaKey(kid: string, modulusLength = 2_048): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength })
  return { kid, privateKey, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } }
}

export function edwardsKey(kid: string): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return { kid, privateKey, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } }
}

export function encode(value: Json | string): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString(
    'base64url',
  )
}

/** Signs any header and payload, texts as they are, without asking whether they make sense. */
export function signRaw(key: TestKey, header: Json | string, payload: Json | string): string {
  const input = `${encode(header)}.${encode(payload)}`
  const hash = key.privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  const options = { key: key.privateKey, dsaEncoding: 'ieee-p1363' } as const
  return `${input}.${sign(hash, Buffer.from(input), options).toString('base64url')}`
}

/** A good token of `key`, apart from what `changes` and `headers` change; `undefined` removes. */
export function issue(key: TestKey, changes: Json = {}, headers: Json = {}): string {
  const type = key.privateKey.asymmetricKeyType
  const alg = type === 'rsa' ? 'RS256' : type === 'ec' ? 'ES256' : 'EdDSA'
  return signRaw(key, { alg, kid: key.kid, typ: 'JWT', ...headers }, { ...claims, ...changes })
}

export function jwks(...keys: readonly TestKey[]): string {
  return JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) })
}

export function issuerWith(keys: Issuer['keys'], changes: Partial<Issuer> = {}): Issuer {
  return {
    issuer: ISSUER,
    keys,
    audience: AUDIENCE,
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    type: undefined,
    organisation: undefined,
    ...changes,
  }
}

/** A clock that stands still until it is moved; both of its hands move together. */
export function movableClock(): Clock & { readonly move: (ms: number) => void } {
  let passed = 0
  return {
    now: () => START + passed,
    elapsed: () => passed,
    move: (ms) => {
      passed += ms
    },
  }
}
