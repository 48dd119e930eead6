/**
 * The one credential of a request. Two of them are refused rather than ranked, because the gateway
 * and a service behind it could rank them differently (A4 48, 49); a broken one never counts as
 * none, because that would be anonymous (A2 50).
 */
import { limits } from '../lib/limits.ts'
import type { Reason } from '../lib/reasons.ts'

export type Credential =
  | { readonly kind: 'none' }
  /** An API key, `gh_…`; its form is not yet checked. */
  | { readonly kind: 'key'; readonly text: string }
  /** Anything else that was sent as a bearer token. */
  | { readonly kind: 'token'; readonly text: string }
  /** A session, `ghs_…`, from its cookie or as a bearer token; its form is not yet checked. */
  | { readonly kind: 'session'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: Reason }

/** RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1). */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/**
 * Reads the credential from a flat list of names and values as received. Only the exact names
 * `Authorization` and `Cookie` count: an alias with an underscore is some other header. A cookie
 * counts under each of `cookieNames`, exactly.
 */
export function readCredential(
  rawHeaders: readonly string[],
  cookieNames: readonly string[],
): Credential {
  const authorizations: string[] = []
  const sessions: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase()
    const value = rawHeaders[at + 1] ?? ''
    if (name === 'authorization') authorizations.push(value)
    else if (name === 'cookie') sessions.push(...sessionsIn(value, cookieNames))
  }
  if (authorizations.length + sessions.length > 1) return refused('credential_repeated')
  const [authorization] = authorizations
  if (authorization !== undefined) return readBearer(authorization)
  const [session] = sessions
  return session === undefined ? { kind: 'none' } : { kind: 'session', text: session }
}

function readBearer(value: string): Credential {
  const text = BEARER.exec(value)?.[1]
  if (text === undefined || text.length > limits.tokenBytes) return refused('credential_malformed')
  if (text.startsWith('ghs_')) return { kind: 'session', text }
  return { kind: text.startsWith('gh_') ? 'key' : 'token', text }
}

/** The value of each; one without a value is a credential as well, and a broken one. */
function sessionsIn(cookies: string, names: readonly string[]): string[] {
  return cookies.split(';').flatMap((pair) => {
    const [name = '', ...value] = pair.split('=')
    return names.includes(name.trim()) ? [value.join('=').trim()] : []
  })
}

function refused(reason: Reason): Credential {
  return { kind: 'refused', reason }
}
