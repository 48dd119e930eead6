import { describe, expect, test } from 'vitest'
import { isLoopbackAddress, isPublicAddress } from '../../src/identity/public-address.ts'

const open = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '11.0.0.1',
  '9.255.255.255',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00::1',
  '2001:4860:4860::8888',
]

const inside = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.0.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:8.8.8.8',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::8.8.8.8',
  '64:ff9b::808:808',
  '64:ff9b::a00:1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:808:808::',
  '3fff::1',
  'fc00::1',
  'fd12::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
]

const noLiteral = [
  '',
  'localhost',
  'example.com',
  '1.1.1',
  '01.1.1.1',
  '0x7f.0.0.1',
  '2130706433',
  '[::1]',
  '1.1.1.1:80',
]

describe('an address that anybody can reach is public', () => {
  test.each(open)('%s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
    expect(isLoopbackAddress(address)).toBe(false)
  })
})

describe('an address inside, reserved, or that carries another one is not', () => {
  test.each(inside)('%s', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('what is no address is neither', () => {
  test.each(noLiteral)('%j', (text) => {
    expect(isPublicAddress(text)).toBe(false)
    expect(isLoopbackAddress(text)).toBe(false)
  })
})

describe('only this machine is loopback', () => {
  test.each(inside)('%s', (address) => {
    const own = address.startsWith('127.') || address === '::1'
    const mapped = address.startsWith('::ffff:127.') || address === '::ffff:7f00:1'
    // Node's list sees through a mapped address; either answer keeps it on this machine.
    if (!mapped) expect(isLoopbackAddress(address)).toBe(own)
  })
})
