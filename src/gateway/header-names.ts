/**
 * Which header names are ruled, and under which spellings. An upstream that turns names into
 * environment variables cannot tell `X-User` from `X_User` or `X.User` (A2 38, 39), so every rule
 * looks at the folded name.
 */

/** Header names of others that speak for a proxy, an identity or a trust: ours to say, or nobody's. */
const CONTROL_FAMILIES = [
  // Ours, and what identity-aware proxies before us have taught services to believe (A2 37).
  'gatehouse-',
  'remote-',
  'x-remote-',
  'x-gateway-',
  'x-auth-request-',
  'x-authenticated-',
  'x-authentik-',
  'x-webauth-',
  'x-pomerium-',
  'x-amzn-oidc-',
  'x-goog-authenticated-',
  'x-goog-iap-',
  'x-ms-client-principal',
  'cf-access-',
  'client-cert',
  'x-client-cert',
  'ssl-client-',
  'x-ssl-',
  // Where a request came from and how it looked on the way (A2 32 to 35).
  'x-forwarded-',
  'x-original-',
  'x-rewrite-',
  'x-middleware-',
  'x-envoy-',
  'x-appengine-',
  'proxy-',
  // Switches of servers that hand out files by header.
  'x-accel-',
  'x-sendfile-',
]

const CONTROL_NAMES = new Set([
  'authorization',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'early-data',
  'fastly-client-ip',
  'forwarded',
  'front-end-https',
  'http2-settings',
  // Becomes HTTP_PROXY in a CGI environment (httpoxy).
  'proxy',
  // The old spelling of Range that the same bombs used (A3 72).
  'request-range',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-forwarded',
  'x-host',
  'x-http-host-override',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-originating-ip',
  'x-real-ip',
  'x-request-id',
  'x-scheme',
  'x-url-scheme',
])

/** RFC 9110 section 7.6.1: about this connection, or about framing that each hop makes anew. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const CONTROL_FAMILY = new RegExp(`^(?:${CONTROL_FAMILIES.join('|')})`)
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** Visible ASCII, blanks and obs-text; no byte that could end the line (A3 59). */
const FIELD_VALUE = /^[\t -~\u0080-\u00ff]*$/
const FOLDED = /^[a-z0-9-]*$/
const ODD_CHARACTER = /[^a-z0-9]/g

/** Lower case, with `-` for everything but letters and digits: one form for every alias. */
export function foldName(name: string): string {
  const lower = name.toLowerCase()
  return FOLDED.test(lower) ? lower : lower.replace(ODD_CHARACTER, '-')
}

/** Whether a client's header of this folded name never leaves. */
export function isControlName(folded: string): boolean {
  return CONTROL_NAMES.has(folded) || CONTROL_FAMILY.test(folded)
}

/** Whether a header of this folded name ends at this hop. */
export function isHopByHop(folded: string): boolean {
  return HOP_BY_HOP.has(folded)
}

/** Whether the pair may stand in a message: an RFC 9110 token, and a value on one line. */
export function isWellFormed(name: string, value: string): boolean {
  return TOKEN.test(name) && FIELD_VALUE.test(value)
}

/** The pairs of a flat list of names and values. A name without a value has an `undefined` one. */
export function* pairs(flat: readonly string[]): Generator<readonly [string, string | undefined]> {
  for (let at = 0; at < flat.length; at += 2) yield [flat[at] ?? '', flat[at + 1]]
}

/** Every value of `name` (lower case) in a flat list, in order, however the name is cased. */
export function valuesOf(flat: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let at = 0; at < flat.length; at += 2) {
    const other = flat[at] ?? ''
    if (other.length === name.length && other.toLowerCase() === name)
      values.push(flat[at + 1] ?? '')
  }
  return values
}

/** The members of a comma-separated field, trimmed and in lower case, over all its lines. */
export function listOf(flat: readonly string[], name: string): string[] {
  return valuesOf(flat, name)
    .flatMap((value) => value.toLowerCase().split(','))
    .map((member) => member.trim())
    .filter((member) => member !== '')
}

/**
 * The names that Connection nominates, in lower case; `undefined` when one of them is no token.
 * They remove what the same sender sent and nothing else: ours are added afterwards (A2 41).
 */
export function nominatedNames(flat: readonly string[]): ReadonlySet<string> | undefined {
  const names = listOf(flat, 'connection')
  return names.every((name) => TOKEN.test(name)) ? new Set(names) : undefined
}
