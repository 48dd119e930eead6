import { expect, test } from 'vitest'
import { whyElsewhere } from '../../src/policy/named-organisation.ts'

const inPath = { organisation: { from: 'path', pattern: '/t/:org/*' } } as const

test.each([
  ['/t/acme/x', undefined],
  ['/t/acme/x/y', undefined],
  ['/t/beta/x', 'organisation_disagrees'],
  ['/t/ACME/x', 'organisation_missing'],
  ['/t/acme', 'organisation_missing'],
  ['/t', 'organisation_missing'],
  ['/', 'organisation_missing'],
  ['/u/acme/x', 'organisation_missing'],
])('a path that names an organisation is of it and of no other: %s, %s', (path, reason) => {
  expect(whyElsewhere(inPath, path, 'acme')).toBe(reason)
})

test('a path says nothing where a credential or a host does', () => {
  const organisation = { from: 'subdomain', parent: 'docs.test' } as const
  expect(whyElsewhere({ organisation }, '/t/beta/x', 'acme')).toBeUndefined()
  const credential = { organisation: { from: 'credential' } } as const
  expect(whyElsewhere(credential, '/t/beta/x', 'acme')).toBeUndefined()
})
