/**
 * The strict grammar of a Host value (A2 44, 45): a name, an IPv4 address or a bracketed IPv6
 * address, and perhaps a port. Links, routes and `X-Forwarded-Host` are made of it, so nothing that
 * two readers could read in two ways is let in.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { limits } from '../lib/limits.ts'

export interface Host {
  /** Lower case, with the port as it was sent, if any. */
  readonly host: string
  /** Without the port; an IPv6 address keeps its brackets and has the spelling of RFC 5952. */
  readonly hostname: string
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const PARTS = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?$/i
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`)
/** A last label such as `1` or `0x7f` makes the whole an IPv4 address to a browser. */
const NUMERIC_END = /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/
const LAST_PORT = 65_535

/** Reads one Host value, or an authority without userinfo; `undefined` when it is malformed. */
export function parseHost(value: string): Host | undefined {
  if (value.length > limits.hostBytes) return undefined
  // Lower case comes after the match: `toLowerCase` alone makes a `k` of the Kelvin sign.
  const [, sent, port] = PARTS.exec(value) ?? []
  if (sent === undefined || Number(port ?? 1) > LAST_PORT) return undefined
  const name = sent.toLowerCase()
  const hostname = name.startsWith('[') ? ipv6(name) : nameOrIpv4(name)
  if (hostname === undefined) return undefined
  return { hostname, host: port === undefined ? hostname : `${hostname}:${port}` }
}

function nameOrIpv4(name: string): string | undefined {
  if (NUMERIC_END.test(name)) return isIPv4(name) ? name : undefined
  return NAME.test(name) ? name : undefined
}

function ipv6(bracketed: string): string | undefined {
  if (!isIPv6(bracketed.slice(1, -1))) return undefined
  return new URL(`http://${bracketed}/`).hostname
}
