/** What a verified token must say. Types are checked as strictly as values (A4 79). */
import { limits } from '../lib/limits.ts'
import type { Reason } from '../lib/reasons.ts'
import type { JsonObject } from './strict-json.ts'

export interface Claims {
  readonly sub: string
  /** Milliseconds since the epoch from which the token is refused, the allowed skew included. */
  readonly expiresAt: number
}

export type CheckedClaims =
  | { readonly kind: 'valid'; readonly claims: Claims }
  | { readonly kind: 'refused'; readonly reason: Reason }

/** OpenID Connect Core, section 2: at most 255; no control characters, no halves of characters. */
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,255}$/u
const SKEW_MS = limits.clockSkewSeconds * 1_000

/** Checks the claims of RFC 7519, section 4.1, at `now` (milliseconds since the epoch). */
export function checkClaims(claims: JsonObject, audience: string, now: number): CheckedClaims {
  const { sub, aud, exp, nbf = 0, iat = 0 } = claims
  if (!isDate(exp) || !isDate(nbf) || !isDate(iat)) return refused('token_claims')
  if (!names(aud, audience)) return refused('token_claims')
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) return refused('token_claims')
  const expiresAt = exp * 1_000 + SKEW_MS
  if (now >= expiresAt) return refused('token_expired')
  // A token from the future was issued by a clock that cannot be trusted with `exp` either.
  if (Math.max(nbf, iat) * 1_000 > now + SKEW_MS) return refused('token_not_yet_valid')
  return { kind: 'valid', claims: { sub, expiresAt } }
}

/** Seconds since the epoch; `"1700000000"` and 1e400 are none. */
function isDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function names(aud: unknown, audience: string): boolean {
  if (!Array.isArray(aud)) return aud === audience
  return aud.every((entry) => typeof entry === 'string') && aud.includes(audience)
}

function refused(reason: Reason): CheckedClaims {
  return { kind: 'refused', reason }
}
