import { BlockList } from 'node:net'
import { describe, expect, test } from 'vitest'
import { addNetwork, containsNetwork, isWithin } from '../../src/lib/networks.ts'

function listOf(...networks: string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) expect(addNetwork(list, network)).toBe(true)
  return list
}

describe('a network', () => {
  test.each<[string, string, boolean]>([
    ['10.1.0.0/16', '10.1.255.255', true],
    ['10.1.0.0/16', '10.2.0.0', false],
    ['10.1.2.3/16', '10.1.9.9', true],
    ['10.0.0.7', '10.0.0.7', true],
    ['10.0.0.7', '10.0.0.8', false],
    ['10.0.0.7/32', '10.0.0.7', true],
    ['10.1.0.0/16', '::ffff:10.1.2.3', true],
    ['10.1.0.0/16', '::ffff:10.2.2.3', false],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', 'fe12::1', false],
    ['fd00::1', 'fd00::1', true],
    ['fd00::1', 'fd00::2', false],
    ['fe80::/10', 'fe80::1%eth0', true],
  ])('%s has %s: %s', (network, address, within) => {
    expect(isWithin(listOf(network), address)).toBe(within)
  })

  test.each([
    ...['', 'acme.test', '10.1', '10.1.0.0/', '10.1.0.0/33', '10.1.0.0/-1', '10.1.0.0/1e1'],
    ...['10.1.0.0/16/8', 'fd00::/129', '10.1.0.0/0', '::/0', '*', 'fe80::1%eth0', ' 10.0.0.7'],
  ])('is not %j, and then nothing is added', (text) => {
    const list = new BlockList()
    expect(addNetwork(list, text)).toBe(false)
    expect(list.rules).toEqual([])
  })

  test.each(['', 'unknown', '10.0.0', '10.0.0.7, 10.0.0.8', '010.0.0.7'])(
    'has nobody whose address is %j',
    (address) => expect(isWithin(listOf('10.0.0.0/8', 'fd00::/8'), address)).toBe(false),
  )
})

test.each<[string, string, boolean]>([
  ['10.0.0.0/8', '10.1.0.0/16', true],
  ['10.1.0.0/16', '10.1.0.0/16', true],
  ['10.1.0.0/16', '10.1.2.3', true],
  ['10.1.2.3', '10.1.2.3/32', true],
  ['10.1.0.0/16', '10.0.0.0/8', false],
  // It begins with the same address and ends elsewhere.
  ['10.1.0.0/16', '10.1.0.0/15', false],
  ['10.1.0.0/16', '10.2.0.1', false],
  ['fd00::/8', 'fd12::/16', true],
  ['fd00::/8', 'fe00::/16', false],
  ['fd00::/16', 'fd00::/8', false],
  // Another spelling of IPv4 has another length.
  ['10.0.0.0/8', '::ffff:10.1.0.0/112', false],
  ['::/1', '10.0.0.1', false],
])('the network %s contains all of %s: %s', (outer, inner, contained) => {
  expect(containsNetwork(outer, inner)).toBe(contained)
})
