/**
 * Where a request that a browser sends with our cookie comes from. The cookie goes with every request
 * to us, whoever's page caused it; only the browser can say whose it was (A4 86).
 */
import type { Reason } from '../lib/reasons.ts'
import type { Principal } from './principal.ts'

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

interface Sent {
  readonly method: string
  readonly rawHeaders: readonly string[]
}

/**
 * Why a request that a session authenticates may not change anything; `undefined` when it may.
 * `Origin` must be `ownOrigin`, `Sec-Fetch-Site` must be `same-origin`; one of them must be there, and
 * none may say otherwise. Other credentials, and a session as a bearer token, are not sent by browsers
 * of their own accord.
 */
export function checkOrigin(
  principal: Pick<Principal, 'credential'>,
  request: Sent,
  ownOrigin: string,
): Reason | undefined {
  if (principal.credential.kind !== 'session') return undefined
  // Two credentials are refused before this, so the session came in this header and in no cookie.
  if (valuesOf(request.rawHeaders, 'authorization').length > 0) return undefined
  if (SAFE_METHODS.includes(request.method)) return undefined
  const said = saysOwn(request, ownOrigin)
  return said.length > 0 && said.every(Boolean) ? undefined : 'origin_mismatch'
}

/**
 * The same for a request that needs no credential, such as a sign-in, which another site's page would
 * make in its own name (login CSRF): a program says nothing of where from, a browser must say ours.
 */
export function checkUnsignedOrigin(request: Sent, ownOrigin: string): Reason | undefined {
  if (SAFE_METHODS.includes(request.method)) return undefined
  return saysOwn(request, ownOrigin).every(Boolean) ? undefined : 'origin_mismatch'
}

/** Whatever a browser says of where a request is from, and whether that is us. */
function saysOwn({ rawHeaders }: Sent, ownOrigin: string): readonly boolean[] {
  const origins = valuesOf(rawHeaders, 'origin').map((value) => value === ownOrigin)
  const sites = valuesOf(rawHeaders, 'sec-fetch-site').map((value) => value === 'same-origin')
  return [...origins, ...sites]
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
}
