import { Enforcer } from 'casbin'
import { afterEach, describe, expect, test } from 'vitest'
import { buildEngine } from '../../src/policy/engine.ts'
import { sealPolicy } from '../../src/policy/model/casbin.ts'
import { parseModel } from '../../src/policy/model/model.ts'
import type { Rule } from '../../src/policy/rule.ts'
import { problemsIn } from './support.ts'

function modelOf(parts: Readonly<Record<string, string>> = {}) {
  const { p, e, m } = {
    p: 'sub, obj, act, eft',
    e: 'some(where (p.eft == allow)) && !some(where (p.eft == deny))',
    m: 'g(r.sub, p.sub) && keyMatch2(r.obj, p.obj) && r.act == p.act',
    ...parts,
  }
  const text = [
    ...['[request_definition]', 'r = sub, obj, act', '[policy_definition]', `p = ${p}`],
    ...['[role_definition]', 'g = _, _', '[policy_effect]', `e = ${e}`, '[matchers]', `m = ${m}`],
  ].join('\n')
  return parseModel(text, 'm.conf')
}

/** A model with the same meaning that is outside the class that is compiled. */
const outside = () =>
  modelOf({ m: 'g(r.sub, p.sub) && keyMatch2(r.obj, p.obj) && r.act == p.act && "yes"' })

function rule(line: string, at = 1): Rule {
  const [ptype = '', ...values] = line.split(', ')
  const columns = [1, 10, 20, 30, 40, 50]
  return { ptype, values, source: { kind: 'file', file: 'a.csv', line: at, columns } }
}

const rules = (...lines: readonly string[]) => lines.map((line, at) => rule(line, at + 1))

describe('the rule that decided', () => {
  test('is told apart from an equal one by its place', async () => {
    const given = rules('p, ann, /a, GET, allow', 'p, ann, /a, GET, allow')
    const engine = await buildEngine(modelOf(), given)
    expect(given.indexOf(engine.evaluate(['ann', '/a', 'GET']).rule ?? rule('p'))).toBe(1)
  })

  test.each([
    [
      'a deny among allows',
      ['p, ann, /a, GET, allow', 'p, ann, /:x, GET, deny', 'p, ann, /*, GET, allow'],
      2,
    ],
    ['a deny by a role', ['p, ann, /a, GET, allow', 'g, ann, all', 'p, all, /a, GET, deny'], 3],
    ['an allow by a role', ['g, ann, all', 'p, all, /a, GET, allow'], 2],
  ])('%s', async (_, lines, line) => {
    const engine = await buildEngine(modelOf(), rules(...lines))
    expect(engine.evaluate(['ann', '/a', 'GET']).rule?.source).toMatchObject({ line })
  })

  test('is none where nothing matched', async () => {
    const engine = await buildEngine(modelOf(), rules('p, ann, /a, GET, allow'))
    expect(engine.evaluate(['ben', '/a', 'GET'])).toEqual({ allow: false, rule: undefined })
  })

  test('is none where the matcher does not look at the policy, though casbin names the first', async () => {
    const engine = await buildEngine(
      modelOf({ m: 'r.sub == "root"' }),
      rules('p, ann, /a, GET, deny'),
    )
    expect(engine.evaluate(['root', '/a', 'GET'])).toEqual({ allow: true, rule: undefined })
    expect(engine.evaluate(['ben', '/a', 'GET'])).toEqual({ allow: false, rule: undefined })
  })

  test('is the first by priority', async () => {
    const model = modelOf({ p: 'priority, sub, obj, act, eft', e: 'priority(p.eft) || deny' })
    const given = rules('p, 10, ann, /a, GET, allow', 'p, 1, ann, /a, GET, deny')
    const engine = await buildEngine(model, given)
    expect(engine.evaluate(['ann', '/a', 'GET'])).toEqual({ allow: false, rule: given[1] })
  })
})

describe('an engine is refused', () => {
  test.each([
    [
      'a type that the model has not',
      'q, ann, /a, GET, deny',
      'a.csv:2:1: There is no type "q" in the model; possible are "p", "g".',
    ],
    [
      'a column too few',
      'p, ann, /a, GET',
      'a.csv:2:30: The effect is missing: write p, sub, obj, act, eft, where eft is allow or deny.',
    ],
    [
      'a column too many',
      'g, ann, all, x',
      'a.csv:2:30: A g rule has 2 values, not 3: g, member, role.',
    ],
    ['a blank', 'p, ann, , GET, deny', 'a.csv:2:20: The obj is blank.'],
    [
      'an effect that is none',
      'p, ann, /a, GET, no',
      'a.csv:2:40: "no" is not an effect; write allow or deny.',
    ],
    [
      'a pattern that cannot be matched',
      'p, ann, /a/b*, GET, deny',
      'a.csv:2:24: A star is a whole segment, as in "/docs/*".',
    ],
  ])('with %s', async (_, line, problem) => {
    const building = buildEngine(modelOf(), rules('p, ann, /a, GET, allow', line))
    expect(await problemsIn(building)).toEqual([problem])
  })

  test('naming every rule in the way', async () => {
    const building = buildEngine(
      modelOf(),
      rules('p, ann, /a*, GET, allow', 'x, y', 'p, , /a, GET, deny'),
    )
    expect(await problemsIn(building)).toHaveLength(3)
  })
})

describe('which way a model takes', () => {
  const given = rules('p, ann, /a, GET, allow', 'g, ann, all', 'p, all, /b, GET, allow')

  test('a model of the class is compiled and says nothing', async () => {
    expect((await buildEngine(modelOf(), given)).interpreted).toBeUndefined()
  })

  test('another one is decided by casbin, and says why and at what cost', async () => {
    const engine = await buildEngine(outside(), given)
    expect(engine.interpreted).toBe(
      'm.conf: node-casbin decides, because the matcher is not always true or false: ' +
        'every decision looks at all 3 rules, a few microseconds each.',
    )
    expect(engine.evaluate(['ann', '/b', 'GET'])).toEqual({ allow: true, rule: given[2] })
    expect(engine.evaluate(['ben', '/b', 'GET'])).toEqual({ allow: false, rule: undefined })
    expect(engine.matchAll(['ann', '/b', 'GET'])).toEqual([given[2]])
    expect(engine.matchAll(['ben', '/b', 'GET'])).toEqual([])
  })

  test.each([
    ['is not always true or false', { m: 'r.sub == p.sub && keyGet(r.obj, p.obj)' }],
    ['is not always true or false', { m: 'r.sub == p.sub && 1 + 1' }],
  ])('the matcher %s', async (why, parts) => {
    const engine = await buildEngine(modelOf(parts), rules('p, ann, true, GET, allow'))
    expect(engine.interpreted).toContain(`the matcher ${why}`)
  })
})

describe('rules that casbin sorts', () => {
  test.each([
    ['by number, not by text', ['10', '9'], 1],
    ['keeping the order of equals', ['1', '1'], 0],
    ['the smallest first', ['-1', '3'], 0],
  ])('are sorted %s', async (_, [one, other], first) => {
    const model = modelOf({ p: 'priority, sub, obj, act, eft', e: 'priority(p.eft) || deny' })
    const given = rules(`p, ${one}, ann, /a, GET, allow`, `p, ${other}, ann, /a, GET, deny`)
    const engine = await buildEngine(model, given)
    expect(engine.evaluate(['ann', '/a', 'GET']).rule).toBe(given[first])
  })

  test('the nearest subject decides before the roles it holds', async () => {
    const model = modelOf({ e: 'subjectPriority(p.eft) || deny' })
    const given = rules('p, all, /a, GET, deny', 'p, ann, /a, GET, allow', 'g, ann, all')
    const engine = await buildEngine(model, given)
    expect(engine.interpreted).toBeUndefined()
    expect(engine.evaluate(['ann', '/a', 'GET'])).toEqual({ allow: true, rule: given[1] })
  })

  test('subjectPriority without roles is refused, for casbin would throw', async () => {
    const text = modelOf({ e: 'subjectPriority(p.eft) || deny', m: 'r.sub == p.sub' }).text
    const model = parseModel(text.replace('[role_definition]\ng = _, _\n', ''), 'm.conf')
    expect(await problemsIn(buildEngine(model, rules('p, ann, /a, GET, allow')))).toEqual([
      'm.conf:1:1: subjectPriority sorts by roles: write g = _, _.',
    ])
  })
})

test('the number of rules counts assignments as well', async () => {
  const engine = await buildEngine(
    modelOf(),
    rules('p, ann, /a, GET, allow', 'g, ann, all', 'g, ben, all'),
  )
  expect(engine.ruleCount).toBe(3)
})

test('casbin reads "*" as every object of keyMatch2, and so do we', async () => {
  const engine = await buildEngine(modelOf(), rules('p, ann, *, GET, allow'))
  expect(engine.evaluate(['ann', '/a/b', 'GET']).allow).toBe(true)
})

describe('what is built is what was given', () => {
  const prototype: {
    sortPolicies: (this: Enforcer) => void
    enforceExSync: (...values: unknown[]) => unknown
  } = Enforcer.prototype
  const { sortPolicies, enforceExSync } = prototype
  afterEach(() => {
    Object.assign(prototype, { sortPolicies, enforceExSync })
  })

  test.each([
    ['lost', (rows: string[][]) => rows.pop()],
    ['added', (rows: string[][]) => rows.push(['eve', '/a', 'GET', 'allow'])],
    ['exchanged', (rows: string[][]) => rows.splice(0, 1, ['eve', '/a', 'GET', 'allow'])],
  ])('I7: a row that was %s on the way is found before anything is decided', async (_, change) => {
    prototype.sortPolicies = function () {
      change(this.getModel().model.get('p')?.get('p')?.policy ?? [])
    }
    const building = buildEngine(outside(), rules('p, ann, /a, GET, allow', 'g, ann, all'))
    await expect(building).rejects.toThrow(/The enforcer holds \d rows where 2 rules were given/)
  })

  test.each([
    ['compiled', modelOf],
    ['interpreted', outside],
  ])('a rule that is changed afterwards changes nothing that is %s', async (_, model) => {
    const values = ['ann', '/a', 'GET', 'deny']
    const engine = await buildEngine(model(), [{ ...rule('p'), values }])
    values[0] = 'ben'
    expect(engine.evaluate(['ben', '/a', 'GET']).rule).toBeUndefined()
    expect(engine.evaluate(['ann', '/a', 'GET'])).toMatchObject({
      allow: false,
      rule: { values: ['ben', '/a', 'GET', 'deny'] },
    })
  })

  test('an answer that is remembered cannot be changed by whoever is given it', async () => {
    const engine = await buildEngine(modelOf(), rules('p, ann, /a, GET, deny'))
    const answer = engine.evaluate(['ann', '/a', 'GET'])
    expect(() => Object.assign(answer, { allow: true })).toThrow(TypeError)
    expect(engine.evaluate(['ann', '/a', 'GET']).allow).toBe(false)
  })

  test('H2: no row can be added to or changed in what is sealed', async () => {
    const values = ['ann', '/a', 'GET', 'allow']
    const { rows } = await sealPolicy(modelOf().text, new Map(), [{ ptype: 'p', values }])
    const held = rows.get('p') ?? []
    expect(Object.isFrozen(held)).toBe(true)
    expect(held.map((row) => Object.isFrozen(row))).toEqual([true])
  })

  test.each([
    [true, 'casbin gave no pair.'],
    [[true], 'casbin gave no pair.'],
    [[true, [], []], 'casbin gave no pair.'],
    [['true', []], 'casbin gave no pair.'],
    [[true, 'row'], 'casbin gave no pair.'],
    [undefined, 'casbin gave no pair.'],
    [[true, ['ann', '/a', 'GET', 'allow']], 'casbin named a rule that was never given.'],
  ])('H11: the answer %j is an error', async (answer, message) => {
    const engine = await buildEngine(outside(), rules('p, ann, /a, GET, allow'))
    prototype.enforceExSync = () => answer
    expect(() => engine.evaluate(['ann', '/a', 'GET'])).toThrow(message)
  })

  test('H11: what is compiled asks no enforcer, whatever that one would say', async () => {
    const engine = await buildEngine(modelOf(), rules('p, ann, /a, GET, allow'))
    prototype.enforceExSync = () => [true, ['ann', '/a', 'GET', 'allow']]
    expect(engine.evaluate(['ben', '/a', 'GET'])).toEqual({ allow: false, rule: undefined })
    prototype.enforceExSync = () => [false, []]
    expect(engine.evaluate(['ann', '/a', 'GET']).allow).toBe(true)
  })
})
