/** The outcome of decision tests as JSON, for other programs. */
import type { CaseReport, Failure, TestResult } from '../../policy/cases/run-cases.ts'
import { describeRule } from '../../policy/rule.ts'

export interface Counts {
  readonly tests: number
  readonly failedTests: number
  readonly decisions: number
  readonly failedDecisions: number
}

export function countTests({ files }: CaseReport): Counts {
  const all = files.flatMap(({ tests }) => tests)
  const sum = (of: (one: TestResult) => number) => all.reduce((total, one) => total + of(one), 0)
  return {
    tests: all.length,
    failedTests: all.filter(({ failed }) => failed > 0).length,
    decisions: sum(({ decisions }) => decisions),
    failedDecisions: sum(({ failed }) => failed),
  }
}

/** `whole` says whether every test was run: coverage is told only then. */
export function writeTestsJson(report: CaseReport, whole: boolean): string {
  const { rules, exercised, percent, missing } = report.coverage
  const coverage = { rules, exercised, percent, missing: missing.map(describeRule) }
  const failures = report.files.flatMap(({ file, tests }) =>
    tests.flatMap(({ test, failures: found }) =>
      found.map((failure) => ({ file, test: test.name, ...failureOf(failure) })),
    ),
  )
  const written = { ...countTests(report), failures, ...(whole && { coverage }) }
  return `${JSON.stringify(written, undefined, 2)}\n`
}

function failureOf({ place, rule, ...failure }: Failure) {
  return { ...place, ...failure, ...(rule && { rule: describeRule(rule) }) }
}
