import { expect, test } from 'vitest'
import { describeVoid } from '../../src/manage/void-rules.ts'
import type { Rule } from '../../src/policy/rule.ts'

const rule = (line: number): Rule => ({
  ptype: 'p',
  values: ['*', 'org:acme', `/docs/${line}`, 'GET', 'deny'],
  source: { kind: 'file', file: 'policies/x.csv', line },
})

test('a guardrail is named by its place, a rule of the caller by what it says', () => {
  const denies = [rule(7)]
  expect(describeVoid({ rule: rule(1), denies })).toBe(
    'void: the guardrail policies/x.csv:7 denies all of it',
  )
  expect(describeVoid({ rule: rule(1), denies }, new Set(denies))).toBe(
    'void: the organisation\'s own rule "p, *, org:acme, /docs/7, GET, deny" denies all of it',
  )
})

test('of several a few are named and the others counted', () => {
  const two = { rule: rule(1), denies: [rule(2), rule(3)] }
  expect(describeVoid(two)).toBe(
    'void: the guardrail policies/x.csv:2 and the guardrail policies/x.csv:3 together deny all of it',
  )
  const many = { rule: rule(1), denies: [2, 3, 4, 5, 6].map(rule) }
  expect(describeVoid(many)).toMatch(/x\.csv:4 and 2 more together deny all of it$/)
})
