/** What no client should send: values, texts, paths and whole bodies that break careless readers. */
import fc, { type Arbitrary } from 'fast-check'

/** Texts that databases, regular expressions, paths, dates and prototypes stumble over. */
export const texts = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\u{d800}',
    'x\u{dfff}',
    '\u{202e}abc',
    '\u{feff}',
    '\n\r',
    '\u{2028}',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN'],
  ...['*', 'org:*', 'user:*', 'role:owner', 'user:', ':', 'user:__proto__', 'team:../..'],
  ...['../../etc/passwd', '%00', "' or 1=1 --", '{{7*7}}', '(a+)+$', '\\', '%', '_', '="=cmd()"'],
  ...['9'.repeat(400), '-1', '1e999', '0x10', '99999999999999999999', '1'.repeat(15)],
  ...['x'.repeat(70_000), 'ё'.repeat(5_000), '𝒳'.repeat(600), 'e\u{301}'.repeat(400)],
  ...['2026-02-30T00:00:00Z', '9999-12-31T23:59:59.999Z', '0000-01-01T00:00:00Z'],
  ...['-000001-01-01T00:00:00Z', '+275760-09-13T00:00:00.000Z', '2026-01-01T00:00:00.123456789Z'],
  ...['a@b', 'ann@example.com\r\nBcc: x@y.z', `${'a'.repeat(300)}@example.com`, '"a b"@c.example'],
] as const

const nested = (depth: number, open: string, close: string) =>
  `${open.repeat(depth)}1${close.repeat(depth)}`

/** Values of every kind of JSON, and beyond what numbers hold. */
const values: Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...texts) },
  fc.constantFrom<unknown[]>(null, true, false, [], {}, [[]], [null]),
  fc.constantFrom(0, -1, 1.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, -(2 ** 63)),
  fc.constant(JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{}}}')),
  fc.constantFrom(nested(60, '[', ']'), nested(60, '{"a":', '}')).map((text) => JSON.parse(text)),
  fc.constant(Array.from({ length: 3_000 }, (_, at) => at)),
  fc.constant(Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`f${at}`, at]))),
  fc.array(fc.constantFrom(...texts), { maxLength: 3 }),
)

/** A body that is no object of any operation's. */
export const bodies: Arbitrary<Buffer> = fc
  .constantFrom<(string | Buffer)[]>(
    ...['', ' ', 'null', 'true', '1', '"x"', '[]', '{', '{}{}', '{"a":1,"a":2}', '{"a":1e999}'],
    ...['{"__proto__":{}}', '{"":""}', '\u{feff}{}', '{"a":"\\ud800"}', '{"\\u0000":1}', "{'a':1}"],
    ...[nested(20_000, '[', ']'), nested(5_000, '{"a":', '}'), '{}'.padEnd(150_000), 'NaN', '{,}'],
    ...[Buffer.from([0xff, 0xfe, 0x7b, 0x7d]), Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  )
  .map((body) => Buffer.from(body))

/** Media types that are seldom the one of the operation, or say so oddly. */
export const mediaTypes = [
  ...['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'text/csv', ''],
  ...['multipart/form-data; boundary=x', 'application/json; charset=utf-16', 'application/json;;'],
  ...['APPLICATION/JSON', 'application/*', 'application/jsonx', 'application/problem+json'],
] as const

/** One part of a path, as it goes over the wire. */
export const pathParts = [
  ...['%00', '%ED%A0%80', '%', '%zz', '..', '.', '%2e%2e', '%2f', 'a%2Fb', '%20', '*', ';', '%F0'],
  ...["'", '__proto__', 'constructor', '0', '-1', '1e3', '999999999999999', '9'.repeat(30), ':'],
  ...['user:', 'user:__proto__', 'team:x', 'role:owner', 'org:acme', 'x'.repeat(300), '%D1%91'],
  ...['ACME', 'platform', 'beta', '', 'x'.repeat(9_000)],
] as const

/** Queries that no parameter list makes. */
export const queries = [
  ...['?', '?&&', '?=', '?a=%zz', '?%00=1', '?limit=%ED%A0%80', '?__proto__=1', '?a=1&a=2'],
  ...['?limit=1;drop', '??', `?${'a'.repeat(9_000)}`],
] as const

/** As much of a text as a query has room for: the longest head of a request that Node reads is 16 KiB. */
export const queryText = 800

/** Where no page ended: of the right form, and keys that a database cannot read. */
export const cursors: Arbitrary<string> = fc
  .array(fc.constantFrom(...texts, 'user:mia', '7', '2026-01-01T00:00:00.000Z'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((keys) => keys.map((key) => key.slice(0, queryText)))
  .map((keys) => Buffer.from(JSON.stringify(keys)).toString('base64url'))

const long = 'x'.repeat(9_000)
/** Values of headers by their names. */
export const headers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'if-match': ['', '""', 'W/"x"', '"a", *', ',,,', long, 'caf\u00e9', '"'],
  'if-none-match': ['*', '""', 'W/"x"', ',,,', long, 'caf\u00e9'],
  'idempotency-key': ['', 'k', 'a b', 'caf\u00e9', '__proto__', 'x'.repeat(201), "'"],
  'gatehouse-min-revision': ['acme:1', 'acme:0', 'x', ':', '__proto__:1', 'acme:1e9', 'beta:1'],
  accept: ['text/html', '*/*;q=0', 'x'],
  'content-encoding': ['gzip', 'identity'],
  'content-type': ['', 'x', 'application/json'],
  cookie: ['a=b', '__Host-gatehouse-console=x', 'gatehouse-console=ghs_x_y', ';;;='],
  origin: ['null', 'https://evil.example'],
  host: ['', 'evil.example', 'a b', '[::1'],
  'x-http-method-override': ['DELETE'],
}

/** `value` with one spot of it replaced, dropped or named as nothing is. */
export function damaged(value: unknown): Arbitrary<unknown> {
  return fc
    .record({
      spot: fc.constantFrom(...spotsOf(value)),
      kind: fc.constantFrom('replace', 'replace', 'replace', 'drop', 'add'),
      hostile: values,
      name: fc.constantFrom(...texts),
    })
    .map(({ spot, ...harm }) => damageAt(value, spot, harm))
}

type Spot = readonly string[]
interface Harm {
  readonly kind: 'replace' | 'drop' | 'add'
  readonly hostile: unknown
  readonly name: string
}

function spotsOf(value: unknown, at: Spot = []): readonly Spot[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([name, inner]) => spotsOf(inner, [...at, name]))]
}

function damageAt(value: unknown, [spot, ...rest]: Spot, harm: Harm): unknown {
  const { kind, hostile, name } = harm
  if (spot === undefined) {
    if (kind !== 'add' || typeof value !== 'object' || value === null) return hostile
    // Unlike an assignment this makes a field that is called `__proto__`.
    return { ...value, ...Object.fromEntries([[name, hostile]]) }
  }
  const entries = Object.entries(value as object).flatMap(([key, inner]) => {
    if (key !== spot) return [[key, inner]]
    return kind === 'drop' && rest.length === 0 ? [] : [[key, damageAt(inner, rest, harm)]]
  })
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)
}
