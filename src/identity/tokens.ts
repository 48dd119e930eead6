/**
 * Tokens of configured issuers. One is accepted only under the whole tuple of issuer, key,
 * algorithm, audience and type that `issuers.yaml` names (I17); what an unverified token
 * says selects among those and nothing else.
 */
import type { Clock } from '../lib/clock.ts'
import type { Reason } from '../lib/reasons.ts'
import type { Issuer } from '../policy/issuers.ts'
import { checkClaims } from './claims.ts'
import { verifySignature } from './jws.ts'
import type { KeySets } from './keysets.ts'
import { parseClaims, parseJws } from './strict-jws.ts'

export type VerifiedToken =
  | {
      readonly kind: 'verified'
      readonly issuer: Issuer
      readonly sub: string
      /** Milliseconds since the epoch. */
      readonly expiresAt: number
    }
  | { readonly kind: 'refused'; readonly reason: Reason }

export interface TokenVerifier {
  /** Verifies the compact form of a token; an answer and never an error for whatever was sent. */
  readonly verify: (text: string) => Promise<VerifiedToken>
}

export interface TokenVerifierOptions {
  readonly issuers: () => readonly Issuer[]
  readonly keySets: Pick<KeySets, 'find'>
  readonly clock: Pick<Clock, 'now'>
}

/** What a token may call itself where the issuer names no type of its own (RFC 9068, 2.1). */
const USUAL_TYPES: readonly (string | undefined)[] = [undefined, 'jwt', 'at+jwt']

/** Binds verification to the issuers in force, their keys and the time. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  return {
    verify: async (text) => {
      const jws = parseJws(text)
      const claims = jws && parseClaims(jws)
      if (jws === undefined || claims === undefined) return refused('token_malformed')

      const issuer = options.issuers().find((known) => known.issuer === claims['iss'])
      if (issuer === undefined) return refused('token_issuer_unknown')
      if (!issuer.algorithms.some((name) => name === jws.algorithm))
        return refused('token_algorithm')
      if (!isType(jws.type, issuer)) return refused('token_type')

      const found = await options.keySets.find(issuer, jws.algorithm, jws.keyId)
      if (found.kind === 'refused') return found
      if (!(await verifySignature(jws, found.key))) return refused('token_signature')

      const checked = checkClaims(claims, issuer.audience, options.clock.now())
      return checked.kind === 'refused' ? checked : { kind: 'verified', issuer, ...checked.claims }
    },
  }
}

/** A token made for another purpose names another type (A4 83). */
function isType(type: string | undefined, issuer: Issuer): boolean {
  if (issuer.type === undefined) return USUAL_TYPES.includes(type)
  return type === issuer.type.toLowerCase().replace(/^application\//, '')
}

function refused(reason: Reason): VerifiedToken {
  return { kind: 'refused', reason }
}
