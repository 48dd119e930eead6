/** A change tried on a copy of the policy, and the request decided again. */
import { type DecisionRequest, decide } from '../decide.ts'
import type { Rule } from '../rule.ts'
import { holdsOf, isSoundGraph } from '../rules/roles.ts'
import type { Snapshot } from '../snapshot.ts'

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
 * Whether a change alone allows `request`: the engine decides it with the change laid over. One that
 * no publish would take, because roles would then be too deep, allows nothing.
 */
export function rehearsal(
  snapshot: Snapshot,
  request: DecisionRequest,
): (change: Change) => boolean {
  return ({ ptype, values }) => {
    const added: Rule = { ptype, values, source: { kind: 'built-in' } }
    const engine = snapshot.engine.with({ added: [added], removed: [] })
    if (engine === undefined) return false
    const rolesOf = holdsOf(engine, snapshot.organisation)
    if (ptype === 'g' && !isSoundGraph([values[0] ?? ''], rolesOf)) return false
    return decide({ ...snapshot, engine }, request).allow
  }
}
