import { describe, expect, test } from 'vitest'
import { parseApplications } from '../../../src/policy/files/applications-file.ts'
import { parsePlans } from '../../../src/policy/files/plans-file.ts'
import { describeProblem } from '../../../src/policy/problem.ts'
import { projectFile } from '../support.ts'

const { applications } = parseApplications(projectFile('policies/apps.yaml'), 'apps.yaml')

function read(text: string) {
  const { plans, problems } = parsePlans(text, 'plans.yaml', applications)
  return { plans, problems: problems.map(describeProblem) }
}

/** One plan with these lines of usage, and whatever else is said. */
function planOf(usage: string, rest = '') {
  return `plans:\n  - id: team\n    name: Team\n    price: 100\n    currency: EUR\n    usage:\n      - ${usage}\n${rest}`
}

describe('plans', () => {
  test('of the sample are read with prices, quotas and rates', () => {
    const { plans, problems } = read(projectFile('policies/plans.yaml'))
    expect(problems).toEqual([])
    expect(plans).toMatchObject([
      {
        id: 'free',
        price: 0,
        usage: [{ application: 'docs', included: 1000, quota: { kind: 'hard', limit: 1000 } }],
        rate: { requests: 10, periodMs: 1000, burst: 20 },
      },
      {
        id: 'team',
        price: 4900,
        usage: [
          { operation: undefined, priceEach: '0.25', quota: { kind: 'soft', limit: 500000 } },
          { operation: 'create-document', priceEach: '1' },
        ],
      },
    ])
  })

  test.each([
    ['an unknown operation', '{ operation: docs:raed, included: 1 }', /:7:.*"docs:raed" is no/],
    ['a fraction in binary', '{ operation: "docs:*", included: 1, each: 0.1 }', /in quotes/],
    [
      'a quota below what is included',
      '{ operation: "docs:*", included: 9, quota: { hard: 8 } }',
      /write 9 or more/,
    ],
    [
      'a quota that is neither soft nor hard',
      '{ operation: "docs:*", included: 1, quota: 8 }',
      /\{soft: 10000\}/,
    ],
    ['a negative count', '{ operation: "docs:*", included: -1 }', /from 0 on/],
    ['an unknown key', '{ operation: "docs:*", included: 1, prise: 3 }', /prise/],
  ])('with %s are refused at their place', (_what, usage, sentence) => {
    expect(read(planOf(usage)).problems.join('\n')).toMatch(sentence)
  })

  test('of one id, of one operation twice and with a short burst are refused', () => {
    const one = '{ operation: "docs:*", included: 1 }'
    const rate = '    rate: { requests: 5, per: second, burst: 4 }\n'
    const twice = `${planOf(`${one}\n      - ${one}`, rate)}  - { id: team, name: T, price: 0, currency: EUR }\n`
    expect(read(twice).problems.join('\n')).toMatch(
      /stands in this plan twice[\s\S]*write 5 or more[\s\S]*"team" is declared twice/,
    )
  })
})
