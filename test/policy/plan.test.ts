import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../src/policy/model/syntax.ts'
import { patternFunctions } from '../../src/policy/patterns/functions.ts'
import { type Key, planMatcher } from '../../src/policy/plan.ts'

const columns = ['sub', 'dom', 'obj', 'act']
const places = (prefix: string) =>
  new Map(columns.map((column, at) => [`${prefix}_${column}`, at] as const))

/** A key as `sub: * g(sub, dom)`: the field, its wildcards and its terms. */
function spell({ rule, wildcards, terms }: Key): string {
  const name = (place: number) => columns[place]
  const spelt = terms.map((term) => {
    if (term.kind === 'equal') return name(term.request)
    const where = term.kind === 'role' && term.domain !== undefined ? `, ${name(term.domain)}` : ''
    return `${term.name}(${name(term.request)}${where})`
  })
  return `${name(rule)}: ${[...wildcards, ...spelt].join(' ')}`
}

/** The plans of a matcher: of each its keys, its path and how many clauses are left. */
function plansOf(matcher: string, stars = false) {
  const fields = {
    request: places('r'),
    rule: places('p'),
    roles: new Map([
      ['g', 3],
      ['g2', 2],
    ]),
    patterns: patternFunctions,
    throws: (name: string, _: number, spared: readonly string[]) =>
      stars && name === 'regexMatch' && !spared.includes('*'),
  }
  const text = matcher.replace(/\b([rp])\./g, '$1_')
  return planMatcher(parseExpression(text), fields).map(({ keys, path, rest }) => {
    const paths = path === undefined ? [] : [`[${spell(path)}]`]
    return [...keys.map(spell), ...paths, ...rest.map(() => '?')].join('; ')
  })
}

describe('a clause becomes a key', () => {
  test.each([
    ['r.sub == p.sub', 'sub: sub'],
    ['p.sub == r.sub', 'sub: sub'],
    ['p.sub == "*" || r.sub == p.sub', 'sub: * sub'],
    ['r.sub == p.sub || "*" == p.sub || p.sub == "all"', 'sub: * all sub'],
    ['g(r.sub, p.sub, r.dom)', 'sub: g(sub, dom)'],
    ['p.sub == "*" || g(r.sub, p.sub, r.dom)', 'sub: * g(sub, dom)'],
    ['g2(r.obj, p.obj) || r.obj == p.obj', 'obj: g2(obj) obj'],
    ['r.obj == p.sub', 'sub: obj'],
    ['p.act in ["GET", "*"]', 'act: GET *'],
    ['p.act in [r_act, "*"]', 'act: * act'],
    ['r.act in [p_act]', 'act: act'],
    ['keyMatch2(r.obj, p.obj)', '[obj: keyMatch2(obj)]'],
    ['r.obj == p.obj || keyMatch(r.obj, p.obj)', '[obj: obj keyMatch(obj)]'],
    ['keyMatch(r.obj, p.obj) || globMatch(r.obj, p.obj)', '[obj: keyMatch(obj) globMatch(obj)]'],
    ['p.act == "*" || regexMatch(r.act, p.act)', '[act: * regexMatch(act)]'],
  ])('%s', (matcher, expected) => expect(plansOf(matcher)).toEqual([expected]))
})

describe('a clause is asked of each rule that is left', () => {
  test.each([
    ['of no field of the rule', 'r.sub == "ann"'],
    ['that is negated', '!(r.sub == p.sub)'],
    ['of two fields of the rule', 'p.sub == p.obj'],
    ['with a list of several of them', 'r.sub in [p_sub, p_obj]'],
    ['with a list of the request alone', 'r.act in ["GET", "POST"]'],
    ['with a number', 'p.sub == 1'],
    ['in a domain of the rule', 'g(r.sub, p.sub, p.dom)'],
    ['about a role that is written out', 'g(r.sub, "role:admin", r.dom)'],
    ['whose pattern is asked for', 'keyMatch2(p.obj, r.obj)'],
    ['that may throw on an address', 'ipMatch(r.obj, p.obj)'],
    ['that answers text', 'keyGet(r.obj, p.obj)'],
    ['of an attribute', 'r.sub.age > 18'],
    ['of another comparison', 'r.sub != p.sub'],
  ])('%s', (_, matcher) => expect(plansOf(matcher)).toEqual(['?']))

  test('a second function with patterns', () => {
    expect(plansOf('keyMatch(r.obj, p.obj) && regexMatch(r.act, p.act)')).toEqual([
      '[obj: keyMatch(obj)]; ?',
    ])
  })
})

describe('a clause that may throw ends the keys', () => {
  test.each([
    ['r.sub == p.sub && r.obj.open == true && r.act == p.act', 'sub: sub; ?; ?'],
    ['ipMatch(r.obj, p.obj) && r.sub == p.sub', '?; ?'],
    ['-r.sub.x < 0 && r.sub == p.sub', '?; ?'],
    ['(r.sub in p.sub) && r.act == p.act', '?; ?'],
    ['g(r.sub, "a", null) && r.act == p.act', '?; ?'],
    ['g(r.sub, "a", r.dom) && r.act == p.act', 'act: act; ?'],
    ['r.sub != p.sub && r.act == p.act', 'act: act; ?'],
    ['(r.act in ["a"]) && r.act == p.act', 'act: act; ?'],
  ])('%s', (matcher, expected) => expect(plansOf(matcher)).toEqual([expected]))

  test('an "in" without brackets is read as casbin reads it: loosest of all', () => {
    expect(plansOf('r.act == p.act && r.sub in p.sub')).toEqual(['?'])
  })

  test('an expression "*" throws, where the matcher does not spare it', () => {
    const after = 'regexMatch(r.act, p.act) && r.sub == p.sub'
    expect(plansOf(after)).toEqual(['sub: sub; [act: regexMatch(act)]'])
    expect(plansOf(after, true)).toEqual(['?; ?'])
    expect(plansOf(`(p.act == "*" || ${after}`.replace(' &&', ') &&'), true)).toEqual([
      'sub: sub; [act: * regexMatch(act)]',
    ])
    // A wildcard spares nothing of what stands before it.
    const late = '(regexMatch(r.act, p.act) || p.act == "*") && r.sub == p.sub'
    expect(plansOf(late, true)).toEqual(['?; ?', 'act: *; sub: sub'])
  })
})

describe('alternatives are a union of plans', () => {
  test.each([
    ['r.sub == p.sub || r.obj == p.obj', ['sub: sub', 'obj: obj']],
    ['r.sub == p.sub && r.act == p.act || r.sub == "root"', ['sub: sub; act: act', '?']],
    [
      '(r.sub == p.sub || r.obj == p.obj) && r.act == p.act',
      ['sub: sub; act: act', 'obj: obj; act: act'],
    ],
    [
      'r.act == p.act && (g(r.sub, p.sub, r.dom) || g2(r.obj, p.obj))',
      ['act: act; sub: g(sub, dom)', 'act: act; obj: g2(obj)'],
    ],
    [
      'keyMatch(r.obj, p.obj) || keyMatch(r.act, p.obj)',
      ['[obj: keyMatch(obj)]', '[obj: keyMatch(act)]'],
    ],
    [
      'g(r.sub, p.sub, r.dom) || keyMatch(r.sub, p.sub)',
      ['sub: g(sub, dom)', '[sub: keyMatch(sub)]'],
    ],
  ])('%s', (matcher, expected) => expect(plansOf(matcher)).toEqual(expected))

  test('too many of them are one clause', () => {
    const pair = '(r.sub == p.sub || r.obj == p.obj)'
    expect(plansOf(Array.from({ length: 4 }, () => pair).join(' && '))).toHaveLength(16)
    expect(plansOf(Array.from({ length: 5 }, () => pair).join(' && '))).toEqual(['?'])
  })
})
