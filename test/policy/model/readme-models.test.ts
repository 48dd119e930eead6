/** The table of README.md that says which matcher goes which way, against what becomes of each. */
import { describe, expect, test } from 'vitest'
import { buildEngine } from '../../../src/policy/engine.ts'
import { type PolicyModel, parseModel } from '../../../src/policy/model/model.ts'
import { lintModel } from '../../../src/policy/model/model-lint.ts'
import { parseExpression } from '../../../src/policy/model/syntax.ts'
import { patternFunctions } from '../../../src/policy/patterns/functions.ts'
import { type Plan, planMatcher } from '../../../src/policy/plan.ts'
import { PolicyError } from '../../../src/policy/problem.ts'
import { codesIn, tableUnder } from '../../support/markdown.ts'
import { modelText, projectFile, ruleOf } from '../support.ts'

const [head = '', matcher = ''] = modelText.split(/^m = /m)
/** The four lines of our matcher, by the words that the table has for them. */
const clauses = matcher.split('&&').map((line) => line.replaceAll('\\', '').trim())
const words = ['who', 'where', 'what', 'how']

function modelOf(written: string): PolicyModel {
  const spelt = words.reduce(
    (text, word, at) => text.replaceAll(new RegExp(`\\b${word}\\b`, 'g'), () => clauses[at] ?? ''),
    written,
  )
  return parseModel(`${head}m = ${spelt}`, 'model.conf')
}

/** Why a model is not served; empty where it is. */
function refusals(written: string): string {
  try {
    return lintModel(modelOf(written))
      .map(({ message }) => message)
      .join(' ')
  } catch (error) {
    if (error instanceof PolicyError) return error.problems.map(({ message }) => message).join(' ')
    throw error
  }
}

const rule = ruleOf('p, role:a, org:acme, /docs/*, GET, allow')
const whyInterpreted = async (written: string) =>
  (await buildEngine(modelOf(written), [rule])).interpreted

function plansOf(written: string): readonly Plan[] {
  const model = modelOf(written)
  const places = (prefix: string, columns: readonly string[]) =>
    new Map(columns.map((column, at) => [`${prefix}_${column}`, at] as const))
  return planMatcher(parseExpression(model.matcher), {
    request: places('r', model.requestColumns),
    rule: places('p', model.policyColumns['p'] ?? []),
    roles: new Map(Object.entries(model.roleColumns)),
    patterns: patternFunctions,
    throws: () => false,
  })
}

function describeKeys({ keys, path }: Plan): string {
  const names = ['sub', 'dom', 'obj', 'act', 'eft']
  const tree = path === undefined ? [] : [`tree of ${names[path.rule]}`]
  return [...keys.map((key) => names[key.rule]), ...tree].join(', ')
}

const rows = tableUnder(projectFile('README.md'), '### How a decision is made')
const going = (way: string) =>
  rows
    .filter((row) => row[1] === way)
    .map(([code = '', , keys = '', rest = '']) => [codesIn(code).join(), keys, rest] as const)

test('the words of the table are the lines of the matcher', () => {
  expect(clauses).toHaveLength(words.length)
  const plain = (model: PolicyModel) => model.matcher.replaceAll(' ', '')
  expect(plain(modelOf(words.join(' && ')))).toBe(plain(parseModel(modelText, 'model.conf')))
})

test('every row goes one of four ways, and each way has one', () => {
  expect([...new Set(rows.map(([, way]) => way))]).toEqual([
    ...['compiled', 'compiled with a remainder', 'node-casbin itself', 'refused'],
  ])
})

describe('what is compiled', () => {
  test.each([...going('compiled'), ...going('compiled with a remainder')])(
    '%s',
    async (written, keys, rest) => {
      expect(refusals(written)).toBe('')
      expect(await whyInterpreted(written)).toBeUndefined()
      const plans = plansOf(written)
      expect(plans.map(describeKeys).join('; or ')).toBe(keys)
      const remaining = plans.reduce((sum, plan) => sum + plan.rest.length, 0)
      expect(remaining === 0 ? 'nothing' : `${remaining} clause`).toBe(rest)
    },
  )

  test('has a remainder where it is said, and nowhere else', () => {
    for (const [, , rest] of going('compiled')) expect(rest).toBe('nothing')
    for (const [, , rest] of going('compiled with a remainder')) expect(rest).not.toBe('nothing')
  })
})

describe('what node-casbin decides', () => {
  test.each(going('node-casbin itself'))('%s', async (written, _, because) => {
    expect(refusals(written)).toBe('')
    const said = await whyInterpreted(written)
    expect(said?.replace(/all \d+ rules/, 'all rules')).toContain(because)
  })
})

describe('what is refused', () => {
  test.each(going('refused'))('%s', (written, _, because) => {
    expect(because.length).toBeGreaterThan(20)
    expect(refusals(written)).toContain(because)
  })
})
