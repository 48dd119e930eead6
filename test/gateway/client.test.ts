import { BlockList } from 'node:net'
import { describe, expect, test } from 'vitest'
import { clientOf, isTrustedProxy } from '../../src/gateway/client.ts'

function trusting(...networks: [string, number][]): BlockList {
  const list = new BlockList()
  for (const [address, bits] of networks) {
    list.addSubnet(address, bits, address.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}

describe('which peers are believed', () => {
  const list = trusting(['10.1.0.0', 16], ['fd00::', 8])
  test.each([
    ['10.1.2.3', true],
    ['10.2.0.1', false],
    ['::ffff:10.1.2.3', true],
    ['::ffff:10.2.0.1', false],
    ['fd12::1', true],
    ['2001:db8::1', false],
    ['', false],
    ['not an address', false],
    ['10.1.2.3:80', false],
    ['::FFFF:10.1.2.3', true],
    ['::ffff:a01:203', true],
    ['fe80::1%eth0', false],
    ['010.1.2.3', false],
    ['10.1.2.3, 10.1.2.3', false],
  ])('%s is trusted: %s', (address, trusted) => {
    expect(isTrustedProxy(list, address)).toBe(trusted)
  })

  test('nobody is trusted by default', () => {
    expect(isTrustedProxy(new BlockList(), '127.0.0.1')).toBe(false)
  })
})

describe('who the client is', () => {
  const list = trusting(['10.0.0.0', 8])

  test('A2 33: a peer that is not listed is the client, whatever it says', () => {
    const said = ['X-Forwarded-For', '1.2.3.4', 'X-Forwarded-Proto', 'https']
    expect(clientOf(list, '203.0.113.9', said)).toEqual({ address: '203.0.113.9', scheme: 'http' })
  })

  test('a listed peer is believed about the address and the scheme', () => {
    const said = ['x-forwarded-for', '203.0.113.9', 'X-Forwarded-Proto', 'https']
    expect(clientOf(list, '10.0.0.1', said)).toEqual({ address: '203.0.113.9', scheme: 'https' })
  })

  test.each([
    ['a value the client put in front', ['X-Forwarded-For', '6.6.6.6, 203.0.113.9'], '203.0.113.9'],
    [
      'two headers',
      ['X-Forwarded-For', '6.6.6.6', 'X-Forwarded-For', '203.0.113.9'],
      '203.0.113.9',
    ],
    ['a chain of trusted proxies', ['X-Forwarded-For', '203.0.113.9, 10.0.0.2'], '203.0.113.9'],
    ['nothing but trusted proxies', ['X-Forwarded-For', '10.0.0.3, 10.0.0.2'], '10.0.0.1'],
    ['no header', [], '10.0.0.1'],
    ['garbage', ['X-Forwarded-For', 'evil;host=b'], '10.0.0.1'],
    [
      'a hop that is no address, as some name it',
      ['X-Forwarded-For', '6.6.6.6, unknown'],
      '10.0.0.1',
    ],
    ['a hop with a port', ['X-Forwarded-For', '6.6.6.6, 203.0.113.9:4711'], '10.0.0.1'],
    ['an empty hop', ['X-Forwarded-For', '6.6.6.6, , 10.0.0.2'], '10.0.0.1'],
    ['an IPv6 address', ['X-Forwarded-For', '6.6.6.6, 2001:db8::1'], '2001:db8::1'],
    [
      'an IPv4 address in its IPv6 spelling',
      ['X-Forwarded-For', '::ffff:203.0.113.9'],
      '203.0.113.9',
    ],
    ['a zone', ['X-Forwarded-For', 'fe80::1%eth0'], 'fe80::1'],
    ['an alias with a dot', ['X.Forwarded.For', '6.6.6.6'], '10.0.0.1'],
    ['an alias with an underscore', ['X_Forwarded_For', '6.6.6.6'], '10.0.0.1'],
  ])('reads from the right: %s', (_what, said, address) => {
    expect(clientOf(list, '10.0.0.1', said).address).toBe(address)
  })

  test('a peer known by another proof is believed, and its own address is the last hop', () => {
    const said = ['X-Forwarded-For', '6.6.6.6, 203.0.113.9', 'X-Forwarded-Proto', 'https']
    const client = { address: '203.0.113.9', scheme: 'https' }
    expect(clientOf(new BlockList(), '198.51.100.1', said, true)).toEqual(client)
    expect(clientOf(list, '10.0.0.1', said, false)).toEqual({ address: '10.0.0.1', scheme: 'http' })
  })

  test('a dual-stack socket and a zone leave a plain address', () => {
    expect(clientOf(list, '::ffff:203.0.113.9', []).address).toBe('203.0.113.9')
    expect(clientOf(list, 'fe80::1%eth0', []).address).toBe('fe80::1')
    expect(clientOf(list, '::1', []).address).toBe('::1')
  })

  test('two schemes are not https', () => {
    const said = ['X-Forwarded-Proto', 'https', 'X-Forwarded-Proto', 'https']
    expect(clientOf(list, '10.0.0.1', said).scheme).toBe('http')
  })
})
