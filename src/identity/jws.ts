/** The signature of a token, by jose with one key and one algorithm that were chosen beforehand. */
import { type CryptoKey, compactVerify, errors, importJWK, type JWK } from 'jose'
import type { JsonObject } from './strict-json.ts'
import type { Jws } from './strict-jws.ts'

export type VerificationKey = CryptoKey

/** Imports a public key for one algorithm; rejects what does not fit, such as a point off its curve. */
export async function importKey(jwk: JsonObject, algorithm: string): Promise<VerificationKey> {
  const { kty, crv, n, e, x, y } = jwk
  // Only what makes the key: its other members were judged before and must not steer the import.
  const key = await importJWK(
    JSON.parse(JSON.stringify({ kty, crv, n, e, x, y })) as JWK,
    algorithm,
  )
  if (key instanceof Uint8Array) throw new TypeError('A shared secret verifies nothing.')
  return key
}

/** Whether `key` signed exactly this token with the algorithm that its header names. */
export async function verifySignature(jws: Jws, key: VerificationKey): Promise<boolean> {
  try {
    await compactVerify(jws.text, key, { algorithms: [jws.algorithm] })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return false
    throw error
  }
}
