/** Small files of tests, over the sample policy or one with attributes. */

import { type CaseFile, readCases } from '../../../src/policy/cases/case-file.ts'
import { type CaseReport, type Failure, runCases } from '../../../src/policy/cases/run-cases.ts'
import { type PolicyFiles, parsePolicyFiles } from '../../../src/policy/files/files.ts'
import { describeProblem } from '../../../src/policy/problem.ts'
import { projectFile } from '../support.ts'

export const sample: PolicyFiles = parsePolicyFiles({
  model: { name: 'model.conf', text: projectFile('model.conf') },
  files: new Map(
    ['apps.yaml', 'guardrails.csv', 'issuers.yaml'].map((name) => [
      `policies/${name}`,
      projectFile(`policies/${name}`),
    ]),
  ),
})

/** A file with one test; `keys` replace whole keys of it or add some, and an empty one takes it away. */
export function caseText(keys: Readonly<Record<string, string>> = {}): string {
  const whole = {
    organisation: 'acme',
    given: '{ user:ann: [role:editor], user:ben: [role:reader] }',
    tests:
      '\n  - { name: one, subjects: [user:ben], resources: [/docs/documents/7], actions: { GET: allow } }',
    ...keys,
  }
  const lines = Object.entries(whole).filter(([, value]) => value !== '')
  return lines.map(([key, value]) => `${key}: ${value}\n`).join('')
}

/** The list below `tests:`, in flow style. */
export function testList(...tests: readonly string[]): string {
  return tests.map((test) => `\n  - { ${test} }`).join('')
}

export function problemsIn(text: string, files = sample): string[] {
  return readCases(text, 'a.test.yaml', files).problems.map(describeProblem)
}

/** The file, which must be without a problem. */
export function readWell(text: string, files = sample): CaseFile {
  const { cases, problems } = readCases(text, 'a.test.yaml', files)
  if (cases === undefined) throw new Error(problems.map(describeProblem).join('\n'))
  return cases
}

export function runText(text: string, files = sample): Promise<CaseReport> {
  return runCases({ files, cases: [readWell(text, files)] })
}

export function failuresIn(report: CaseReport): Failure[] {
  return report.files.flatMap(({ tests }) => tests.flatMap(({ failures }) => failures))
}

/** Failures as `user:ben GET /docs/documents/7 got deny`. */
export async function failedCells(text: string, files = sample): Promise<string[]> {
  return failuresIn(await runText(text, files)).map(
    ({ subject, action, resource, got }) => `${subject} ${action} ${resource} got ${got}`,
  )
}
