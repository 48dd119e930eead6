/** What is worth saying of a policy, beside what stops it. */
import type { PolicyProblem } from './problem.ts'

export const severities = ['error', 'warning', 'note'] as const

/** An error stops a publish or a reload; a warning is nearly always a mistake; a note never is one. */
export type Severity = (typeof severities)[number]

export interface Finding extends PolicyProblem {
  /** Stable, in words, such as `redundant-rule`: what a pipeline filters by. */
  readonly kind: string
  readonly severity: Severity
  /** Another place that has to do with it, such as the rule that makes this one redundant. */
  readonly related?: { readonly file: string; readonly line: number; readonly column: number }
}

/** Whether `severity` is as grave as `least`, or more. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(least)
}
