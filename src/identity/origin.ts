/**
 * Where a request that a browser sends with our cookie comes from. The cookie goes with every request
 * to us, whoever's page caused it; only the browser can say whose it was (A4 86).
 */
import type { Reason } from '../lib/reasons.ts'
import type { Principal } from './principal.ts'

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/**
 * Why a request that a session authenticates may not change anything; `undefined` when it may.
 * `Origin` must be `ownOrigin`, `Sec-Fetch-Site` must be `same-origin`; one of them must be there, and
 * none may say otherwise. Other credentials are not sent by browsers of their own accord.
 */
export function checkOrigin(
  principal: Pick<Principal, 'credential'>,
  request: { readonly method: string; readonly rawHeaders: readonly string[] },
  ownOrigin: string,
): Reason | undefined {
  if (principal.credential.kind !== 'session') return undefined
  if (SAFE_METHODS.includes(request.method)) return undefined
  const origins = valuesOf(request.rawHeaders, 'origin').map((value) => value === ownOrigin)
  const sites = valuesOf(request.rawHeaders, 'sec-fetch-site').map(
    (value) => value === 'same-origin',
  )
  const said = [...origins, ...sites]
  return said.length > 0 && said.every(Boolean) ? undefined : 'origin_mismatch'
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
}
