/**
 * Public keys that must not be trusted although their signatures verify. jose takes a ROCA modulus
 * and an exponent of one (measured), so this is asked before a key set is put in force.
 */
import { algorithmsOf } from './algorithms.ts'
import { hasRocaFingerprint } from './roca.ts'
import type { JsonObject } from './strict-json.ts'
import { decodeCanonical } from './strict-jws.ts'

const SMALLEST_MODULUS_BITS = 2_048
/** A larger one only makes each verification slow. */
const LARGEST_MODULUS_BITS = 8_192
const SMALLEST_EXPONENT = 65_537n
/** FIPS 186-5, A.1.1. */
const LARGEST_EXPONENT = 2n ** 256n

/** Members of a JWK that belong to its owner alone. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** Why the JWK must not verify anything, or `undefined`. That an EC point is on its curve is left
 * to the import. */
export function weaknessOf(jwk: JsonObject): string | undefined {
  if (jwk['kty'] === 'oct') return 'it is a shared secret'
  if (PRIVATE.some((name) => Object.hasOwn(jwk, name))) return 'it shows its private part'
  if (!isOneOf(jwk['alg'], algorithmsOf(jwk))) return 'its alg does not go with its kind'
  if (jwk['kty'] === 'RSA') return weaknessOfRsa(readNumber(jwk['n']), readNumber(jwk['e']))
  if (jwk['kty'] === 'OKP') return weaknessOfEdwards(jwk['x'])
  return undefined
}

function isOneOf(alg: unknown, algorithms: readonly string[]): boolean {
  return alg === undefined || (typeof alg === 'string' && algorithms.includes(alg))
}

function weaknessOfRsa(modulus: bigint | undefined, exponent: bigint | undefined) {
  if (modulus === undefined || exponent === undefined) return 'its numbers are malformed'
  const bits = modulus.toString(2).length
  if (bits < SMALLEST_MODULUS_BITS) return 'its modulus is too small'
  if (bits > LARGEST_MODULUS_BITS) return 'its modulus is too large'
  if (modulus % 2n === 0n) return 'its modulus is even'
  if (exponent % 2n === 0n) return 'its exponent is even'
  if (exponent < SMALLEST_EXPONENT) return 'its exponent is too small'
  if (exponent >= LARGEST_EXPONENT) return 'its exponent is too large'
  return hasRocaFingerprint(modulus) ? 'its modulus has the ROCA fingerprint' : undefined
}

const FIELD = 2n ** 255n - 19n
const ORDER_EIGHT = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
/** The y coordinates of the points whose order divides eight: anybody can sign for those. */
const SMALL_ORDER = new Set([0n, 1n, FIELD - 1n, ORDER_EIGHT, FIELD - ORDER_EIGHT])

function weaknessOfEdwards(x: unknown): string | undefined {
  const bytes = typeof x === 'string' ? decodeCanonical(x) : undefined
  if (bytes?.length !== 32) return 'its point is malformed'
  const y = toNumber(bytes.reverse()) % 2n ** 255n
  return SMALL_ORDER.has(y % FIELD) ? 'its point has a small order' : undefined
}

function readNumber(value: unknown): bigint | undefined {
  const bytes = typeof value === 'string' ? decodeCanonical(value) : undefined
  return bytes?.length ? toNumber(bytes) : undefined
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`)
}
