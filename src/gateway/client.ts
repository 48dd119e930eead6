/**
 * Where a request comes from. A peer is believed about others only when the operator listed its
 * address in TRUSTED_PROXIES; nobody is by default (A2 33, 34).
 */
import { type BlockList, isIP } from 'node:net'

export interface Client {
  readonly address: string
  readonly scheme: 'http' | 'https'
}

/** Whether the peer with this socket address is a configured proxy. */
export function isTrustedProxy(trusted: BlockList, address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address
  const version = isIP(plain)
  return version !== 0 && trusted.check(plain, version === 4 ? 'ipv4' : 'ipv6')
}

/** Every value of the header `name` (lower-case) in a flat list of names and values. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '')
  }
  return values
}

/**
 * The client behind the peer: the nearest address of X-Forwarded-For that is not itself a trusted
 * proxy, read from the right because everything to the left is the client's own word.
 */
export function clientOf(
  trusted: BlockList,
  peer: string,
  rawHeaders: readonly string[],
): Client {
  const own: Client = { address: peer, scheme: 'http' }
  if (!isTrustedProxy(trusted, peer)) return own
  const scheme = valuesOf(rawHeaders, 'x-forwarded-proto').join() === 'https' ? 'https' : 'http'
  const hops = valuesOf(rawHeaders, 'x-forwarded-for').join().split(',')
  const addresses = hops.map((hop) => hop.trim())
  const address = addresses.findLast((hop) => isIP(hop) !== 0 && !isTrustedProxy(trusted, hop))
  return { address: address ?? peer, scheme }
}
