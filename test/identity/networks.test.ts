import { describe, expect, test } from 'vitest'
import { acceptFrom, compileNetworks } from '../../src/identity/networks.ts'
import type { Identified, Principal } from '../../src/identity/principal.ts'

const principal: Principal = {
  subject: 'user:ann',
  credential: { kind: 'key', id: 'k' },
  organisation: 'acme',
  expiresAt: Number.POSITIVE_INFINITY,
}
const from = (...networks: string[]): Identified => {
  return { kind: 'principal', principal: { ...principal, networks: compileNetworks(networks) } }
}
const refused = { kind: 'refused', reason: 'network_refused' }

describe('a credential with networks', () => {
  test('is accepted from each of them and from nowhere else', () => {
    const identified = from('10.1.0.0/16', '192.0.2.7', 'fd00::/8')
    for (const address of ['10.1.2.3', '192.0.2.7', 'fd12::1', '::ffff:10.1.2.3']) {
      expect(acceptFrom(identified, address)).toBe(identified)
    }
    for (const address of ['10.2.0.1', '192.0.2.8', '::1', 'fe00::1']) {
      expect(acceptFrom(identified, address)).toEqual(refused)
    }
  })

  test('is accepted from nowhere when there is none, or none that can be read', () => {
    for (const identified of [from(), from('10.1.0.0/99'), from('everywhere')]) {
      expect(acceptFrom(identified, '10.1.0.1')).toEqual(refused)
    }
  })

  test('is accepted from those that can be read beside one that cannot', () => {
    expect(acceptFrom(from('everywhere', '10.0.0.0/8'), '10.1.0.1').kind).toBe('principal')
  })

  test('is refused where the address of the client is not known', () => {
    for (const address of ['', 'unknown']) {
      expect(acceptFrom(from('10.0.0.0/8', 'fd00::/8'), address)).toEqual(refused)
    }
  })
})

test('a credential without networks is accepted from anywhere, and what is none stays so', () => {
  const anywhere: Identified[] = [
    { kind: 'principal', principal },
    { kind: 'anonymous' },
    { kind: 'refused', reason: 'key_expired' },
  ]
  for (const identified of anywhere) expect(acceptFrom(identified, '')).toBe(identified)
})
