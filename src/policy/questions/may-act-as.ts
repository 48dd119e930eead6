/** Whoever can make a credential of somebody else's can do what they may: nobody more than oneself. */
import type { Steps } from '../../lib/turns.ts'
import type { Rule } from '../rule.ts'
import { everything } from '../rules/grammar.ts'
import type { Policy } from '../rules/proposal.ts'
import type { Snapshot } from '../snapshot.ts'
import { findExcess, type GrantCheck } from './may-grant.ts'

/**
 * The first permission of `holder` that `actor` (both `user:…` or `service:…`) does not hold, found as
 * if all of them were being given: before, the holder had no role and was denied everything. What
 * everybody may do is among them, for the actor alone may be denied it. Who is told `unsupported` has
 * to refuse.
 */
export function* findBeyond(snapshot: Snapshot, holder: string, actor: string): Steps<GrantCheck> {
  if (holder === actor) return { kind: 'none' }
  const { model, engine, rules, rolesOf, domain } = snapshot
  const nothing: Rule = {
    ptype: 'p',
    values: [holder, domain, '/*', everything, 'deny'],
    source: { kind: 'built-in' },
  }
  const before: Policy = {
    model,
    engine,
    rules: [...rules.filter(({ values }) => values[0] !== holder), nothing],
    rolesOf: (name) => (name === holder ? [] : rolesOf(name)),
  }
  return yield* findExcess(before, snapshot, actor)
}
