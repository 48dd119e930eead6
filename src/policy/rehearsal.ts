/** A change tried on a copy of the rules, and the request decided again. */
import { compileRules } from './compile.ts'
import { type DecisionRequest, decide } from './decide.ts'
import { buildFunctions } from './functions.ts'
import type { NamedRules } from './named-rules.ts'
import { namesOf } from './permissions.ts'
import { checkRoleGraph } from './roles.ts'
import type { Rule } from './rule.ts'
import type { Snapshot } from './snapshot.ts'

/** One change: a rule that is added, of type g for a role or a team. */
export interface Change {
  readonly kind: 'role' | 'team' | 'rule'
  readonly ptype: 'g' | 'p'
  /** The columns of the rule, in the model's order. */
  readonly values: readonly string[]
  /** As in `granting role:editor to user:ann`. */
  readonly phrase: string
}

/**
 * Whether a change alone allows `request`, which the rules of `about` are for: the engine decides it over the copy. Rules that are about
 * another object or method are left out of it, and assignments of others; they have no say. A change
 * that no publish would take, because roles would then be too deep, allows nothing.
 */
export function rehearsal(
  snapshot: Snapshot,
  request: DecisionRequest,
  about: readonly Rule[],
  { assignments }: NamedRules,
): (change: Change) => boolean {
  const { model } = snapshot
  return ({ kind, ptype, values }) => {
    const added: Rule = { ptype, values, source: { kind: 'built-in' } }
    const gained = kind === 'rule' ? [] : namesOf(snapshot, values[1] ?? '')
    const names = new Set([...namesOf(snapshot, request.sub), ...gained])
    const held = [...names].flatMap((name) => assignments.get(name) ?? [])
    const rules = [...about, ...held, added]
    if (checkRoleGraph(rules).length > 0) return false
    const patterns = rules.filter((rule) => rule.ptype === 'p').map((rule) => rule.values[2] ?? '')
    const evaluate = compileRules(model, rules, buildFunctions(new Map([['keyMatch2', patterns]])))
    if (typeof evaluate !== 'function') return false
    const engine = { ...snapshot.engine, ruleCount: rules.length, evaluate }
    return decide({ ...snapshot, rules, engine }, request).allow
  }
}
