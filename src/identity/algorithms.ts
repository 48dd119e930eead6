/**
 * Which signature algorithms a public key can be asked for. The family follows from the key, never
 * from the token (A4 76); there is no symmetric one and no `none`.
 */
import type { JsonObject } from './strict-json.ts'

const families = new Map<string, readonly string[]>([
  ['RSA', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['EC P-256', ['ES256']],
  ['EC P-384', ['ES384']],
  ['EC P-521', ['ES512']],
  ['OKP Ed25519', ['EdDSA', 'Ed25519']],
])

/** Every algorithm that goes with the kind and curve of the JWK; none for a kind that is not used. */
export function algorithmsOf(jwk: JsonObject): readonly string[] {
  const { kty, crv } = jwk
  return families.get(kty === 'RSA' ? 'RSA' : `${kty} ${crv}`) ?? []
}
