import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import { matchPath } from '../../../src/policy/patterns/pattern.ts'
import { findBeyond } from '../../../src/policy/questions/may-act-as.ts'
import { snapshotOf } from '../support.ts'
import { buildWorld, isAllowed, requests, smallWorld } from './permission-worlds.ts'

const guardrails = ['p, role:reader, *, /docs/items/:id, GET, allow']

async function beyond(rules: readonly string[], holder = 'service:s', actor = 'user:a') {
  const snapshot = await snapshotOf({ guardrails, rules })
  return finish(findBeyond(snapshot, holder, actor))
}

describe('who may act as somebody else', () => {
  test.each<[string, readonly string[]]>([
    ['who holds the same role', ['g, service:s, role:reader', 'g, user:a, role:reader']],
    ['who holds as much by another way', ['g, service:s, role:reader', 'p, user:a, /docs/*']],
    ['an owner', ['g, service:s, role:admin', 'g, user:a, role:owner']],
    ['anybody, where the other holds nothing', []],
    ['anybody, where everybody holds it', ['p, *, /docs/a']],
    [
      'who lacks what the other is denied',
      ['p, service:s, /docs/a', 'p, service:s, /docs/a, deny'],
    ],
  ])('%s', async (_who, rules) => {
    expect(await beyond(rules.map(whole))).toEqual({ kind: 'none' })
  })

  test.each<[string, readonly string[]]>([
    ['who holds nothing', ['g, service:s, role:reader']],
    ['who holds less', ['p, service:s, /docs/*', 'p, user:a, /docs/items/:id']],
    [
      'who is denied a part',
      ['p, service:s, /docs/*', 'p, user:a, /docs/*', 'p, user:a, /docs/b, deny'],
    ],
    ['an administrator, as an owner', ['g, service:s, role:owner', 'g, user:a, role:admin']],
    ['who alone is denied what everybody may', ['p, *, /docs/a', 'p, user:a, /docs/a, deny']],
    ['who is in no team of the other', ['g, service:s, team:t', 'g, team:t, role:reader']],
  ])('but not %s', async (_who, rules) => {
    const found = await beyond(rules.map(whole))
    expect(found).toMatchObject({ kind: 'excess', excess: { who: 'service:s' } })
  })

  test('oneself, whatever it is', async () => {
    const rules = ['g, user:a, role:reader'].map(whole)
    expect(await beyond(rules, 'user:a', 'user:a')).toEqual({ kind: 'none' })
  })
})

/** `p, who, object` and `g, who, what` written out. */
function whole(line: string): string {
  const [type, first, second, effect = 'allow'] = line.split(', ')
  if (type === 'g') return `g, ${first}, ${second}, org:acme`
  return `p, ${first}, org:acme, ${second}, GET, ${effect}`
}

test('too much is found exactly where the other may do what the actor does not hold', async () => {
  const seen = { none: 0, excess: 0 }
  await fc.assert(
    fc.asyncProperty(smallWorld, async (world) => {
      const snapshot = await buildWorld(world)
      // An owner holds what their organisation denies them as well.
      fc.pre(!snapshot.rolesOf('user:a').includes('role:owner'))
      fc.pre(!snapshot.rolesOf('user:b').includes('role:owner'))
      const found = finish(findBeyond(snapshot, 'user:b', 'user:a'))
      if (found.kind === 'unsupported') throw new Error(found.because)
      seen[found.kind] += 1
      const asks = [...requests()].filter(({ sub }) => sub === 'user:b')
      const more = asks.filter(({ act, obj }) => {
        return isAllowed(snapshot, 'user:b', act, obj) && !isAllowed(snapshot, 'user:a', act, obj)
      })
      if (found.kind === 'none') {
        expect(more).toEqual([])
        return
      }
      const { method, path, object } = found.excess
      expect(matchPath(object, path)).toBe(true)
      // What stands for the actions that no rule names is asked by none of them.
      if (method !== '*') expect(isAllowed(snapshot, 'user:b', method, path)).toBe(true)
      expect(isAllowed(snapshot, 'user:a', method, path)).toBe(false)
    }),
    { numRuns: 300 },
  )
  expect(Math.min(seen.none, seen.excess)).toBeGreaterThan(30)
})
