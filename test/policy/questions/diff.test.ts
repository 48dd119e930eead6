import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import { parsePolicyFiles } from '../../../src/policy/files/files.ts'
import { parseModel } from '../../../src/policy/model/model.ts'
import { matchPath } from '../../../src/policy/patterns/pattern.ts'
import { comparePolicies, type Difference } from '../../../src/policy/questions/diff.ts'
import { anybodyElse } from '../../../src/policy/questions/diff-names.ts'
import { subjectsIn } from '../../../src/policy/questions/permissions.ts'
import { whatCan } from '../../../src/policy/questions/what-can.ts'
import { buildSnapshot, type Snapshot } from '../../../src/policy/snapshot.ts'
import { appsText, inert, modelText, ruleOf, snapshotOf } from '../support.ts'
import {
  actions,
  asking,
  buildWorld,
  isAllowed,
  objects,
  smallWorld,
  twoWorlds,
} from './permission-worlds.ts'

function differences(before: Snapshot, after: Snapshot): readonly Difference[] {
  const found = finish(comparePolicies(before, after, { limit: 10_000 }))
  if (found.kind === 'unsupported') throw new Error(found.because)
  return found.results
}

/** As people read it: `role:r gains GET /docs/* but /docs/a`. */
async function told(before: readonly string[], after: readonly string[]): Promise<string[]> {
  const [old, next] = [await snapshotOf({ rules: before }), await snapshotOf({ rules: after })]
  return differences(old, next).map(({ kind, method, object, except, who }) =>
    [`${who.join(' and ')} ${kind} ${method} ${object}`, ...except].join(' but '),
  )
}

/** The methods that `user:a` gains. */
async function methodsFor(before: readonly string[], after: readonly string[]): Promise<string[]> {
  const [old, next] = [await snapshotOf({ rules: before }), await snapshotOf({ rules: after })]
  const gained = differences(old, next).filter(
    ({ kind, subjects }) => kind === 'gains' && subjects.includes('user:a'),
  )
  return gained.map(({ method }) => method)
}

const [GET, PUT] = ['GET', 'PUT'].map(
  (method) =>
    (sub: string, object: string, effect = 'allow') =>
      `p, ${sub}, org:acme, /docs/${object}, ${method}, ${effect}`,
) as [typeof rule, typeof rule]
function rule(sub: string, object: string, effect = 'allow'): string {
  return `p, ${sub}, org:acme, /docs/${object}, *, ${effect}`
}
const link = (member: string, group: string) => `g, ${member}, ${group}, org:acme`

const anyTwo = fc.oneof(twoWorlds, fc.tuple(smallWorld, smallWorld))

test('what a lifted deny and a new allow leave alike is told once, for its methods alone', async () => {
  const denies = (method: string) => `p, *, org:acme, /docs/:x/:y, ${method}, deny`
  const allow = 'p, team:t, org:acme, /docs/:x/b, *, allow'
  const told = await methodsFor([denies('POST')], [allow, link('user:a', 'team:t'), denies('GET')])
  expect(told).toEqual(['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT'])
})

describe('over worlds at random', () => {
  test('the predicted difference is the observed one', async () => {
    await fc.assert(
      fc.asyncProperty(anyTwo, async ([first, second]) => {
        const [before, after] = [await buildWorld(first), await buildWorld(second)]
        const found = differences(before, after)
        const named = new Set([...subjectsIn(before), ...subjectsIn(after)])
        for (const sub of asking) {
          const known = named.has(sub) ? sub : anybodyElse
          for (const act of actions) {
            for (const obj of objects) {
              const [was, is] = [isAllowed(before, sub, act, obj), isAllowed(after, sub, act, obj)]
              const says = (kind: Difference['kind']) =>
                found.some((of) => of.kind === kind && isIn(of, known, act, obj))
              expect([sub, act, obj, says('gains'), says('loses')]).toEqual([
                sub,
                act,
                obj,
                is && !was,
                was && !is,
              ])
            }
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('the way back is the same with gains and losses exchanged', async () => {
    await fc.assert(
      fc.asyncProperty(anyTwo, async ([first, second]) => {
        const [before, after] = [await buildWorld(first), await buildWorld(second)]
        const plain = (of: Difference) => [of.method, of.object, of.except, of.subjects].join(' ')
        const kindOf = (found: readonly Difference[], kind: Difference['kind']) =>
          found
            .filter((of) => of.kind === kind)
            .map(plain)
            .toSorted()
        const [there, back] = [differences(before, after), differences(after, before)]
        expect(kindOf(there, 'gains')).toEqual(kindOf(back, 'loses'))
        expect(kindOf(there, 'loses')).toEqual(kindOf(back, 'gains'))
      }),
      { numRuns: 60 },
    )
  })

  test('the order of the rules makes no difference', async () => {
    await fc.assert(
      fc.asyncProperty(smallWorld, async (world) => {
        const turned = { ...world, rules: world.rules.toReversed() }
        expect(differences(await buildWorld(world), await buildWorld(turned))).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  test('a word for several subjects is true of each of them', async () => {
    await fc.assert(
      fc.asyncProperty(anyTwo, async ([first, second]) => {
        const [before, after] = [await buildWorld(first), await buildWorld(second)]
        for (const { kind, who, subjects } of differences(before, after)) {
          const { rolesOf } = kind === 'gains' ? after : before
          const named = new Set([...subjectsIn(before), ...subjectsIn(after)])
          for (const sub of asking.filter((one) => named.has(one))) {
            const meant = who.some(
              (word) => word === '*' || word === sub || rolesOf(sub).includes(word),
            )
            expect([sub, subjects.includes(sub)]).toEqual([sub, meant])
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

function isIn(of: Difference, sub: string, act: string, obj: string): boolean {
  if (!of.subjects.includes(sub) || !['*', act].includes(of.method)) return false
  return matchPath(of.object, obj) && !of.except.some((hole) => matchPath(hole, obj))
}

describe('people read', () => {
  test.each<[string, string[], string[], string[]]>([
    ['a rule for a role', [], [GET('role:r', 'a')], ['role:r gains GET /docs/a']],
    ['a rule that is gone', [rule('team:t', '*')], [], ['team:t loses * /docs/*']],
    ['a rule for everybody', [], [rule('*', 'a')], ['* gains * /docs/a']],
    [
      'a rule for everybody but one',
      [],
      [GET('*', 'a'), GET('user:eve', 'a', 'deny')],
      ['anonymous and anybody else gains GET /docs/a'],
    ],
    [
      'a wider pattern',
      [GET('role:r', ':id')],
      [GET('role:r', '*')],
      ['role:r gains GET /docs/* but /docs/:id'],
    ],
    [
      'a narrower pattern',
      [GET('role:r', '*')],
      [GET('role:r', ':id')],
      ['role:r loses GET /docs/* but /docs/:id'],
    ],
    [
      'a deny that comes',
      [GET('role:r', '*')],
      [GET('role:r', '*'), rule('role:r', 'secret/*', 'deny')],
      ['role:r loses GET /docs/secret/*'],
    ],
    [
      'a deny that goes, with another that stays',
      [rule('role:r', '*'), PUT('role:r', 'a/*', 'deny'), PUT('role:r', 'a/b', 'deny')],
      [rule('role:r', '*'), PUT('role:r', 'a/b', 'deny')],
      ['role:r gains PUT /docs/a/* but /docs/a/b'],
    ],
    [
      'a new member',
      [GET('role:r', '*')],
      [GET('role:r', '*'), link('user:ann', 'role:r')],
      ['user:ann gains GET /docs/*'],
    ],
    [
      'a team that gets a role',
      [GET('role:r', '*'), link('user:ann', 'team:t'), link('user:ben', 'team:t')],
      [
        GET('role:r', '*'),
        link('user:ann', 'team:t'),
        link('user:ben', 'team:t'),
        link('team:t', 'role:r'),
      ],
      ['team:t gains GET /docs/*'],
    ],
    [
      'a role of which one member is held back',
      [link('user:ann', 'role:r'), link('user:eve', 'role:r'), rule('user:eve', '*', 'deny')],
      [
        link('user:ann', 'role:r'),
        link('user:eve', 'role:r'),
        rule('user:eve', '*', 'deny'),
        GET('role:r', 'a'),
      ],
      ['user:ann gains GET /docs/a'],
    ],
    [
      'the same path by another rule',
      [GET('role:r', 'a')],
      [GET('role:r', 'a'), GET('role:r', ':x')],
      ['role:r gains GET /docs/:x but /docs/a'],
    ],
    ['another name of a parameter', [GET('role:r', ':id')], [GET('role:r', ':name')], []],
    [
      'a rule in pieces',
      [GET('role:r', '*')],
      ['', ':x', ':x/*'].map((at) => GET('role:r', at)),
      [],
    ],
    [
      'a rule that another one held already',
      [GET('role:r', '*')],
      [GET('role:r', '*'), GET('role:r', 'a')],
      [],
    ],
    [
      'an allow that a deny stops',
      [rule('*', '*', 'deny')],
      [rule('*', '*', 'deny'), rule('*', 'a')],
      [],
    ],
    [
      'a deny of what was not allowed',
      [GET('role:r', 'a')],
      [GET('role:r', 'a'), GET('role:r', 'b', 'deny')],
      [],
    ],
  ])('%s', async (_, before, after, expected) => {
    expect(await told(before, after)).toEqual(expected)
  })

  test('a role that inherits is covered by the one that it inherits', async () => {
    const roles = [link('role:editor', 'role:reader'), link('user:ann', 'role:editor')]
    const found = await told(roles, [...roles, GET('role:reader', 'a')])
    expect(found).toEqual(['role:reader gains GET /docs/a'])
  })

  test('nothing of a change that reaches nobody', async () => {
    const held = [link('user:eve', 'role:r'), rule('user:eve', '*', 'deny')]
    expect(await told(held, [...held, GET('role:r', 'a')])).toEqual([])
  })

  test('gains and losses in the order of the objects', async () => {
    const before = [GET('role:r', 'b'), PUT('role:r', 'a')]
    const after = [GET('role:r', 'c'), GET('role:r', 'a')]
    expect(await told(before, after)).toEqual([
      'role:r gains GET /docs/a',
      'role:r loses PUT /docs/a',
      'role:r loses GET /docs/b',
      'role:r gains GET /docs/c',
    ])
  })
})

test('the subjects are named beside the words', async () => {
  const members = [link('user:ann', 'role:r'), link('service:s', 'role:r')]
  const before = await snapshotOf({ rules: members })
  const after = await snapshotOf({ rules: [...members, GET('role:r', 'a')] })
  expect(differences(before, after)).toEqual([
    {
      kind: 'gains',
      method: 'GET',
      object: '/docs/a',
      except: [],
      who: ['role:r'],
      subjects: ['service:s', 'user:ann'],
    },
  ])
})

test('a guardrail that changes is compared as well', async () => {
  const rules = [rule('role:r', '*')]
  const before = await snapshotOf({ rules })
  const after = await snapshotOf({ rules, guardrails: ['p, *, *, /docs/a, *, deny'] })
  expect(differences(before, after)).toMatchObject([
    { kind: 'loses', object: '/docs/a', who: ['role:owner', 'role:r'] },
  ])
})

test('actions of resources are compared like methods, and "every method" covers them', async () => {
  const share = (effect: string) =>
    `p, user:ann, org:acme, /docs/document/:id, can_share, ${effect}`
  const all = 'p, user:ann, org:acme, /docs/document/:id, *, allow'
  const files = parsePolicyFiles({
    model: { name: 'model.conf', text: modelText },
    files: new Map([
      ['apps.yaml', `${appsText}    resources: [{ type: document, actions: [can_share] }]\n`],
      ['rules.csv', inert],
    ]),
  })
  const of = (rules: string[]) =>
    buildSnapshot({
      files,
      organisation: 'acme',
      revision: 1,
      rules: rules.map((one) => ruleOf(one)),
    })
  const told = async (before: string[], after: string[]) =>
    differences(await of(before), await of(after)).map(
      ({ kind, method, object }) => `${kind} ${method} ${object}`,
    )
  expect(await told([], [share('allow')])).toEqual(['gains can_share /docs/document/:id'])
  expect(await told([share('allow')], [])).toEqual(['loses can_share /docs/document/:id'])
  expect(await told([all], [all, share('deny')])).toEqual(['loses can_share /docs/document/:id'])
  expect(await told([share('allow')], [share('allow'), all])).not.toContain(
    'gains can_share /docs/document/:id',
  )
  const denied = await of([all, share('deny')])
  expect(finish(whatCan(denied, 'user:ann', { limit: 5 }))).toMatchObject({
    results: [{ method: '*', except: [{ method: 'can_share', object: '/docs/document/:id' }] }],
  })
})

test('policies of a model of another class are not compared', async () => {
  const snapshot = await snapshotOf({})
  const model = parseModel(modelText.replace('keyMatch2(r.obj, p.obj)', 'r.obj == p.obj'), 'm.conf')
  const other = { ...snapshot, model }
  for (const [before, after] of [
    [snapshot, other],
    [other, snapshot],
  ] as const) {
    const found = finish(comparePolicies(before, after, { limit: 1 }))
    expect(found.kind).toBe('unsupported')
  }
})
