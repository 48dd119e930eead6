import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkLists, checkMatcher, findUses } from '../../../src/policy/model/matcher.ts'
import { readTokens } from '../../../src/policy/model/matcher-tokens.ts'
import { nearest } from '../../../src/policy/rules/nearest.ts'

const words = {
  functions: ['keyMatch2', 'regexMatch'],
  roles: new Map([
    ['g', 3],
    ['g2', 2],
  ]),
  fields: new Set(['r_sub', 'r_dom', 'r_obj', 'r_act', 'p_sub', 'p_dom', 'p_obj', 'p_act']),
}
const check = (text: string) => {
  const { tokens, problem } = readTokens(text)
  expect(problem).toBeUndefined()
  return checkMatcher(tokens, words)
}

describe('tokens', () => {
  test('keep their kind and place', () => {
    expect(readTokens(' g(r_sub, "a b") >= 1.5').tokens).toEqual([
      { kind: 'name', text: 'g', offset: 1 },
      { kind: 'sign', text: '(', offset: 2 },
      { kind: 'name', text: 'r_sub', offset: 3 },
      { kind: 'sign', text: ',', offset: 8 },
      { kind: 'text', text: '"a b"', offset: 10 },
      { kind: 'sign', text: ')', offset: 15 },
      { kind: 'sign', text: '>=', offset: 17 },
      { kind: 'number', text: '1.5', offset: 20 },
    ])
  })

  test.each([
    ['a ? b', 2, '"?" is no operator of a matcher.'],
    ['a = b', 2, '"=" is no operator of a matcher.'],
    ['a & b', 2, '"&" is no operator of a matcher.'],
    ['{ }', 0, '"{" is no operator of a matcher.'],
    ['a; b', 1, '";" is no operator of a matcher.'],
    ['`a`', 0, '"`" is no operator of a matcher.'],
    ["a == 'b", 5, 'A quote is not closed (a "#" or ";" begins a comment, in quotes too).'],
  ])('stop at what is none: %s', (text, offset, message) => {
    expect(readTokens(text).problem).toEqual({ offset, message })
  })

  test('cover the whole text, or say where they stop', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab_1 "\'().,&|=!<>[]?') }), (text) => {
        const { tokens, problem } = readTokens(text)
        const end = problem?.offset ?? text.length
        const covered = tokens.map((token) => token.text).join('')
        expect(covered).toBe(text.slice(0, end).replace(/("[^"]*"|'[^']*')|\s+/g, '$1'))
        for (const { text: word, offset } of tokens)
          expect(text.startsWith(word, offset)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a matcher without a mistake', () => {
  test.each([
    ['(p_sub == "*" || g(r_sub, p_sub, r_dom)) && keyMatch2(r_obj, p_obj)'],
    ['g2(r_obj, p_obj) || !(r_sub == p_sub)'],
    ['r_sub in ["a", "b"]'],
    ['r_sub == p_sub &&(r_obj in ["a"])'],
    ['(r_sub in ["a"]) && (r_obj in ["b"])'],
    ['g2((r_obj in ["a"]), p_obj)'],
    ['true || false || r_sub == null'],
    ['r_sub.Age > 18'],
  ])('%s', (text) => expect(check(text)).toEqual([]))
})

describe('a mistake in a matcher', () => {
  test.each([
    ['r_sub == p_sub && r_obj in ["a"]', [24]],
    ['r_sub in ["a"] || r_obj in ["b"]', [6]],
    ['r_sub == "a" in ["b"]', [13]],
    ['!r_sub in ["b"]', [7]],
    ['(r_sub == p_sub && (r_obj in ["a"] || true))', [26]],
    ['g(r_sub, p_sub)', [0]],
    ['g2(r_sub, p_sub, r_dom)', [0]],
    ['g2()', [0]],
    ['nobody(r_sub)', [0]],
    ['r_sub.trim()', [6]],
    ['r_sbu == p_sub', [0]],
    ['((r_sub == p_sub)', [0]],
    ['(r_sub == p_sub]', [15]],
    ['r_sub == p_sub)', [14]],
    ['nobody(r_sbu) && r_odj', [0, 7, 17]],
  ])('%s at %j', (text, offsets) => {
    expect(check(text).map(({ offset }) => offset)).toEqual(offsets)
  })
})

describe('lists beside an "in"', () => {
  test.each([
    ['r_sub == p_sub || (r_obj in ["a", "b"])', [18]],
    ['(g(r_sub, p_sub, r_dom)) && (r_obj in ["a"]) || (p_sub == g(r_sub, p_sub))', [48]],
    ['r_obj in ("a", "b")', []],
    ['r_obj in ["a", "b"]', []],
    ['r_sub == p_sub || (g(r_sub, p_sub, r_dom))', []],
    ['r_sub == p_sub ||(r_obj in ["a", "b"])', []],
  ])('%s at %j', (text, offsets) => {
    expect([...checkLists(text)].map(({ offset }) => offset)).toEqual(offsets)
  })
})

describe('where a pattern comes from', () => {
  const uses = (text: string) => findUses(readTokens(text).tokens, words.functions)

  test('a column of the policy, or text', () => {
    expect(uses('keyMatch2(r_obj, p2_obj) && regexMatch(r_act, "GET|POST")')).toEqual({
      uses: [
        { name: 'keyMatch2', from: { ptype: 'p2', column: 'obj' }, literal: undefined, offset: 0 },
        { name: 'regexMatch', from: undefined, literal: 'GET|POST', offset: 46 },
      ],
      problems: [],
    })
  })

  test.each([
    ['keyMatch2(p_obj, r_obj)'],
    ['keyMatch2(r_obj, p_obj + "x")'],
    ['keyMatch2(r_obj, (p_obj))'],
    ['keyMatch2(r_obj, p_obj.x)'],
    ['keyMatch2(r_obj)'],
    ['keyMatch2(r_obj, g(p_obj))'],
  ])('%s is refused: what a request says is no pattern', (text) => {
    expect(uses(text).problems).toEqual([
      {
        offset: 0,
        message:
          'The pattern of keyMatch2 is its second argument: a column of the policy, or text.',
      },
    ])
  })
})

describe('the nearest word', () => {
  test.each([
    ['matcher', ['matchers', 'policy'], 'did you mean "matchers"?'],
    ['get', ['GET', 'POST'], 'did you mean "GET"?'],
    ['hots', ['id', 'host'], 'did you mean "host"?'],
    ['q', ['p', 'g'], 'possible are "p", "g".'],
    ['zzz', ['a', 'b'], 'possible are "a", "b".'],
    ['x'.repeat(10_000), ['a'], 'possible are "a".'],
    ['x', [], 'there is none.'],
  ])('of %s', (written, possible, expected) => {
    expect(nearest(written, possible)).toBe(expected)
  })
})
