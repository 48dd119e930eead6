/**
 * Where a request comes from. A peer is believed about others only when the operator listed its
 * address in TRUSTED_PROXIES; nobody is by default (A2 33, 34).
 */
import { type BlockList, isIP } from 'node:net'
import { isWithin } from '../lib/networks.ts'
import { valuesOf } from './header-names.ts'

export interface Client {
  readonly address: string
  readonly scheme: 'http' | 'https'
}

/** Whether the peer with this socket address is a configured proxy. */
export function isTrustedProxy(trusted: BlockList, address: string): boolean {
  return isWithin(trusted, address)
}

/**
 * The client behind the peer: the nearest hop of X-Forwarded-For that is not itself a trusted
 * proxy, read from the right because everything to the left is the client's own word. A hop that is
 * no address ends the search there: whoever stands before it was not vouched for either.
 *
 * `believed` is whether the peer may speak for others; a door may know it by another proof.
 */
export function clientOf(
  trusted: BlockList,
  peer: string,
  rawHeaders: readonly string[],
  believed = isTrustedProxy(trusted, peer),
): Client {
  const own: Client = { address: plainAddress(peer), scheme: 'http' }
  if (!believed) return own
  const scheme = valuesOf(rawHeaders, 'x-forwarded-proto').join() === 'https' ? 'https' : 'http'
  const hops = valuesOf(rawHeaders, 'x-forwarded-for').join().split(',')
  const nearest = hops.map((hop) => hop.trim()).findLast((hop) => !isTrustedProxy(trusted, hop))
  if (nearest === undefined || isIP(nearest) === 0) return { ...own, scheme }
  return { address: plainAddress(nearest), scheme }
}

/** Without the IPv6 spelling that a dual-stack socket gives to IPv4, and without a zone. */
function plainAddress(address: string): string {
  const [plain = ''] = address.split('%')
  const mapped = plain.slice('::ffff:'.length)
  return plain.toLowerCase().startsWith('::ffff:') && isIP(mapped) === 4 ? mapped : plain
}
