import { describe, expect, test } from 'vitest'
import { type KeySet, parseKeySet, selectKey } from '../../src/identity/key-set.ts'
import { limits } from '../../src/lib/limits.ts'
import { ecKey, edwardsKey, type Json, rsaKey } from './issuing.ts'

const first = ecKey('first').publicJwk
const second = ecKey('second').publicJwk
const rsa = rsaKey('rsa').publicJwk
const edwards = edwardsKey('ed').publicJwk
const all = ['RS256', 'PS256', 'ES256', 'EdDSA']

const parse = (keys: readonly unknown[], algorithms = all): Promise<KeySet> =>
  parseKeySet(Buffer.from(JSON.stringify({ keys })), algorithms)

const without = (jwk: Json, ...names: string[]): Json =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)))

describe('a key is found by its exact id and one of its algorithms', () => {
  test('and by nothing else', async () => {
    const set = await parse([first, second, rsa, edwards])
    expect(set.problems).toEqual([])
    expect(selectKey(set, 'ES256', 'first')).toBeDefined()
    expect(selectKey(set, 'ES256', 'second')).not.toBe(selectKey(set, 'ES256', 'first'))
    expect(selectKey(set, 'RS256', 'rsa')?.algorithm.name).toBe('RSASSA-PKCS1-v1_5')
    expect(selectKey(set, 'PS256', 'rsa')?.algorithm.name).toBe('RSA-PSS')
    for (const [algorithm, id] of [
      ['ES256', 'First'],
      ['ES256', 'first '],
      ['ES256', 'third'],
      ['ES256', 'rsa'],
      ['RS256', 'first'],
      ['RS384', 'rsa'],
      ['HS256', 'rsa'],
      ['none', 'first'],
      ['', 'first'],
    ] as const) {
      expect(selectKey(set, algorithm, id)).toBeUndefined()
    }
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'an id that is a name of the prototype is an id like any other: %s',
    async (kid) => {
      expect(selectKey(await parse([first]), 'ES256', kid)).toBeUndefined()
      expect(selectKey(await parse([{ ...first, kid }]), 'ES256', kid)).toBeDefined()
    },
  )

  test('an algorithm in the key binds it to that one', async () => {
    const set = await parse([{ ...rsa, alg: 'PS256' }])
    expect(selectKey(set, 'PS256', 'rsa')).toBeDefined()
    expect(selectKey(set, 'RS256', 'rsa')).toBeUndefined()
  })

  test('an algorithm that the issuer may not use is not imported', async () => {
    const set = await parse([rsa], ['PS256'])
    expect(selectKey(set, 'PS256', 'rsa')).toBeDefined()
    expect(selectKey(set, 'RS256', 'rsa')).toBeUndefined()
  })
})

describe('a token without a key id', () => {
  test('gets the only key that fits', async () => {
    const set = await parse([first, rsa])
    expect(selectKey(set, 'ES256', undefined)).toBe(selectKey(set, 'ES256', 'first'))
  })

  test('gets a key that has no id either', async () => {
    expect(selectKey(await parse([without(first, 'kid')]), 'ES256', undefined)).toBeDefined()
  })

  test('gets none when two fit, for that would be a guess', async () => {
    expect(selectKey(await parse([first, second]), 'ES256', undefined)).toBeUndefined()
  })

  test('gets none when none fits', async () => {
    expect(selectKey(await parse([rsa]), 'ES256', undefined)).toBeUndefined()
  })
})

describe('a key that must not be trusted is left out and named', () => {
  const bad: [string, Json, string][] = [
    ['a shared secret', { kty: 'oct', k: 'AAAA', kid: 'bad' }, 'it is a shared secret'],
    ['a weak one', { ...rsa, e: 'AQ', kid: 'bad' }, 'its exponent is too small'],
    ['a point off its curve', { ...first, y: second['y'], kid: 'bad' }, 'it is malformed'],
    ['the point at infinity', { ...first, x: '', y: '', kid: 'bad' }, 'it is malformed'],
    ['a coordinate missing', without({ ...first, kid: 'bad' }, 'y'), 'it is malformed'],
    ['a curve that its point is not on', { ...first, crv: 'P-384', kid: 'bad' }, 'it is malformed'],
  ]
  test.each(bad)('%s', async (_name, jwk, why) => {
    const set = await parse([jwk, second], [...all, 'ES384'])
    expect(set.problems).toEqual([`Key bad is left out: ${why}.`])
    expect(set.keys).toHaveLength(1)
    for (const algorithm of [...all, 'HS256', 'ES384']) {
      expect(selectKey(set, algorithm, 'bad')).toBeUndefined()
    }
  })

  test('both of two keys with one id, because the id names neither', async () => {
    const set = await parse([first, { ...second, kid: 'first' }, rsa])
    expect(set.problems).toEqual([
      'Key first is left out: its kid is used twice.',
      'Key first is left out: its kid is used twice.',
    ])
    expect(selectKey(set, 'ES256', 'first')).toBeUndefined()
    expect(selectKey(set, 'ES256', undefined)).toBeUndefined()
    expect(selectKey(set, 'RS256', 'rsa')).toBeDefined()
  })
})

describe('a key of another use is passed over in silence', () => {
  const others: [string, Json][] = [
    ['for encryption', { ...first, use: 'enc' }],
    ['for an unknown use', { ...first, use: 'SIG' }],
    ['for operations without verify', without({ ...first, key_ops: ['encrypt'] }, 'use')],
    ['for operations that are no list', without({ ...first, key_ops: 'verify' }, 'use')],
    ['of an unknown curve', { kty: 'EC', crv: 'secp256k1', x: 'AA', y: 'AA', kid: 'first' }],
    ['of an unknown kind', { kty: 'AKP', kid: 'first', pub: 'AA' }],
  ]
  test.each(others)('%s', async (_name, jwk) => {
    const set = await parse([jwk, second])
    expect(set.problems).toEqual([])
    expect(selectKey(set, 'ES256', 'first')).toBeUndefined()
    expect(selectKey(set, 'ES256', 'second')).toBeDefined()
  })

  test('even under the id of a key for signatures', async () => {
    const set = await parse([{ ...rsa, use: 'enc', kid: 'first' }, first])
    expect(selectKey(set, 'ES256', 'first')).toBeDefined()
  })
})

describe('what is no usable key set is refused whole', () => {
  const nameless = without(first, 'kid')
  const noList = 'not a JSON object with a list of keys'
  const wrong: [string, string, string][] = [
    ['nothing', '', noList],
    ['no JSON', '<html>', noList],
    ['a list', '[]', noList],
    ['no keys', '{}', noList],
    ['keys that are no list', '{"keys":{}}', noList],
    ['an empty list', '{"keys":[]}', 'no usable key'],
    ['keys that are no objects', '{"keys":[null,1,"a",[]]}', 'no usable key'],
    ['only a shared secret', '{"keys":[{"kty":"oct","k":"AAAA"}]}', 'it is a shared secret'],
    ['only keys of other algorithms', JSON.stringify({ keys: [edwards] }), 'no usable key'],
    ['a repeated member', `{"keys":[],"keys":${JSON.stringify([first])}}`, noList],
    [
      'a repeated member in a key',
      `{"keys":[{"kid":"x",${JSON.stringify(first).slice(1)}]}`,
      noList,
    ],
    [
      'too many keys',
      JSON.stringify({ keys: Array(limits.jwksKeys + 1).fill(nameless) }),
      'too many keys',
    ],
    ['too long', JSON.stringify({ keys: [first], fill: 'x'.repeat(limits.jwksBytes) }), 'too long'],
  ]
  test.each(wrong)('%s', async (_name, text, why) => {
    await expect(parseKeySet(Buffer.from(text), ['ES256'])).rejects.toThrow(why)
  })
})
