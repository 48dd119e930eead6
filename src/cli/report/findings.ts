/** What the writers of findings share: what was looked at, and how much was found. */
import type { PolicyTexts } from '../../policy/files/files.ts'
import { type Finding, isAtLeast, type Severity } from '../../policy/finding.ts'

/** One policy that was looked at. */
export interface Looked {
  readonly texts: PolicyTexts
  readonly findings: readonly Finding[]
}

/** What can be asked of every writer. */
export interface ReportOptions {
  /** The lowest severity that counts as a failure. */
  readonly least: Severity
  /** Leaves out what does not count. */
  readonly quiet: boolean
}

export function countOf(looked: readonly Looked[]): Readonly<Record<Severity, number>> {
  const count = { error: 0, warning: 0, note: 0 }
  for (const { findings } of looked) for (const { severity } of findings) count[severity] += 1
  return count
}

/** Every file that was read, the model first, by name. */
export function textsOf({ texts }: Looked): ReadonlyMap<string, string> {
  return new Map([[texts.model.name, texts.model.text], ...texts.files])
}

/** Without what was not asked for. */
export function choose(
  looked: readonly Looked[],
  { least, quiet }: ReportOptions,
): readonly Looked[] {
  if (!quiet) return looked
  return looked.map(({ texts, findings }) => {
    return { texts, findings: findings.filter(({ severity }) => isAtLeast(severity, least)) }
  })
}

/** One object, for programs. */
export function writeJson(looked: readonly Looked[]): string {
  const findings = looked.flatMap((one) => one.findings)
  return `${JSON.stringify({ findings, count: countOf(looked) }, null, 2)}\n`
}
