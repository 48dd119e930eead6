import { describe, expect, test } from 'vitest'
import { readEnvoy, readForward, readNginx } from '../../src/gateway/door-request.ts'

/** A check as Node hands it over; the request line is the door's own. */
function check(rawHeaders: readonly string[], over: { method?: string; url?: string } = {}) {
  const line = { method: 'GET', url: '/.gatehouse/authz/nginx', httpVersion: '1.0' }
  return { ...line, ...over, rawHeaders: [...rawHeaders] }
}

const nginx = ['X-Original-Method', 'PUT', 'X-Original-URL', 'http://docs.test/a?b']
const forward = [
  ...['X-Forwarded-Method', 'PUT', 'X-Forwarded-Uri', '/a?b'],
  ...['X-Forwarded-Host', 'docs.test', 'X-Forwarded-Proto', 'http'],
]
const raw = { method: 'PUT', target: '/a?b', httpVersion: '1.1', hosts: ['docs.test'] }

describe.each([
  ['nginx', readNginx, nginx],
  ['Traefik or Caddy', readForward, forward],
] as const)('what %s tells', (_, read, whole) => {
  const names = whole.filter((_text, at) => at % 2 === 0)
  const without = (name: string) => whole.filter((_text, at) => whole[at - (at % 2)] !== name)

  test('is the request of the client, not the check itself', () => {
    expect(read(check(whole, { method: 'DELETE', url: '/other' }))).toEqual({ raw, scheme: 'http' })
  })

  test.each(names)('names no request without %s', (name) => {
    expect(read(check(without(name)))).toBe('door_header_missing')
    expect(read(check([...without(name), name, '']))).toBe('door_header_missing')
  })

  test.each(names)('names no request with %s twice, even if both are the same', (name) => {
    const value = whole[whole.indexOf(name) + 1] ?? ''
    expect(read(check([...whole, name, value]))).toBe('door_header_repeated')
    expect(read(check([name.toLowerCase(), 'other', ...whole]))).toBe('door_header_repeated')
    expect(read(check([name.toUpperCase(), '', ...whole]))).toMatch(/^door_header_/)
  })

  test.each(names)('is not told by an alias of %s', (name) => {
    const value = whole[whole.indexOf(name) + 1] ?? ''
    for (const alias of [name.replaceAll('-', '_'), name.replaceAll('-', '.'), `${name}-`]) {
      expect(read(check([...without(name), alias, value]))).toBe('door_header_missing')
      expect(read(check([...whole, alias, 'other']))).toEqual({ raw, scheme: 'http' })
    }
  })

  test('is never made up of what another proxy says', () => {
    const other = read === readNginx ? forward : nginx
    for (const name of names) {
      expect(read(check([...without(name), ...other]))).toBe('door_header_missing')
    }
    const lies = other.map((text, at) => (at % 2 === 0 ? text : 'lie'))
    expect(read(check([...lies, ...whole, 'Host', 'lie']))).toEqual({ raw, scheme: 'http' })
  })
})

describe('the URL of nginx is split as text', () => {
  test.each([
    ['http://a.test/b', 'a.test', '/b', 'http'],
    ['https://a.test:8443/b?c', 'a.test:8443', '/b?c', 'https'],
    ['http://a.test', 'a.test', '/', 'http'],
    ['http://[::1]:80/b', '[::1]:80', '/b', 'http'],
    ['http://a.test//b', 'a.test', '//b', 'http'],
    ['http://a.test/%61/../b#c', 'a.test', '/%61/../b#c', 'http'],
    ['http://a.test/http://b.test/c', 'a.test', '/http://b.test/c', 'http'],
    ['http://a.test@b.test/c', 'a.test@b.test', '/c', 'http'],
    ['http://a.test?b', 'a.test', '?b', 'http'],
    ['http://a.test\\@b.test/c', 'a.test', '\\@b.test/c', 'http'],
    ['http:///b', '', '/b', 'http'],
  ])('%s', (url, host, target, scheme) => {
    const read = readNginx(check(['X-Original-Method', 'GET', 'X-Original-URL', url]))
    expect(read).toEqual({
      raw: { method: 'GET', target, httpVersion: '1.1', hosts: [host] },
      scheme,
    })
  })

  test.each([
    '/b',
    'a.test/b',
    'ftp://a.test/b',
    '//a.test/b',
    'HTTP://a.test/b',
    'http:/a.test/b',
  ])('%s is no URL of nginx', (url) => {
    const read = readNginx(check(['X-Original-Method', 'GET', 'X-Original-URL', url]))
    expect(read).toBe('target_malformed')
  })
})

test.each([
  ['http', 'http'],
  ['https', 'https'],
  ['ws', 'http'],
  ['wss', 'https'],
])('X-Forwarded-Proto %s is the scheme %s', (said, scheme) => {
  expect(readForward(check([...forward.slice(0, -1), said]))).toEqual({ raw, scheme })
})

test.each(['HTTPS', 'https, http', 'gopher', '__proto__', ' '])(
  'X-Forwarded-Proto %j is no scheme',
  (said) => {
    expect(readForward(check([...forward.slice(0, -1), said]))).toBe('header_malformed')
  },
)

describe('what Envoy asks', () => {
  test.each([
    ['/docs/a', '/docs/a'],
    ['/a%2f..', '/a%2f..'],
    ['/%61/%2e%2E/b', '/%61/%2e%2E/b'],
    ['/../forward', '/../forward'],
    ['//a//b?c=/.gatehouse/authz/envoy', '//a//b?c=/.gatehouse/authz/envoy'],
    ['/.gatehouse/authz/envoy/a', '/.gatehouse/authz/envoy/a'],
    ['?a', '?a'],
    ['', ''],
  ])('is what stands behind the prefix, byte for byte: %j', (sent, target) => {
    const asked = check(['Host', 'a.test'], {
      method: 'PUT',
      url: `/.gatehouse/authz/envoy${sent}`,
    })
    const hosts = ['a.test']
    expect(readEnvoy(asked)).toEqual({ raw: { method: 'PUT', target, httpVersion: '1.0', hosts } })
  })

  test('has every Host, and no host from elsewhere', () => {
    const headers = [
      'host',
      'a.test',
      'X-Forwarded-Host',
      'b.test',
      'HOST',
      'c.test',
      'x_host',
      'd',
    ]
    const asked = readEnvoy(check(headers, { url: '/.gatehouse/authz/envoy/a' }))
    expect(asked).toMatchObject({ raw: { hosts: ['a.test', 'c.test'] } })
    expect(readEnvoy(check(forward, { url: '/.gatehouse/authz/envoy/a' }))).toMatchObject({
      raw: { method: 'GET', target: '/a', hosts: [] },
    })
  })
})
