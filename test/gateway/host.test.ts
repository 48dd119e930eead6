import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseHost } from '../../src/gateway/host.ts'
import { limits } from '../../src/lib/limits.ts'

describe('a host has one spelling', () => {
  test.each([
    ['app.acme.test', 'app.acme.test', 'app.acme.test'],
    ['APP.Acme.TEST', 'app.acme.test', 'app.acme.test'],
    ['app.acme.test:80', 'app.acme.test:80', 'app.acme.test'],
    ['app.acme.test:65535', 'app.acme.test:65535', 'app.acme.test'],
    ['localhost:1', 'localhost:1', 'localhost'],
    ['a', 'a', 'a'],
    ['1a.2-b', '1a.2-b', '1a.2-b'],
    ['xn--6qqa088eba', 'xn--6qqa088eba', 'xn--6qqa088eba'],
    ['127.0.0.1', '127.0.0.1', '127.0.0.1'],
    ['127.0.0.1:8080', '127.0.0.1:8080', '127.0.0.1'],
    ['255.255.255.255', '255.255.255.255', '255.255.255.255'],
    ['[::1]', '[::1]', '[::1]'],
    ['[::1]:8080', '[::1]:8080', '[::1]'],
    ['[2001:DB8:0:0:0:0:0:1]:443', '[2001:db8::1]:443', '[2001:db8::1]'],
    ['[0:0:0:0:0:0:13.1.68.3]', '[::d01:4403]', '[::d01:4403]'],
  ])('%s is %s with the name %s', (value, host, hostname) => {
    expect(parseHost(value)).toEqual({ host, hostname })
  })
})

describe('a host that could be read in two ways is none (A2 44, 45, 46)', () => {
  test.each([
    // Empty, lists, other parts of a URL.
    ...['', ' ', 'a,b', 'a, b', 'a b', ' a', 'a ', 'a\t', 'user@a', 'user:pass@a', '@a', 'a@'],
    ...['a/b', 'a/', '/a', 'a\\b', 'a?b', 'a#b', 'http://a', 'a;host=b', 'a;', '"a"', "a'"],
    // Escapes, controls, bytes beyond ASCII.
    ...[
      'a%2eb',
      'a%00',
      'a\0',
      'a\r\nb',
      'a\n',
      'caf\xe9',
      'a\x7f',
      '\u212a',
      '\u017f',
      'a\u3002b',
    ],
    // Labels.
    ...['a.', '.a', 'a..b', '.', '..', '-a', 'a-', 'a.-b', 'a_b', '_a.b', 'a*b', '*', '!a', 'a~'],
    ...[`${'a'.repeat(64)}.test`],
    // Numbers that some readers take for an IPv4 address.
    ...['1', '127.1', '127.0.0.01', '0x7f.1', '0x7f000001', '2130706433', '256.0.0.1', '1.2.3.4.5'],
    ...['a.1', 'a.0x1', 'a.0x', '1.2.3.4.'],
    // Ports.
    ...['a:', 'a:0', 'a:00080', 'a:65536', 'a:99999', 'a:999999', 'a:-1', 'a:+1', 'a:8o', 'a: 80'],
    ...['a:80:80', 'a:80 ', ':80', ':', 'a:١'],
    // Brackets.
    ...['::1', '2001:db8::1', '[::1', '::1]', '[]', '[::1]x', '[::1]80', '[::1]:', '[[::1]]'],
    ...['[fe80::1%eth0]', '[fe80::1%25eth0]', '[v1.a]', '[127.0.0.1]', '[::127.0.0.1.]', '[1:2:3]'],
    ...['[::1.2.3.4x]', '[0:1:2:3:4:5:6:7:8]', '[::g]', '[a.test]'],
  ])('%j', (value) => {
    expect(parseHost(value)).toBeUndefined()
  })

  test('longer than its bound', () => {
    const long = `${'a.'.repeat(limits.hostBytes / 2)}a`
    expect(parseHost(long.slice(-limits.hostBytes))).toBeDefined()
    expect(parseHost(`aa${long}`)).toBeUndefined()
  })
})

describe('properties', () => {
  const label = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,6}[a-zA-Z0-9])?$/)
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
  const host = fc.oneof(
    name,
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
  )
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined })

  test('an accepted host is accepted as itself, and the WHATWG parser reads the same', () => {
    fc.assert(
      fc.property(host, port, (named, number) => {
        const parsed = parseHost(number === undefined ? named : `${named}:${number}`)
        if (parsed === undefined) return
        expect(parseHost(parsed.host)).toEqual(parsed)
        // A label such as `xn--0` is a name to us and broken punycode to a browser.
        if (!URL.canParse(`http://${parsed.host}/`)) return
        expect(new URL(`http://${parsed.host}/`).hostname).toBe(parsed.hostname)
      }),
      { numRuns: 1_000 },
    )
  })

  test('any text is read or refused, and what is read has the strict alphabet', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webAuthority()), (value) => {
        const parsed = parseHost(value)
        if (parsed === undefined) return
        expect(parsed.host).toMatch(/^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[1-9][0-9]*)?$/)
      }),
      { numRuns: 1_000 },
    )
  })
})
