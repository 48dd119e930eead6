/**
 * Every measured hazard of casbin that policy/ must guard against, by the number it has in the list.
 * Where it is cheap, the library is shown to have it still: when it is mended, the guard can go.
 */
import { Enforcer, Util } from 'casbin'
import { describe, expect, test } from 'vitest'
import { finish } from '../../src/lib/turns.ts'
import { buildEngine } from '../../src/policy/engine.ts'
import { parseRules } from '../../src/policy/files/csv.ts'
import { parseModel } from '../../src/policy/model/model.ts'
import { checkWholeValue } from '../../src/policy/patterns/expression.ts'
import { explain } from '../../src/policy/questions/explain.ts'
import { buildSnapshot } from '../../src/policy/snapshot.ts'
import { ask, filesWith, inert, modelText, problemsIn, ruleOf, snapshotOf } from './support.ts'
import { columns, library, simpleModel } from './support-library.ts'

/** Our model with the same meaning, outside the class that is compiled: casbin itself decides. */
const outside = modelText.replace(/(r\.act == p\.act\))\s*$/, '$1 && "yes"\n')

/** A snapshot whose engine is casbin's own; its files are linted with the model that we serve. */
async function interpretedSnapshot(world: { guardrails?: string[]; rules?: string[] }) {
  const files = filesWith([inert, ...(world.guardrails ?? [])])
  const snapshot = await buildSnapshot({
    files: { ...files, model: parseModel(outside, 'model.conf') },
    organisation: 'acme',
    revision: 7,
    rules: (world.rules ?? []).map((line) => ruleOf(line)),
  })
  expect(snapshot.engine.interpreted).toContain('node-casbin decides')
  return snapshot
}

describe('H1 role escalation by comma', () => {
  const mallory = {
    ...ruleOf('g, x, role:viewer, org:acme'),
    values: ['mallory, role:owner, org:acme', 'role:viewer', 'org:acme'],
  }

  test('a member with commas is refused when a snapshot is built', async () => {
    const building = buildSnapshot({
      files: filesWith([inert]),
      organisation: 'acme',
      revision: 1,
      rules: [mallory],
    })
    expect((await problemsIn(building))[0]).toMatch(/^organisation acme:1:2: .*cannot be a member/)
  })

  test.each([
    ['compiled', modelText],
    ['interpreted', outside],
  ])('even an engine without that check never splits a value: %s', async (_, text) => {
    const model = parseModel(text, 'model.conf')
    const rules = [columns('p, role:owner, *, /docs/:id, GET, allow'), mallory]
    const engine = await buildEngine(model, rules)
    expect(engine.evaluate(['mallory', 'org:acme', '/docs/a', 'GET']).allow).toBe(false)
    expect(engine.ruleCount).toBe(2)
  })

  test.each([
    ['compiled', modelText],
    ['interpreted', outside],
  ])('surrounding spaces stay and make another name: %s', async (_, text) => {
    const model = parseModel(text, 'model.conf')
    const engine = await buildEngine(model, [
      {
        ...columns('p, x, *, /docs/:id, GET, allow'),
        values: [' user:ann ', '*', '/docs/:id', 'GET', 'allow'],
      },
    ])
    expect(engine.evaluate(['user:ann', 'org:acme', '/docs/a', 'GET']).allow).toBe(false)
  })
})

describe('H2 and section 2, 1: a reload in place fails open and shut', () => {
  test('an old snapshot decides as before while others are built', async () => {
    const before = await snapshotOf({ rules: ['p, user:ann, org:acme, /docs/a, GET, allow'] })
    const building = snapshotOf({ rules: ['p, user:ann, org:acme, /docs/a, GET, deny'] })
    expect(ask(before, 'user:ann GET /docs/a').allow).toBe(true)
    const after = await building
    expect(ask(before, 'user:ann GET /docs/a').allow).toBe(true)
    expect(ask(after, 'user:ann GET /docs/a').allow).toBe(false)
  })

  test('a snapshot that cannot be built leaves the old one as it is', async () => {
    const before = await snapshotOf({ rules: ['p, user:ann, org:acme, /docs/a, GET, deny'] })
    await expect(
      snapshotOf({ rules: ['p, user:ann, org:acme, /docs/a, GET, Deny'] }),
    ).rejects.toThrow()
    expect(ask(before, 'user:ann GET /docs/a').reason).toBe('denied_by_rule')
  })

  test('a snapshot and all that it hands out is frozen', async () => {
    const snapshot = await snapshotOf({ rules: ['g, user:ann, role:viewer, org:acme'] })
    const handed = [snapshot, snapshot.rules, snapshot.engine, snapshot.roles, ...snapshot.rules]
    for (const value of [...handed, ...snapshot.rules.map(({ values }) => values)]) {
      expect(Object.isFrozen(value)).toBe(true)
    }
    expect(Object.isFrozen(snapshot.engine.evaluate(['a', 'org:acme', '/docs/a', 'GET']))).toBe(
      true,
    )
  })

  test('an enforcer of casbin decides as before while others are built, and is frozen', async () => {
    const before = await interpretedSnapshot({
      rules: ['p, user:ann, org:acme, /docs/a, GET, allow'],
    })
    const building = interpretedSnapshot({ rules: ['p, user:ann, org:acme, /docs/a, GET, deny'] })
    expect(ask(before, 'user:ann GET /docs/a').allow).toBe(true)
    const after = await building
    expect(ask(before, 'user:ann GET /docs/a').allow).toBe(true)
    expect(ask(after, 'user:ann GET /docs/a').reason).toBe('denied_by_rule')
    expect(Object.isFrozen(before.engine)).toBe(true)
  })

  test('rules changed by whoever gave them change no decision', async () => {
    const rule = ruleOf('p, user:ann, org:acme, /docs/a, GET, deny')
    const values = [...rule.values]
    const files = filesWith([inert, 'p, *, *, /docs/a, GET, allow'])
    const snapshot = await buildSnapshot({
      files,
      organisation: 'acme',
      revision: 1,
      rules: [{ ...rule, values }],
    })
    values[4] = 'allow'
    values[0] = 'user:ben'
    expect(ask(snapshot, 'user:ann GET /docs/a')).toMatchObject({
      allow: false,
      reason: 'denied_by_rule',
    })
  })
})

test('H3 a decision is synchronous and answers an error with a deny', async () => {
  const snapshot = await snapshotOf({})
  expect(ask(snapshot, 'user:ann GET /docs/a')).toEqual({
    allow: false,
    reason: 'denied_by_default',
  })
  const broken = {
    ...snapshot,
    engine: { ...snapshot.engine, evaluate: () => JSON.parse('broken') },
  }
  expect(ask(broken, 'user:ann GET /docs/a')).toEqual({ allow: false, reason: 'decision_error' })
})

describe.each([
  ['compiled', ''],
  ['interpreted', ' && "yes"'],
])('H4 and section 2, 2: an empty policy can allow, %s', (_, more) => {
  const text = simpleModel(`regexMatch(r.obj, p.obj) && regexMatch(r.act, p.act)${more}`)

  test('the library allows by no rule at all', () => {
    expect(library(text, []).enforceSync('', '/a', 'GET')).toBe(true)
  })

  test('an engine without rules is not built', async () => {
    const building = buildEngine(parseModel(text, 'm.conf'), [])
    expect(await problemsIn(building)).toEqual([
      'm.conf:1:1: There is no rule of type p: an empty policy is not served.',
    ])
  })

  test('assignments alone are no rules', async () => {
    const building = buildEngine(parseModel(modelText, 'm.conf'), [
      columns('g, user:a, role:b, org:c'),
    ])
    expect(await problemsIn(building)).toHaveLength(1)
  })

  test.each([0, 1, 2])(
    'a request with its field %i blank is an error of the engine',
    async (at) => {
      const model = parseModel(text, 'm.conf')
      const engine = await buildEngine(model, [columns('p, x, .*, .*, allow')])
      expect(engine.evaluate(['ann', '/a', 'GET']).allow).toBe(true)
      for (const blank of ['', undefined, null]) {
        expect(() =>
          engine.evaluate(
            ['ann', '/a', 'GET'].map((value, index) => (index === at ? blank : value)),
          ),
        ).toThrow('A request has no blank field.')
      }
    },
  )

  test.each([[[]], [['ann', '/a']], [['ann', '/a', 'GET', 'x']]])(
    'a request of another size: %j',
    async (request) => {
      const engine = await buildEngine(parseModel(text, 'm.conf'), [columns('p, x, .*, .*, allow')])
      expect(() => engine.evaluate(request)).toThrow('A request has 3 fields.')
    },
  )
})

describe('H5 and section 2, 3: a row that says nothing', () => {
  const text = simpleModel('r.sub == p.sub && r.obj == p.obj && r.act == p.act')
  const allow = ['p', 'ann', '/a', 'GET', 'allow']

  test.each([
    ['a mistyped deny', ['p', 'ann', '/a', 'GET', 'Deny']],
    ['a deny in capitals', ['p', 'ann', '/a', 'GET', 'DENY']],
    ['a deny with a space', ['p', 'ann', '/a', 'GET', 'deny ']],
  ])('the library lets the allow stand beside %s; we do not load it', async (_, row) => {
    expect(library(text, [allow, row]).enforceSync('ann', '/a', 'GET')).toBe(true)
    const rules = [allow, row].map(([ptype = '', ...values]) => ({
      ...columns('p'),
      ptype,
      values,
    }))
    expect((await problemsIn(buildEngine(parseModel(text, 'm.conf'), rules)))[0]).toMatch(
      /is not an effect; write allow or deny/,
    )
  })

  test('the library reads a missing effect as allow; we do not load it', async () => {
    expect(library(text, [['p', 'ann', '/a', 'GET']]).enforceSync('ann', '/a', 'GET')).toBe(true)
    const building = buildEngine(parseModel(text, 'm.conf'), [columns('p, ann, /a, GET')])
    expect((await problemsIn(building))[0]).toMatch(/The effect is missing/)
  })

  test.each([['x, ann, /a, GET, deny'], ['deny ann everything'], ['p2, ann, /a, GET, deny']])(
    'the library drops the line %j without a word; we name it',
    (line) => {
      expect(parseRules(line, 'a.csv', parseModel(text, 'm.conf')).problems).toHaveLength(1)
    },
  )

  test('section 2, 3: a line break in a value adds no rule', async () => {
    const model = parseModel(modelText, 'model.conf')
    const rule = columns('p, user:ann, *, /docs/a, GET, allow')
    const injected = {
      ...rule,
      values: rule.values.with(0, 'user:x\np, user:mallory, *, /docs/a, GET, allow'),
    }
    const engine = await buildEngine(model, [injected])
    expect(engine.ruleCount).toBe(1)
    expect(engine.evaluate(['user:mallory', 'org:acme', '/docs/a', 'GET']).allow).toBe(false)
  })
})

describe('H6 regexMatch', () => {
  const model = parseModel(simpleModel('r.sub == p.sub && regexMatch(r.act, p.act)'), 'm.conf')

  test('is not anchored; lint asks for an expression that is', async () => {
    expect(Util.regexMatchFunc('XGETX', 'GET|POST')).toBe(true)
    const engine = await buildEngine(model, [columns('p, ann, /a, GET|POST, allow')])
    expect(engine.evaluate(['ann', '/a', 'POST']).allow).toBe(true)
    expect(engine.evaluate(['ann', '/a', 'XGETX']).allow).toBe(true)
    expect(checkWholeValue('GET|POST')).toBeDefined()
    const whole = await buildEngine(model, [columns('p, ann, /a, ^(?:GET|POST)$, allow')])
    expect(whole.evaluate(['ann', '/a', 'POST']).allow).toBe(true)
    expect(whole.evaluate(['ann', '/a', 'XGETX']).allow).toBe(false)
  })

  test.each([['(GET'], ['[a'], ['a{2'], ['*']])(
    'the expression %s is refused at load, not at a decision',
    async (text) => {
      const building = buildEngine(model, [
        columns('p, ann, /a, GET, allow'),
        columns(`p, ann, /a, ${text}, deny`),
      ])
      if (text === '*')
        await expect(
          building.then((engine) => engine.evaluate(['ann', '/a', 'X'])),
        ).rejects.toThrow('without being checked')
      else expect(await problemsIn(building)).toHaveLength(1)
    },
  )
})

test('H7 a path is decided exactly as it is given: what is not canonical matches no literal', async () => {
  const rules = [
    'p, *, org:acme, /docs/a/*, GET, allow',
    'p, *, org:acme, /docs/a/admin, GET, deny',
  ]
  const snapshot = await snapshotOf({ rules })
  expect(ask(snapshot, 'user:ann GET /docs/a/admin').reason).toBe('denied_by_rule')
  for (const object of ['/docs/A/admin', '/docs//a/admin', '/docs/%61/admin', '/docs/./a/admin']) {
    expect(ask(snapshot, `user:ann GET ${object}`).allow, object).toBe(false)
  }
})

describe('H8 and section 2, 4: a subject named like a role', () => {
  test('holds in the library what the role holds, and nothing here', async () => {
    const snapshot = await snapshotOf({ guardrails: ['p, role:admin, *, /docs/a, GET, allow'] })
    expect(snapshot.engine.evaluate(['role:admin', 'org:acme', '/docs/a', 'GET']).allow).toBe(true)
    expect(ask(snapshot, 'role:admin GET /docs/a')).toEqual({
      allow: false,
      reason: 'subject_unknown',
    })
  })
})

describe('H11 the switch that allows everything', () => {
  test('allows in the library, which then answers with a bare true', () => {
    const enforcer = library(simpleModel('r.sub == p.sub'), [])
    enforcer.enableEnforce(false)
    expect(enforcer.enforceSync('x', 'y', 'z')).toBe(true)
    expect(enforcer.enforceExSync('x', 'y', 'z')).toBe(true)
  })

  test('cannot be thrown on what we build, by whoever gets hold of it', async () => {
    const turned: unknown[] = []
    const prototype: {
      enableEnforce: (on: boolean) => void
      enforceExSync: Enforcer['enforceExSync']
    } = Enforcer.prototype
    const original = prototype.enforceExSync
    prototype.enforceExSync = function (this: Enforcer, ...values: unknown[]) {
      try {
        this.enableEnforce(false)
      } catch (error) {
        turned.push(error)
      }
      return original.apply(this, values)
    }
    try {
      const snapshot = await interpretedSnapshot({})
      expect(ask(snapshot, 'user:ann GET /docs/a').allow).toBe(false)
      expect(turned.length).toBeGreaterThan(0)
    } finally {
      prototype.enforceExSync = original
    }
  })

  test.each([
    [true],
    [[true]],
    [[true, 'x']],
    [['true', []]],
    [[true, [], []]],
    [[true, ['p', 'made', 'up']]],
    [null],
  ])('an answer of another shape is an error, hence a deny: %j', async (answer) => {
    const prototype: { enforceExSync: (...values: unknown[]) => unknown } = Enforcer.prototype
    const original = prototype.enforceExSync
    const snapshot = await interpretedSnapshot({ rules: ['g, user:oli, role:owner, org:acme'] })
    prototype.enforceExSync = () => answer
    try {
      expect(ask(snapshot, 'user:oli GET /docs/a')).toEqual({
        allow: false,
        reason: 'decision_error',
      })
    } finally {
      prototype.enforceExSync = original
    }
    expect(ask(snapshot, 'user:oli GET /docs/a').allow).toBe(true)
  })

  test('an allow that names a deny is an error, hence a deny', async () => {
    const prototype: { enforceExSync: (...values: unknown[]) => unknown } = Enforcer.prototype
    const original = prototype.enforceExSync
    const snapshot = await interpretedSnapshot({ guardrails: ['p, *, *, /docs/a, GET, deny'] })
    prototype.enforceExSync = function (this: Enforcer, ...values: unknown[]) {
      const answer = original.apply(this, values)
      return Array.isArray(answer) ? [true, answer[1]] : answer
    }
    try {
      expect(ask(snapshot, 'user:oli GET /docs/a')).toEqual({
        allow: false,
        reason: 'decision_error',
      })
    } finally {
      prototype.enforceExSync = original
    }
  })

  test('the compiled path asks no enforcer: there is nothing to switch and nothing to answer', async () => {
    const prototype: { enforceExSync: (...values: unknown[]) => unknown } = Enforcer.prototype
    const original = prototype.enforceExSync
    let asked = 0
    prototype.enforceExSync = () => {
      asked += 1
      return true
    }
    try {
      const snapshot = await snapshotOf({ rules: ['g, user:oli, role:owner, org:acme'] })
      expect(snapshot.engine.interpreted).toBeUndefined()
      expect(ask(snapshot, 'user:ann GET /docs/a').reason).toBe('denied_by_default')
      expect(ask(snapshot, 'user:oli GET /docs/a').reason).toBe('allowed_by_rule')
      expect(asked).toBe(0)
    } finally {
      prototype.enforceExSync = original
    }
  })
})

test('H12 a default deny names no rule in the library; the explanation names the nearest', async () => {
  const text = simpleModel('r.sub == p.sub && r.obj == p.obj')
  expect(
    library(text, [['p', 'ann', '/a', 'GET', 'allow']]).enforceExSync('ann', '/b', 'GET'),
  ).toEqual([false, []])
  const snapshot = await snapshotOf({ rules: ['p, user:ann, org:acme, /docs/a, GET, allow'] })
  const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/b', act: 'GET' }
  expect(finish(explain(snapshot, request)).candidates).toMatchObject([{ unmatched: ['object'] }])
})
