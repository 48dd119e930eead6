/** Whether a team or role is there at all: a grant of one that is not would wait for whoever makes it. */
import { findTeam } from '../store/teams.ts'
import { fixedRoles } from './role-names.ts'
import type { Change } from './runner/operation.ts'
import { Refusal } from './runner/refusal.ts'

type AnyChange = Change<unknown, unknown, unknown>

/** Throws a `Refusal` for the first of `groups` (`team:…`, `role:…`) that the organisation has not. */
export async function refuseUnknown(
  { trx, organisation, view }: AnyChange,
  groups: readonly string[],
): Promise<void> {
  for (const group of groups) {
    const team = group.startsWith('team:')
    const there = team ? await findTeam(trx, organisation, group) : isRole(view, group)
    if (there) continue
    const what = team ? 'team' : 'role'
    throw new Refusal('invalid_input', `${what}: the organisation has no ${what} ${group}.`)
  }
}

/** Of the code, of the files, made here, or named by a rule of the organisation's own. */
function isRole({ snapshot, state }: AnyChange['view'], role: string): boolean {
  return (
    fixedRoles(snapshot).some(({ id }) => id === role) ||
    state.roles.some(({ id }) => id === role) ||
    state.rules.some(({ values: [first, second] }) => first === role || second === role)
  )
}
