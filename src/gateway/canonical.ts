/**
 * The one canonical request. It is made once, from the raw request line and the raw Host values;
 * the decision, the log and the forwarded bytes all come from it (hazard 2.7; I1, I2).
 */
import { limits } from '../lib/limits.ts'
import type { Reason } from '../lib/reasons.ts'
import { canonicalPath } from '../policy/patterns/canonical-path.ts'
import { type Host, parseHost } from './host.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
/** TRACE echoes credentials, CONNECT makes a tunnel; what is unknown has no rule (A1 25, A2 28, 30). */
export type Method = (typeof methods)[number]

/** What arrived, before anything is believed. */
export interface RawRequest {
  readonly method: string
  /** The request target as it stood in the request line. */
  readonly target: string
  /** Such as `1.1`. */
  readonly httpVersion: string
  /** Every Host value, in order. */
  readonly hosts: readonly string[]
}

export interface CanonicalRequest {
  readonly method: Method
  /** Lower case, with the port as it was sent, if any. */
  readonly host: string
  /** `host` without its port. */
  readonly hostname: string
  /** One spelling a path; `*` for `OPTIONS *`, which no application ever matches (A1 24). */
  readonly path: string
  /** Empty, or `?…` byte for byte. Never part of a decision (A1 15). */
  readonly query: string
}

export type Canonicalised =
  | { readonly ok: true; readonly request: CanonicalRequest }
  | { readonly ok: false; readonly reason: Reason }

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is
/** Printable ASCII without the `#` that would start a fragment. */
const QUERY = /^[!"$-~]*$/

/** Reads a raw request into its one canonical form, or says why there is none. Pure. */
export function canonicalise(raw: RawRequest): Canonicalised {
  const { method, httpVersion, hosts } = raw
  if (!isMethod(method)) return refuse('method_not_allowed')
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return refuse('http_version')
  if (hosts.length > 1) return refuse('host_repeated')
  const [value] = hosts
  if (value === undefined) return refuse('host_missing')
  const host = parseHost(value)
  if (host === undefined) return refuse('host_malformed')
  if (raw.target.length > limits.targetBytes) return refuse('target_too_long')
  return readTarget(method, raw.target, host)
}

/** The four forms of RFC 9112 section 3.2; the authority form belongs to CONNECT alone. */
function readTarget(method: Method, target: string, host: Host): Canonicalised {
  // A target that starts with `//` is a path, never an authority (A1 4).
  if (target.startsWith('/')) return readOrigin(method, target, host)
  if (target === '*') return serverWide(method, host)
  const [, authority, rest = ''] = ABSOLUTE.exec(target) ?? []
  if (authority === undefined) return refuse('target_malformed')
  if (parseHost(authority)?.host !== host.host) return refuse('host_disagrees_with_target')
  // RFC 9112 section 3.2.4: with an empty path this is `OPTIONS *` on its way through a proxy.
  if (rest === '' && method === 'OPTIONS') return serverWide(method, host)
  return readOrigin(method, rest.startsWith('/') ? rest : `/${rest}`, host)
}

function readOrigin(method: Method, target: string, { host, hostname }: Host): Canonicalised {
  const mark = target.indexOf('?')
  const canonical = canonicalPath(mark < 0 ? target : target.slice(0, mark))
  if (!canonical.ok) return canonical
  const query = mark < 0 ? '' : target.slice(mark)
  if (!QUERY.test(query)) return refuse('query_malformed')
  return { ok: true, request: { method, host, hostname, path: canonical.path, query } }
}

function serverWide(method: Method, { host, hostname }: Host): Canonicalised {
  if (method !== 'OPTIONS') return refuse('target_malformed')
  return { ok: true, request: { method, host, hostname, path: '*', query: '' } }
}

function isMethod(text: string): text is Method {
  return (methods as readonly string[]).includes(text)
}

function refuse(reason: Reason): Canonicalised {
  return { ok: false, reason }
}
