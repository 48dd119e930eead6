import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildRoutes, isPublic, matchApplication } from '../../src/gateway/routes.ts'
import type { Application } from '../../src/policy/applications.ts'
import { canonicalPath } from '../../src/policy/patterns/canonical-path.ts'

function application(id: string, changes: Partial<Application> = {}): Application {
  return {
    id,
    host: undefined,
    prefix: '/',
    strip: false,
    upstreams: ['http://127.0.0.1:8090'],
    healthPath: undefined,
    timeouts: { connectMs: 1, firstByteMs: 1, idleMs: 1 },
    organisation: { from: 'credential' },
    publicPaths: [],
    operations: [],
    resources: [],
    ...changes,
  }
}

const onSubdomain = { from: 'subdomain', parent: 'docs.example.com' } as const

/** `id path` of the match, or `none`. */
function matched(applications: readonly Application[], hostname: string, path: string): string {
  const route = matchApplication(buildRoutes(applications), { hostname, path })
  return route === undefined ? 'none' : `${route.application.id} ${route.path}`
}

describe('the host is looked at first, the exact one before all', () => {
  const applications = [
    application('any'),
    application('any-long', { prefix: '/long/er' }),
    application('tenant', { organisation: onSubdomain }),
    application('exact', { host: 'acme.docs.example.com', prefix: '/exact' }),
    application('parent', { host: 'docs.example.com' }),
  ]

  test.each([
    ['acme.docs.example.com', '/exact', 'exact /exact'],
    // The exact host has no application for the path: the next one is asked.
    ['acme.docs.example.com', '/x', 'tenant /x'],
    ['beta.docs.example.com', '/exact', 'tenant /exact'],
    // A shorter prefix of a nearer host wins over a longer one of any host.
    ['beta.docs.example.com', '/long/er', 'tenant /long/er'],
    ['docs.example.com', '/x', 'parent /x'],
    // One label, not two, and never the end of another name.
    ['a.b.docs.example.com', '/x', 'any /x'],
    ['evildocs.example.com', '/x', 'any /x'],
    ['acme.docs.example.com.evil.test', '/x', 'any /x'],
    ['localhost', '/long/er/x', 'any-long /long/er/x'],
    ['[::1]', '/x', 'any /x'],
  ])('%s%s is %s', (hostname, path, expected) => {
    expect(matched(applications, hostname, path)).toBe(expected)
  })

  test('an application that names a host is not matched under its parent domain', () => {
    const both = [application('one', { host: 'acme.docs.example.com', organisation: onSubdomain })]
    expect(matched(both, 'acme.docs.example.com', '/')).toBe('one /')
    expect(matched(both, 'beta.docs.example.com', '/')).toBe('none')
  })

  test('without an application there is no match', () => {
    expect(matched([], 'a', '/')).toBe('none')
    expect(matched([application('b', { host: 'b' })], 'a', '/')).toBe('none')
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'a host named %s is no host of ours',
    (host) => {
      expect(matched([application('b', { host: 'b' })], host, '/')).toBe('none')
    },
  )
})

describe('the longest prefix wins and ends at a segment (A1 19)', () => {
  const applications = [
    application('root'),
    application('docs', { prefix: '/docs' }),
    application('admin', { prefix: '/docs/admin' }),
  ]

  test.each([
    ['/', 'root /'],
    ['/docs', 'docs /docs'],
    ['/docs/', 'docs /docs/'],
    ['/docs/a', 'docs /docs/a'],
    ['/docs-old', 'root /docs-old'],
    ['/docs.', 'root /docs.'],
    ['/docs%20', 'root /docs%20'],
    ['/DOCS', 'root /DOCS'],
    ['/x/docs', 'root /x/docs'],
    ['/docs/admin', 'admin /docs/admin'],
    ['/docs/admin/x', 'admin /docs/admin/x'],
    ['/docs/administrator', 'docs /docs/administrator'],
  ])('%s is %s, in either order of declaration', (path, expected) => {
    expect(matched(applications, 'a', path)).toBe(expected)
    expect(matched(applications.toReversed(), 'a', path)).toBe(expected)
  })

  test('of two with the same host and prefix the first declared answers', () => {
    expect(matched([application('one'), application('two')], 'a', '/')).toBe('one /')
  })

  test('OPTIONS * belongs to no application (A1 24)', () => {
    expect(matched(applications, 'a', '*')).toBe('none')
  })
})

describe('a stripped prefix leaves a canonical path (A1 27)', () => {
  test.each([
    ['/docs', '/docs', '/'],
    ['/docs', '/docs/', '/'],
    ['/docs', '/docs/a/b/', '/a/b/'],
    ['/docs', '/docs/docs/a', '/docs/a'],
    ['/a/b', '/a/b/c', '/c'],
    ['/', '/a', '/a'],
    ['/docs/', '/docs/a', '/a'],
  ])('%s from %s leaves %s', (prefix, path, expected) => {
    expect(matched([application('x', { prefix, strip: true })], 'a', path)).toBe(`x ${expected}`)
  })

  test('what is not canonical without its prefix is not forwarded', () => {
    const stripped = [application('x', { prefix: '/api', strip: true })]
    expect(matched(stripped, 'a', '/api/../admin')).toBe('none')
    expect(matched(stripped, 'a', '/api//admin')).toBe('x /admin')
  })

  test('whatever is matched is canonical and, with its prefix, what was asked for', () => {
    const piece = fc.constantFrom('docs', 'docs-old', 'admin', 'a', '%20b', '.x')
    const asked = fc.array(piece, { maxLength: 4 }).map((pieces) => `/${pieces.join('/')}`)
    const prefix = fc.constantFrom('/', '/docs', '/docs/admin')
    fc.assert(
      fc.property(asked, prefix, fc.boolean(), (path, under, strip) => {
        const routes = buildRoutes([application('x', { prefix: under, strip })])
        const route = matchApplication(routes, { hostname: 'a', path })
        const covered = under === '/' || path === under || path.startsWith(`${under}/`)
        expect(route !== undefined).toBe(covered)
        if (route === undefined) return
        expect(canonicalPath(route.path)).toEqual({ ok: true, path: route.path })
        const back = strip && under !== '/' ? under + route.path : route.path
        expect(back === path || back === `${path}/`).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a table of routes', () => {
  test('does not change when the list that it was built from does', () => {
    const applications = [application('one')]
    const routes = buildRoutes(applications)
    applications[0] = application('other')
    applications.push(application('long', { prefix: '/a' }))
    expect(matchApplication(routes, { hostname: 'a', path: '/a' })?.application.id).toBe('one')
  })
})

describe('a path is public only where a pattern says so', () => {
  const open = application('x', { publicPaths: ['/assets/*', '/health', '/p/:id'] })

  test.each([
    ['/assets/app.js', true],
    ['/assets/a/b', true],
    ['/health', true],
    ['/p/1', true],
    ['/', false],
    ['/assets', false],
    ['/assets-private/x', false],
    ['/health/', false],
    ['/healthz', false],
    ['/x/health', false],
    ['/p/1/2', false],
    ['*', false],
  ])('%s: %s', (path, expected) => {
    expect(isPublic(open, path)).toBe(expected)
    expect(isPublic(application('closed'), path)).toBe(false)
  })
})
