import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import type { Application } from '../../../src/policy/applications.ts'
import { parseModel } from '../../../src/policy/model/model.ts'
import { matchPath } from '../../../src/policy/patterns/pattern.ts'
import { whoCan as searchWho, whichActions } from '../../../src/policy/questions/search.ts'
import { whatCan as searchWhat } from '../../../src/policy/questions/what-can.ts'
import { whichOperations as searchOperations } from '../../../src/policy/questions/which-operations.ts'
import type { Snapshot } from '../../../src/policy/snapshot.ts'
import { filesWith, inert, modelText, snapshotOf, type World } from '../support.ts'
import { actions, asking, buildWorld, isAllowed, objects, smallWorld } from './permission-worlds.ts'

const whoCan = (...asked: Parameters<typeof searchWho>) => finish(searchWho(...asked))
const whatCan = (...asked: Parameters<typeof searchWhat>) => finish(searchWhat(...asked))
const whichOperations = (...asked: Parameters<typeof searchOperations>) =>
  finish(searchOperations(...asked))

const all = { limit: 1_000 }

function who(snapshot: Snapshot, question: string, known: readonly string[] = []) {
  const [act = '', obj = ''] = question.split(' ')
  const found = whoCan(snapshot, { act, obj }, all, known)
  if (found.kind === 'unsupported') throw new Error(found.because)
  return found
}

function what(snapshot: Snapshot, subject: string) {
  const found = whatCan(snapshot, subject, all)
  if (found.kind === 'unsupported') throw new Error(found.because)
  return found.results
}

/** What can be done, one line each: `GET /docs/* but GET /docs/a`. */
async function lines(world: World, subject: string): Promise<string[]> {
  return what(await snapshotOf(world), subject).map(({ method, object, except }) =>
    [`${method} ${object}`, ...except.map((of) => `${of.method} ${of.object}`)].join(' but '),
  )
}

describe('over worlds at random', () => {
  test('who can is exactly who is decided to be allowed', async () => {
    await fc.assert(
      fc.asyncProperty(smallWorld, async (world) => {
        const snapshot = await buildWorld(world)
        for (const act of actions) {
          for (const obj of objects) {
            const { results, everybody } = who(snapshot, `${act} ${obj}`, asking)
            const allowed = asking.filter((sub) => isAllowed(snapshot, sub, act, obj))
            expect(results).toEqual(allowed.toSorted())
            expect(everybody).toBe(isAllowed(snapshot, 'user:another', act, obj))
          }
        }
      }),
      { numRuns: 35 },
    )
  })

  test('what can is exactly what is decided to be allowed', async () => {
    await fc.assert(
      fc.asyncProperty(smallWorld, async (world) => {
        const snapshot = await buildWorld(world)
        for (const subject of asking) {
          const found = what(snapshot, subject)
          for (const act of actions) {
            for (const obj of objects) {
              const fits = (of: { method: string; object: string }) =>
                ['*', act].includes(of.method) && matchPath(of.object, obj)
              const says = found.some((one) => fits(one) && !one.except.some(fits))
              expect([subject, act, obj, says]).toEqual([
                subject,
                act,
                obj,
                isAllowed(snapshot, subject, act, obj),
              ])
            }
          }
        }
      }),
      { numRuns: 35 },
    )
  })

  test('what denies leave nothing of is not listed', async () => {
    await fc.assert(
      fc.asyncProperty(smallWorld, async (world) => {
        const snapshot = await buildWorld(world)
        const found = what(snapshot, 'user:a').filter(({ object }) => object.startsWith('/docs'))
        for (const { object, method } of found) {
          const act = method === '*' ? actions : [method]
          const some = objects.some(
            (obj) =>
              matchPath(object, obj) && act.some((by) => isAllowed(snapshot, 'user:a', by, obj)),
          )
          // `/docs/*/:x` and its like may leave paths that are longer than those of the world.
          expect(some || object.includes('*')).toBe(true)
        }
      }),
      { numRuns: 35 },
    )
  })

  test('pages of one are the whole, in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(smallWorld, fc.integer({ min: 1, max: 3 }), async (world, limit) => {
        const snapshot = await buildWorld(world)
        const question = { act: 'GET', obj: '/docs/a' }
        const results: unknown[] = []
        for (let cursor: string | undefined = ''; cursor !== undefined; ) {
          const page = whoCan(snapshot, question, { limit, cursor }, asking)
          if (page.kind !== 'page') throw new Error('no page')
          expect(page.results.length).toBeLessThanOrEqual(limit)
          results.push(...page.results)
          cursor = page.next
        }
        expect(results).toEqual(who(snapshot, 'GET /docs/a', asking).results)
        const rules: unknown[] = []
        for (let cursor: string | undefined = ''; cursor !== undefined; ) {
          const page = whatCan(snapshot, 'user:b', { limit, cursor })
          if (page.kind !== 'page') throw new Error('no page')
          rules.push(...page.results)
          cursor = page.next
        }
        expect(rules).toEqual(what(snapshot, 'user:b'))
      }),
      { numRuns: 35 },
    )
  })

  test('which actions are those that who can names the subject for', async () => {
    await fc.assert(
      fc.asyncProperty(smallWorld, async (world) => {
        const snapshot = await buildWorld(world)
        for (const subject of asking) {
          const named = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((act) =>
            who(snapshot, `${act} /docs/a/b`, asking).results.includes(subject),
          )
          expect(whichActions(snapshot, subject, '/docs/a/b')).toEqual(named)
        }
      }),
      { numRuns: 20 },
    )
  })
})

describe('who can', () => {
  const world = {
    guardrails: [
      'p, role:reader, *, /docs/:id, GET, allow',
      'g, role:editor, role:reader, *',
      'p, user:eve, *, /docs/*, *, deny',
    ],
    rules: [
      'g, user:zoe, team:writers, org:acme',
      'g, service:sync, team:writers, org:acme',
      'g, user:eve, team:writers, org:acme',
      'g, team:writers, role:editor, org:acme',
      'p, user:ben, org:acme, /docs/a, GET, allow',
      'p, team:blocked, org:acme, /docs/a, GET, deny',
      'p, user:ned, org:acme, /docs/a, GET, allow',
      'g, user:ned, team:blocked, org:acme',
    ],
  }

  test('names users and services through teams and roles, without those that a deny stops', async () => {
    const found = who(await snapshotOf(world), 'GET /docs/a')
    expect(found).toEqual({
      kind: 'page',
      results: ['service:sync', 'user:ben', 'user:zoe'],
      everybody: false,
    })
  })

  test('reads HEAD as GET, and nothing into other methods', async () => {
    const snapshot = await snapshotOf(world)
    expect(who(snapshot, 'HEAD /docs/a').results).toEqual(who(snapshot, 'GET /docs/a').results)
    expect(who(snapshot, 'TRACE /docs/a').results).toEqual([])
    expect(who(snapshot, 'PUT /docs/a').results).toEqual([])
  })

  test('reads an escape in a rule as the character that it stands for', async () => {
    const snapshot = await snapshotOf({ rules: ['p, user:ann, org:acme, /docs/a%2Cb, GET, allow'] })
    expect(who(snapshot, 'GET /docs/a,b').results).toEqual(['user:ann'])
    expect(who(snapshot, 'GET /docs/a%2Cb').results).toEqual([])
  })

  test('of no object is nobody', async () => {
    const rules = ['p, *, org:acme, /docs/*, *, allow']
    expect(who(await snapshotOf({ rules }), 'GET docs/a')).toMatchObject({
      results: [],
      everybody: false,
    })
  })

  test('of what everybody may names those that are known, and says that others can too', async () => {
    const rules = ['p, *, org:acme, /docs/*, *, allow', 'p, user:eve, org:acme, /docs/a, GET, deny']
    const snapshot = await snapshotOf({ rules })
    const { results, everybody } = who(snapshot, 'GET /docs/a', ['user:ann', 'team:t', 'user:A'])
    expect(results).toEqual(
      ['anonymous', 'user:ann', 'user:nobody'].filter((sub) => sub !== 'user:nobody'),
    )
    expect(everybody).toBe(true)
  })

  test('of what is denied to everybody is nobody, whatever is allowed', async () => {
    const rules = ['p, user:ann, org:acme, /docs/*, *, allow']
    const guardrails = ['p, *, *, /docs/a, GET, deny']
    const snapshot = await snapshotOf({ rules, guardrails })
    expect(who(snapshot, 'GET /docs/a')).toMatchObject({ results: [], everybody: false })
    expect(who(snapshot, 'PUT /docs/a').results).toEqual(['user:ann'])
  })

  test('goes on after the cursor even when that subject has gone', async () => {
    const rules = ['a', 'c', 'd'].map((name) => `p, user:${name}, org:acme, /docs/a, GET, allow`)
    const question = { act: 'GET', obj: '/docs/a' }
    const page = whoCan(await snapshotOf({ rules }), question, { limit: 1, cursor: 'user:b' })
    expect(page).toEqual({ kind: 'page', results: ['user:c'], next: 'user:c', everybody: false })
  })
})

describe('what can', () => {
  test('names the rule and the way to it', async () => {
    const rules = ['g, user:ann, role:r, org:acme', 'p, role:r, org:acme, /docs/*, GET, allow']
    const [found] = what(await snapshotOf({ rules }), 'user:ann')
    expect(found?.rule.values[0]).toBe('role:r')
    expect(found?.rolePath).toEqual(['user:ann', 'role:r'])
  })

  const allow = 'p, user:ann, org:acme, /docs/*, *, allow'
  test.each<[string, string[], string[]]>([
    ['nothing', [], ['* /docs/*']],
    ['one method', ['/docs/*, PUT'], ['* /docs/* but PUT /docs/*']],
    ['a part', ['/docs/a, *'], ['* /docs/* but * /docs/a']],
    ['a part of a part', ['/docs/a/*, *', '/docs/a/b, *'], ['* /docs/* but * /docs/a/*']],
    ['one method of a part', ['/docs/:a/b, GET'], ['* /docs/* but GET /docs/:a/b']],
    ['everything', ['/docs/*, *'], []],
    ['everything in pieces', ['/docs/, *', '/docs/:a, *', '/docs/:a/*, *'], []],
  ])('after a deny of %s', async (_, denied, expected) => {
    const denies = denied.map((what) => `p, user:ann, org:acme, ${what}, deny`)
    expect(await lines({ rules: [allow, ...denies] }, 'user:ann')).toEqual(expected)
  })

  test('after a deny that spells the same path in another way is nothing', async () => {
    const rules = ['/docs/a:b/c, *, allow', '/docs/a%3Ab/c, *, deny'].map(
      (of) => `p, user:ann, org:acme, ${of}`,
    )
    expect(await lines({ rules }, 'user:ann')).toEqual([])
  })

  test('is in the order of object and method, whatever the order of the rules', async () => {
    const rules = ['/docs/b, GET', '/docs/a, PUT', '/docs/a, GET'].map(
      (of) => `p, user:ann, org:acme, ${of}, allow`,
    )
    expect(await lines({ rules }, 'user:ann')).toEqual([
      'GET /docs/a',
      'PUT /docs/a',
      'GET /docs/b',
    ])
  })

  test('two equal rules of files and organisation are two results, on two pages', async () => {
    const guardrails = ['p, role:r, org:acme, /docs/a, GET, allow']
    const rules = [...guardrails, 'g, user:ann, role:r, org:acme']
    const snapshot = await snapshotOf({ guardrails, rules })
    const first = whatCan(snapshot, 'user:ann', { limit: 1 })
    if (first.kind !== 'page' || first.next === undefined) throw new Error('no page')
    const second = whatCan(snapshot, 'user:ann', { limit: 1, cursor: first.next })
    expect(second).toMatchObject({ results: [{ object: '/docs/a' }] })
    expect(second).not.toHaveProperty('next')
  })
})

describe('operations', () => {
  const [docs] = filesWith([inert]).applications
  if (docs === undefined) throw new Error('no application')
  const operations = [
    { id: 'list', method: 'GET', path: '/documents' },
    { id: 'read', method: 'GET', path: '/documents/:id' },
    { id: 'write', method: 'PUT', path: '/documents/:id' },
    { id: 'drop', method: 'DELETE', path: '/documents/:id' },
  ]
  const applications: readonly Application[] = [{ ...docs, operations }]

  test('are those that can be used finish or in part, by their ids', async () => {
    const rules = [
      'p, user:ann, org:acme, /docs/*, GET, allow',
      'p, user:ann, org:acme, /docs/documents/secret, *, deny',
      'p, user:ann, org:acme, /docs/documents/mine, PUT, allow',
      'p, user:ann, org:acme, /docs/documents/secret, DELETE, allow',
    ]
    const found = whichOperations(await snapshotOf({ rules }), 'user:ann', applications, all)
    if (found.kind !== 'page') throw new Error('no page')
    expect(
      found.results.map(({ operation, extent, except }) => [operation.id, extent, except]),
    ).toEqual([
      ['list', 'all', []],
      ['read', 'some', ['/docs/documents/secret']],
      ['write', 'some', []],
    ])
    expect(found.results.map(({ allow }) => allow)).toEqual([
      ['/docs/*'],
      ['/docs/*'],
      ['/docs/documents/mine'],
    ])
  })

  test('are whole where several rules make them so together', async () => {
    const rules = ['/docs/:a/:b', '/docs/documents/x'].map(
      (object) => `p, user:ann, org:acme, ${object}, GET, allow`,
    )
    const found = whichOperations(await snapshotOf({ rules }), 'user:ann', applications, all)
    expect(found).toMatchObject({ results: [{ operation: { id: 'read' }, extent: 'all' }] })
  })

  test('are for anonymous no more than the public paths', async () => {
    const [first = docs] = applications
    const open = [{ ...first, publicPaths: ['/documents/front', '/:any'] }]
    const snapshot = await snapshotOf({ rules: ['p, *, org:acme, /docs/*, *, allow'] })
    const found = whichOperations(snapshot, 'anonymous', open, all)
    if (found.kind !== 'page') throw new Error('no page')
    expect(
      found.results.map(({ operation, extent, allow }) => [operation.id, extent, allow]),
    ).toEqual([
      ['drop', 'some', ['/docs/documents/front']],
      ['list', 'all', ['/docs/:any']],
      ['read', 'some', ['/docs/documents/front']],
      ['write', 'some', ['/docs/documents/front']],
    ])
    expect(whichOperations(snapshot, 'anonymous', applications, all)).toMatchObject({ results: [] })
  })

  test('come by the page', async () => {
    const snapshot = await snapshotOf({ rules: ['p, *, org:acme, /docs/*, *, allow'] })
    const first = whichOperations(snapshot, 'user:ann', applications, { limit: 3 })
    expect(first).toMatchObject({ next: 'docs read' })
    const rest = whichOperations(snapshot, 'user:ann', applications, {
      limit: 3,
      cursor: 'docs read',
    })
    expect(rest).toMatchObject({ results: [{ operation: { id: 'write' } }] })
  })
})

describe('a model of another class', () => {
  const literal = modelText.replace('keyMatch2(r.obj, p.obj)', 'r.obj == p.obj')
  const rules = [
    'p, role:r, org:acme, /docs/*, GET, allow',
    'g, user:ann, role:r, org:acme',
    'p, user:ben, org:acme, /docs/a, GET, allow',
  ]

  test('is asked subject by subject who can', async () => {
    const snapshot = await snapshotOf({ rules })
    const model = parseModel(literal, 'model.conf')
    const found = whoCan({ ...snapshot, model }, { act: 'GET', obj: '/docs/a' }, all)
    expect(found).toMatchObject({ results: ['user:ann', 'user:ben'] })
  })

  test('is not guessed at for what can', async () => {
    const snapshot = { ...(await snapshotOf({ rules })), model: parseModel(literal, 'model.conf') }
    expect(whatCan(snapshot, 'user:ann', all)).toMatchObject({ kind: 'unsupported' })
    expect(whichOperations(snapshot, 'user:ann', [], all)).toMatchObject({ kind: 'unsupported' })
  })

  test('that casbin decides rule by rule is not searched', async () => {
    const snapshot = await snapshotOf({ rules })
    const engine = { ...snapshot.engine, interpreted: 'the matcher calls eval()' }
    const found = whoCan({ ...snapshot, engine }, { act: 'GET', obj: '/docs/a' }, all)
    expect(found).toEqual({ kind: 'unsupported', because: 'the matcher calls eval()' })
  })
})
