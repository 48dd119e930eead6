import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readQuery } from '../../../src/manage/runner/query.ts'

const shape = {
  name: z.string({ error: 'is needed' }),
  size: z.string().regex(/^\d+$/, 'is a number').transform(Number).default(7),
}
const read = (query: string) => readQuery(`http://localhost/x${query}`, shape)

describe('a query', () => {
  test.each([
    ['?name=a', { name: 'a', size: 7 }],
    ['?size=3&name=a', { name: 'a', size: 3 }],
    ['?name=a%26size%3D9', { name: 'a&size=9', size: 7 }],
    ['?name=%C3%A4+b', { name: 'ä b', size: 7 }],
    ['?name=', { name: '', size: 7 }],
    ['?name=a&', { name: 'a', size: 7 }],
  ])('%s is read', (query, value) => {
    expect(read(query)).toEqual({ kind: 'read', value })
  })

  test.each([
    ['', 'name is needed.'],
    ['?', 'name is needed.'],
    ['?size=x', 'name is needed; size is a number.'],
    ['?name=a&size=x', 'size is a number.'],
    ['?name=a&name=a', '"name" is given twice; give it once.'],
    ['?name=a&NAME=a', '"NAME" is no parameter here; use name, size.'],
    ['?name=a&other', '"other" is no parameter here; use name, size.'],
    ['?name=a&constructor=1', '"constructor" is no parameter here; use name, size.'],
    ['?name[]=a', '"name[]" is no parameter here; use name, size.'],
    ['?name=a&%0d%0aX=1', '"\\r\\nX" is no parameter here; use name, size.'],
  ])('%s is refused: %s', (query, mistakes) => {
    expect(read(query)).toEqual({ kind: 'refused', mistakes })
  })

  test('quotes no more of a made-up name than is needed to know it', () => {
    const refused = read(`?${'n'.repeat(5_000)}=1`)
    expect(refused.kind === 'refused' ? refused.mistakes.length : 0).toBeLessThan(100)
  })
})
