import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import {
  decodeCursor,
  encodeCursor,
  isMoment,
  isNumber,
  pageOf,
} from '../../../src/manage/runner/cursor.ts'

const raw = (text: string) => Buffer.from(text).toString('base64url')
const wrong = 'cursor is what the page before answered as next.'

describe('a cursor', () => {
  test('comes back as the keys that it was made of', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((one) => !one.includes('\0'))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), (keys) => {
        expect(decodeCursor(encodeCursor(keys), keys.length)).toEqual(keys)
      }),
    )
  })

  test('that is absent is none', () => {
    expect(decodeCursor(undefined, 2)).toBeUndefined()
  })

  test.each([
    ['nothing', ''],
    ['no JSON', raw('x')],
    ['no list', raw('{"0":"a"}')],
    ['too few', raw('["a"]')],
    ['too many', raw('["a","b","c"]')],
    ['a number', raw('["a",1]')],
    ['NUL', raw('["a\\u0000","b"]')],
    ['half a surrogate', raw('["\\ud800","b"]')],
    ['more than any', raw(JSON.stringify(['a', 'x'.repeat(limits.cursorChars)]))],
  ])('of %s is refused', (_title, cursor) => {
    expect(() => decodeCursor(cursor, 2)).toThrow(wrong)
  })

  test('whose key is not of its form is refused', () => {
    expect(decodeCursor(encodeCursor(['7', 'x']), 2, [isNumber])).toEqual(['7', 'x'])
    for (const key of ['', 'x', '-1', '1e3', '9'.repeat(16)]) {
      expect(() => decodeCursor(encodeCursor([key, 'x']), 2, [isNumber])).toThrow(wrong)
    }
  })

  test.each([
    ['2026-01-31T12:00:00.000Z', true],
    ['2026-99-31T12:00:00.000Z', false],
    ['2026-02-30T12:00:00.000Z', false],
    ['0000-01-31T12:00:00.000Z', false],
    ['+275760-09-13T00:00:00.000Z', false],
    ['2026', false],
    ['gate 2026', false],
  ])('names a moment as we write it, or none: %s', (key, is) => expect(isMoment(key)).toBe(is))
})

test('a page says that another follows only where one does', () => {
  const page = (rows: number[], limit: number) => pageOf(rows, limit, String, (row) => [`${row}`])
  expect(page([1, 2, 3], 2)).toEqual({ items: ['1', '2'], next: encodeCursor(['2']) })
  expect(page([1, 2], 2)).toEqual({ items: ['1', '2'] })
  expect(page([], 2)).toEqual({ items: [] })
})
