/** A JWK set (RFC 7517) taken in: the usable public keys of it, by exact id and algorithm. */

import { limits } from '../lib/limits.ts'
import { algorithmsOf } from './algorithms.ts'
import { importKey, type VerificationKey } from './jws.ts'
import { type JsonObject, parseStrictObject } from './strict-json.ts'
import { weaknessOf } from './weak-keys.ts'

/** One key, imported once for each algorithm that it may be asked for. */
type KeyByAlgorithm = ReadonlyMap<string, VerificationKey>

export interface KeySet {
  readonly keys: readonly KeyByAlgorithm[]
  /** A Map and never an object, so that `__proto__` is an id like any other (A4 77). */
  readonly byId: ReadonlyMap<string, KeyByAlgorithm>
  /** What was left out and why, one sentence each, for the log. */
  readonly problems: readonly string[]
}

/**
 * Takes in the text of a JWK set for an issuer that signs with `algorithms`. Keys of other uses and
 * kinds are passed over; weak, ambiguous and broken ones are left out and named in `problems`.
 * Throws when the text is no JWK set, is too long or leaves no key.
 */
export async function parseKeySet(
  bytes: Uint8Array,
  algorithms: readonly string[],
): Promise<KeySet> {
  const problems: string[] = []
  const taken: { id: string | undefined; key: KeyByAlgorithm }[] = []
  const candidates = readKeys(bytes).filter(isForSignatures)
  for (const jwk of candidates) {
    const id = typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined
    const repeated = id !== undefined && candidates.filter(({ kid }) => kid === id).length > 1
    const weakness = repeated ? 'its kid is used twice' : weaknessOf(jwk)
    const key = weakness === undefined ? await importFor(jwk, algorithms) : undefined
    if (key !== undefined && key.size > 0) taken.push({ id, key })
    else if (key === undefined)
      problems.push(`Key ${id ?? '(without kid)'} is left out: ${weakness ?? 'it is malformed'}.`)
  }
  if (taken.length === 0) throw new Error(['The key set has no usable key.', ...problems].join(' '))
  const named = taken.flatMap(({ id, key }) => (id === undefined ? [] : [[id, key] as const]))
  return { keys: taken.map(({ key }) => key), byId: new Map(named), problems }
}

/**
 * The key for a token: by its id, or without one the only key that knows the algorithm. A guess
 * between several is never made.
 */
export function selectKey(
  set: KeySet,
  algorithm: string,
  keyId: string | undefined,
): VerificationKey | undefined {
  if (keyId !== undefined) return set.byId.get(keyId)?.get(algorithm)
  const fitting = set.keys.flatMap((key) => key.get(algorithm) ?? [])
  return fitting.length === 1 ? fitting[0] : undefined
}

function readKeys(bytes: Uint8Array): JsonObject[] {
  if (bytes.length > limits.jwksBytes) throw new Error('The key set is too long.')
  const keys = parseStrictObject(bytes)?.['keys']
  if (!Array.isArray(keys)) throw new Error('The key set is not a JSON object with a list of keys.')
  if (keys.length > limits.jwksKeys) throw new Error('The key set has too many keys.')
  return keys.filter((key): key is JsonObject => typeof key === 'object' && key !== null)
}

function isForSignatures({ use, key_ops: operations }: JsonObject): boolean {
  if (use !== undefined && use !== 'sig') return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

async function importFor(
  jwk: JsonObject,
  allowed: readonly string[],
): Promise<KeyByAlgorithm | undefined> {
  // `alg` binds the key to one algorithm; without it the issuer's list does.
  const own = jwk['alg'] === undefined ? algorithmsOf(jwk) : [String(jwk['alg'])]
  try {
    const usable = own.filter((algorithm) => allowed.includes(algorithm))
    const imports = usable.map(async (name) => [name, await importKey(jwk, name)] as const)
    return new Map(await Promise.all(imports))
  } catch {
    return undefined
  }
}
