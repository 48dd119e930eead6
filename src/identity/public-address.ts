/** Which addresses are on the public internet, so that a configured URL cannot reach inside. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** IANA's special-purpose registry for IPv4, multicast and the reserved block included. */
const special4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
])
/** Global unicast is all there is; every mapped, translated and local form lies outside of it. */
const global6 = blockList('ipv6', ['2000::/3'])
/** Tunnels that carry an IPv4 address, protocol assignments and documentation, inside of it. */
const special6 = blockList('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

const loopback4 = blockList('ipv4', ['127.0.0.0/8'])
const loopback6 = blockList('ipv6', ['::1/128'])

/** Whether `address` (an IP literal) can be reached by anybody; `false` for all that is no literal. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special4.check(address, 'ipv4')
  return isIPv6(address) && global6.check(address, 'ipv6') && !special6.check(address, 'ipv6')
}

/** Whether `address` (an IP literal) is this machine itself. */
export function isLoopbackAddress(address: string): boolean {
  if (isIPv4(address)) return loopback4.check(address, 'ipv4')
  return isIPv6(address) && loopback6.check(address, 'ipv6')
}

function blockList(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}
