import { describe, expect, test } from 'vitest'
import { responseHeaders } from '../../src/gateway/response-headers.ts'

const sessionCookie = '__Host-gatehouse-session'
const consoleCookie = '__Host-gatehouse-console'

const requestId = 'r-1'
const OWN_ID = ['x-request-id', requestId]

/** What leaves of `raw` for an anonymous caller, without our request id at its end. */
function anonymous(...raw: string[]): string[] {
  const headers = responseHeaders(raw, { credentialed: false, requestId })
  expect(headers.slice(-2)).toEqual(OWN_ID)
  return headers.slice(0, -2)
}

/** The same for a caller with a credential. */
function credentialed(...raw: string[]): string[] {
  const headers = responseHeaders(raw, { credentialed: true, requestId })
  expect(headers.slice(-2)).toEqual(OWN_ID)
  return headers.slice(0, -2)
}

const VARY = ['vary', 'authorization, cookie']
const NO_STORE = ['cache-control', 'no-store']

describe('an answer passes as it is', () => {
  test('with its case, order and repetitions', () => {
    const raw = [
      'Content-Type',
      'text/css',
      'Link',
      '<a>',
      'link',
      '<b>',
      'ETag',
      '"x"',
      'Server',
      's',
    ]
    expect(anonymous(...raw)).toEqual(raw)
  })

  test('with its length and coding, which are those of the bytes that pass', () => {
    const raw = ['Content-Length', '5', 'Content-Encoding', 'gzip']
    expect(anonymous(...raw)).toEqual(raw)
    expect(anonymous(...raw, 'Connection', 'content-length, Content-Encoding')).toEqual(raw)
  })

  test.each(['__proto__', 'constructor'])('with a header named %s', (name) => {
    expect(anonymous(name, 'x')).toEqual([name, 'x'])
  })
})

describe('what belongs to one connection or speaks for us ends here', () => {
  test.each([
    ['Connection', 'close'],
    ['Keep-Alive', 'timeout=5'],
    ['Transfer-Encoding', 'chunked'],
    ['Trailer', 'X-Sum'],
    ['TE', 'x'],
    ['Upgrade', 'h2c'],
    ['Proxy-Connection', 'close'],
    ['Proxy-Authenticate', 'Basic'],
    ['Gatehouse-Revision', 'acme:1'],
    ['gatehouse_decision', 'd'],
    ['Gatehouse.Decision', 'd'],
    ['Remote-User', 'user:ann'],
    ['REMOTE_GROUPS', 'team:x'],
    ['X-Request-Id', 'theirs'],
    ['x_request_id', 'theirs'],
    ['Alt-Svc', 'h3=":443"'],
    ['alt_svc', 'h3=":443"'],
  ])('%s: %s', (name, value) => {
    expect(anonymous('A', '1', name, value)).toEqual(['A', '1'])
    expect(credentialed('A', '1', name, value)).toEqual(['A', '1', ...NO_STORE, ...VARY])
  })

  test('and so does what the upstream nominates, in any case', () => {
    expect(
      anonymous('Connection', 'X-Hop', 'connection', 'b', 'x-hop', '1', 'B', '2', 'C', '3'),
    ).toEqual(['C', '3'])
  })

  test.each([['X-A', 'b\r\nX-B: c'], ['X-A', 'b\0'], ['X A', 'b'], ['X-A', '\u4f60'], ['X-A']])(
    'a header that is none is left out: %j (A3 59)',
    (...raw) => {
      expect(anonymous('A', '1', ...raw)).toEqual(['A', '1'])
    },
  )
})

describe('an upstream sets no cookie of ours (A2 49)', () => {
  test.each([
    `${sessionCookie}=x; Path=/; Secure`,
    `${consoleCookie}=x`,
    `${sessionCookie}=; Max-Age=0`,
    '__host-GATEHOUSE-session=x',
    'gatehouse-session=x; Path=/',
    `"${sessionCookie}"=x`,
    `=${sessionCookie}=x`,
    ` ${sessionCookie} =x`,
    '__Host_gatehouse_console=x',
  ])('%s', (value) => {
    expect(anonymous('Set-Cookie', 'a=1; Path=/', 'set-cookie', value)).toEqual([
      'Set-Cookie',
      'a=1; Path=/',
    ])
  })

  test('those of its own pass, each on its line', () => {
    const raw = ['Set-Cookie', 'a=1', 'Set-Cookie', `b=${sessionCookie}; Path=/`]
    expect(anonymous(...raw)).toEqual(raw)
  })
})

describe('a credentialed answer is not for a shared cache (A3 73)', () => {
  test.each([
    [[], NO_STORE],
    [['Cache-Control', 'public, max-age=600'], NO_STORE],
    [['Cache-Control', 's-maxage=600', 'cache-control', 'immutable'], NO_STORE],
    [['Cache-Control', 'private="set-cookie"'], NO_STORE],
    [['Cache-Control', 'no-cache'], NO_STORE],
    [['Cache-Control', 'privateer, no-stores'], NO_STORE],
    [
      ['Cache-Control', 'private, max-age=60'],
      ['Cache-Control', 'private, max-age=60'],
    ],
    [
      ['Cache-Control', 'no-store'],
      ['Cache-Control', 'no-store'],
    ],
    [
      ['cache-control', 'max-age=0,PRIVATE'],
      ['cache-control', 'max-age=0,PRIVATE'],
    ],
    [
      ['Cache-Control', 'max-age=1', 'Cache-Control', 'No-Store'],
      ['Cache-Control', 'max-age=1', 'Cache-Control', 'No-Store'],
    ],
  ])('%j becomes %j', (raw, expected) => {
    expect(credentialed(...raw)).toEqual([...expected, ...VARY])
  })

  test('nor for one with a field of its own (RFC 9213)', () => {
    const raw = ['CDN-Cache-Control', 'max-age=9', 'Surrogate-Control', 'x', 'X-Accel-Expires', '9']
    expect(credentialed(...raw)).toEqual([...NO_STORE, ...VARY])
    expect(anonymous(...raw)).toEqual(raw)
  })

  test.each([
    [[], 'authorization, cookie'],
    [['Vary', 'Accept-Encoding'], 'accept-encoding, authorization, cookie'],
    [['Vary', 'Cookie, Accept'], 'cookie, accept, authorization'],
    [['Vary', 'A', 'vary', 'a, B'], 'a, b, authorization, cookie'],
    [['Vary', 'A, *'], '*'],
  ])('Vary %j becomes %s', (raw, expected) => {
    expect(credentialed(...raw)).toEqual([...NO_STORE, 'vary', expected])
  })

  test('a public answer keeps what its upstream says', () => {
    const raw = ['Cache-Control', 'public, max-age=600', 'Vary', 'Accept']
    expect(anonymous(...raw)).toEqual(raw)
  })

  test('a nomination takes neither away', () => {
    const raw = ['Connection', 'cache-control, vary', 'Cache-Control', 'public', 'Vary', 'a']
    expect(credentialed(...raw)).toEqual([...NO_STORE, 'vary', 'a, authorization, cookie'])
    const kept = ['Connection', 'cache-control', 'Cache-Control', 'private']
    expect(credentialed(...kept)).toEqual(['Cache-Control', 'private', ...VARY])
  })
})
