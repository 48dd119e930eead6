/**
 * What comes back from an upstream: its headers without those that end here, that imitate ours or
 * that lead around the gateway; and nothing credentialed for a shared cache to keep (A3 73). Pure.
 */
import { setsOwnCookie } from './cookies.ts'
import {
  foldName,
  isHopByHop,
  isWellFormed,
  listOf,
  nominatedNames,
  pairs,
} from './header-names.ts'

export interface ResponseOptions {
  /** Whether the request carried a credential. */
  readonly credentialed: boolean
  /** Ours, in place of any that the upstream made up. */
  readonly requestId: string
}

/** Fields about the body for every reader; a nomination of them has no meaning, and no effect. */
const NEVER_NOMINATED = new Set([
  'content-length',
  'content-encoding',
  'content-type',
  'cache-control',
])
/** `Alt-Svc` would lead clients around the gateway; a challenge of a proxy is for that proxy. */
const ENDS_HERE = new Set(['alt-svc', 'proxy-authenticate', 'proxy-authentication-info'])
const IMITATION = /^(?:gatehouse|remote)-|^x-request-id$/
/** Caches that read a field of their own (RFC 9213 and its kin) would pass over Cache-Control. */
const OTHER_CACHE_FIELD = /-cache-control$|^surrogate-control$|^x-accel-expires$/
const CREDENTIALS = ['authorization', 'cookie']

/**
 * The flat list for `writeHead`. A header that is no header is left out. Content-Length and
 * Content-Encoding stay: the body passes as it is.
 */
export function responseHeaders(
  raw: readonly string[],
  { credentialed, requestId }: ResponseOptions,
): string[] {
  const nominated = nominatedNames(raw) ?? new Set()
  const confidential = credentialed && !forbidsSharedCaching(raw)
  const headers: string[] = []
  for (const [name, value] of pairs(raw)) {
    if (value === undefined || !isWellFormed(name, value)) continue
    const folded = foldName(name)
    if (isHopByHop(folded) || ENDS_HERE.has(folded) || IMITATION.test(folded)) continue
    if (nominated.has(name.toLowerCase()) && !NEVER_NOMINATED.has(folded)) continue
    if (folded === 'set-cookie' && setsOwnCookie(value)) continue
    if (credentialed && (folded === 'vary' || OTHER_CACHE_FIELD.test(folded))) continue
    if (confidential && folded === 'cache-control') continue
    headers.push(name, value)
  }
  if (confidential) headers.push('cache-control', 'no-store')
  if (credentialed) headers.push('vary', mergedVary(raw))
  headers.push('x-request-id', requestId)
  return headers
}

/** `private="field"` names fields only, so it does not count. */
function forbidsSharedCaching(raw: readonly string[]): boolean {
  return listOf(raw, 'cache-control').some((name) => name === 'private' || name === 'no-store')
}

/** The upstream's own list, in lower case, with what chose this answer. */
function mergedVary(raw: readonly string[]): string {
  const names = listOf(raw, 'vary')
  return names.includes('*') ? '*' : [...new Set([...names, ...CREDENTIALS])].join(', ')
}
