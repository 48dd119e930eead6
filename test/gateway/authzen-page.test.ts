import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  nameSearch,
  placeOf,
  smallestAfter,
  takePage,
  tokenAfter,
} from '../../src/gateway/authzen-page.ts'
import { limits } from '../../src/lib/limits.ts'
import { createTurns } from '../../src/lib/turns.ts'

const keys = ['a secret key of the test, long enough'] as const
const turns = createTurns(() => 0)
const body = { subject: { type: 'user', id: 'ann' }, resource: { type: 'document' } }
const search = nameSearch('acme', 'resource', body)
const first = { token: undefined, limit: undefined }

describe('the name of a search', () => {
  test('does not depend on the order of members, nor on the page', () => {
    const same = {
      page: { limit: 5 },
      resource: { type: 'document' },
      subject: { id: 'ann', type: 'user' },
      unknown: 1,
    }
    expect(nameSearch('acme', 'resource', same)).toBe(search)
  })

  test.each([
    ['another organisation', nameSearch('beta', 'resource', body)],
    ['another search', nameSearch('acme', 'subject', body)],
    ['a context', nameSearch('acme', 'resource', { ...body, context: {} })],
    ['an action', nameSearch('acme', 'resource', { ...body, action: { name: 'a' } })],
    [
      'another property',
      nameSearch('acme', 'resource', { ...body, resource: { type: 'document', properties: {} } }),
    ],
    [
      'another order in a list',
      nameSearch('acme', 'resource', { ...body, context: { a: [2, 1] } }),
    ],
  ])('is another one for %s', (_title, other) => expect(other).not.toBe(search))

  test('I23: tells lists from objects of the same members', () => {
    const named = (context: unknown) => nameSearch('acme', 'resource', { ...body, context })
    const all = [[1, 2], [2, 1], { a: 1 }, [['a', 1]], { a: [1] }, null, 'null', {}, []]
    expect(new Set(all.map(named)).size).toBe(all.length)
  })
})

describe('a place', () => {
  test('is the beginning at first, with a limit that is bounded', () => {
    const limitOf = (limit: number | undefined) =>
      placeOf({ token: undefined, limit }, search, keys)
    const place = (limit: number) => ({ kind: 'read', value: { after: '', limit } })
    expect(limitOf(undefined)).toEqual(place(limits.authzenPageResults))
    expect(limitOf(7)).toEqual(place(7))
    expect(limitOf(0)).toEqual(place(0))
    expect(limitOf(1e9)).toEqual(place(limits.authzenPageResultsMost))
  })

  test('is where the token says, with the limit of the first call', () => {
    const token = tokenAfter('/docs/document/7', { after: '', limit: 7 }, search, keys)
    const value = { after: '/docs/document/7', limit: 7 }
    expect(placeOf({ token, limit: undefined }, search, keys)).toEqual({ kind: 'read', value })
    expect(placeOf({ token, limit: 7 }, search, keys)).toEqual({ kind: 'read', value })
    expect(placeOf({ token, limit: 8 }, search, keys)).toEqual({
      kind: 'malformed',
      message: 'page.limit differs from that of the first call.',
    })
  })

  test('is nowhere for a token of another search, another key or of nobody', () => {
    const token = tokenAfter('a', { after: '', limit: 7 }, search, keys)
    const none = { kind: 'malformed', message: 'page.token is none of this search.' }
    const other = nameSearch('beta', 'resource', body)
    expect(placeOf({ ...first, token }, other, keys)).toEqual(none)
    expect(placeOf({ ...first, token }, search, ['another key of the test, long'])).toEqual(none)
    for (const made of [
      'x',
      token.slice(1),
      `${token}AA`,
      btoa('["a","b",1]'),
      token.toLowerCase(),
    ]) {
      expect(placeOf({ ...first, token: made }, search, keys)).toEqual(none)
    }
  })

  test('can still be told when the key was exchanged', () => {
    const token = tokenAfter('a', { after: '', limit: 7 }, search, keys)
    const next = ['the next key of the test, long enough', ...keys] as const
    expect(placeOf({ ...first, token }, search, next)).toMatchObject({ value: { after: 'a' } })
  })

  test('I22: is not to be read from its token', () => {
    const token = tokenAfter('/docs/document/7', { after: '', limit: 7 }, search, keys)
    expect(Buffer.from(token, 'base64').toString('latin1')).not.toContain('document')
  })
})

describe('the candidates of a page', () => {
  test('are the smallest names after a place, each once, whatever comes in what order', async () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(name),
        name,
        fc.integer({ min: 1, max: 5 }),
        async (names, after, most) => {
          const even = (of: string) => of.length % 2 === 0
          const all = [...new Set(names)].filter((of) => of > after && even(of)).sort()
          const found = await smallestAfter(names, even, after, turns, most)
          expect(found).toEqual({ keys: all.slice(0, most), more: all.length > most })
        },
      ),
      { numRuns: 500 },
    )
  })

  test('are no more than a page decides', async () => {
    const names = Array.from({ length: 3 * limits.authzenPageDecisions }, (_, at) => `user:${at}`)
    const found = await smallestAfter(names, () => true, '', turns)
    expect(found.keys).toHaveLength(limits.authzenPageDecisions)
    expect(found.more).toBe(true)
  })

  test('are looked through in turns', async () => {
    let elapsed = 0
    const slow = createTurns(() => (elapsed += 1))
    let others = 0
    const timer = setInterval(() => (others += 1), 0)
    const names = Array.from({ length: 2_000 }, (_, at) => `user:${at}`)
    await smallestAfter(names, () => true, '', slow)
    clearInterval(timer)
    expect(others).toBeGreaterThan(0)
  })
})

describe('a page', () => {
  const take = (keysOf: string, limit: number, more = false, after = '') =>
    takePage(
      { keys: [...keysOf], more },
      { after, limit },
      (key) => key === key.toUpperCase(),
      turns,
    )

  test.each([
    ['holds every result', 'aBcD', 5, false, { results: ['B', 'D'], next: undefined }],
    ['that is just full is the last', 'aBcDe', 2, false, { results: ['B', 'D'], next: undefined }],
    ['goes on behind what it looked at', 'aBcDeF', 2, false, { results: ['B', 'D'], next: 'e' }],
    ['goes on where candidates were left out', 'aBc', 5, true, { results: ['B'], next: 'c' }],
    ['of nothing is empty and goes on', 'aBc', 0, false, { results: [], next: 'a' }],
    ['of no candidate is the last', '', 0, false, { results: [], next: undefined }],
  ])('%s', async (_title, candidates, limit, more, page) => {
    expect(await take(candidates, limit, more)).toEqual(page)
  })

  test('of nothing goes on from where it began', async () => {
    expect(await take('BcD', 0, false, 'A')).toEqual({ results: [], next: 'A' })
  })
})
