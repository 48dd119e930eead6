/** What keeps tests from being run, as findings: nothing that is served depends on it. */
import type { PolicyFiles, PolicyTexts } from '../files/files.ts'
import type { Finding } from '../finding.ts'
import { checkCases } from './case-file.ts'

/** The findings of every `*.test.yaml`; none while the policy that they are about is broken. */
export function findInCases(
  { files: texts }: PolicyTexts,
  files: PolicyFiles | undefined,
): Finding[] {
  if (files === undefined) return []
  return [...texts]
    .filter(([name]) => name.endsWith('.test.yaml'))
    .flatMap(([name, text]) => checkCases(text, name, files))
    .map((problem) => ({ ...problem, kind: problem.kind ?? 'test-file', severity: 'warning' }))
}
