import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { checkExpression, compileExpression } from '../../src/policy/expression.ts'

describe('an expression matches the whole value', () => {
  test.each([
    ['GET', 'GET', true],
    ['GET', 'XGETX', false],
    ['GET|POST', 'POST', true],
    ['GET|POST', 'XGETX', false],
    ['GET|POST', 'GETX', false],
    ['GET|POST', 'XPOST', false],
    ['(GET)|(POST)', 'POST', true],
    ['(GET|POST)', 'POST', true],
    ['((GET)|POST)', 'GET', true],
    ['P.*', 'PATCH', true],
    ['P.*', 'UP', false],
    ['/docs/[0-9]+', '/docs/17', true],
    ['/docs/[0-9]+', '/docs/17a', false],
    ['/docs/[^a-c]', '/docs/d', true],
    ['a\\.b', 'axb', false],
    ['a\\.b', 'a.b', true],
    ['colou?r', 'color', true],
  ])('H6: %s over %s: %s', (text, value, expected) => {
    expect(compileExpression(text).test(value)).toBe(expected)
  })

  test('section 2, 5: a dot is any character, a newline included, so that %0a evades no deny', () => {
    expect(compileExpression('/a/.*').test('/a/x\ny')).toBe(true)
  })

  test('a newline at the end is not forgotten', () => {
    expect(compileExpression('GET').test('GET\n')).toBe(false)
  })
})

describe('what could take long, or cannot be meant, is refused at its place', () => {
  test.each([
    ['', 1, 'An expression is not empty.'],
    ['^GET', 1, 'An expression matches the whole value: take the "^" away.'],
    ['GET$', 4, 'An expression matches the whole value: take the "$" away.'],
    ['(a+)+', 5, 'A group is a whole alternative: nothing stands before or behind it.'],
    ['(a|b)c', 6, 'A group is a whole alternative: nothing stands before or behind it.'],
    ['a(b|c)', 2, 'A group is a whole alternative: nothing stands before or behind it.'],
    ['a*a*', 4, 'An alternative has at most one "?", "*" or "+".'],
    ['a?a?', 4, 'An alternative has at most one "?", "*" or "+".'],
    ['.*b.*', 5, 'An alternative has at most one "?", "*" or "+".'],
    ['a**', 3, '"*" cannot stand here.'],
    ['*a', 1, '"*" cannot stand here.'],
    ['a{2,3}', 2, 'A count is not offered: use "?", "*" or "+".'],
    ['(?=a)b', 2, 'A group has no "?": look-around is not offered.'],
    ['(?:a)', 2, 'A group has no "?": look-around is not offered.'],
    ['(a)\\1', 4, 'A group is a whole alternative: nothing stands before or behind it.'],
    ['a\\1', 2, 'A backslash escapes punctuation only; back-references are not offered.'],
    ['\\d', 1, 'A backslash escapes punctuation only; back-references are not offered.'],
    ['a\\', 2, 'A backslash escapes punctuation only; back-references are not offered.'],
    ['(GET', 5, 'A "(" is not closed.'],
    ['GET)', 4, 'A ")" closes nothing.'],
    ['GET|', 5, 'An alternative is empty.'],
    ['|GET', 1, 'An alternative is empty.'],
    ['()', 2, 'An alternative is empty.'],
    ['[z-', 1, '"[" cannot stand here.'],
    ['[]', 1, '"[" cannot stand here.'],
    ['ä', 1, '"ä" cannot stand here.'],
  ])('%j', (text, column, message) => {
    expect(checkExpression(text)).toEqual({ column, message })
    expect(() => compileExpression(text)).toThrow(message)
  })

  test('too long an expression', () => {
    expect(checkExpression('a'.repeat(limits.patternBytes))).toBeUndefined()
    expect(checkExpression('a'.repeat(limits.patternBytes + 1))?.message).toBe(
      'An expression has at most 512 bytes.',
    )
  })

  test('a class in the wrong order is refused when it is compiled, not at a decision', () => {
    expect(checkExpression('[z-a]')).toEqual({
      column: 1,
      message: 'The class "[z-a]" cannot be read.',
    })
  })
})

const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\.', '/', '-')
const sequence = fc
  .tuple(fc.array(atom, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '*', '+', '?'))
  .map(([atoms, quantifier]) => atoms.join('') + quantifier)
const alternatives = fc.array(sequence, { minLength: 1, maxLength: 4 }).map((all) => all.join('|'))

describe('the grammar', () => {
  test('accepts what it is said to accept, and each of those compiles', () => {
    fc.assert(
      fc.property(alternatives, fc.boolean(), (text, grouped) => {
        const written = grouped ? `(${text})` : text
        expect(checkExpression(written)).toBeUndefined()
        expect(compileExpression(written)).toBeInstanceOf(RegExp)
      }),
    )
  })

  test('never accepts what does not compile', () => {
    const signs = fc.string({ unit: fc.constantFrom(...'ab.*+?()[]|^$\\-{}'), maxLength: 10 })
    fc.assert(
      fc.property(signs, (text) => {
        if (checkExpression(text) === undefined)
          expect(compileExpression(text)).toBeInstanceOf(RegExp)
      }),
      { numRuns: 2_000 },
    )
  })
})
