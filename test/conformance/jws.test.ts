/**
 * The public vectors for JSON Web Signatures through our strict path: form, key set, selection of
 * the key, signature. Where we refuse what a vector accepts, the reason is named, vector by vector.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { verifySignature } from '../../src/identity/jws.ts'
import { parseKeySet, selectKey } from '../../src/identity/key-set.ts'
import { parseJws } from '../../src/identity/strict-jws.ts'
import { tokenAlgorithms } from '../../src/policy/issuers.ts'

type Jwk = Readonly<Record<string, unknown>>

interface Group {
  readonly file: string
  readonly group: string
  readonly key: Jwk | { readonly keys: readonly Jwk[] }
  readonly tests: readonly {
    readonly tcId: number
    readonly comment: string
    readonly jws: unknown
    readonly result: 'valid' | 'invalid'
  }[]
}

interface Recipe {
  readonly title: string
  readonly file: string
  readonly key: Jwk | readonly Jwk[]
  readonly output: {
    readonly compact?: string
    readonly json?: object
    readonly json_flat?: object
  }
}

function load<T>(name: string): T {
  const file = new URL(`data/${name}`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as T
}

function keysOf(key: Group['key'] | Recipe['key']): readonly Jwk[] {
  if (Array.isArray(key)) return key
  return 'keys' in key && Array.isArray(key.keys) ? key.keys : [key as Jwk]
}

/** Accepts exactly as the gateway does for an issuer that may sign with every algorithm we know. */
async function accepts(jws: unknown, keys: readonly Jwk[]): Promise<boolean> {
  const parsed = parseJws(typeof jws === 'string' ? jws : JSON.stringify(jws))
  if (parsed === undefined) return false
  const bytes = Buffer.from(JSON.stringify({ keys }))
  const set = await parseKeySet(bytes, tokenAlgorithms).catch(() => undefined)
  const key = set && selectKey(set, parsed.algorithm, parsed.keyId)
  return key !== undefined && (await verifySignature(parsed, key))
}

/** Valid in the vectors, refused by us, with the reason. Every other verdict must agree. */
const stricter = new Map<string, string>([
  ...[
    'json_web_signature_test 1',
    'json_web_signature_test 348',
    'json_web_signature_test 352',
    'json_web_signature_test 357',
    'json_web_signature_test 358',
    'json_web_signature_test 359',
    'json_web_signature_test 376',
    'json_web_signature_test 377',
    'json_web_key_test 2',
    'json_web_key_test 13',
    'json_web_key_test 14',
    'json_web_key_test 15',
  ].map((name) => [name, 'a shared secret is no key of an issuer'] as const),
  ['json_web_signature_test 372', 'a shared secret, and a character outside of base64url'],
  ['json_web_signature_test 373', 'a shared secret, and a character outside of base64url'],
  ['json_web_signature_test 346', 'the key is for PS256, the token says PS384'],
  ['json_web_signature_test 350', 'the key is for PS256, the token says PS384'],
  ['json_web_signature_test 347', 'the key names an algorithm that does not exist, ES521'],
  ['json_web_signature_test 351', 'the key names an algorithm that does not exist, ES521'],
])

describe('Wycheproof', () => {
  const { groups } = load<{ groups: readonly Group[] }>('jws-wycheproof.json')
  const cases = groups.flatMap(({ file, group, key, tests }) =>
    tests.map((row) => ({ ...row, group, name: `${file} ${row.tcId}`, keys: keysOf(key) })),
  )

  test('has all 427 vectors, and each exception is one of them', () => {
    expect(cases).toHaveLength(427)
    const valid = cases.filter(({ result }) => result === 'valid').map(({ name }) => name)
    expect(valid).toEqual(expect.arrayContaining([...stricter.keys()]))
    expect(valid.length - stricter.size).toBe(33)
  })

  test.each(cases)('$name $group $comment: $result', async ({ name, jws, keys, result }) => {
    expect(await accepts(jws, keys)).toBe(result === 'valid' && !stricter.has(name))
  })
})

describe('RFC 7520 and other examples of the standards', () => {
  const { cases } = load<{ cases: readonly Recipe[] }>('jws-cookbook.json')
  /** The only ones that are compact and signed with a key pair; the others must be refused. */
  const accepted = ['RSA v1.5 Signature', 'RSA-PSS Signature', 'ECDSA Signature', 'Ed25519 signing']

  test('has all 11 recipes', () => {
    expect(cases).toHaveLength(11)
    expect(cases.map(({ title }) => title)).toEqual(expect.arrayContaining(accepted))
  })

  test.each(cases)('$title: the compact form', async ({ title, key, output }) => {
    expect(await accepts(output.compact ?? '', keysOf(key))).toBe(accepted.includes(title))
  })

  test.each(cases)('$title: no JSON serialisation is a token', async ({ key, output }) => {
    expect(await accepts(output.json, keysOf(key))).toBe(false)
    expect(await accepts(output.json_flat ?? {}, keysOf(key))).toBe(false)
  })

  test.each(cases)('$title: one bit of the signature changed', async ({ key, output }) => {
    const compact = output.compact ?? ''
    const at = compact.lastIndexOf('.') + 1
    const other = compact[at] === 'A' ? 'B' : 'A'
    expect(await accepts(compact.slice(0, at) + other + compact.slice(at + 1), keysOf(key))).toBe(
      false,
    )
  })
})
