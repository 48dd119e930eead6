/**
 * The assertion: a short-lived token of ours that tells an upstream who is asking, verifiable by
 * `jwks.json`. Its type and audience keep it from being used for anything else (A4 83).
 */
import { SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/clock.ts'
import { limits } from '../lib/limits.ts'
import { ASSERTION_ALGORITHM, type SigningKey } from './signing.ts'

export interface AssertionRequest {
  readonly subject: string
  /** Bare id. */
  readonly organisation: string
  /** Bare id of the application that will receive it: the audience. */
  readonly application: string
  /** The revision of the organisation that was decided by. */
  readonly revision: number
  readonly claims: {
    /** Empty when there is none. */
    readonly email: string
    readonly teams: readonly string[]
    readonly roles: readonly string[]
  }
}

export interface Assertions {
  /** The compact token; without a promise when it was made before. Throws without a signing key. */
  readonly assertionFor: (request: AssertionRequest) => string | Promise<string>
}

export interface AssertionsOptions {
  /** The configured origin of the gateway: the issuer. */
  readonly publicUrl: string
  /** The key that signs at a time in milliseconds since the epoch. */
  readonly signingKey: (now: number) => SigningKey
  readonly clock: Clock
}

/** Binds assertions to the signing keys, keeping each for `limits.assertionReuseMs`. */
export function createAssertions(options: AssertionsOptions): Assertions {
  const { clock } = options
  const made = new LRUCache<string, { text: string | Promise<string>; until: number }>({
    max: limits.assertionsCached,
  })
  return {
    assertionFor: (request) => {
      const name = nameOf(request)
      const known = made.get(name)
      if (known !== undefined && clock.elapsed() < known.until) return known.text
      const entry = {
        text: '' as string | Promise<string>,
        until: clock.elapsed() + limits.assertionReuseMs,
      }
      const signed = sign(request, options).then((text) => {
        entry.text = text
        return text
      })
      signed.catch(() => made.delete(name))
      entry.text = signed
      made.set(name, entry)
      return signed
    },
  }
}

/** Injective (I23): everything that the assertion says is in its name. */
function nameOf({ subject, organisation, application, revision, claims }: AssertionRequest) {
  const { email, teams, roles } = claims
  return JSON.stringify([subject, organisation, application, revision, email, teams, roles])
}

async function sign(
  { subject, organisation, application, revision, claims }: AssertionRequest,
  { publicUrl, signingKey, clock }: AssertionsOptions,
): Promise<string> {
  const now = clock.now()
  const { kid, privateKey } = signingKey(now)
  const { email, teams, roles } = claims
  const issuedAt = Math.floor(now / 1_000)
  return await new SignJWT({
    ...(email === '' ? {} : { email }),
    org: organisation,
    teams: [...teams],
    roles: [...roles],
    rev: revision,
  })
    .setProtectedHeader({ alg: ASSERTION_ALGORITHM, kid, typ: 'gatehouse+jwt' })
    .setIssuer(publicUrl)
    .setAudience(application)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + limits.assertionLifetimeSeconds)
    .sign(privateKey)
}
