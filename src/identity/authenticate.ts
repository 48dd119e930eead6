/**
 * Credential to principal. What was found out is kept for a while, so that a warm request needs
 * neither signature nor database; what cannot be found out now is a 503 and never anonymous.
 */
import { sha256 } from '../lib/secrets.ts'
import type { Issuer } from '../policy/issuers.ts'
import type { KeyRow } from '../store/keys.ts'
import { idOfKey, isKey } from './api-keys.ts'
import { readCredential } from './credential.ts'
import { compileNetworks } from './networks.ts'
import { createOutcomes, type Outcome, refused } from './outcomes.ts'
import type { Identified } from './principal.ts'
import { identifySession, type SessionLookup } from './sessions.ts'
import type { TokenVerifier } from './tokens.ts'

export interface AuthenticatorOptions extends SessionLookup {
  /** Names of the cookie that is a credential at this listener. */
  readonly cookieNames: readonly string[]
  /** The issuers in force; another array after each reload, which ends what tokens were worth. */
  readonly issuers: () => readonly Issuer[]
  readonly tokens: TokenVerifier
  readonly findKey: (id: string) => Promise<FoundKeyRow | undefined>
  readonly findIdentity: (issuer: string, sub: string) => Promise<string | undefined>
  /** Hears of each request with a good API key, by its public id; it takes no time. */
  readonly noteKeyUse: (id: string) => void
}

type FoundKeyRow = Omit<KeyRow, 'id' | 'label'>

export type Authenticate = (rawHeaders: readonly string[]) => Identified | Promise<Identified>

/** Makes what every door asks; it answers without a promise when the outcome is known. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const outcomes = createOutcomes(options.clock)
  return (rawHeaders) => {
    const credential = readCredential(rawHeaders, options.cookieNames)
    if (credential.kind === 'none') return { kind: 'anonymous' }
    if (credential.kind === 'refused') return credential
    const { kind, text } = credential
    // Under its digest a credential has one name, and no secret stays in memory (I22, I23).
    const digest = sha256(text)
    const identify = async () => {
      try {
        if (kind === 'token') return await identifyToken(text, digest, options)
        if (kind === 'session') return await identifySession(text, options)
        return await identifyKey(text, outcomes.last(digest), options)
      } catch (error) {
        options.log.warn({ error: String(error) }, 'a credential could not be looked up')
        // How long decisions go on without the database is the snapshots' to say (MAX_STALENESS).
        return outcomes.held(digest) ?? refused('keys_unavailable')
      }
    }
    const known = outcomes.known(digest)
    if (known !== undefined) return noted(known, options)
    return outcomes.find(digest, identify).then((found) => noted(found, options))
  }
}

function noted(
  identified: Identified,
  { noteKeyUse }: Pick<AuthenticatorOptions, 'noteKeyUse'>,
): Identified {
  if (identified.kind !== 'principal') return identified
  const { kind, id } = identified.principal.credential
  if (kind === 'key') noteKeyUse(id)
  return identified
}

async function identifyToken(
  text: string,
  digest: string,
  { issuers, tokens, findIdentity }: AuthenticatorOptions,
): Promise<Outcome> {
  const inForce = issuers()
  const stillHolds = () => issuers() === inForce
  const verified = await tokens.verify(text)
  if (verified.kind === 'refused') return { identified: verified, stillHolds }
  const { issuer, sub, expiresAt } = verified
  const principal = {
    subject: await findIdentity(issuer.issuer, sub),
    credential: { kind: 'token', id: digest.slice(0, 16) },
    organisation: issuer.organisation,
    expiresAt,
  } as const
  return { identified: { kind: 'principal', principal }, stillHolds }
}

async function identifyKey(
  text: string,
  last: Identified | undefined,
  { findKey, revisionOf, clock }: AuthenticatorOptions,
): Promise<Outcome> {
  const id = idOfKey(text)
  if (id === undefined) return refused('credential_malformed')
  // Read before the row is: a revocation in between must not pass for one that the row has seen.
  // So a key that is met for the first time is asked for once more before it is kept.
  const known = last?.kind === 'principal' ? last.principal.organisation : undefined
  const revision = known === undefined ? undefined : revisionOf(known)
  const row = await findKey(id)
  if (row === undefined || !isKey(text, row.hash)) return refused('key_unknown')
  const { organisation, subject, scopes, networks } = row
  const expiresAt = row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY
  if (clock.now() >= expiresAt) return refused('key_expired')
  const principal = {
    subject,
    credential: { kind: 'key', id },
    organisation,
    expiresAt,
    ...(scopes !== null && { scopes }),
    // Compiled with the principal, and kept for as long as it.
    ...(networks !== null && { networks: compileNetworks(networks) }),
  } as const
  return {
    identified: { kind: 'principal', principal },
    stillHolds: () => revision !== undefined && revisionOf(organisation) === revision,
  }
}
