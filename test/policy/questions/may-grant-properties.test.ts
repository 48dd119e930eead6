/** Every change of small worlds at random, tried on every request (I11). */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import type { DecisionRequest } from '../../../src/policy/decide.ts'
import { matchPath } from '../../../src/policy/patterns/pattern.ts'
import { anybodyElse } from '../../../src/policy/questions/diff-names.ts'
import type { GrantScope } from '../../../src/policy/questions/grant-bounds.ts'
import { findExcess } from '../../../src/policy/questions/may-grant.ts'
import {
  actions,
  asking,
  buildWorld,
  isAllowed,
  membership,
  method,
  objects,
  pattern,
  permission,
  requests,
  type SmallWorld,
  smallWorld,
  twoWorlds,
} from './permission-worlds.ts'

const actors = ['user:a', 'user:b', 'service:s'] as const
const actor = fc.constantFrom(...actors)
const groups = ['team:t', 'team:u', 'role:r', 'role:q', 'role:owner']
/** Somebody in each group who holds nothing else: what becomes of whoever is added to it. */
const probeOf = (group: string) => `user:in-${group.replace(':', '-')}`
const probes = groups.map((group) => `g, ${probeOf(group)}, ${group}, org:acme`)

type Asks = (sub: string, act: string, obj: string) => boolean

/** What everybody may do in a world, somebody in each group included. */
async function allowedIn(world: SmallWorld): Promise<Asks> {
  const snapshot = await buildWorld({ ...world, rules: [...world.rules, ...probes] })
  return (sub, act, obj) => isAllowed(snapshot, sub, act, obj)
}

/** What everybody holds: owners also what their organisation denies them. */
async function heldIn(world: SmallWorld): Promise<Asks> {
  const { rolesOf } = await buildWorld(world)
  const lifted = world.rules.filter((line) => !line.endsWith('deny'))
  const [all, open] = [await allowedIn(world), await allowedIn({ ...world, rules: lifted })]
  return (sub, act, obj) => (rolesOf(sub).includes('role:owner') ? open : all)(sub, act, obj)
}

function isWithin(scopes: readonly GrantScope[] | undefined, { act, obj }: DecisionRequest) {
  if (scopes === undefined) return true
  return scopes.some((of) => ['*', act].includes(of.method) && matchPath(of.object, obj))
}

const everybody = [...asking, ...groups.map(probeOf)]
function* everyRequest(): Generator<DecisionRequest> {
  for (const sub of everybody)
    for (const act of actions) for (const obj of objects) yield { sub, dom: 'org:acme', obj, act }
}

const scopes = fc.option(
  fc.array(fc.record({ object: pattern, method }), { minLength: 1, maxLength: 3 }),
  { nil: undefined, freq: 2 },
)

test('too much is found exactly where somebody gains what the actor does not hold', async () => {
  const seen = { none: 0, excess: 0 }
  await fc.assert(
    fc.asyncProperty(twoWorlds, actor, scopes, async ([first, second], by, within) => {
      const [before, after] = [await buildWorld(first), await buildWorld(second)]
      const found = finish(findExcess(before, after, by, within))
      const [was, is, holds] = [
        await allowedIn(first),
        await allowedIn(second),
        await heldIn(first),
      ]
      const isTooMuch = (request: DecisionRequest) => {
        const { sub, act, obj } = request
        if (was(sub, act, obj) || !is(sub, act, obj)) return false
        return !holds(by, act, obj) || !isWithin(within, request)
      }
      if (found.kind === 'unsupported') throw new Error(found.because)
      seen[found.kind] += 1
      if (found.kind === 'none') {
        expect([...everyRequest()].filter(isTooMuch)).toEqual([])
        return
      }
      const { who, method: act, object, path: obj } = found.excess
      if (act === '*') {
        expect(before.rolesOf(by)).not.toContain('role:owner')
        expect(after.rolesOf(who)).toContain('role:owner')
        return
      }
      const sub = who === anybodyElse ? 'user:stranger' : groups.includes(who) ? probeOf(who) : who
      expect(matchPath(object, obj)).toBe(true)
      expect([who, act, obj, isTooMuch({ sub, dom: 'org:acme', obj, act })]).toEqual([
        ...[who, act, obj],
        true,
      ])
    }),
    { numRuns: 300 },
  )
  // Worlds in which nearly everything is one or the other would prove little.
  expect(Math.min(seen.none, seen.excess)).toBeGreaterThan(30)
})

interface Step {
  readonly by: (typeof actors)[number]
  readonly comes: string
  /** Which of the rules goes; none beyond the last. */
  readonly goes: number
}

const step: fc.Arbitrary<Step> = fc.record({
  by: actor,
  comes: fc.oneof(permission('org:acme'), membership('org:acme')),
  goes: fc.nat(14),
})

test('no walk of changes, each of them checked, gives anybody what no actor held', async () => {
  let made = 0
  await fc.assert(
    fc.asyncProperty(smallWorld, fc.array(step, { maxLength: 12 }), async (start, steps) => {
      const [first, held] = [await buildWorld(start), await heldIn(start)]
      let world = start
      for (const { by, comes, goes } of steps) {
        const left = world.rules.filter((line, at) => at !== goes && line !== comes)
        const next = { ...world, rules: [...left, comes] }
        const [before, after] = [await buildWorld(world), await buildWorld(next)]
        if (finish(findExcess(before, after, by)).kind !== 'none') continue
        world = next
        made += 1
      }
      const last = await buildWorld(world)
      for (const { sub, act, obj } of requests()) {
        if (!isAllowed(last, sub, act, obj) || isAllowed(first, sub, act, obj)) continue
        expect([sub, act, obj, actors.some((by) => held(by, act, obj))]).toEqual([
          ...[sub, act, obj],
          true,
        ])
      }
    }),
    { numRuns: 60 },
  )
  expect(made).toBeGreaterThan(60)
})
