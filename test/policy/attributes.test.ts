import { describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { checkAttributes, comparable, isAttributeName } from '../../src/policy/attributes.ts'

describe('the name of an attribute', () => {
  test.each(['a', 'owner', 'ownerID', 'cost_centre', 'a1', 'toString', 'valueOf', 'x'.repeat(64)])(
    '%s is one',
    (name) => expect(isAttributeName(name)).toBe(true),
  )

  test.each([
    ...['', '1a', '_a', 'a-b', 'a.b', 'a b', 'ä', 'x'.repeat(65), 'a\n'],
    // casbin refuses to read these, so a condition about them would be an error for ever.
    ...['__proto__', 'prototype', 'aprototypeb', 'constructor', 'subconstructor'],
  ])('%j is none', (name) => expect(isAttributeName(name)).toBe(false))
})

describe('attributes to be stored', () => {
  test.each<object>([
    {},
    { owner: 'ann', level: 3, active: true, ratio: 0.5, none: '' },
    { small: 0.000001, large: -1e20, text: '1e308' },
    { toString: 'x', hasOwnProperty: 'y' },
  ])('%j are accepted', (value) => expect(checkAttributes(value, 'res')).toBeUndefined())

  test.each<[unknown, string]>([
    [null, 'attributes are names with values'],
    [[], 'attributes are names with values'],
    ['owner', 'attributes are names with values'],
    [JSON.parse('{"__proto__": "x"}'), '"__proto__" is no attribute name'],
    [{ 'a b': 'x' }, '"a b" is no attribute name'],
    [{ owner: null }, '"owner" is a text, a number, true or false'],
    [{ owner: ['ann'] }, '"owner" is a text, a number, true or false'],
    [{ owner: {} }, '"owner" is a text, a number, true or false'],
    [{ level: 1e21 }, '"level" is a number from 0.000001 to below 1e21'],
    [{ level: -1e308 }, 'write others as texts'],
    [{ level: 9e-7 }, 'write others as texts'],
    [{ owner: 'a\0b' }, '"owner" is a text, a number, true or false'],
    [{ owner: '\ud800' }, '"owner" is a text, a number, true or false'],
    [{ owner: 'x'.repeat(limits.attributesBytes) }, `at most ${limits.attributesBytes} bytes`],
  ])('%j are refused', (value, message) => {
    expect(checkAttributes(value, 'res')).toContain(message)
  })

  test('never take the place of what is always known', () => {
    for (const name of ['id', 'email', 'name']) {
      expect(checkAttributes({ [name]: 'x' }, 'who')).toBe(
        `"${name}" is not stored: it is always known`,
      )
    }
    for (const name of ['id', 'type']) {
      expect(checkAttributes({ [name]: 'x' }, 'res')).toContain('is not stored')
    }
    expect(checkAttributes({ email: 'x' }, 'res')).toBeUndefined()
  })
})

describe('a value is compared', () => {
  test.each<[unknown, string]>([
    ['Sales', 'Sales'],
    [3, '3'],
    [-0, '0'],
    [0.5, '0.5'],
    [true, 'true'],
    [false, 'false'],
  ])('%j as %j', (value, text) => expect(comparable(value)).toBe(text))

  test.each([undefined, null, '', Number.NaN, Infinity, {}, [], ['a'], Symbol('a'), () => 'a'])(
    '%s as nothing, which equals nothing',
    (value) => expect(comparable(value)).toBeNaN(),
  )
})
