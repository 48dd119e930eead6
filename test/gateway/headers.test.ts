import { describe, expect, test } from 'vitest'
import { valuesOf } from '../../src/gateway/header-names.ts'
import { requestHeaders } from '../../src/gateway/headers.ts'
import { limits } from '../../src/lib/limits.ts'

const sessionCookie = '__Host-gatehouse-session'
const consoleCookie = '__Host-gatehouse-console'

/** What leaves for the upstream when `raw` came and nothing of ours is added. */
const leaving = (...raw: string[]) => requestHeaders(raw, [])

describe('ordinary headers pass as they are', () => {
  test('in their order, with their case and their repetitions', () => {
    const raw = ['Accept', '*/*', 'X-Custom', '1', 'accept', 'text/html', 'x-custom', '2']
    expect(leaving(...raw)).toEqual(raw)
  })

  test.each([
    ['Origin', 'https://app.acme.test'],
    ['If-None-Match', '"a"'],
    ['Idempotency-Key', 'k'],
    ['X-Custom_Name', 'v'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ['User-Agent', 'GoogleHC/1.0'],
    ['X-Empty', ''],
    ['X-Tab', 'a\tb'],
    // A2 46: bytes beyond ASCII pass where nobody rules on the value.
    ['X-Name', 'Jos\xe9'],
    // A2 47: a name from the prototype is a name.
    ['__proto__', 'x'],
    ['constructor', 'x'],
    ['hasOwnProperty', 'x'],
  ])('%s', (name, value) => {
    expect(leaving(name, value)).toEqual([name, value])
  })
})

describe('a header that steers us or imitates us never leaves (A2 31 to 39)', () => {
  const names = [
    ...['Gatehouse-Assertion', 'Gatehouse-Decision', 'Gatehouse-Min-Revision', 'Gatehouse-Any'],
    ...['Remote-User', 'Remote-Groups', 'Remote-Email', 'Remote-Name', 'X-Remote-User'],
    ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Uri', 'Forwarded'],
    ...['X-Forwarded-Prefix', 'X-Forwarded-Client-Cert', 'X-Forwarded', 'X-Real-IP', 'X-Client-IP'],
    ...['True-Client-IP', 'CF-Connecting-IP', 'Fastly-Client-IP', 'X-Cluster-Client-IP', 'Via'],
    ...[
      'X-Original-URL',
      'X-Original-URI',
      'X-Original-Method',
      'X-Original-Host',
      'X-Rewrite-URL',
    ],
    ...['X-HTTP-Method', 'X-HTTP-Method-Override', 'X-Method-Override', 'X-Http-Host-Override'],
    ...[
      'X-Middleware-Subrequest',
      'X-Auth-Request-User',
      'X-Envoy-Original-Path',
      'X-Gateway-User',
    ],
    ...['X-Request-Id', 'Early-Data', 'Proxy', 'Proxy-Authorization', 'Proxy-Connection'],
    ...[
      'X-Accel-Mapping',
      'X-Sendfile-Type',
      'X-Host',
      'X-Scheme',
      'Client-Cert',
      'SSL-Client-Verify',
    ],
    ...[
      'X-Webauth-User',
      'X-Authenticated-User',
      'X-MS-Client-Principal',
      'CF-Access-Jwt-Assertion',
    ],
    ...['HTTP2-Settings', 'Request-Range', 'Authorization'],
  ]
  const aliases: [string, (name: string) => string][] = [
    ['as it is', (name) => name],
    ['in lower case', (name) => name.toLowerCase()],
    ['in upper case with underscores', (name) => name.toUpperCase().replaceAll('-', '_')],
    ['with dots', (name) => name.replaceAll('-', '.')],
    ['with both', (name) => name.replace('-', '_').replaceAll('-', '.')],
    ['with other token characters', (name) => name.replaceAll('-', '~')],
  ]

  for (const [how, alias] of aliases) {
    test.each(names)(`%s ${how}`, (name) => {
      expect(leaving('Accept', '*/*', alias(name), 'admin')).toEqual(['Accept', '*/*'])
    })
  }

  test.each(['Remotely', 'X-Forward', 'Gatehouses', 'Viable', 'X-Gatewayed', 'X-Requested-With'])(
    'but %s does, which only looks like one',
    (name) => {
      expect(leaving(name, 'x')).toEqual([name, 'x'])
    },
  )
})

describe('ours leave once, whatever the client sent (A2 37 to 41)', () => {
  const ours = [
    ['remote-user', 'user:ann'],
    ['x-tenant', 'acme'],
    ['host', 'app.acme.test'],
  ] as const

  test.each([
    ['Remote-User', 'admin'],
    ['remote_user', 'admin'],
    ['Remote.User', 'admin', 'REMOTE-USER', 'root'],
    ['X-Tenant', 'beta', 'x_tenant', 'gamma', 'X.Tenant', 'delta'],
    ['Connection', 'close, Remote-User, X-Tenant, Host'],
    ['Connection', 'remote-user', 'Connection', 'x-tenant'],
    ['Host', 'EVIL.test', 'host', 'evil.test'],
  ])('%j', (...raw) => {
    expect(requestHeaders(raw, ours)).toEqual(ours.flat())
  })

  test("the client's Host never leaves: the canonical one is ours to give", () => {
    expect(leaving('Host', 'APP.acme.test', 'HOST', 'b', 'h_ost', 'c')).toEqual(['h_ost', 'c'])
  })

  test('ours stand in place of a header with a rule of its own', () => {
    const raw = ['Content-Length', '5', 'Cookie', 'a=1', 'Range', 'bytes=0-1']
    const own = [
      ['Content-Length', '0'],
      ['cookie', 'b=2'],
      ['range', 'bytes=1-'],
    ] as const
    expect(requestHeaders(raw, own)).toEqual(own.flat())
  })

  test.each([
    ['remote-user', 'user:ann\r\nx: y'],
    ['remote-user', 'user:ann\0'],
    ['remote user', 'x'],
    ['', 'x'],
    ['remote-user', '\u4f60'],
  ])('one of ours that is malformed stops the request: %j', (name, value) => {
    expect(requestHeaders([], [[name, value]])).toBe('internal')
  })
})

describe('what belongs to one connection ends here (A2 41, 42; RFC 9110 section 7.6.1)', () => {
  test.each([
    ['Connection', 'keep-alive'],
    ['Keep-Alive', 'timeout=5'],
    ['TE', 'trailers'],
    ['Trailer', 'X-User'],
    ['Upgrade', 'h2c'],
    ['Expect', '100-continue'],
    ['Transfer-Encoding', 'chunked'],
    ['Transfer_Encoding', 'chunked'],
    ['Keep.Alive', 'x'],
  ])('%s: %s', (name, value) => {
    expect(leaving('Accept', '*/*', name, value)).toEqual(['Accept', '*/*'])
  })

  test('a nomination removes what the client sent, over all Connection lines and in any case', () => {
    const raw = [
      'Connection',
      'close, X-One',
      'X-One',
      '1',
      'X-Two',
      '2',
      'connection',
      ' x-TWO ,,',
    ]
    expect(leaving(...raw, 'X-Three', '3')).toEqual(['X-Three', '3'])
  })

  test('a nomination never takes the length of a body away', () => {
    const raw = ['Connection', 'Content-Length, content-length', 'Content-Length', '5']
    expect(leaving(...raw)).toEqual(['content-length', '5'])
  })

  test('a nomination may take a cookie or a range of the client away', () => {
    expect(leaving('Connection', 'cookie, Range', 'Cookie', 'a=1', 'Range', 'bytes=0-1')).toEqual(
      [],
    )
  })

  test.each(['x y', 'a;b', 'caf\xe9', '"x"', 'x:y'])(
    'a nomination of no name is refused: %j',
    (v) => {
      expect(leaving('Connection', v)).toBe('header_malformed')
    },
  )
})

describe('the end of a body is said once (A3 52, 53, 58)', () => {
  test('one Content-Length leaves, under one name', () => {
    expect(leaving('Content-Length', '5')).toEqual(['content-length', '5'])
    expect(leaving('CONTENT-LENGTH', '0')).toEqual(['content-length', '0'])
  })

  test.each([
    ['Content-Length', '5', 'content-length', '5'],
    ['Content-Length', '5', 'Content-Length', '6'],
    ['Content-Length', '5, 5'],
    ['Content-Length', '+5'],
    ['Content-Length', '-0'],
    ['Content-Length', '0x5'],
    ['Content-Length', ' 5'],
    ['Content-Length', ''],
    ['Content-Length', '5', 'Transfer-Encoding', 'chunked'],
    ['Transfer-Encoding', 'gzip, chunked'],
    ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'x'],
    ['Transfer-Encoding', 'chunked', 'transfer-encoding', 'chunked'],
    ['Transfer-Encoding', 'identity'],
    ['Transfer-Encoding', '\x0bchunked'],
  ])('%j is refused', (...raw) => {
    expect(leaving(...raw)).toBe('body_framing')
  })

  test.each(['Content_Length', 'Content.Length', 'CONTENT~LENGTH'])('%s never leaves', (name) => {
    expect(leaving('Content-Length', '5', name, '9')).toEqual(['content-length', '5'])
  })
})

describe('nothing that could end a line leaves (A3 59)', () => {
  test.each([
    ['X-A', 'b\r\nX-B: c'],
    ['X-A', 'b\nc'],
    ['X-A', 'b\rc'],
    ['X-A', 'b\0'],
    ['X-A', '\x1f'],
    ['X-A', '\x7f'],
    ['X-A', '\u0100'],
    ['X-A', '\u560a'],
    ['X A', 'b'],
    ['X-A:', 'b'],
    ['', 'b'],
    ['X-\xe9', 'b'],
    ['X-A\r\n', 'b'],
    ['Remote-User', 'b\nc'],
    ['X-A'],
  ])('%j is refused', (...raw) => {
    expect(leaving(...raw)).toBe('header_malformed')
  })
})

describe('our cookies stay with us, those of others pass (A2 49, 51)', () => {
  test.each([
    ['a=1; b=2', 'a=1; b=2'],
    [`${sessionCookie}=s`, undefined],
    [`a=1; ${sessionCookie}=s; b="2"`, 'a=1; b="2"'],
    [`${consoleCookie}=s;a=1`, 'a=1'],
    [`${sessionCookie}=1; a=b=c; ${sessionCookie}=2`, 'a=b=c'],
    [`${sessionCookie}="s"; a=1`, 'a=1'],
    [`"${sessionCookie}"=s; a=1`, 'a=1'],
    [`"${sessionCookie}"="s"`, undefined],
    [` ${sessionCookie} = s ; a=1`, 'a=1'],
    ['__HOST-Gatehouse-Session=s; a=1', 'a=1'],
    ['__Secure-gatehouse-session=s; a=1', 'a=1'],
    ['gatehouse-session=s; gatehouse-console=s; a=1', 'a=1'],
    ['__Host_gatehouse_session=s; __Host.gatehouse.console=s; a=1', 'a=1'],
    [`=${sessionCookie}=s; a=1`, 'a=1'],
    [`${sessionCookie}; a=1`, 'a=1'],
    [`a="x; ${sessionCookie}=s"; b=1`, 'a="x; b=1'],
    [`${sessionCookie}\xa0=s; a=1`, 'a=1'],
    ['__Host-gatehouse\xad-session=s; a=1', 'a=1'],
    [
      'my-gatehouse-session=s; gatehouse-session-id=s',
      'my-gatehouse-session=s; gatehouse-session-id=s',
    ],
    ['a=Jos\xe9; =x; y', 'a=Jos\xe9; =x; y'],
    ['', undefined],
    [';;', undefined],
  ])('%s leaves as %s', (sent, expected) => {
    expect(leaving('Cookie', sent)).toEqual(expected === undefined ? [] : ['cookie', expected])
  })

  test('several lines leave as one, and none under an alias', () => {
    const raw = ['Cookie', `a=1; ${sessionCookie}=x`, 'COOKIE', 'b=2', 'Coo_kie', 'c=3']
    expect(leaving(...raw)).toEqual(['Coo_kie', 'c=3', 'cookie', 'a=1; b=2'])
  })
})

describe('a Range is bounded (A3 72)', () => {
  const ranges = (count: number) => `bytes=${Array.from({ length: count }, () => '0-1').join(',')}`

  test.each([
    ['bytes=0-99', true],
    ['bytes=-1', true],
    [ranges(limits.rangeCount), true],
    [ranges(limits.rangeCount + 1), false],
    [ranges(1_000), false],
    [`bytes=0-1${','.repeat(limits.rangeCount)}`, false],
    ['bytes=0-\xe9', false],
  ])('%s', (value, leaves) => {
    expect(leaving('Range', value)).toEqual(leaves ? ['range', value] : [])
  })

  test('two of them are none, and an alias never leaves', () => {
    expect(leaving('Range', 'bytes=0-1', 'range', 'bytes=2-3')).toEqual([])
    expect(leaving('Request-Range', 'bytes=0-1')).toEqual([])
  })
})

describe('values of a header', () => {
  test('are found in any case, in order, and a name without a value has an empty one', () => {
    expect(valuesOf(['Host', 'a', 'X', 'b', 'hOST', 'c', 'host'], 'host')).toEqual(['a', 'c', ''])
    expect(valuesOf([], 'host')).toEqual([])
  })
})
