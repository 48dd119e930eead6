/** Networks as people write them, `10.1.0.0/16` or one address, in the list that Node matches with. */
import { BlockList, isIP } from 'node:net'

/** Adds a network to `list`; `false`, and nothing added, for what is none or is everybody. */
export function addNetwork(list: BlockList, text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  const length = bits === undefined ? most : Number(bits)
  if (version === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits ?? '0')) return false
  // A length of nought would be everybody, which is said by naming no network.
  if (length > most || length === 0) return false
  // A zone is of one machine's interfaces, and no list could hold it for another.
  if (address.includes('%')) return false
  list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6')
  return true
}

/** Whether `address` is in one of the networks; never for what is no address. */
export function isWithin(list: BlockList, address: string): boolean {
  const version = isIP(address)
  // The list knows an IPv4 address in its IPv6 spelling as well.
  return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6')
}

/** Whether all of `inner` is within `outer`, both of the form that `addNetwork` takes. */
export function containsNetwork(outer: string, inner: string): boolean {
  const list = new BlockList()
  const [address = ''] = inner.split('/')
  if (isIP(address) !== isIP(outer.split('/')[0] ?? '') || !addNetwork(list, outer)) return false
  return bitsOf(outer) <= bitsOf(inner) && isWithin(list, address)
}

function bitsOf(network: string): number {
  const [address = '', bits] = network.split('/')
  return bits === undefined ? (isIP(address) === 4 ? 32 : 128) : Number(bits)
}
