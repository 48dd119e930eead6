import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { finish } from '../../../src/lib/turns.ts'
import { RoleLinks } from '../../../src/policy/role-links.ts'
import type { Rule } from '../../../src/policy/rule.ts'
import { buildRoleGraph, checkRoleGraph, isSoundGraph } from '../../../src/policy/rules/roles.ts'
import { ruleOf } from '../support.ts'

const edges = (...pairs: readonly string[]) =>
  pairs.map((pair) => ruleOf(`g, ${pair.replace('>', ', ')}, org:acme`))

const rolesOf = (rules: readonly Rule[]) => {
  const links = finish(RoleLinks.read(rules, 'g', 3))
  return (member: string) => links.rolesOf(member, 'org:acme')
}
const graphOf = (rules: readonly Rule[]) => buildRoleGraph(rolesOf(rules))
const check = (rules: readonly Rule[]) => finish(checkRoleGraph(rules))

describe('what a member holds', () => {
  const graph = graphOf([
    ...edges(
      'user:ann>team:t',
      'user:ann>role:c',
      'team:t>role:a',
      'role:a>role:b',
      'role:c>role:b',
    ),
    ruleOf('p, role:b, org:acme, /docs/a, GET, allow'),
  ])

  test('is told near ones first, each once, without the member', () => {
    expect(graph.inherited('user:ann')).toEqual(['team:t', 'role:c', 'role:a', 'role:b'])
    expect(graph.inherited('team:t')).toEqual(['role:a', 'role:b'])
    expect(graph.inherited('role:b')).toEqual([])
    expect(graph.inherited('user:ben')).toEqual([])
  })

  test('is reached on the shortest way', () => {
    expect(graph.path('user:ann', 'role:b')).toEqual(['user:ann', 'role:c', 'role:b'])
    expect(graph.path('user:ann', 'user:ann')).toEqual(['user:ann'])
    expect(graph.path('user:ann', 'role:x')).toEqual([])
    expect(graph.path('role:b', 'user:ann')).toEqual([])
  })

  test('ends in a circle as well', () => {
    const circle = graphOf(edges('role:a>role:b', 'role:b>role:a'))
    expect(circle.inherited('role:a')).toEqual(['role:b'])
  })

  test('goes as deep as casbin does and no deeper', () => {
    const pairs = Array.from({ length: 15 }, (_, at) => `role:r${at}>role:r${at + 1}`)
    expect(graphOf(edges(...pairs)).inherited('role:r0')).toHaveLength(limits.roleDepth)
  })
})

describe('a graph that must not be', () => {
  const messages = (...pairs: readonly string[]) =>
    check(edges(...pairs)).map(({ message }) => message)

  test.each([
    [['role:a>role:a'], 'This makes a circle: role:a -> role:a.'],
    [['role:a>role:b', 'role:b>role:a'], 'This makes a circle: role:a -> role:b -> role:a.'],
    [
      ['user:x>role:a', 'role:a>role:b', 'role:b>role:a'],
      'This makes a circle: role:a -> role:b -> role:a.',
    ],
  ])('%j', (pairs, message) => expect(messages(...pairs)).toEqual([message]))

  test('two circles are two problems', () => {
    expect(
      messages('role:a>role:b', 'role:b>role:a', 'role:c>role:d', 'role:d>role:c'),
    ).toHaveLength(2)
  })

  test('a diamond is none', () => {
    expect(messages('role:a>role:b', 'role:a>role:c', 'role:b>role:d', 'role:c>role:d')).toEqual([])
  })

  test('many roles of one member are none', () => {
    const pairs = Array.from({ length: 500 }, (_, at) => `user:ann>role:r${at}`)
    expect(messages(...pairs)).toEqual([])
  })

  test('a circle is found wherever one is, and nowhere else', () => {
    const node = fc.integer({ min: 0, max: 5 })
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(node, node), { maxLength: 8, selector: String }),
        (pairs) => {
          const reaches = (from: number, to: number, seen = new Set<number>()): boolean =>
            pairs.some(([a, b]) => {
              if (a !== from || seen.has(b)) return false
              return b === to || reaches(b, to, seen.add(b))
            })
          const circular = pairs.some(([a]) => reaches(a, a))
          const found = messages(...pairs.map(([a, b]) => `role:n${a}>role:n${b}`))
          expect(found.some((message) => message.includes('circle'))).toBe(circular)
          const rules = edges(...pairs.map(([a, b]) => `role:n${a}>role:n${b}`))
          const members = rules.map(({ values }) => values[0] ?? '')
          expect(isSoundGraph(members, rolesOf(rules))).toBe(found.length === 0)
        },
      ),
      { numRuns: 500 },
    )
  })
})
