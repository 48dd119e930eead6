/** Rules that allow nothing because it is denied, in words. */

import type { Void } from '../policy/questions/voids.ts'
import { describeSource, type Rule } from '../policy/rule.ts'

const NAMED = 3

/**
 * As in `void: the guardrail policies/docs.csv:7 denies all of it`. Rules in `own` are the caller's,
 * wherever they say that they stand.
 */
export function describeVoid({ denies }: Void, own: ReadonlySet<Rule> = new Set()): string {
  const names = denies.slice(0, NAMED).map((rule) => nameOf(rule, own))
  if (denies.length === 1) return `void: ${names.join('')} denies all of it`
  const more = denies.length - names.length
  const rest = more > 0 ? [`${more} more`] : []
  return `void: ${[...names, ...rest].join(' and ')} together deny all of it`
}

function nameOf(rule: Rule, own: ReadonlySet<Rule>): string {
  const { ptype, values, source } = rule
  const guardrail = source.kind === 'file' && !own.has(rule)
  return guardrail
    ? `the guardrail ${describeSource(source)}`
    : `the organisation's own rule "${[ptype, ...values].join(', ')}"`
}
