import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { algorithmsOf } from '../../src/identity/algorithms.ts'
import { hasRocaFingerprint } from '../../src/identity/roca.ts'
import { weaknessOf } from '../../src/identity/weak-keys.ts'
import { tokenAlgorithms } from '../../src/policy/issuers.ts'
import { ecKey, edwardsKey, rsaKey } from './issuing.ts'

const rsa = rsaKey('rsa').publicJwk
const ec = ecKey('ec').publicJwk
const edwards = edwardsKey('ed').publicJwk

const base64url = (value: bigint) => {
  const hex = value.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')
}

const toNumber = (text: unknown) =>
  BigInt(`0x${Buffer.from(String(text), 'base64url').toString('hex')}`)

/** Little-endian, 32 bytes, as Edwards points are written; the top bit is the sign of x. */
const point = (y: bigint, sign = 0n) =>
  Buffer.from((y + (sign << 255n)).toString(16).padStart(64, '0'), 'hex')
    .reverse()
    .toString('base64url')

/** A published modulus of the flawed generator. */
function rocaModulus(): string {
  const file = new URL('../conformance/data/jws-wycheproof.json', import.meta.url)
  const { groups } = JSON.parse(readFileSync(file, 'utf8')) as {
    groups: { group: string; key: { keys?: { n: string }[] } }[]
  }
  return groups.find(({ group }) => group === 'jws_rsa_roca_key')?.key.keys?.[0]?.n ?? ''
}

describe('sound keys have no weakness', () => {
  const sound: [string, Record<string, unknown>][] = [
    ['RSA of 2048 bits', rsa],
    ['RSA of 3072 bits', rsaKey('big', 3_072).publicJwk],
    ['RSA for one algorithm', { ...rsa, alg: 'PS512' }],
    ['P-256', ec],
    ['P-256 for its algorithm', { ...ec, alg: 'ES256' }],
    ['Ed25519', edwards],
    ['Ed25519 by its newer name', { ...edwards, alg: 'Ed25519' }],
    ['RSA with a larger prime exponent', { ...rsa, e: base64url(2n ** 32n + 15n) }],
  ]
  test.each(sound)('%s', (_name, jwk) => {
    expect(weaknessOf(jwk)).toBeUndefined()
  })
})

describe('a weak RSA key is refused with its weakness', () => {
  const modulus = toNumber(rsa['n'])
  const weak: [string, object, string][] = [
    ['1024 bits', { n: rsaKey('s', 1_024).publicJwk['n'] }, 'its modulus is too small'],
    ['2047 bits', { n: base64url(modulus >> 1n) }, 'its modulus is too small'],
    [
      '2047 bits with zeros before',
      { n: `AAAA${base64url(modulus >> 8n)}` },
      'its modulus is too small',
    ],
    ['an enormous modulus', { n: base64url(2n ** 8_192n + 1n) }, 'its modulus is too large'],
    ['an even modulus', { n: base64url(modulus - 1n) }, 'its modulus is even'],
    ['the ROCA fingerprint', { n: rocaModulus() }, 'its modulus has the ROCA fingerprint'],
    ['exponent 1', { e: 'AQ' }, 'its exponent is too small'],
    ['exponent 3', { e: 'Aw' }, 'its exponent is too small'],
    ['exponent 17', { e: 'EQ' }, 'its exponent is too small'],
    ['exponent 0', { e: 'AA' }, 'its exponent is even'],
    ['an even exponent', { e: base64url(65_538n) }, 'its exponent is even'],
    ['exponent 65535', { e: base64url(65_535n) }, 'its exponent is too small'],
    ['an enormous exponent', { e: base64url(2n ** 256n + 1n) }, 'its exponent is too large'],
    ['no modulus', { n: undefined }, 'its numbers are malformed'],
    ['an empty modulus', { n: '' }, 'its numbers are malformed'],
    ['a modulus with padding', { n: `${String(rsa['n'])}==` }, 'its numbers are malformed'],
    ['a modulus as a number', { n: 12_345 }, 'its numbers are malformed'],
    ['an exponent with white space', { e: 'AQ AB' }, 'its numbers are malformed'],
  ]
  test.each(weak)('%s', (_name, change, weakness) => {
    expect(weaknessOf({ ...rsa, ...change })).toBe(weakness)
  })
})

describe('the ROCA fingerprint', () => {
  test('is on a published vulnerable modulus', () => {
    expect(rocaModulus()).not.toBe('')
    expect(hasRocaFingerprint(toNumber(rocaModulus()))).toBe(true)
  })

  test('is on every power of 65537 modulo the product of the small primes', () => {
    for (const power of [1n, 2n, 77n, 1_000n])
      expect(hasRocaFingerprint(65_537n ** power)).toBe(true)
  })

  test('goes when the modulus leaves the subgroup of a single prime', () => {
    // 65537 is 10 modulo 11 and generates only 1 and 10; 2 is outside.
    const modulus = toNumber(rocaModulus())
    const rest = modulus % 11n
    expect([1n, 10n]).toContain(rest)
    expect(hasRocaFingerprint(modulus - rest + 2n)).toBe(false)
  })

  test('is on no key of a sound generator', () => {
    for (let made = 0; made < 5; made += 1) {
      expect(hasRocaFingerprint(toNumber(rsaKey(`k${made}`, 1_024).publicJwk['n']))).toBe(false)
    }
  })
})

describe('a point of small order, for which anybody can sign, is refused', () => {
  const field = 2n ** 255n - 19n
  const eight = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
  const small = [0n, 1n, field - 1n, field, field + 1n, eight, field - eight]
  test.each(
    small.flatMap(
      (y) =>
        [
          [y, 0n],
          [y, 1n],
        ] as const,
    ),
  )('y = %i, sign %i', (y, sign) => {
    expect(weaknessOf({ ...edwards, x: point(y, sign) })).toBe('its point has a small order')
  })

  test.each([undefined, '', 'AAAA', `${String(edwards['x'])}A`, 7])('malformed: %j', (x) => {
    expect(weaknessOf({ ...edwards, x })).toBe('its point is malformed')
  })

  test('the coordinate of order eight is one: its double has y = 0', () => {
    const power = (base: bigint, exponent: bigint): bigint => {
      let result = 1n
      for (
        let bit = exponent, square = base % field;
        bit > 0n;
        bit >>= 1n, square = square ** 2n % field
      ) {
        if (bit & 1n) result = (result * square) % field
      }
      return result
    }
    const inverse = (value: bigint) => power(value, field - 2n)
    const d = (field - 121_665n) * inverse(121_666n)
    const x2 = (eight ** 2n - 1n) * inverse((d * eight ** 2n + 1n) % field)
    expect((eight ** 2n + x2) % field).toBe(0n)
  })
})

describe('secrets and mismatches are refused whatever else they say', () => {
  const wrong: [string, Record<string, unknown>, string][] = [
    ['a shared secret', { kty: 'oct', k: 'AAAA', alg: 'HS256' }, 'it is a shared secret'],
    ['a private RSA key', { ...rsa, d: 'AAAA' }, 'it shows its private part'],
    ['a private EC key', { ...ec, d: 'AAAA' }, 'it shows its private part'],
    ['an RSA key for HMAC', { ...rsa, alg: 'HS256' }, 'its alg does not go with its kind'],
    ['an RSA key for no algorithm', { ...rsa, alg: 'none' }, 'its alg does not go with its kind'],
    [
      'an RSA key for elliptic curves',
      { ...rsa, alg: 'ES256' },
      'its alg does not go with its kind',
    ],
    ['P-256 for ES384', { ...ec, alg: 'ES384' }, 'its alg does not go with its kind'],
    [
      'P-256 named P-384',
      { ...ec, crv: 'P-384', alg: 'ES256' },
      'its alg does not go with its kind',
    ],
    ['Ed25519 for ES256', { ...edwards, alg: 'ES256' }, 'its alg does not go with its kind'],
    [
      'X25519 for EdDSA',
      { ...edwards, crv: 'X25519', alg: 'EdDSA' },
      'its alg does not go with its kind',
    ],
    ['an alg that is no text', { ...ec, alg: ['ES256'] }, 'its alg does not go with its kind'],
    ['an empty alg', { ...ec, alg: '' }, 'its alg does not go with its kind'],
  ]
  test.each(wrong)('%s', (_name, jwk, weakness) => {
    expect(weaknessOf(jwk)).toBe(weakness)
  })
})

describe('the family of algorithms follows from the key', () => {
  test('together they are exactly the configurable ones', () => {
    const p384 = { kty: 'EC', crv: 'P-384' }
    const p521 = { kty: 'EC', crv: 'P-521' }
    const all = [rsa, ec, p384, p521, edwards].flatMap((jwk) => algorithmsOf(jwk))
    expect(all.toSorted()).toEqual([...tokenAlgorithms].toSorted())
  })

  const unused = [
    {},
    { kty: 'oct' },
    { kty: 'EC' },
    { kty: 'EC', crv: 'secp256k1' },
    { kty: 'OKP', crv: 'Ed448' },
    { kty: ['RSA'] },
    { kty: '__proto__' },
    { crv: 'P-256' },
  ]
  test.each(unused)('none for %j', (jwk) => {
    expect(algorithmsOf(jwk)).toEqual([])
  })
})
