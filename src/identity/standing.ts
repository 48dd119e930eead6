/**
 * Whether a principal stands in an organisation at all. Asked before any rule is looked at: the
 * organisation of a request must be the credential's, and the principal an active member of it.
 */
import type { Reason } from '../lib/reasons.ts'
import type { OrganisationState } from '../store/organisation-state.ts'
import type { Principal } from './principal.ts'

export type ChosenOrganisation =
  | { readonly kind: 'chosen'; readonly organisation: string }
  | { readonly kind: 'refused'; readonly reason: Reason }

/**
 * The organisation (bare id) a principal acts in: the one that the request names or, where it names
 * none, the credential's. A credential that spans several must be told which by path or host.
 */
export function chooseOrganisation(
  principal: Principal,
  named: string | undefined,
): ChosenOrganisation {
  // Before any organisation: this person may only change a password, which is in none of them.
  if (principal.mustChangePassword) return { kind: 'refused', reason: 'password_must_change' }
  const { organisations } = principal
  // A session that is valid in one organisation names it, as a key does.
  const only = organisations?.length === 1 ? organisations[0] : undefined
  const own = principal.organisation ?? only
  const organisation = named ?? own
  if (organisation === undefined) return { kind: 'refused', reason: 'organisation_missing' }
  const elsewhere = organisations !== undefined && !organisations.includes(organisation)
  if (elsewhere || (own !== undefined && own !== organisation)) {
    return { kind: 'refused', reason: 'organisation_disagrees' }
  }
  if (principal.endedIn?.includes(organisation)) return { kind: 'refused', reason: 'session_ended' }
  return { kind: 'chosen', organisation }
}

/**
 * Why `subject` has no standing in the organisation; `undefined` when it is an active member there.
 * Somebody who was invited is no member before the invitation is taken.
 */
export function checkStanding(
  subject: string | undefined,
  { state, members }: Pick<OrganisationState, 'state' | 'members'>,
): Reason | undefined {
  if (state !== 'active') return 'organisation_suspended'
  if (subject === undefined) return 'subject_unknown'
  switch (members.get(subject)?.state) {
    case 'active':
      return undefined
    case 'suspended':
      return 'member_suspended'
    default:
      return 'not_a_member'
  }
}
