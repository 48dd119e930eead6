/**
 * What each family of proxies tells a forward-auth door about the client's request.
 * One source each, never merged: where a header of one family could stand in for a header of
 * another, a client would choose between them (A2 32, 33). Pure.
 */
import type { IncomingMessage } from 'node:http'
import type { Reason } from '../lib/reasons.ts'
import type { RawRequest } from './canonical.ts'
import { valuesOf } from './header-names.ts'

export interface DoorRequest {
  readonly raw: RawRequest
  /** Absent: the family has no word of its own for it. */
  readonly scheme?: Scheme
}

type Scheme = 'http' | 'https'
/** The request that a proxy asks about, or why what it sent names none. */
type Reader = (
  asked: Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'rawHeaders'>,
) => DoorRequest | Reason

const ENVOY_PREFIX = '/.gatehouse/authz/envoy'

/** What X-Forwarded-Proto says; Traefik names the schemes of WebSocket as well. */
const schemes: ReadonlyMap<string, Scheme> = new Map([
  ['http', 'http'],
  ['https', 'https'],
  ['ws', 'http'],
  ['wss', 'https'],
])

/** nginx sends what its configuration says: the method and the whole URL, by convention. */
export const readNginx: Reader = ({ rawHeaders }) => {
  const values = exactlyOne(rawHeaders, ['x-original-method', 'x-original-url'])
  if (typeof values === 'string') return values
  const [method = '', url = ''] = values
  // Split as text: a URL parser would rewrite the path before it is judged.
  const [, protocol = '', host = '', target] = /^(https?):\/\/([^/?#\\]*)(.*)$/.exec(url) ?? []
  const scheme = schemes.get(protocol)
  if (scheme === undefined) return 'target_malformed'
  return { raw: { method, target: target || '/', httpVersion: '1.1', hosts: [host] }, scheme }
}

/** Traefik and Caddy name each part of the request in a header of its own. */
export const readForward: Reader = ({ rawHeaders }) => {
  const names = ['method', 'uri', 'host', 'proto'].map((part) => `x-forwarded-${part}`)
  const values = exactlyOne(rawHeaders, names)
  if (typeof values === 'string') return values
  const [method = '', target = '', host = '', protocol = ''] = values
  const scheme = schemes.get(protocol)
  if (scheme === undefined) return 'header_malformed'
  return { raw: { method, target, httpVersion: '1.1', hosts: [host] }, scheme }
}

/** Envoy sends the request itself, its path behind our prefix, byte for byte. */
export const readEnvoy: Reader = ({ method = '', url = '', rawHeaders, httpVersion }) => {
  const hosts = valuesOf(rawHeaders, 'host')
  return { raw: { method, target: url.slice(ENVOY_PREFIX.length), httpVersion, hosts } }
}

/** The value of each header, in order; every one must be there exactly once (rule 2). */
function exactlyOne(
  rawHeaders: readonly string[],
  names: readonly string[],
): readonly string[] | Reason {
  const values = names.map((name) => valuesOf(rawHeaders, name))
  if (values.some(([value = '']) => value === '')) return 'door_header_missing'
  return values.some(({ length }) => length > 1) ? 'door_header_repeated' : values.flat()
}
