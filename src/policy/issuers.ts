/** Token issuers as declared in `policies/issuers.yaml`. */

export const tokenAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const
export type TokenAlgorithm = (typeof tokenAlgorithms)[number]

export interface Issuer {
  /** The exact `iss` claim. */
  readonly issuer: string
  /** A JWK set by https URL, or a file beside `issuers.yaml`. */
  readonly keys: { readonly url: string } | { readonly file: string }
  /** The exact `aud` value that must be present. */
  readonly audience: string
  readonly algorithms: readonly TokenAlgorithm[]
  /** Accepted `typ` header, compared without case; `undefined` accepts JWT, at+jwt or none. */
  readonly type: string | undefined
  /** The one organisation (bare id) it speaks for, or `undefined` for the platform. */
  readonly organisation: string | undefined
}
