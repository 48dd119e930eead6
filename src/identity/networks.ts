/** The networks from which a key is accepted. */
import { BlockList } from 'node:net'
import { addNetwork, isWithin } from '../lib/networks.ts'
import type { Identified } from './principal.ts'

/** Compiles networks, as in `10.1.0.0/16`. What cannot be read lets nobody in. */
export function compileNetworks(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) addNetwork(list, network)
  return list
}

/** The same, but refused where the credential is not accepted from the client's address. */
export function acceptFrom(identified: Identified, clientAddress: string): Identified {
  if (identified.kind !== 'principal') return identified
  const { networks } = identified.principal
  if (networks === undefined || isWithin(networks, clientAddress)) return identified
  return { kind: 'refused', reason: 'network_refused' }
}
