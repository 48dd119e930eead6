/** casbin's regexMatch is the meaning: over random expressions and texts, the same answer or none. */
import { Util } from 'casbin'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkExpression, compileExpression } from '../../../src/policy/patterns/expression.ts'

/** Characters on which the two engines could differ: ends of lines, spaces, case, halves of pairs. */
const characters = [
  ...['a', 'b', 'A', 'z', '_', '0', '9', '-', '/', ' ', '\t', '\n', '\r', '\v', '\0', '\u0085'],
  ...['\u00a0', '\u2028', '\u2029', '\ufeff', '\u180e', '\u200b', 'ä', 'ſ', '\u212a', '٣'],
  ...['\ud83d', '\ude00', '😀', '\uffff', '\u{10d83d}', '\u{10ffff}', '{', '}', '^', '$', '\\'],
]
const texts = fc.string({ unit: fc.constantFrom(...characters), maxLength: 5 })

/** Mostly what both engines have, now and then what only one of them has. */
const common = (usual: readonly string[], odd: readonly string[]) =>
  fc.oneof(
    { weight: 15, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  )
const literals = common(
  characters.filter((character) => !'{}^$\\'.includes(character)),
  ['{', '}', ']', '\\'],
)
const escapes = common(
  [
    ...['\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\n', '\\r', '\\t', '\\v', '\\f', '\\.'],
    ...['\\-', '\\x61', '\\u2028', '\\ud83d', '\\ude00', '\\/', '\\ ', '\\xe4'],
  ],
  [
    ...['\\0', '\\1', '\\cA', '\\a', '\\z', '\\A', '\\Q', '\\p{L}', '\\pL', '\\k<a>', '\\C'],
    ...['\\e', '\\_', '\\8', '\\x6', '\\u{61}', '\\ä', '\\012'],
  ],
)
const one = fc.oneof(literals, escapes)
const members = fc.oneof(
  { weight: 8, arbitrary: one },
  { weight: 3, arbitrary: fc.tuple(one, one).map(([first, last]) => `${first}-${last}`) },
  { weight: 1, arbitrary: common(['-', '^', '$', '.'], ['[', '[:alpha:]', '\\b', ']']) },
)
const classes = fc
  .tuple(fc.constantFrom('', '^'), fc.array(members, { minLength: 1, maxLength: 4 }), members)
  .map(([not, all, last]) => `[${not}${all.join('')}${last}]`)
const quantifiers = common(
  [
    '',
    '',
    '',
    '',
    '',
    '',
    '*',
    '+',
    '?',
    '*?',
    '+?',
    '??',
    '{2}',
    '{1,2}',
    '{0,1}?',
    '{2,}',
    '{0}',
  ],
  ['{,2}', '{', '{2', '{3,1}', '**', '*+', '{1}{2}'],
)
const groups = common(
  ['(', '(?:'],
  ['(?=', '(?!', '(?<=', '(?<!', '(?<n>', '(?P<n>', '(?i)', '(?i:', '(?s:'],
)
const places = fc.constantFrom('^', '$', '\\b', '\\B')
const { expressions } = fc.letrec<{ expressions: string; part: string }>((tie) => ({
  part: fc
    .oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: fc.tuple(fc.oneof(literals, fc.constant('.')), quantifiers) },
      { weight: 3, arbitrary: fc.tuple(escapes, quantifiers) },
      { weight: 3, arbitrary: fc.tuple(places, common([''], ['*', '?', '{0}'])) },
      { weight: 3, arbitrary: fc.tuple(classes, quantifiers) },
      { weight: 5, arbitrary: fc.tuple(groups, tie('expressions'), fc.constant(')'), quantifiers) },
    )
    .map((all) => all.join('')),
  expressions: fc
    .array(
      fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map((all) => all.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((all) => all.join('|')),
}))

/** Texts that are short beside expressions of few parts, so that JavaScript answers as well. */
test('I5: an expression that is accepted answers as casbin does', { timeout: 120_000 }, () => {
  let accepted = 0
  fc.assert(
    fc.property(expressions, fc.array(texts, { minLength: 12, maxLength: 12 }), (text, values) => {
      if (checkExpression(text) !== undefined) return
      accepted += 1
      const asks = compileExpression(text)
      for (const value of ['', ...values]) {
        expect(asks(value), JSON.stringify([text, value])).toBe(Util.regexMatchFunc(value, text))
      }
    }),
    { numRuns: 5_000 },
  )
  expect(accepted).toBeGreaterThan(500)
})

test('what is written in no grammar at all is accepted by both or refused', () => {
  const signs = fc.string({
    unit: fc.constantFrom(...'ab.*+?()[]|^$\\-{},:=!<P0dbswn'),
    maxLength: 10,
  })
  fc.assert(
    fc.property(signs, fc.array(texts, { minLength: 5, maxLength: 5 }), (text, values) => {
      const problem = checkExpression(text)
      if (problem === undefined) {
        for (const value of [text, ...values]) {
          expect(compileExpression(text)(value)).toBe(Util.regexMatchFunc(value, text))
        }
      } else {
        expect(problem.column).toBeGreaterThan(0)
        expect(problem.column).toBeLessThanOrEqual(text.length + 1)
      }
    }),
    { numRuns: 6_000 },
  )
})
