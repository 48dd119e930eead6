import { describe, expect, test } from 'vitest'
import { organisationOf } from '../../src/gateway/organisation-source.ts'
import type { OrganisationSource } from '../../src/policy/applications.ts'

/** The id that is named, or the kind of what is not. */
function named(organisation: OrganisationSource, hostname: string, path: string): string {
  const result = organisationOf({ organisation }, { hostname }, path)
  return result.kind === 'named' ? result.id : `(${result.kind})`
}

test('where the credential says it, neither path nor host does', () => {
  expect(named({ from: 'credential' }, 'acme.docs.example.com', '/orgs/acme')).toBe('(credential)')
})

describe('the path names it where the pattern says :org', () => {
  test.each([
    ['/orgs/:org/*', '/orgs/acme/docs', 'acme'],
    ['/orgs/:org/*', '/orgs/acme/', 'acme'],
    ['/orgs/:org/*', '/orgs/acme/orgs/beta', 'acme'],
    ['/:org/*', '/acme/x', 'acme'],
    ['/:org', '/acme', 'acme'],
    ['/v/:version/:org/*', '/v/1/acme/x', 'acme'],
    ['/orgs/:org/*', '/orgs/a-1/x', 'a-1'],
    // The path does not match, or the place is empty or holds no id.
    ['/orgs/:org/*', '/orgs/acme', '(missing)'],
    ['/orgs/:org/*', '/teams/acme/x', '(missing)'],
    ['/orgs/:org/*', '/', '(missing)'],
    ['/:org', '/', '(missing)'],
    ['/:org/*', '/ACME/x', '(missing)'],
    ['/:org/*', '/org:acme/x', '(missing)'],
    ['/:org/*', '/caf%C3%A9/x', '(missing)'],
    ['/:org/*', '/a%20b/x', '(missing)'],
    ['/:org/*', '/-a/x', '(missing)'],
    ['/:org/*', '/a.b/x', '(missing)'],
    ['/:org/*', '/*/x', '(missing)'],
    ['/:org/*', `/${'a'.repeat(65)}/x`, '(missing)'],
    // Its place cannot be known after a star.
    ['/*/orgs/:org', '/a/orgs/acme', '(missing)'],
    // A pattern without it, or with a name that only begins like it.
    ['/orgs/*', '/orgs/acme', '(missing)'],
    ['/orgs/:organisation/*', '/orgs/acme/x', '(missing)'],
  ])('%s of %s is %s', (pattern, path, expected) => {
    expect(named({ from: 'path', pattern }, 'beta.docs.example.com', path)).toBe(expected)
  })
})

describe('the sub-domain names it with one label before the parent', () => {
  test.each([
    ['acme.docs.example.com', 'acme'],
    ['a-1.docs.example.com', 'a-1'],
    ['docs.example.com', '(missing)'],
    ['.docs.example.com', '(missing)'],
    ['a.b.docs.example.com', '(missing)'],
    ['-a.docs.example.com', '(missing)'],
    ['evildocs.example.com', '(missing)'],
    ['acme.docs.example.com.evil.test', '(missing)'],
    ['acme.docs.example.org', '(missing)'],
    ['acme', '(missing)'],
    ['', '(missing)'],
  ])('%s is %s', (hostname, expected) => {
    const source = { from: 'subdomain', parent: 'docs.example.com' } as const
    expect(named(source, hostname, '/orgs/beta/x')).toBe(expected)
  })
})
