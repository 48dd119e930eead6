/** An engine with a change laid over it answers as one that is built of all its rules. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildEngine, type Engine } from '../../src/policy/engine.ts'
import { parseModel } from '../../src/policy/model/model.ts'
import type { Rule } from '../../src/policy/rule.ts'
import { outcomeOf } from './support-oracle.ts'
import { type World, worlds } from './support-worlds.ts'

const answers = (engine: Engine, { requests }: World) =>
  requests.map((request) => outcomeOf(() => engine.evaluate(request)))

/** A world, some of whose rules come later, and some of those before go then. */
const changes = worlds(40)
  .filter(({ rules }) => rules.filter(({ ptype }) => ptype === 'p').length > 1)
  .chain((world) =>
    fc.record({
      world: fc.constant(world),
      first: fc.nat(world.rules.length),
      gone: fc.array(fc.nat(world.rules.length), { maxLength: 4 }),
      halves: fc.boolean(),
    }),
  )

function ofType(rules: readonly Rule[], wanted: boolean): Rule[] {
  return rules.filter(({ ptype }) => (ptype === 'p') === wanted)
}

describe('an engine with a change', () => {
  test('answers as one built anew, and the one before it as it did', async () => {
    let laid = 0
    await fc.assert(
      fc.asyncProperty(changes, async ({ world, first, gone, halves }) => {
        const { model } = world
        const all = [...ofType(world.rules, true), ...ofType(world.rules, false)]
        const base = all.slice(0, Math.max(1, first))
        const removed = [...new Set(gone.flatMap((at) => base[at] ?? []))]
        const added = all.slice(base.length)
        const left = [...base.filter((rule) => !removed.includes(rule)), ...added]
        if (!left.some(({ ptype }) => ptype === 'p')) return
        const before = await buildEngine(model, base)
        const asked = answers(before, world)
        const half = halves ? Math.floor(added.length / 2) : 0
        const next = before
          .with({ added: added.slice(0, half), removed })
          ?.with({ added: added.slice(half), removed: [] })
        if (next === undefined) return
        laid += 1
        const anew = await buildEngine(model, left)
        expect(answers(next, world)).toEqual(answers(anew, world))
        expect(answers(next, world)).toEqual(answers(anew, world))
        expect(answers(before, world)).toEqual(asked)
        expect(next.ruleCount).toBe(left.length)
        expect(next.overlaid).toBe(added.length + removed.length)
      }),
      { numRuns: 250, seed: 20_261_126 },
    )
    expect(laid).toBeGreaterThan(80)
  })

  const text = (effect: string, matcher: string, columns = 'sub, obj, act, eft') => [
    ...['[request_definition]', 'r = sub, obj, act', '[policy_definition]', `p = ${columns}`],
    ...['[role_definition]', 'g = _, _', '[policy_effect]', `e = ${effect}`],
    ...['[matchers]', `m = ${matcher}`],
  ]
  const rule = (...values: string[]): Rule => ({
    ptype: 'p',
    values,
    source: { kind: 'built-in' },
  })
  const anyAllow = 'some(where (p.eft == allow))'

  test.each([
    ['whose rules are sorted', text('priority(p.eft) || deny', 'r.sub == p.sub', 'priority, sub')],
    ['that casbin decides', text(anyAllow, 'r.sub == p.sub && r.sub')],
  ])('%s is built anew', async (_, lines) => {
    const model = parseModel(lines.join('\n').replace('priority, sub', 'priority, sub, eft'), 'm')
    const values = lines.some((line) => line.includes('priority, sub'))
      ? ['1', 'ann', 'allow']
      : ['true', 'x', 'x', 'allow']
    const engine = await buildEngine(model, [rule(...values)])
    expect(engine.with({ added: [rule(...values)], removed: [] })).toBeUndefined()
  })

  test('a pattern that throws needs other plans, so all is built anew', async () => {
    const matcher = '(p.act == "*" || regexMatch(r.act, p.act)) && r.sub == p.sub'
    const model = parseModel(text(anyAllow, matcher).join('\n'), 'm')
    const engine = await buildEngine(model, [rule('ann', 'x', 'GET', 'allow')])
    expect(engine.with({ added: [rule('ann', 'x', '*', 'allow')], removed: [] })).toBeUndefined()
    const next = engine.with({ added: [rule('ann', 'x', 'PUT|POST', 'allow')], removed: [] })
    expect(next?.evaluate(['ann', 'x', 'POST']).allow).toBe(true)
  })

  test('H4: the last rule cannot go, for nothing would be left to deny', async () => {
    const noDeny = '!some(where (p.eft == deny))'
    const model = parseModel(text(noDeny, 'r.sub == p.sub').join('\n'), 'm')
    const last = rule('ann', 'x', 'x', 'deny')
    const engine = await buildEngine(model, [last])
    expect(engine.with({ added: [], removed: [last] })).toBeUndefined()
    const swapped = engine.with({ added: [rule('ben', 'x', 'x', 'deny')], removed: [last] })
    expect(swapped?.evaluate(['ben', 'x', 'x']).allow).toBe(false)
  })

  test('a rule that is not in it cannot go', async () => {
    const model = parseModel(text(anyAllow, 'r.sub == p.sub').join('\n'), 'm')
    const engine = await buildEngine(model, [rule('ann', 'x', 'x', 'allow')])
    const other = rule('ann', 'x', 'x', 'allow')
    expect(engine.with({ added: [], removed: [other] })).toBeUndefined()
  })
})
