import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import { type Page, pageOf as searchPage } from '../../../src/policy/questions/page.ts'

const pageOf = <T, R>(...asked: Parameters<typeof searchPage<T, R>>) =>
  finish(searchPage<T, R>(...asked))

const self = (item: string) => item
const words = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 20 })
const limit = fc.integer({ min: 1, max: 7 })

/** All pages one after the other; `between` may change the items before each of them. */
function turn(
  items: readonly string[],
  size: number,
  see: (item: string) => string | undefined = self,
  between: (items: readonly string[]) => readonly string[] = (same) => same,
): string[][] {
  const pages: string[][] = []
  let [left, cursor]: [readonly string[], string | undefined] = [items, '']
  while (cursor !== undefined) {
    const page: Page<string> = pageOf(left, { limit: size, cursor }, self, see)
    pages.push([...page.results])
    left = between(left)
    cursor = page.next
  }
  return pages
}

describe('pages', () => {
  test('are all items once, in the order of their keys', () => {
    fc.assert(
      fc.property(words, limit, (items, size) => {
        expect(turn(items, size).flat()).toEqual([...items].sort())
      }),
    )
  })

  test('are full but for the last, and the last is not empty unless all is', () => {
    fc.assert(
      fc.property(words, limit, (items, size) => {
        const pages = turn(items, size)
        for (const page of pages.slice(0, -1)) expect(page).toHaveLength(size)
        expect(pages.length).toBe(Math.max(1, Math.ceil(items.length / size)))
      }),
    )
  })

  test('are as full where some items are no results', () => {
    fc.assert(
      fc.property(words, limit, (items, size) => {
        const see = (item: string) => (item < 'M' ? undefined : item)
        const shown = items.filter((item) => see(item) !== undefined)
        const pages = turn(items, size, see)
        expect(pages.flat()).toEqual([...shown].sort())
        expect(pages.length).toBe(Math.max(1, Math.ceil(shown.length / size)))
      }),
    )
  })

  test('neither skip nor repeat what stays when other items come or go', () => {
    fc.assert(
      fc.property(words, words, limit, (items, others, size) => {
        const stays = items.filter((item) => !others.includes(item))
        let there = false
        const flicker = () => {
          there = !there
          return there ? [...stays, ...others] : stays
        }
        const found = turn(items, size, self, flicker).flat()
        expect(found.filter((item) => stays.includes(item))).toEqual([...stays].sort())
        expect(new Set(found).size).toBe(found.length)
      }),
    )
  })
})

test('what is not shown is not looked at, but for the one that tells whether there is more', () => {
  const seen: string[] = []
  const see = (item: string) => {
    seen.push(item)
    return item
  }
  const page = pageOf(['d', 'a', 'c', 'b'], { limit: 2 }, self, see)
  expect(page).toEqual({ kind: 'page', results: ['a', 'b'], next: 'b' })
  expect(seen).toEqual(['a', 'b', 'c'])
})

test('after the last key there is an empty page', () => {
  expect(pageOf(['a'], { limit: 2, cursor: 'a' }, self, self)).toEqual({
    kind: 'page',
    results: [],
  })
})
