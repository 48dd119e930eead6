/** A change rehearsed is the change made: the same decision as a snapshot built with it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import { type DecisionRequest, decide } from '../../../src/policy/decide.ts'
import { findGroups, givesLess } from '../../../src/policy/questions/grants.ts'
import { readNamedRules, rulesAbout } from '../../../src/policy/questions/named-rules.ts'
import { type Change, rehearsal } from '../../../src/policy/questions/rehearsal.ts'
import type { Snapshot } from '../../../src/policy/snapshot.ts'
import { snapshotOf } from '../support.ts'
import { buildWorld, requests, smallWorld } from './permission-worlds.ts'

const known = (snapshot: Snapshot, request: DecisionRequest) =>
  [finish(rulesAbout(snapshot, request)), finish(readNamedRules(snapshot))] as const
const groupsFor = (snapshot: Snapshot, request: DecisionRequest) =>
  finish(findGroups(snapshot, request, ...known(snapshot, request)))

const groups = ['team:t', 'team:u', 'role:r', 'role:q', 'role:owner', 'role:viewer', 'role:new']

function changesFor(sub: string, obj: string, act: string): Change[] {
  const assignments = groups.map((group): Change => {
    const kind = group.startsWith('team:') ? 'team' : 'role'
    return { kind, ptype: 'g', values: [sub, group, 'org:acme'], phrase: '' }
  })
  const rules = [obj, '/docs/other'].map((object): Change => {
    return { kind: 'rule', ptype: 'p', values: [sub, 'org:acme', object, act, 'allow'], phrase: '' }
  })
  return sub === 'anonymous' ? rules : [...assignments, ...rules]
}

test('over worlds at random', async () => {
  const all = [...requests()]
  await fc.assert(
    fc.asyncProperty(smallWorld, fc.nat(all.length - 1), async (world, at) => {
      const request = all[at] ?? { sub: '', dom: '', obj: '', act: '' }
      const allowsAfter = rehearsal(await buildWorld(world), request)
      for (const change of changesFor(request.sub, request.obj, request.act)) {
        const line = [change.ptype, ...change.values].join(', ')
        if (world.rules.includes(line)) continue
        const after = await buildWorld({ ...world, rules: [...world.rules, line] })
        expect([line, allowsAfter(change)]).toEqual([line, decide(after, request).allow])
      }
    }),
    { numRuns: 25 },
  )
})

describe('what a role or a team gives', () => {
  const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/a/b', act: 'GET' }
  const found = async (...rules: string[]) => groupsFor(await snapshotOf({ rules }), request)
  const allow = (name: string, object: string, method = 'GET') =>
    `p, ${name}, org:acme, ${object}, ${method}, allow`

  test.each<[string, string, string]>([
    ['a literal less than a parameter', '/docs/a/b, GET', '/docs/a/:x, GET'],
    ['a parameter less than two', '/docs/a/:x, GET', '/docs/:y/:x, GET'],
    ['two parameters less than a star', '/docs/:y/:x, GET', '/docs/a/*, GET'],
    ['a star further down less than one above', '/docs/a/*, GET', '/docs/*, GET'],
    ['a method less than all', '/docs/a/b, GET', '/docs/a/b, *'],
    ['all methods of one path less than one of many', '/docs/a/b, *', '/docs/a/:x, GET'],
  ])('%s', async (_, less, more) => {
    for (const [first, second] of [
      ['role:less', 'role:more'],
      ['role:zz-less', 'role:more'],
    ]) {
      const rules = [
        `p, ${second}, org:acme, ${more}, allow`,
        `p, ${first}, org:acme, ${less}, allow`,
      ]
      const [smallest, next] = await found(...rules)
      expect(smallest?.change.values[1]).toBe(first)
      expect(next?.weight).toBeGreaterThan(smallest?.weight ?? Number.POSITIVE_INFINITY)
    }
  })

  test('is equal for a role and one that only inherits it, which comes second', async () => {
    const rules = [allow('role:zz', '/docs/a/b'), 'g, role:aa, role:zz, org:acme']
    expect((await found(...rules)).map(({ change }) => change.values[1])).toEqual([
      'role:zz',
      'role:aa',
      'role:owner',
    ])
  })

  test('lies within what another gives by the patterns, not by the number of rules', async () => {
    const [one, other] = [
      [allow('role:one', '/docs/a/b'), allow('role:one', '/docs/a/c')],
      [allow('role:other', '/docs/a/:x', '*')],
    ]
    const [less, more] = await found(...one, ...other)
    if (less === undefined || more === undefined) throw new Error('no groups')
    expect([less, more].map(({ change }) => change.values[1])).toEqual(['role:one', 'role:other'])
    expect([givesLess(less, more), givesLess(more, less), givesLess(less, less)]).toEqual([
      true,
      false,
      false,
    ])
  })

  test('is reserved where it reaches the management or a built-in role', async () => {
    const rules = [
      allow('role:plain', '/docs/a/b'),
      allow('team:t', '/docs/a/b'),
      'g, team:t, role:billing, org:acme',
    ]
    const reserved = (await found(...rules)).map((of) => [of.change.values[1], of.reserved])
    expect(Object.fromEntries(reserved)).toEqual({
      'role:plain': false,
      'team:t': true,
      'role:owner': true,
    })
  })
})
