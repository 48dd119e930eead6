/** Matchers that evaluate what rules say: compiled, or left to casbin, but never answered otherwise. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildEngine } from '../../src/policy/engine.ts'
import { type PolicyModel, parseModel } from '../../src/policy/model/model.ts'
import type { Rule } from '../../src/policy/rule.ts'
import { oracleOf, outcomeOf } from './support-oracle.ts'

const denyOverrides = 'some(where (p.eft == allow)) && !some(where (p.eft == deny))'

function modelOf(matcher: string, effect = denyOverrides): PolicyModel {
  const lines = [
    ...['[request_definition]', 'r = sub, obj, act'],
    ...['[policy_definition]', 'p = sub, when, act, eft'],
    ...['[role_definition]', 'g = _, _', '[policy_effect]', `e = ${effect}`],
    ...['[matchers]', `m = ${matcher}`],
  ]
  return parseModel(lines.join('\n'), 'm.conf')
}

const rule = (...values: string[]): Rule => ({ ptype: 'p', values, source: { kind: 'built-in' } })
const allow = (when: string) => rule('ann', when, 'GET', 'allow')
const ages = [{ age: 20 }, { age: 3 }, { age: 20, owner: 'ann' }, 'ann', '/a', 7]

/** Readable ones, and ones that casbin reads in ways of its own. */
const plain = [
  ...[
    'r.sub == "ann"',
    'r.obj.age > 18',
    'r.obj.owner == r.sub',
    'r.obj.age > 5 && r.act == "GET"',
  ],
  ...[
    '!(r.obj.age > 18)',
    'true',
    'r.obj == "/a" || r.sub == "ben"',
    'g(r.sub, "lead")',
    'p.act == "GET"',
  ],
]
const odd = [
  ...[
    'r.sub == "ann") || (true',
    'r.sub',
    'r.obj.age',
    '"x"',
    'r.sub == "$&"',
    'eval(p.act)',
    '1, true',
  ],
  ...[
    'r.act in ("GET", "PUT")',
    'nowhere == 1',
    'r.obj.deep.x == 1',
    '((',
    'r.sub == "ann" &&',
    'toString()',
  ],
]
const matchers = [
  ...[
    'eval(p.when)',
    'g(r.sub, p.sub) && eval(p.when) && r.act == p.act',
    'r.sub == p.sub && eval(p.when)',
  ],
  ...[
    'eval(p.when) || r.sub == p.sub',
    '!(eval(p.when)) && r.act == p.act',
    'eval(p.when) && eval(p.when)',
  ],
  ...['(p.sub == "*" || g(r.sub, p.sub)) && (eval(p.when) || r.act == p.act)'],
]

function worlds(texts: readonly string[]) {
  const one = fc
    .tuple(
      fc.constantFrom('ann', 'lead', '*'),
      fc.constantFrom(...texts),
      fc.constantFrom('GET', 'PUT'),
      fc.constantFrom('allow', 'allow', 'deny'),
    )
    .map((values) => rule(...values))
  const request = fc.tuple(
    fc.constantFrom('ann', 'ben'),
    fc.constantFrom(...ages),
    fc.constantFrom('GET', 'PUT'),
  )
  return fc.record({
    matcher: fc.constantFrom(...matchers),
    rules: fc.array(one, { minLength: 1, maxLength: 6 }),
    requests: fc.array(request, { minLength: 10, maxLength: 10 }),
  })
}

const link: Rule = { ptype: 'g', values: ['ann', 'lead'], source: { kind: 'built-in' } }

async function compare(texts: readonly string[], compiled: boolean): Promise<number> {
  let read = 0
  await fc.assert(
    fc.asyncProperty(worlds(texts), async ({ matcher, rules, requests }) => {
      const world = { model: modelOf(matcher), rules: [...rules, link], requests }
      const engine = await buildEngine(world.model, world.rules)
      if (compiled) expect(engine.interpreted).toBeUndefined()
      if (engine.interpreted !== undefined) return
      read += 1
      const oracle = await oracleOf(world)
      for (const request of requests) {
        const ours = outcomeOf(() => engine.evaluate(request))
        expect([request, ours]).toEqual([request, outcomeOf(() => oracle(request))])
      }
    }),
    { numRuns: 300, seed: 20_261_127 },
  )
  return read
}

describe('what rules say is evaluated as casbin evaluates it', () => {
  test('compiled, where it is an expression by itself', async () => {
    expect(await compare(plain, true)).toBe(300)
  })

  test('whatever it says', async () => {
    expect(await compare([...plain, ...odd], false)).toBeLessThan(300)
  })

  test.each([
    ['more than one expression', 'r.sub == "ann") || (true'],
    ['no truth', 'r.sub'],
    ['another eval()', 'eval(p.act) && true'],
    ['an "in"', 'r.act in ("GET", "PUT")'],
    ['what a replacement means', 'r.sub == "$&"'],
    ['a name that is nowhere', 'nowhere == 1'],
  ])('a rule that holds %s is left to casbin, and so is all', async (_, when) => {
    const engine = await buildEngine(modelOf('eval(p.when)'), [allow('true'), allow(when)])
    expect(engine.interpreted).toContain('node-casbin decides, because')
  })

  test('beside an "in" casbin reads brackets anew, so it decides', async () => {
    const model = modelOf('eval(p.when) &&(r.act in ["GET", "PUT"])')
    expect((await buildEngine(model, [allow('true')])).interpreted).toContain('"in" beside eval()')
  })

  test('no answer is remembered for another request', async () => {
    const engine = await buildEngine(modelOf('r.sub == p.sub && eval(p.when)'), [
      allow('r.obj.age > 18'),
    ])
    const asked = { age: 20 }
    expect(engine.evaluate(['ann', asked, 'GET']).allow).toBe(true)
    asked.age = 3
    expect(engine.evaluate(['ann', asked, 'GET']).allow).toBe(false)
  })

  test('an added rule is read before it is laid over', async () => {
    const engine = await buildEngine(modelOf('r.sub == p.sub && eval(p.when)'), [allow('true')])
    const removed: Rule[] = []
    expect(engine.with({ added: [allow('r.sub')], removed })).toBeUndefined()
    const next = engine.with({ added: [rule('ben', 'r.act == "PUT"', 'x', 'allow')], removed })
    expect(next?.evaluate(['ben', '/a', 'PUT']).allow).toBe(true)
    expect(next?.evaluate(['ben', '/a', 'GET']).allow).toBe(false)
  })
})
