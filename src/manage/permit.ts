/**
 * Who may use the management API: the same credentials, standing and engine as everything else.
 * Its objects are `/gatehouse/<resource>`, in the organisation that the path names.
 */

import type { Identified } from '../identity/principal.ts'
import { checkStanding, chooseOrganisation } from '../identity/standing.ts'
import type { Reason } from '../lib/reasons.ts'
import { decide } from '../policy/decide.ts'
import type { Snapshot } from '../policy/snapshot.ts'
import type { OrganisationState } from '../store/organisations.ts'

export interface View {
  readonly state: OrganisationState
  readonly snapshot: Snapshot
}

type Found =
  | { readonly kind: 'found'; readonly view: View }
  | { readonly kind: 'refused'; readonly reason: Reason }

/** What the control plane asks the process for; `main` hands these in. */
export interface PermitOptions {
  readonly authenticate: (rawHeaders: readonly string[]) => Identified | Promise<Identified>
  readonly find: (organisation: string) => Found | Promise<Found>
}

export type Permit =
  | { readonly kind: 'permitted'; readonly view: View; readonly subject: string }
  | { readonly kind: 'refused'; readonly reason: Reason }

/**
 * Permits `act` on the management object `obj` in `organisation` (bare id), or names the reason.
 * An organisation that the caller is no member of looks like one that does not exist.
 */
export async function permit(
  { authenticate, find }: PermitOptions,
  asked: {
    readonly rawHeaders: readonly string[]
    readonly organisation: string
    readonly obj: string
    readonly act: string
  },
): Promise<Permit> {
  const identified = await authenticate(asked.rawHeaders)
  if (identified.kind === 'refused') return identified
  if (identified.kind === 'anonymous') return { kind: 'refused', reason: 'credential_missing' }
  const { principal } = identified
  const chosen = chooseOrganisation(principal, asked.organisation)
  if (chosen.kind === 'refused') return missing
  const found = await find(chosen.organisation)
  if (found.kind === 'refused') return found.reason === 'organisation_unknown' ? missing : found
  const { view } = found
  if (checkStanding(principal, view.state) !== undefined || principal.subject === undefined) {
    return missing
  }
  const decision = decide(view.snapshot, {
    sub: principal.subject,
    dom: `org:${chosen.organisation}`,
    obj: asked.obj,
    act: asked.act,
  })
  if (!decision.allow) return { kind: 'refused', reason: decision.reason }
  return { kind: 'permitted', view, subject: principal.subject }
}

const missing: Permit = { kind: 'refused', reason: 'no_such_page' }
