/**
 * How a connection to an upstream is made. The address is checked where it is used, in the look-up
 * of each connect, so that no name can be rebound between check and connect (A6 124).
 */
import { type LookupAddress, lookup as resolve } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import { buildConnector } from 'undici'

export interface DialOptions {
  readonly connectMs: number
  /** Ports of our own listeners on this machine that no application may be sent to. */
  readonly ownPorts: readonly number[]
  /** The resolver; the system's unless a test brings its own. */
  readonly lookup?: LookupFunction
}

export type Dial = buildConnector.connector

/** Cloud machines hand out credentials on link-local addresses, and on one unique local one. */
const metadata = new BlockList()
metadata.addSubnet('169.254.0.0', 16, 'ipv4')
metadata.addSubnet('fe80::', 10, 'ipv6')
metadata.addAddress('fd00:ec2::254', 'ipv6')
metadata.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6')

const here = new BlockList()
here.addSubnet('127.0.0.0', 8, 'ipv4')
here.addSubnet('0.0.0.0', 8, 'ipv4')
here.addAddress('::1', 'ipv6')
here.addAddress('::', 'ipv6')

/** Why `address` may not be connected to, as a sentence, or `undefined`. */
export function forbiddenAddress(
  address: string,
  port: number,
  ownPorts: readonly number[],
): string | undefined {
  // A zone such as `%eth0` is no part of the address.
  const plain = address.replace(/%.*$/, '')
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  if (metadata.check(plain, family)) return `${address} is a link-local or metadata address.`
  const own = ownPorts.includes(port) && (here.check(plain, family) || isOfThisMachine(plain))
  return own ? `Port ${port} of this machine is a listener of the gateway itself.` : undefined
}

/** Makes the connector of the upstream at `origin`. An address that is refused is not contacted. */
export function createDial(origin: string, options: DialOptions): Dial {
  const { connectMs, ownPorts, lookup = resolve } = options
  const { protocol, port: written } = new URL(origin)
  const port = Number(written) || (protocol === 'https:' ? 443 : 80)
  const connect = buildConnector({
    timeout: connectMs,
    allowH2: false,
    port,
    lookup: guardedLookup(lookup, port, ownPorts),
  })
  return (target, callback) => {
    const { hostname } = target
    // Node asks no look-up for a literal address.
    const refusal = isIP(hostname) === 0 ? undefined : forbiddenAddress(hostname, port, ownPorts)
    if (refusal !== undefined) {
      queueMicrotask(() => callback(new Error(refusal), null))
      return
    }
    // The certificate is checked against the upstream's name, not the Host that a client sent.
    connect({ ...target, host: hostname, servername: serverName(hostname) }, (error, socket) => {
      if (error !== null) callback(error, null)
      else callback(null, socket.prependListener('error', markReset))
    })
  }
}

/**
 * undici takes a reset in a body that ends with its connection for the end of that body; a truncated
 * document must not look whole, so the error loses the code by which undici recognises it.
 */
function markReset(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = 'ERR_UPSTREAM_RESET'
}

function guardedLookup(
  lookup: LookupFunction,
  port: number,
  ownPorts: readonly number[],
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses: LookupAddress[] = Array.isArray(found) ? found : []
      const [first] = addresses
      if (error !== null || first === undefined) {
        callback(error ?? new Error(`${hostname} has no address.`), [])
        return
      }
      // One bad address spoils the name: Node tries them all.
      for (const { address } of addresses) {
        const refusal = forbiddenAddress(address, port, ownPorts)
        if (refusal !== undefined) return callback(new Error(refusal), [])
      }
      if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function serverName(hostname: string): string {
  return isIP(hostname) === 0 ? hostname : ''
}

function isOfThisMachine(address: string): boolean {
  const interfaces = Object.values(networkInterfaces()).flat()
  return interfaces.some((one) => one?.address === address)
}
