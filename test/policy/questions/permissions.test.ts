import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchPath } from '../../../src/policy/patterns/pattern.ts'
import { literalPattern } from '../../../src/policy/patterns/pattern-algebra.ts'
import {
  createAbout,
  failingClauses,
  groupsIn,
  holdersOf,
  membersIn,
  methodsOf,
  namesOf,
  permissionsFor,
  subjectsIn,
} from '../../../src/policy/questions/permissions.ts'
import { patternsUpTo, worldPaths } from '../patterns/pattern-world.ts'
import { ruleOf, snapshotOf } from '../support.ts'

const request = { sub: 'user:ann', dom: 'org:acme', obj: '/docs/a', act: 'GET' }
const names = new Set(['*', 'user:ann', 'role:r'])

describe('a rule and a request', () => {
  test.each<[string, string[]]>([
    ['p, user:ann, org:acme, /docs/a, GET, allow', []],
    ['p, *, *, /docs/:x, *, allow', []],
    ['p, role:r, *, /*, GET, deny', []],
    ['p, role:q, org:acme, /docs/a, GET, allow', ['subject']],
    ['p, user:ann, org:beta, /docs/a, GET, allow', ['domain']],
    ['p, user:ann, org:acme, /docs/b, GET, allow', ['object']],
    ['p, user:ann, org:acme, /docs/a/*, GET, allow', ['object']],
    ['p, user:ann, org:acme, /docs/a, PUT, allow', ['action']],
    ['p, role:q, org:beta, /docs/b, PUT, allow', ['subject', 'domain', 'object', 'action']],
  ])('%s fails in %j, in the order of the matcher', (line, clauses) => {
    const rule = ruleOf(line)
    expect(failingClauses(rule, request, names)).toEqual(clauses)
    const rest = clauses.filter((clause) => clause !== 'subject')
    expect(createAbout(request)(rule)).toBe(rest.length === 0)
  })

  test('HEAD is asked as GET', () => {
    const head = { ...request, act: 'HEAD' }
    const rule = ruleOf('p, user:ann, org:acme, /docs/a, GET, allow')
    expect(failingClauses(rule, head, names)).toEqual([])
    expect(createAbout(head)(rule)).toBe(true)
  })

  test('a role assignment is about no request', () => {
    expect(createAbout(request)(ruleOf('g, user:ann, role:r, org:acme'))).toBe(false)
  })

  test('the first letters decide nothing that the whole pattern would not', () => {
    const rules = patternsUpTo(3).map((object) => ruleOf(`p, *, *, ${object}, *, allow`))
    fc.assert(
      fc.property(fc.constantFrom(...worldPaths), (obj) => {
        const about = createAbout({ ...request, obj })
        for (const rule of rules) {
          const expected = matchPath(rule.values[2] ?? '', obj)
          expect([obj, rule.values[2], about(rule)]).toEqual([obj, rule.values[2], expected])
        }
      }),
      { numRuns: 40 },
    )
  })

  test.each([
    ['/docs/a%2Cb', '/docs/a,b', true],
    ['/docs/a%2Cb', '/docs/a%2Cb', false],
    ['/docs/%3Aid', '/docs/:id', true],
    ['/docs/%3Aid', '/docs/7', false],
    ['/docs/a:b', '/docs/a:b', true],
    ['/docs/a:b', '/docs/a', false],
    ['/docs/*', '/docs/', true],
    ['/docs/:id', '/docs/', false],
    ['/docs/*', '/docs', false],
  ])('%s is about %s: %s', (object, obj, expected) => {
    const rule = ruleOf(`p, *, *, ${object}, *, allow`)
    const about = createAbout({ ...request, obj })
    // Asked twice: what was found out is remembered.
    expect([about(rule), about(rule)]).toEqual([expected, expected])
  })
})

describe('who is named', () => {
  const rules = [
    'g, user:ann, team:t, org:acme',
    'g, service:s, team:t, org:acme',
    'g, team:t, role:r, org:acme',
    'g, role:r, role:q, org:acme',
    'p, user:ben, org:acme, /docs/a, GET, allow',
    'p, role:lone, org:acme, /docs/a, GET, deny',
    'p, role:q, org:acme, /docs/b, *, allow',
  ]

  test('subjects are users, services and anonymous', async () => {
    const found = [...subjectsIn(await snapshotOf({ rules }))]
    expect(found.toSorted()).toEqual(['anonymous', 'service:s', 'user:ann', 'user:ben'])
  })

  test('groups are teams and roles, held or not, built in or not', async () => {
    const found = [...groupsIn(await snapshotOf({ rules }))].toSorted()
    expect(found.filter((name) => !/owner|admin|billing|member|viewer/.test(name))).toEqual([
      'role:lone',
      'role:q',
      'role:r',
      'team:t',
    ])
    expect(found).toContain('role:owner')
  })

  test('upwards and downwards say the same', async () => {
    const snapshot = await snapshotOf({ rules })
    const members = membersIn(snapshot)
    const all = [...subjectsIn(snapshot), ...groupsIn(snapshot)]
    for (const holder of all) {
      for (const name of all) {
        const up = namesOf(snapshot, holder).has(name)
        expect([holder, name, holdersOf([name], members).has(holder)]).toEqual([holder, name, up])
      }
    }
  })

  test('permissions of names come in the order of the rules', async () => {
    const snapshot = await snapshotOf({ rules })
    const found = permissionsFor(snapshot, new Set(['role:q', 'user:ben']))
    expect(
      found.map(({ name, object, method, allow }) => [name, object.text, method, allow]),
    ).toEqual([
      ['user:ben', '/docs/a', 'GET', true],
      ['role:q', '/docs/b', '*', true],
    ])
  })
})

test('a star is every method that is decided', () => {
  expect(methodsOf('*')).toEqual(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
  expect(methodsOf('PUT')).toEqual(['PUT'])
})

test('the pattern of a path matches that path and no other', () => {
  const letter = fc.constantFrom('a', ':', '*', '(', ')', "'", ',', '.', '-')
  const segment = fc.string({ unit: letter, minLength: 1, maxLength: 4 })
  const path = fc
    .array(segment, { minLength: 1, maxLength: 3 })
    .filter((segments) => segments.every((one) => !/^\.+$/.test(one)))
    .map((segments) => `/${segments.join('/')}`)
  fc.assert(
    fc.property(path, path, (one, other) => {
      expect(matchPath(literalPattern(one), one)).toBe(true)
      expect(matchPath(literalPattern(one), other)).toBe(one === other)
    }),
  )
})
