/**
 * The policy of an organisation as it would be with other rules of its own: checked as a publish would
 * check it, and compiled into nothing, for it is compared and decides no request.
 */
import type { Steps } from '../../lib/turns.ts'
import type { Application } from '../applications.ts'
import { completeRule } from '../conditions.ts'
import { stopOn } from '../problem.ts'
import { RoleLinks } from '../role-links.ts'
import type { Rule } from '../rule.ts'
import type { Snapshot } from '../snapshot.ts'
import { type CustomRole, customRoleRules, sameRoles } from './custom-roles.ts'
import { lintInSteps } from './lint.ts'
import { buildRoleGraph, checkAllRoles } from './roles.ts'

/** What a comparison reads of a snapshot. */
export type Policy = Pick<Snapshot, 'model' | 'rules' | 'rolesOf'> & {
  readonly engine: Pick<Snapshot['engine'], 'interpreted'>
}

/**
 * The snapshot's files with `own` in the place of the organisation's rules, and `roles` in the place of
 * the roles that it made for itself. Throws a `PolicyError` that
 * names every problem.
 */
export function* propose(
  snapshot: Snapshot,
  own: readonly Rule[],
  applications: readonly Application[],
  roles: readonly CustomRole[] = snapshot.customRoles,
): Steps<Policy> {
  const { organisation, model, engine, rules: inForce, customRoles } = snapshot
  stopOn(yield* lintInSteps(own, { model, applications, scope: { organisation } }))
  const rolesStay = sameRoles(customRoles, roles)
  const stays = ({ source: { kind } }: Rule) =>
    kind !== 'organisation' && (rolesStay || kind !== 'role')
  const made = rolesStay ? [] : customRoleRules(roles, organisation, applications)
  const completed = made.map((rule) => completeRule(rule, model))
  const rules = [...inForce.filter(stays), ...completed, ...own]
  yield
  stopOn(yield* checkAllRoles(rules, organisation))
  yield
  const links = yield* RoleLinks.read(rules, 'g', 3)
  const { inherited } = buildRoleGraph((member) => links.rolesOf(member, `org:${organisation}`))
  return { model, rules, rolesOf: inherited, engine }
}
