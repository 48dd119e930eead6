/** Findings at the place where a rule was written. */
import type { Finding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { ruleProblem } from '../rules/rule-problem.ts'

type Said = Pick<Finding, 'kind' | 'severity' | 'message' | 'related'>

/** A finding about a rule of a file; `index` is the value that it is about, -1 the whole rule. */
export function findingAt(rule: Rule, said: Said, index = -1): Finding {
  const { file, line, column } = ruleProblem(rule, { name: 'rules', position: 1 }, index, '')
  return { file, line, column, ...said }
}

/** The place of another rule, where it stands in a file. */
export function relatedTo(rule: Rule | undefined): Pick<Finding, 'related'> {
  if (rule?.source.kind !== 'file') return {}
  const { file, line, columns } = rule.source
  return { related: { file, line, column: columns?.[0] ?? 1 } }
}
