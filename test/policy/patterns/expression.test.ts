import { Util } from 'casbin'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import {
  checkExpression,
  checkWholeValue,
  compileExpression,
} from '../../../src/policy/patterns/expression.ts'

const NO_LOOKING = 'Look-around is not offered: write what the value itself holds.'
const NO_NAMES = 'A group has no name and no flags: write "(" or "(?:".'
const NO_REFERENCE = 'A back-reference is not offered: write out what is repeated.'
const NO_COUNT = 'A count is {2}, {2,} or {2,5}; write "\\{" for the character.'
const NO_STEPS = 'An expression has at most 256 steps, counts multiplied out.'
const EMPTY = 'An alternative is empty: it would match any value.'
const elsewhere = (written: string) =>
  `"${written}" means something else elsewhere: write the character, \\xHH or \\uHHHH.`
const sign = (character: string) =>
  `"${character}" is a sign of the syntax: write "\\${character}".`

describe('an expression means what it means to casbin', () => {
  test.each([
    ['GET', 'GET', true],
    ['GET', 'XGETX', true],
    ['^GET$', 'XGETX', false],
    ['^(?:GET|POST)$', 'POST', true],
    ['^(?:GET|POST)$', 'POSTX', false],
    ['^GET$', 'GET\n', false],
    ['^/docs/[0-9]+$', '/docs/17', true],
    ['^/docs/[0-9]+$', '/docs/17a', false],
    ['^/docs/[^a-c]$', '/docs/d', true],
    ['a\\.b', 'axb', false],
    ['^colou?r$', 'color', true],
    ['^a{2,3}$', 'aaaa', false],
    ['\\bdocs\\b', '/docs/1', true],
    ['^.$', '\n', false],
    ['^.$', '\u2028', false],
    ['^\\s$', '\u00a0', true],
    ['^[^\\S]$', '\ufeff', true],
    ['^\\d$', '\u0663', false],
    ['^\\w$', 'ä', false],
    ['^.$', '😀', false],
    ['^..$', '😀', true],
    ['^😀$', '😀', true],
    ['^[😀]$', '😀', false],
    ['[\\ud83d]', '😀', true],
    ['^[\\ud700-\\uffff]+$', '😀', true],
    ['^\\x41\\u0042$', 'AB', true],
    ['k', '\u212a', false],
    ['$^', '', true],
    ['a*?b', 'aab', true],
  ])('%s over %j: %s', (text, value, expected) => {
    expect(compileExpression(text)(value)).toBe(expected)
    expect(Util.regexMatchFunc(value, text)).toBe(expected)
  })
})

describe('what only one of JavaScript and RE2 has is refused at its place', () => {
  test.each([
    ['', 1, 'An expression is not empty.'],
    ['(?=a)b', 1, NO_LOOKING],
    ['a(?!b)', 2, NO_LOOKING],
    ['(?<=a)b', 1, NO_LOOKING],
    ['(?<!a)b', 1, NO_LOOKING],
    ['(?<name>a)', 1, NO_NAMES],
    ['(?P<name>a)', 1, NO_NAMES],
    ['(?i)a', 1, NO_NAMES],
    ['(?i:a)', 1, NO_NAMES],
    ['(a)\\1', 4, NO_REFERENCE],
    ['(a)\\k<a>', 4, NO_REFERENCE],
    ['\\0', 1, elsewhere('\\0')],
    ['\\cX', 1, elsewhere('\\c')],
    ['a\\z', 2, elsewhere('\\z')],
    ['\\pL', 1, elsewhere('\\p')],
    ['\\Qa\\E', 1, elsewhere('\\Q')],
    ['\\x4', 1, elsewhere('\\x')],
    ['\\u{41}', 1, elsewhere('\\u')],
    ['[\\b]', 2, elsewhere('\\b')],
    ['a\\', 2, 'A backslash stands before a character.'],
    ['a{,2}', 2, NO_COUNT],
    ['a{', 2, NO_COUNT],
    ['a{1234}', 2, NO_COUNT],
    ['a{3,2}', 2, 'A count begins with the smaller number.'],
    ['{2}', 1, sign('{')],
    ['a}', 2, sign('}')],
    ['a]', 2, sign(']')],
    ['a**', 3, 'What is repeated already is repeated again as a group.'],
    ['a*+', 3, 'What is repeated already is repeated again as a group.'],
    ['a{2}{3}', 5, 'What is repeated already is repeated again as a group.'],
    ['*a', 1, '"*" repeats nothing.'],
    ['^*a', 2, 'A place in the text is not repeated.'],
    ['a\\b+', 4, 'A place in the text is not repeated.'],
    ['(GET', 1, 'A "(" is not closed.'],
    ['GET)', 4, 'A ")" closes nothing.'],
    ['GET|', 5, EMPTY],
    ['|GET', 1, EMPTY],
    ['()', 2, EMPTY],
    ['a(b||c)', 5, EMPTY],
    ['[]', 1, 'A class is not empty.'],
    ['[^]', 1, 'A class is not empty.'],
    ['x[a', 2, 'A "[" is not closed.'],
    ['[[:alpha:]]', 2, 'A class holds no other: write "\\[" for the character.'],
    ['[z-a]', 2, 'A range begins with the smaller character.'],
    ['[a-\\d]', 2, 'A range goes from one character to another, not to a set.'],
    ['[\\w-z]', 2, 'A range goes from one character to another, not to a set.'],
  ])('%j', (text, column, message) => {
    expect(checkExpression(text)).toEqual({ column, message })
    expect(() => compileExpression(text)).toThrow(message)
  })
})

describe('the work of an expression is bounded', () => {
  test('by its length', () => {
    const most = `[${'a'.repeat(limits.expressionBytes - 2)}]`
    expect(checkExpression(most)).toBeUndefined()
    expect(checkExpression(`${most}a`)?.message).toBe('An expression has at most 512 bytes.')
  })

  test.each([
    ['a'.repeat(257), 258],
    ['a{256}a', 8],
    ['(?:a{16}){17}', 14],
    ['(?:^){257}', 11],
    ['a{200}|b{57}', 13],
    ['(?:(?:(?:[ab]{0,9}){0,9}){0,9}){0,9}', 31],
  ])('by its steps: %s', (text, column) => {
    expect(checkExpression(text)).toEqual({ column, message: NO_STEPS })
  })

  test('2.5: what made JavaScript backtrack is answered', () => {
    const value = `/${'a'.repeat(limits.targetBytes)}`
    for (const text of ['(a+)+$b', '^/(?:a|a)*c', '(?:a*)*[bc]', '(?:.*a){20}[bc]']) {
      expect(compileExpression(text)(value)).toBe(false)
    }
  })

  test('an expression is compiled once, whoever asks for it', () => {
    expect(compileExpression('^once$')).toBe(compileExpression('^once$'))
  })
})

describe('H6: a served expression says where its value begins and ends', () => {
  test.each([['^GET$'], ['^(?:GET|POST)$'], ['^GET$|^P.*$'], ['^a\\\\$']])('%s', (text) => {
    expect(checkExpression(text)).toBeUndefined()
    expect(checkWholeValue(text)).toBeUndefined()
  })

  test.each([['GET'], ['^GET|POST$'], ['^GET'], ['GET$'], ['^a\\$'], ['(^a$)|b']])(
    '%s does not',
    (text) => {
      expect(checkWholeValue(text)).toEqual({
        column: 1,
        message: `"${text}" matches parts of a value, too: write ^(?:${text})$.`,
      })
      expect(checkWholeValue(`^(?:${text})$`)).toBeUndefined()
    },
  )
})
