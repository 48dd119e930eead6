import { describe, expect, test } from 'vitest'
import { canonicalise, type RawRequest } from '../../src/gateway/canonical.ts'
import { limits } from '../../src/lib/limits.ts'
import { answers } from '../../src/lib/problems.ts'
import { type Reason, reasons } from '../../src/lib/reasons.ts'

const sound: RawRequest = {
  method: 'GET',
  target: '/',
  httpVersion: '1.1',
  hosts: ['app.acme.test'],
}

/** What a request comes to, in one word: its path and query, or the reason of the refusal. */
function outcome(changes: Partial<RawRequest>): string {
  const result = canonicalise({ ...sound, ...changes })
  return result.ok ? result.request.path + result.request.query : result.reason
}

const get = (target: string) => outcome({ target })

describe('the same path in another spelling is decided and forwarded in one spelling', () => {
  test.each([
    // A1 1: dot segments.
    ['/public/../admin', '/admin'],
    ['/./public/./../admin', '/admin'],
    ['/a/b/../../admin/', '/admin/'],
    ['/a/..', '/'],
    ['/a/.', '/a/'],
    ['/a/b/..', '/a/'],
    // A1 2: the same, encoded.
    ['/public/%2e%2e/admin', '/admin'],
    ['/public/.%2E/admin', '/admin'],
    ['/public/%2e/admin', '/public/admin'],
    ['/a/%2e.', '/'],
    // A1 3: what needs no escape has none.
    ['/%61dmin', '/admin'],
    ['/%41%7a%30%2d%5f%7E', '/Az0-_~'],
    ['/%21%24%26%27%28%29%2A%2B%2C%3A%3D%40', "/!$&'()*+,:=@"],
    // What does has one spelling.
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/a%20b', '/a%20b'],
    ['/%5b%7b%7C%7d%5d%60%22%3c%3e%5e', '/%5B%7B%7C%7D%5D%60%22%3C%3E%5E'],
    ['/%ef%bf%bf', '/%EF%BF%BF'],
    // A1 4: slashes merge, and two of them never name a host.
    ['//admin', '/admin'],
    ['//other.host/x', '/other.host/x'],
    ['/a///b//', '/a/b/'],
    ['////', '/'],
    // A1 17, 18, 20, 21: bytes are compared as they are.
    ['/admin/', '/admin/'],
    ['/admin.', '/admin.'],
    ['/admin%20', '/admin%20'],
    ['/ADMIN', '/ADMIN'],
    ['/a*b', '/a*b'],
    ['/a%2ab', '/a*b'],
    ['/%EF%BC%8Fadmin', '/%EF%BC%8Fadmin'],
    ['/%ef%bc%8e%ef%bc%8e/admin', '/%EF%BC%8E%EF%BC%8E/admin'],
    // Names that only look like dot segments.
    ['/.well-known/x', '/.well-known/x'],
    ['/..a/b..', '/..a/b..'],
    ['/a...b/.x', '/a...b/.x'],
    // Joiners that some scripts are spelled with.
    ['/%d9%85%db%8c%e2%80%8c%d8%b1', '/%D9%85%DB%8C%E2%80%8C%D8%B1'],
    ['/', '/'],
  ])('%s is %s', (target, path) => {
    expect(get(target)).toBe(path)
  })
})

describe('a path that two readers could read in two ways is refused', () => {
  test.each<[string, Reason]>([
    // A1 1: nothing is above the root.
    ['/..', 'target_above_root'],
    ['/../admin', 'target_above_root'],
    ['/a/%2e%2e/../b', 'target_above_root'],
    // Readers that merge slashes first see another parent.
    ['/a//../b', 'target_malformed'],
    ['//..', 'target_malformed'],
    ['/a//./../b', 'target_malformed'],
    ['/a//b/../../c', 'target_malformed'],
    // A1 5: encoded slash.
    ['/public/..%2fadmin', 'target_encoded_delimiter'],
    ['/public%2Fadmin', 'target_encoded_delimiter'],
    // A1 6: backslash.
    ['/public\\..\\admin', 'target_backslash'],
    ['/public/..%5cadmin', 'target_backslash'],
    ['/public/..%5Cadmin', 'target_backslash'],
    ['/\\evil.test/', 'target_backslash'],
    // A1 7, 8: matrix parameters.
    ['/user/..;foo=bar/admin', 'target_matrix_parameter'],
    ['/admin;x=y/users', 'target_matrix_parameter'],
    ['/admin%3bx/users', 'target_matrix_parameter'],
    ['/admin%3Bx', 'target_matrix_parameter'],
    // A1 9: a percent that survives.
    ['/%252e%252e/admin', 'target_double_encoding'],
    ['/%2561dmin', 'target_double_encoding'],
    ['/100%25', 'target_double_encoding'],
    ['/%25252e', 'target_double_encoding'],
    // A1 10, 11: not UTF-8, or not an escape.
    ['/%c0%ae%c0%ae/', 'target_not_utf8'],
    ['/%e0%80%ae', 'target_not_utf8'],
    ['/%f0%80%80%ae', 'target_not_utf8'],
    ['/public/%ff', 'target_not_utf8'],
    ['/%ed%a0%80', 'target_not_utf8'],
    ['/%f4%90%80%80', 'target_not_utf8'],
    ['/%c3/%a9', 'target_not_utf8'],
    ['/%80', 'target_not_utf8'],
    ['/%zz', 'target_percent_malformed'],
    ['/%u002e', 'target_percent_malformed'],
    ['/a%', 'target_percent_malformed'],
    ['/a%2', 'target_percent_malformed'],
    ['/%+1', 'target_percent_malformed'],
    ['/% 1', 'target_percent_malformed'],
    // A1 12, 13: NUL, controls, line separators, marks that hide or turn text.
    ['/admin%00.html', 'target_control_character'],
    ['/admin\0', 'target_control_character'],
    ['/api/items/a%0a', 'target_control_character'],
    ['/api/items/a%0D', 'target_control_character'],
    ['/a%09', 'target_control_character'],
    ['/a%1f', 'target_control_character'],
    ['/a%7F', 'target_control_character'],
    ['/a\x7f', 'target_control_character'],
    ['/a\tb', 'target_control_character'],
    ['/a%c2%85', 'target_control_character'],
    ['/a%c2%9f', 'target_control_character'],
    ['/a%e2%80%a8', 'target_control_character'],
    ['/a%E2%80%A9', 'target_control_character'],
    ['/a%e2%80%aeb', 'target_control_character'],
    ['/a%e2%81%a6b', 'target_control_character'],
    ['/a%e2%80%8bb', 'target_control_character'],
    ['/a%ef%bb%bfb', 'target_control_character'],
    // A1 14, 16: what cuts a path.
    ['/admin#x', 'target_fragment'],
    ['/#/../admin', 'target_fragment'],
    ['/admin#?x', 'target_fragment'],
    ['/admin%3fx', 'target_encoded_delimiter'],
    ['/admin%3Fx', 'target_encoded_delimiter'],
    ['/admin%23x', 'target_encoded_delimiter'],
    // A1 17: segments that are dots or nothing once trimmed.
    ['/public/..%20/admin', 'target_malformed'],
    ['/public/%20../admin', 'target_malformed'],
    ['/public/.%20./admin', 'target_malformed'],
    ['/public/.../admin', 'target_malformed'],
    ['/public/%20/admin', 'target_malformed'],
    ['/public/..%c2%a0/admin', 'target_malformed'],
    ['/public/.%e2%80%8d./admin', 'target_malformed'],
    ['/public/%e3%80%80', 'target_malformed'],
    // Raw bytes that RFC 3986 has no place for.
    ['/a b', 'target_malformed'],
    ['/a"b', 'target_malformed'],
    ['/<b>', 'target_malformed'],
    ['/a[0]', 'target_malformed'],
    ['/{a}', 'target_malformed'],
    ['/a|b', 'target_malformed'],
    ['/a^b', 'target_malformed'],
    ['/a`b', 'target_malformed'],
    ['/caf\xc3\xa9', 'target_malformed'],
    ['/caf\xe9', 'target_malformed'],
    ['/\u2025/', 'target_malformed'],
    // A1 26: no form of a target.
    ['@evil/', 'target_malformed'],
    ['.evil/', 'target_malformed'],
    ['admin', 'target_malformed'],
    ['', 'target_malformed'],
    ['?x', 'target_malformed'],
    ['*', 'target_malformed'],
    ['/*\r\n', 'target_control_character'],
    ['app.acme.test:80', 'target_malformed'],
  ])('%j is %s', (target, reason) => {
    expect(get(target)).toBe(reason)
    expect(answers[reasons[reason]].status).toBe(400)
  })
})

describe('the query is carried byte for byte and never matched (A1 15)', () => {
  test.each([
    ['/admin?/public/x', '/admin?/public/x'],
    ['/%61?%61=%2F..%2f&x=;\\', '/a?%61=%2F..%2f&x=;\\'],
    ['/a?', '/a?'],
    ['/a??b?', '/a??b?'],
    ['/a?%zz', '/a?%zz'],
    ['/a/..?"<>`{}|^[]', '/?"<>`{}|^[]'],
  ])('%s is %s', (target, expected) => {
    expect(get(target)).toBe(expected)
  })

  test.each(['/a?x#y', '/a?x y', '/a?x\ty', '/a?x\x00', '/a?\xe9', '/a?\x7f', '/a?x\n'])(
    '%j is refused',
    (target) => {
      expect(get(target)).toBe('query_malformed')
    },
  )

  test('the path of a request with a query is the path alone', () => {
    const result = canonicalise({ ...sound, target: '/admin?/public/x' })
    expect(result).toMatchObject({ request: { path: '/admin', query: '?/public/x' } })
  })
})

describe('an absolute target names the host that Host names, or nothing (A1 22, 23)', () => {
  test.each([
    ['http://app.acme.test/admin', '/admin'],
    ['HTTPS://APP.ACME.TEST/x/../admin?q', '/admin?q'],
    ['http://app.acme.test', '/'],
    ['http://app.acme.test?q', '/?q'],
    ['http://app.acme.test//x', '/x'],
    ['http://app.beta.test/x', 'host_disagrees_with_target'],
    ['http://app.acme.test:80/x', 'host_disagrees_with_target'],
    ['http://app.acme.test@evil.test/x', 'host_disagrees_with_target'],
    ['http://user@app.acme.test/x', 'host_disagrees_with_target'],
    ['http://app.acme.test\\@evil.test/x', 'host_disagrees_with_target'],
    ['http:///x', 'host_disagrees_with_target'],
    ['http://app.acme.test#x', 'target_fragment'],
    ['http:/app.acme.test/x', 'target_malformed'],
    ['http:app.acme.test/x', 'target_malformed'],
    ['ftp://app.acme.test/x', 'target_malformed'],
    ['ws://app.acme.test/x', 'target_malformed'],
    [' http://app.acme.test/x', 'target_malformed'],
  ])('%s is %s', (target, expected) => {
    expect(get(target)).toBe(expected)
  })

  test('with a port on both sides they agree', () => {
    const hosts = ['app.acme.test:8080']
    expect(outcome({ target: 'http://app.acme.test:8080/x', hosts })).toBe('/x')
    expect(outcome({ target: 'http://app.acme.test/x', hosts })).toBe('host_disagrees_with_target')
  })
})

describe('OPTIONS about the whole server is no path (A1 24)', () => {
  test.each([
    ['OPTIONS', '*', '*'],
    ['OPTIONS', 'http://app.acme.test', '*'],
    ['OPTIONS', 'http://app.acme.test/', '/'],
    ['OPTIONS', 'http://app.acme.test?', '/?'],
    ['GET', '*', 'target_malformed'],
    ['HEAD', '*', 'target_malformed'],
    ['OPTIONS', '**', 'target_malformed'],
    ['OPTIONS', '*?x', 'target_malformed'],
    ['OPTIONS', '/*', '/*'],
  ])('%s %s is %s', (method, target, expected) => {
    expect(outcome({ method, target })).toBe(expected)
  })
})

describe('a method is one of seven exact tokens (A1 25, A2 28 to 30)', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s', (method) => {
    expect(outcome({ method })).toBe('/')
  })

  const others = ['get', 'Get', 'GETX', ' GET', 'GET ', 'TRACE', 'CONNECT', 'PROPFIND', 'QUERY', '']
  test.each([...others, 'constructor', '__proto__'])('%j is not one', (method) => {
    expect(outcome({ method })).toBe('method_not_allowed')
    expect(answers[reasons.method_not_allowed].status).toBe(405)
  })
})

describe('the head of a request says one thing', () => {
  test.each(['2.0', '0.9', '1.2', '1', ''])('HTTP version %j is refused', (httpVersion) => {
    expect(outcome({ httpVersion })).toBe('http_version')
  })

  test('HTTP/1.0 is read, and needs a Host as well', () => {
    expect(outcome({ httpVersion: '1.0' })).toBe('/')
    expect(outcome({ httpVersion: '1.0', hosts: [] })).toBe('host_missing')
  })

  test.each<[readonly string[], string]>([
    [[], 'host_missing'],
    [['a', 'b'], 'host_repeated'],
    [['app.acme.test', 'app.acme.test'], 'host_repeated'],
    [[''], 'host_malformed'],
    [['a,b'], 'host_malformed'],
    [['a;host=b'], 'host_malformed'],
    [['user@a'], 'host_malformed'],
    [['a/b'], 'host_malformed'],
  ])('hosts %j are %s (A2 44, 45)', (hosts, reason) => {
    expect(outcome({ hosts })).toBe(reason)
  })

  test('the host is kept in lower case with its port, the hostname without', () => {
    expect(canonicalise({ ...sound, hosts: ['App.Acme.Test:8443'] })).toEqual({
      ok: true,
      request: {
        method: 'GET',
        host: 'app.acme.test:8443',
        hostname: 'app.acme.test',
        path: '/',
        query: '',
      },
    })
  })
})

describe('the size of a target is bounded', () => {
  test('by its length, query included', () => {
    const fits = `/${'a'.repeat(limits.targetBytes - 1)}`
    expect(get(fits)).toBe(fits)
    expect(get(`${fits}a`)).toBe('target_too_long')
    expect(get(`/?${'a'.repeat(limits.targetBytes - 1)}`)).toBe('target_too_long')
    expect(answers[reasons.target_too_long].status).toBe(414)
  })

  test('by its segments, in the canonical spelling and in any other', () => {
    const fits = '/a'.repeat(limits.pathSegments)
    expect(get(fits)).toBe(fits)
    expect(get(`${fits}/a`)).toBe('target_malformed')
    expect(get(`/%61${'/a'.repeat(limits.pathSegments)}`)).toBe('target_malformed')
    expect(get('/.'.repeat(limits.pathSegments))).toBe('/')
    expect(get('/'.repeat(limits.pathSegments + 1))).toBe('target_malformed')
  })
})
