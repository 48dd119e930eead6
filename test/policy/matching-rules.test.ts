import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, matchingRules } from '../../src/policy/decide.ts'
import { failingClauses, namesOf } from '../../src/policy/questions/permissions.ts'
import { attributeSnapshot } from './attribute-world.ts'
import { buildWorld, requests, smallWorld } from './questions/permission-worlds.ts'
import { snapshotOf } from './support.ts'

test('the rules that match are those of which no clause fails, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(smallWorld, async (world) => {
      const snapshot = await buildWorld(world)
      for (const request of requests()) {
        const names = namesOf(snapshot, request.sub)
        const expected = snapshot.rules.filter(
          (rule) => rule.ptype === 'p' && failingClauses(rule, request, names).length === 0,
        )
        expect(matchingRules(snapshot, request)).toEqual(expected)
      }
    }),
    { numRuns: 40 },
  )
})

test('a rule matches only where its condition holds', async () => {
  const snapshot = await attributeSnapshot({
    guardrails: ['p, *, *, /docs/document/:id, GET, allow, own'],
    attributes: { '/docs/document/1': { owner: 'ann' } },
  })
  const ask = (sub: string) => ({ sub, dom: 'org:acme', obj: '/docs/document/1', act: 'GET' })
  expect(matchingRules(snapshot, ask('user:ann'))).toHaveLength(1)
  expect(matchingRules(snapshot, ask('user:ben'))).toEqual([])
})

test('nothing matches a request that is refused before any rule is looked at', async () => {
  const snapshot = await snapshotOf({ guardrails: ['p, *, *, /*, *, allow'] })
  const ask = { sub: 'role:owner', dom: 'org:acme', obj: '/docs/x', act: 'GET' }
  expect(decide(snapshot, ask).reason).toBe('subject_unknown')
  expect(matchingRules(snapshot, ask)).toEqual([])
})
