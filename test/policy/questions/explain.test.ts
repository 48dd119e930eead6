import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { finish } from '../../../src/lib/turns.ts'
import { parseModel } from '../../../src/policy/model/model.ts'
import { explain as explaining } from '../../../src/policy/questions/explain.ts'
import { ask, modelText, snapshotOf } from '../support.ts'

const explain = (...asked: Parameters<typeof explaining>) => finish(explaining(...asked))

const world = {
  guardrails: [
    'p, role:reader, *, /docs/documents/:id, GET, allow',
    'g, role:editor, role:reader, *',
    'p, *, *, /docs/archive/*, DELETE, deny',
    'p, *, *, /docs/open, GET, allow',
  ],
  rules: [
    'g, user:ann, team:writers, org:acme',
    'g, team:writers, role:editor, org:acme',
    'p, user:ben, org:acme, /docs/desk, *, allow',
    'g, user:cat, role:viewer, org:acme',
  ],
}

async function explained(text: string) {
  const [sub = '', act = '', obj = ''] = text.split(' ')
  return explain(await snapshotOf(world), { sub, dom: 'org:acme', obj, act })
}

describe('an allow', () => {
  test('names the rule, its place and the way to it', async () => {
    const { decision, sentences, rolePath, rule, candidates } = await explained(
      'user:ann GET /docs/documents/7',
    )
    expect(decision.allow).toBe(true)
    expect(rule).toBe(decision.rule)
    expect(rolePath).toEqual(['user:ann', 'team:writers', 'role:editor', 'role:reader'])
    expect(sentences).toEqual([
      'A rule allows user:ann to GET /docs/documents/7 in org:acme: GET on /docs/documents/:id (policies/rules.csv:2).',
      'The rule names role:reader, which is held this way: user:ann -> team:writers -> role:editor -> role:reader.',
    ])
    expect(candidates).toEqual([])
  })

  test('by a rule for the subject itself, written by somebody at some time', async () => {
    const { sentences, rolePath } = await explained('user:ben PATCH /docs/desk')
    expect(rolePath).toEqual(['user:ben'])
    expect(sentences).toEqual([
      'A rule allows user:ben to PATCH /docs/desk in org:acme: every method on /docs/desk (by user:ann at 2026-11-01T12:00:00Z, revision 1).',
      'The rule names user:ben itself.',
    ])
  })

  test('by a rule for everybody', async () => {
    const { sentences } = await explained('anonymous GET /docs/open')
    expect(sentences[1]).toBe('The rule holds for everybody.')
  })

  test('by a built-in role', async () => {
    const { sentences } = await explained('user:cat GET /gatehouse/members')
    expect(sentences).toEqual([
      'A rule allows user:cat to GET /gatehouse/members in org:acme: GET on /gatehouse/* (built in).',
      'The rule names role:viewer, which is held this way: user:cat -> role:viewer.',
    ])
  })
})

describe('a deny', () => {
  test('by a rule names it, whatever allows there are', async () => {
    const { decision, sentences, candidates } = await explained('user:ann DELETE /docs/archive/7')
    expect(decision.reason).toBe('denied_by_rule')
    expect(sentences).toEqual([
      'A rule forbids user:ann to DELETE /docs/archive/7 in org:acme, whatever others allow: DELETE on /docs/archive/* (policies/rules.csv:4).',
      'The rule holds for everybody.',
    ])
    expect(candidates).toEqual([])
  })

  test('by default names the nearest allow and what it lacks', async () => {
    const { decision, sentences, candidates, rule } = await explained(
      'user:ann PUT /docs/documents/7',
    )
    expect(decision.reason).toBe('denied_by_default')
    expect(rule).toBeUndefined()
    expect(sentences).toEqual([
      'No rule allows user:ann to PUT /docs/documents/7 in org:acme, and what no rule allows is denied.',
      'The nearest rule allows GET on /docs/documents/:id (policies/rules.csv:2); the action of the request differs; a rule that allows user:ann to PUT /docs/documents/7 would allow it.',
    ])
    expect(candidates.map(({ rule: { values }, unmatched }) => [values[2], unmatched])).toEqual([
      ['/docs/documents/:id', ['action']],
      ['/docs/open', ['object', 'action']],
    ])
  })

  test('by default, where two fields differ', async () => {
    const { sentences } = await explained('user:ben POST /docs/x')
    expect(sentences[1]).toBe(
      'The nearest rule allows every method on /docs/desk (by user:ann at 2026-11-01T12:00:00Z, revision 1); the object of the request differs; a rule that allows user:ben to POST /docs/x would allow it.',
    )
  })

  test('HEAD is compared as GET', async () => {
    const { candidates } = await explained('user:ann HEAD /docs/x')
    expect(candidates[0]?.unmatched).toEqual(['object'])
  })

  test('names no rule that is for somebody else', async () => {
    const { candidates } = await explained('user:cat PUT /docs/desk')
    const named = new Set(candidates.map(({ rule }) => rule.values[0]))
    expect([...named].toSorted()).toEqual(['*', 'role:viewer'])
  })

  test('names so many candidates and no more', async () => {
    const rules = Array.from(
      { length: 30 },
      (_, at) => `p, user:ann, org:acme, /docs/a${at}, GET, allow`,
    )
    const snapshot = await snapshotOf({ rules })
    const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/b', act: 'GET' }
    expect(explain(snapshot, request).candidates).toHaveLength(limits.explainedCandidates)
  })

  test.each([
    [['g, user:dan, role:none, org:acme'], 'No allow names user:dan, which holds role:none'],
    [[], 'No allow names user:dan, which holds no team and no role'],
  ])('where nothing is for the subject', async (rules, sentence) => {
    const snapshot = await snapshotOf({ rules })
    const request = { sub: 'user:dan', dom: 'org:acme', obj: '/docs/b', act: 'GET' }
    const rule = 'a rule that allows user:dan to GET /docs/b would allow it'
    expect(explain(snapshot, request).sentences[1]).toBe(`${sentence}; ${rule}.`)
  })

  test.each([
    [
      { sub: 'role:owner' },
      'The subject is no user: or service: and not anonymous; roles and teams do not ask.',
    ],
    [{ obj: '' }, 'A field is empty, or the object does not begin with "/".'],
    [{ dom: 'org:beta' }, 'The domain is not the organisation of this policy.'],
    [{ act: 'TRACE' }, 'TRACE is not a method that is decided.'],
  ])('of what is no request: %j', async (change, sentence) => {
    const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/a', act: 'GET', ...change }
    const { sentences, decision } = explain(await snapshotOf(world), request)
    expect(decision.allow).toBe(false)
    expect(sentences).toEqual(['The request is denied before any rule is looked at.', sentence])
  })

  test('of an error says that it was one', async () => {
    const snapshot = await snapshotOf(world)
    const failing = () => {
      throw new Error('away')
    }
    const broken = {
      ...snapshot,
      engine: { ...snapshot.engine, evaluate: failing },
    }
    const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/a', act: 'GET' }
    expect(explain(broken, request).sentences[1]).toBe(
      'The decision failed, and what fails is denied.',
    )
  })
})

describe('for a deny by default', () => {
  const deny = async (text: string) => explained(text)

  test.each([
    ['user:ann PUT /docs/documents/7', ['action', 'object']],
    ['user:ben POST /docs/x', ['object', 'object']],
  ])('%s: each candidate names its first failing clause', async (text, clauses) => {
    const { candidates } = await deny(text)
    expect(candidates.map(({ failing }) => failing)).toEqual(clauses)
    for (const { failing, unmatched } of candidates) expect(unmatched[0]).toBe(failing)
  })

  test('the nearest miss may be a rule that somebody else holds', async () => {
    const { nearest, sentences } = await deny('user:cat GET /docs/documents/7')
    expect(nearest?.failing).toEqual(['subject'])
    expect(nearest?.rule.values[0]).toBe('role:reader')
    expect(sentences[1]).toBe(
      'The nearest rule allows GET on /docs/documents/:id to role:reader (policies/rules.csv:2), which user:cat does not hold; granting role:reader to user:cat would allow it.',
    )
  })

  test('a rule for another subject is said to be for that one', async () => {
    const { sentences } = await deny('user:cat GET /docs/desk')
    expect(sentences[1]).toContain('every method on /docs/desk to user:ben (by user:ann')
    expect(sentences[1]).toContain(', not to user:cat; a rule that allows user:cat to GET')
  })

  test('the owner, who may do everything, is nobody who is near', async () => {
    const { nearest } = await deny('user:zoe PUT /docs/other')
    expect(nearest?.rule.values[2]).toBe('/docs/open')
  })

  test('the candidate with more of the path in common comes first', async () => {
    const rules = ['/docs/x/*', '/docs/a/b/:id', '/docs/a/c'].map(
      (object) => `p, user:ann, org:acme, ${object}, GET, allow`,
    )
    const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/a/b', act: 'GET' }
    const { candidates } = explain(await snapshotOf({ rules }), request)
    expect(candidates.map(({ rule }) => rule.values[2])).toEqual([
      '/docs/a/b/:id',
      '/docs/a/c',
      '/docs/x/*',
    ])
  })

  test('the smallest change is data as well', async () => {
    const { changes } = await deny('user:cat GET /docs/documents/7')
    expect(changes).toEqual([
      {
        kind: 'role',
        ptype: 'g',
        values: ['user:cat', 'role:reader', 'org:acme'],
        phrase: 'granting role:reader to user:cat',
      },
      {
        kind: 'team',
        ptype: 'g',
        values: ['user:cat', 'team:writers', 'org:acme'],
        phrase: 'making user:cat a member of team:writers',
      },
      {
        kind: 'rule',
        ptype: 'p',
        values: ['user:cat', 'org:acme', '/docs/documents/7', 'GET', 'allow'],
        phrase: 'a rule that allows user:cat to GET /docs/documents/7',
      },
    ])
  })
})

describe('what nothing changes', () => {
  test('a guardrail, and it is said', async () => {
    const { changes, unchangeable } = await explained('user:ann DELETE /docs/archive/7')
    expect(changes).toEqual([])
    expect(unchangeable).toBe('it is a guardrail, and no grant outweighs it')
  })

  test("an organisation's own deny, as long as it stands", async () => {
    const rules = ['p, *, org:acme, /docs/*, GET, deny', 'p, *, org:acme, /docs/a, GET, allow']
    const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/a', act: 'GET' }
    const { changes, unchangeable } = explain(await snapshotOf({ rules }), request)
    expect(changes).toEqual([])
    expect(unchangeable).toBe('as long as it stands, no grant outweighs it')
  })

  test('what is no request', async () => {
    const { changes, unchangeable } = await explained('role:editor GET /docs/desk')
    expect(changes).toEqual([])
    expect(unchangeable).toBe('it is denied before any rule is looked at')
  })

  test('an allow has neither changes nor a reason for none', async () => {
    const explanation = await explained('user:ann GET /docs/documents/7')
    expect(explanation.changes).toEqual([])
    expect(explanation).not.toHaveProperty('unchangeable')
    expect(explanation).not.toHaveProperty('nearest')
  })
})

test('in a model of another class the decision is explained, and nothing is guessed', async () => {
  const snapshot = await snapshotOf(world)
  const model = parseModel(modelText.replace('keyMatch2(r.obj, p.obj)', 'r.obj == p.obj'), 'm.conf')
  const request = { sub: 'user:cat', dom: 'org:acme', obj: '/docs/documents/7', act: 'GET' }
  const { sentences, candidates, changes, unchangeable } = explain({ ...snapshot, model }, request)
  expect([candidates, changes]).toEqual([[], []])
  expect(sentences[1]).toMatch(/^The matcher is not the one of paths and methods/)
  expect(unchangeable).toBe(sentences[1])
})

test('an explanation is the decision of the gateway, never another', async () => {
  const snapshot = await snapshotOf(world)
  for (const sub of ['user:ann', 'user:ben', 'user:cat', 'anonymous', 'role:editor']) {
    for (const act of ['GET', 'HEAD', 'PUT', 'DELETE', 'TRACE']) {
      for (const obj of ['/docs/documents/7', '/docs/archive/7', '/docs/open', '/docs/desk', '']) {
        const request = { sub, dom: 'org:acme', obj, act }
        expect(explain(snapshot, request).decision).toEqual(ask(snapshot, `${sub} ${act} ${obj}`))
      }
    }
  }
})
