/** The outcome of decision tests for people: what failed in detail, the rest in a line. */
import type { CaseReport, Failure, FileResult, TestResult } from '../../policy/cases/run-cases.ts'
import { describeRule } from '../../policy/rule.ts'
import type { Terminal } from '../terminal.ts'
import { countTests } from './test-json.ts'

export interface TextOptions {
  /** Whether tests were left out, so that nothing can be said of coverage. */
  readonly filtered: boolean
  /** Whether every rule that is not exercised is named. */
  readonly coverage: boolean
  /** In percent; with fewer the rules are named as well. */
  readonly coverageMin: number | undefined
  readonly paint: Terminal['paint']
}

export function writeTestsText(report: CaseReport, options: TextOptions): string {
  const lines = [
    ...report.files.flatMap((file) => writeFile(file, options)),
    ...(options.filtered ? [] : writeMissing(report, options)),
    writeSummary(report, options),
  ]
  return `${lines.join('\n')}\n`
}

function writeFile({ file, tests }: FileResult, { paint }: TextOptions): string[] {
  const bad = tests.filter(({ failed }) => failed > 0)
  if (bad.length > 0) return bad.flatMap((one) => writeTest(file, one, paint))
  const decisions = tests.reduce((sum, one) => sum + one.decisions, 0)
  return [
    `${paint('green', '✓')} ${file}: ${count(tests.length, 'test')}, ${count(decisions, 'decision')}`,
  ]
}

function writeTest(file: string, { test, failed, failures }: TestResult, paint: Terminal['paint']) {
  const hidden = failed - failures.length
  return [
    `${paint('red', '✗')} ${paint('bold', test.name)} (${file}:${test.place.line})`,
    ...failures.flatMap((failure) => writeFailure(file, failure)),
    ...(hidden > 0 ? [`    and ${count(hidden, 'decision')} more`] : []),
    '',
  ]
}

function writeFailure(file: string, failure: Failure): string[] {
  const { place, why = [] } = failure
  return [
    `    ${describeFailure(failure)} (${file}:${place.line}:${place.column})`,
    ...why.map((sentence) => `      ${sentence}`),
  ]
}

/** As in `user:bob PUT /docs/documents/7: expected deny, got allow`. */
export function describeFailure({ subject, action, resource, expected, got }: Failure): string {
  return `${subject} ${action} ${resource}: expected ${expected}, got ${got}`
}

function writeMissing({ coverage }: CaseReport, options: TextOptions): string[] {
  const { percent, missing } = coverage
  const low = percent < (options.coverageMin ?? 0)
  if (missing.length === 0 || !(options.coverage || low)) return []
  const rules = missing.map((rule) => `    ${describeRule(rule)}`)
  return [`${options.paint('yellow', '!')} No test exercises:`, ...rules, '']
}

function writeSummary(report: CaseReport, options: TextOptions): string {
  const { tests, failedTests, decisions, failedDecisions } = countTests(report)
  const outcome =
    failedTests === 0
      ? `${count(tests, 'test')} passed, ${count(decisions, 'decision')}.`
      : `${failedTests} of ${count(tests, 'test')} failed: ${failedDecisions} of ${count(decisions, 'decision')} are not as expected.`
  return options.filtered ? outcome : `${outcome} ${describeCoverage(report, options)}`
}

function describeCoverage({ coverage }: CaseReport, options: TextOptions): string {
  const { rules, exercised, percent } = coverage
  const said = `${exercised} of ${count(rules, 'rule')} exercised (${percent} %)`
  const { coverageMin = 0 } = options
  if (percent < coverageMin) return `${said}, fewer than ${coverageMin} %.`
  return exercised === rules || options.coverage
    ? `${said}.`
    : `${said}; --coverage names the others.`
}

function count(of: number, what: string): string {
  return `${of} ${what}${of === 1 ? '' : 's'}`
}
