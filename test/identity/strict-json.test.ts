import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseStrictObject } from '../../src/identity/strict-json.ts'

const parse = (text: string) => parseStrictObject(Buffer.from(text))

describe('an object that names a member twice is refused', () => {
  const repeated = [
    '{"sub":"a","sub":"b"}',
    '{"sub":"a","sub":"a"}',
    '{"sub":"a","s\\u0075b":"b"}',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"a":{"b":1,"b":2}}',
    '{"a":[{"c":1},{"b":1,"b":2}]}',
    '{"a":{"x":1},"b":2,"a":3}',
    '{"a":"}","a":1}',
    '{"a":"{\\"","a":1}',
    `{"a":1,"a"${' '.repeat(500)}:2}`,
    '{"a":1,"a"\r\n\t:2}',
    '{"a\\\\":1,"a\\\\":2}',
  ]
  test.each(repeated)('%s', (text) => {
    expect(JSON.parse(text)).toBeDefined()
    expect(parse(text)).toBeUndefined()
  })
})

describe('equal names in different objects, and equal values, are no repetition', () => {
  const fine = [
    '{}',
    '{"a":{"a":{"a":1}}}',
    '{"a":[{"a":1},{"a":1}]}',
    '{"a":"b","b":"a","c":["a","a"]}',
    '{"a":"\\"a\\":","b":"{\\"a\\":1,\\"a\\":2}"}',
    '{"constructor":1,"toString":2,"__proto__":3}',
  ]
  test.each(fine)('%s', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text))
  })
})

describe('what is not one JSON object in UTF-8 is refused', () => {
  const wrong = [
    '',
    '1',
    'null',
    '"a"',
    '[]',
    '[{}]',
    '{',
    '{}{}',
    '{"a":1,}',
    "{'a':1}",
    '\ufeff{}',
  ]
  test.each(wrong)('%j', (text) => {
    expect(parse(text)).toBeUndefined()
  })

  test('bytes that are not UTF-8', () => {
    expect(
      parseStrictObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    ).toBeUndefined()
    expect(
      parseStrictObject(Buffer.from([0x7b, 0x22, 0xc0, 0xa2, 0x22, 0x3a, 0x31, 0x7d])),
    ).toBeUndefined()
  })
})

test('whatever JSON.stringify writes is read back, and refused once a member is repeated', () => {
  const objects = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1 })
  fc.assert(
    fc.property(objects, fc.boolean(), (object, spaced) => {
      const text = JSON.stringify(object, null, spaced ? 2 : 0)
      expect(parse(text)).toEqual(JSON.parse(text))
      const [name = ''] = Object.keys(object)
      const twice = text.replace(/\s*\}$/, () => `,${JSON.stringify(name)}:0}`)
      expect(parse(twice)).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})

test('nesting as deep as a token allows is read without a stack of calls', () => {
  const depth = 4_000
  expect(parse(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)).toBeDefined()
})
