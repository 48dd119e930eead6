import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeCanonical, parseClaims, parseJws } from '../../src/identity/strict-jws.ts'
import { limits } from '../../src/lib/limits.ts'
import { encode } from './issuing.ts'

const header = { alg: 'ES256', kid: 'k' }
const token = (head: Record<string, unknown> | string, payload: string = encode('{}')) =>
  `${encode(head)}.${payload}.AAAA`

test('a canonical token is taken apart', () => {
  const text = token({ ...header, typ: 'application/AT+JWT' }, encode('{"sub":"a"}'))
  const jws = parseJws(text)
  expect(jws).toMatchObject({ text, algorithm: 'ES256', keyId: 'k', type: 'at+jwt' })
  expect(jws && parseClaims(jws)).toEqual({ sub: 'a' })
})

describe('only three segments of canonical base64url are a token', () => {
  const good = token(header)
  const [head = '', payload = '', signature = ''] = good.split('.')
  const wrong: [string, string][] = [
    ['nothing', ''],
    ['one segment', head],
    ['two segments', `${head}.${payload}`],
    ['four segments', `${good}.`],
    ['five segments, as an encrypted token has', `${head}.${payload}.AAAA.AAAA.AAAA`],
    ['no signature', `${head}.${payload}.`],
    ['no header', `.${payload}.${signature}`],
    ['a space before', ` ${good}`],
    ['a line break after', `${good}\n`],
    ['white space in the header', `${head} .${payload}.${signature}`],
    [
      'white space in the payload',
      `${head}.${payload.slice(0, 2)} ${payload.slice(2)}.${signature}`,
    ],
    ['white space in the signature', `${head}.${payload}.AA AA`],
    ['padding in the header', `${encode('{"alg":"ES256"}')}=.${payload}.${signature}`],
    ['padding in the signature', `${head}.${payload}.AA==`],
    ['the other alphabet, plus', `${head}.${payload}.AA+A`],
    ['the other alphabet, slash', `${head}.${payload}.AA/A`],
    ['a character of no alphabet', `${head}.${payload}.AA?A`],
    ['bits after the last byte, four', `${head}.${payload}.AB`],
    ['bits after the last byte, two', `${head}.${payload}.AAB`],
    ['a lonely last character', `${head}.${payload}.AAAAA`],
    ['a byte beyond ASCII', `${head}.${payload}.AA\u00e9A`],
    ['a JSON serialisation', JSON.stringify({ payload, protected: head, signature })],
    ['too long', `${head}.${'A'.repeat(limits.tokenBytes)}.${signature}`],
  ]
  test.each(wrong)('%s', (_name, text) => {
    expect(parseJws(good)).toBeDefined()
    expect(parseJws(text)).toBeUndefined()
  })
})

describe('a header that names keys, extensions or encryption is refused unread', () => {
  const hostile: [string, unknown][] = [
    ['crit', ['x']],
    ['crit', ['b64']],
    ['crit', []],
    ['b64', false],
    ['b64', true],
    ['jku', 'https://attacker.example/jwks'],
    ['x5u', 'https://attacker.example/cert'],
    ['jwk', { kty: 'EC' }],
    ['x5c', ['MIIB']],
    ['zip', 'DEF'],
    ['enc', 'A128GCM'],
    ['crit', null],
  ]
  test.each(hostile)('%s: %j', (name, value) => {
    expect(parseJws(token({ ...header, [name]: value }))).toBeUndefined()
  })
})

describe('a header with a member of the wrong type is refused', () => {
  const wrong = [
    '{}',
    '{"alg":null}',
    '{"alg":1}',
    '{"alg":["ES256"]}',
    '{"alg":"ES256","kid":1}',
    '{"alg":"ES256","kid":""}',
    '{"alg":"ES256","kid":null}',
    '{"alg":"ES256","typ":1}',
    '{"alg":"ES256","typ":""}',
    '{"alg":"none","alg":"ES256"}',
    '{"alg":"ES256","\\u0061lg":"none"}',
    '["ES256"]',
    'null',
    '{"alg":"ES256"} {}',
  ]
  test.each(wrong)('%s', (text) => {
    expect(parseJws(token(text))).toBeUndefined()
  })
})

test('claims with a repeated member are refused', () => {
  const jws = parseJws(token(header, encode('{"sub":"ann","sub":"ben"}')))
  expect(jws).toBeDefined()
  expect(jws && parseClaims(jws)).toBeUndefined()
})

test('bytes have exactly one canonical spelling', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ maxLength: 3 }),
      fc.nat(),
      (bytes, extra, at) => {
        const text = Buffer.from(bytes).toString('base64url')
        expect(decodeCanonical(text)).toEqual(Buffer.from(bytes))
        const index = at % (text.length + 1)
        const changed = text.slice(0, index) + extra + text.slice(index)
        const decoded = decodeCanonical(changed)
        if (changed !== text && decoded !== undefined)
          expect(decoded).not.toEqual(Buffer.from(bytes))
      },
    ),
    { numRuns: 300 },
  )
})
