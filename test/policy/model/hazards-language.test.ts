/** The hazards of casbin's language: its functions, patterns and matchers. */
import { newModelFromString, Util } from 'casbin'
import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/policy/decide.ts'
import { buildEngine } from '../../../src/policy/engine.ts'
import { parseModel } from '../../../src/policy/model/model.ts'
import { ask, modelText, problemsIn, problemsOf, snapshotOf } from '../support.ts'
import { columns, library, simpleModel } from '../support-library.ts'

describe("section 2, 5: the library's functions", () => {
  test.each([
    ['keyMatch forgets what follows a star', Util.keyMatchFunc('/a/zzz/c', '/a/*/b')],
    ['keyMatch2 reads a dot as any character', Util.keyMatch2Func('/v1xstatus', '/v1.status')],
    ['keyMatch2 stops a star at a newline', !Util.keyMatch2Func('/a/x\ny', '/a/*')],
    ['keyMatch2 takes a query for an id', Util.keyMatch2Func('/a/7?x=1', '/a/:id')],
  ])('%s', (_, wrong) => expect(wrong).toBe(true))

  test('a deny on a star covers a newline here', async () => {
    const snapshot = await snapshotOf({
      guardrails: ['p, *, *, /docs/*, GET, deny', 'p, *, *, /:app/*, GET, allow'],
    })
    const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/a\nb', act: 'GET' }
    expect(decide(snapshot, request).reason).toBe('denied_by_rule')
  })

  test('a pattern that would take seconds there is decided here', async () => {
    const snapshot = await snapshotOf({ guardrails: ['p, *, *, /docs/*/a/*/a/*/b, GET, deny'] })
    expect(ask(snapshot, `user:ann GET /docs${'/a'.repeat(250)}`).reason).toBe('denied_by_default')
  })
})

test('section 2, 6: depth that casbin stops at is reached, one more is refused', async () => {
  const chain = (length: number) => [
    'g, user:ann, role:r1, org:acme',
    ...Array.from(
      { length: length - 1 },
      (_, at) => `g, role:r${at + 1}, role:r${at + 2}, org:acme`,
    ),
    `p, role:r${length}, org:acme, /docs/a, GET, allow`,
  ]
  expect(ask(await snapshotOf({ rules: chain(10) }), 'user:ann GET /docs/a').allow).toBe(true)
  expect(await problemsIn(snapshotOf({ rules: chain(11) }))).toEqual([
    'organisation acme:1:3: Roles are inherited over at most 10 steps; this is one more.',
  ])
})

describe('section 3: patterns on which the library never returns', () => {
  test.each([
    ['keyMatch2', '/:/all'],
    ['keyMatch2', '/x/:'],
    ['keyGet2', '/:/all'],
    ['keyMatch3', '/{id/using/{resId}'],
    ['keyMatch3', '/parent/{i/d}/child/{i/d}'],
    ['keyMatch4', '/parent/{i/d}/child/{i/d}'],
    ['keyMatch4', '/{id/using/{resId}'],
    ['keyMatch5', '/{id/using/{resId}'],
    ['keyMatch5', '/parent/{i/d}/child/{i/d}'],
    ['keyMatch', '/:/all'],
    ['keyGet', '/{id/using/{resId}'],
  ])('%s with %s is refused when rules are loaded', async (name, pattern) => {
    const call = name === 'keyGet2' ? 'keyGet2(r.obj, p.obj, "id") != ""' : `${name}(r.obj, p.obj)`
    const text = simpleModel(
      name === 'keyGet'
        ? 'r.sub == p.sub && keyGet(r.obj, p.obj) != ""'
        : `r.sub == p.sub && ${call}`,
    )
    const model = parseModel(text, 'm.conf')
    const building = buildEngine(model, [columns(`p, ann, ${pattern}, GET, allow`)])
    expect(await problemsIn(building)).toHaveLength(1)
  })

  test('a pattern that no check has seen is an error at a decision, not a loop', async () => {
    const model = parseModel(simpleModel('r.sub == p.sub && eval(p.obj)'), 'm.conf')
    const engine = await buildEngine(
      model,
      [columns("p, ann, keyMatch2(r.obj; '/:/all'), GET, allow")].map((rule) => ({
        ...rule,
        values: rule.values.map((value) => value.replace(';', ',')),
      })),
    )
    expect(() => engine.evaluate(['ann', '/a', 'GET'])).toThrow('without being checked')
  })
})

describe('section 3: meaning that differs from what is written', () => {
  test('the library turns a permit into a deny beside an unbracketed "in"; we refuse the model', () => {
    const matcher = 'r.sub == p.sub && r.act == p.act || r.obj in ["b"]'
    const enforcer = library(simpleModel(matcher), [['p', 'ann', '/a', 'GET', 'allow']])
    expect(enforcer.enforceSync('ann', '/a', 'GET')).toBe(false)
    expect(problemsOf(() => parseModel(simpleModel(matcher), 'm.conf'))).toHaveLength(1)
  })

  test('the library drops a bracketed one behind a space as well; we refuse the model', () => {
    const matcher = 'r.sub == p.sub || (r.obj in ["a", "b"])'
    const enforcer = library(simpleModel(matcher), [['p', 'ann', '/a', 'GET', 'allow']])
    expect(() => enforcer.enforceSync('ben', 'a', 'GET')).toThrow()
    expect(problemsOf(() => parseModel(simpleModel(matcher), 'm.conf'))).toHaveLength(1)
  })

  test('a g line of domain * does nothing in the library; here it holds in every organisation', async () => {
    const guardrails = ['g, user:ann, role:a, *', 'p, role:a, *, /docs/a, GET, allow']
    const rows = guardrails.map((line) => line.split(', '))
    const enforcer = library(modelText, rows)
    enforcer.initRmMap()
    await enforcer.buildRoleLinks()
    expect(enforcer.enforceSync('user:ann', 'org:acme', '/docs/a', 'GET')).toBe(false)
    for (const organisation of ['acme', 'beta']) {
      expect(
        ask(await snapshotOf({ guardrails, organisation }), 'user:ann GET /docs/a').allow,
      ).toBe(true)
    }
  })
})

describe('section 6', () => {
  test('an unknown function is nothing in the library, so its negation allows; we refuse the model', () => {
    const text = simpleModel('r.sub == p.sub && !blocked(r.sub)')
    const enforcer = library(text, [['p', 'ann', '/a', 'GET', 'allow']])
    expect(enforcer.enforceSync('ann', '/a', 'GET')).toBe(true)
    expect(problemsOf(() => parseModel(text, 'm.conf'))).toHaveLength(1)
  })

  test('an unclosed bracket is found before the first decision', () => {
    const text = simpleModel('(r.sub == p.sub && r.obj == p.obj')
    expect(() => newModelFromString(text)).not.toThrow()
    expect(problemsOf(() => parseModel(text, 'm.conf'))).toHaveLength(1)
  })

  test('a pattern /docs/* does not cover /docs, which is no object', async () => {
    const snapshot = await snapshotOf({ guardrails: ['p, *, *, /docs/*, GET, allow'] })
    expect(ask(snapshot, 'user:ann GET /docs').allow).toBe(false)
    expect(ask(snapshot, 'user:ann GET /docs/').allow).toBe(true)
  })
})
