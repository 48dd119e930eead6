/**
 * Who may use the management API: the same credentials, standing and engine as everything else.
 * Its objects are `/gatehouse/<resource>`, in the organisation that the path names.
 */

import type { Context } from 'hono'
import { checkOrigin } from '../identity/origin.ts'
import type { Identified } from '../identity/principal.ts'
import { checkStanding, chooseOrganisation } from '../identity/standing.ts'
import { isBareId } from '../lib/ids.ts'
import type { Reason } from '../lib/reasons.ts'
import { decide } from '../policy/decide.ts'
import type { Snapshot } from '../policy/snapshot.ts'
import type { OrganisationState } from '../store/organisations.ts'
import type { Env } from './answers.ts'

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
  /** Our own, as in `https://admin.example.com`: a form of another site sends another (A4 86). */
  readonly origin: string
  readonly find: (organisation: string) => Found | Promise<Found>
}

export type Permit =
  | { readonly kind: 'permitted'; readonly view: View }
  /** `shown` is what the caller learns, `reason` is for the log. */
  | { readonly kind: 'refused'; readonly reason: Reason; readonly shown: Reason }

/**
 * Permits `act` on all of the management `objects` in `organisation` (bare id), or names the reason.
 * An organisation that the caller is no member of looks like one that does not exist.
 */
async function permit(
  { authenticate, find, origin }: PermitOptions,
  asked: {
    readonly method: string
    readonly rawHeaders: readonly string[]
    readonly organisation: string
    readonly objects: readonly string[]
    readonly act: string
  },
): Promise<Permit> {
  const identified = await authenticate(asked.rawHeaders)
  if (identified.kind === 'refused') return refused(identified.reason)
  if (identified.kind === 'anonymous') return refused('credential_missing')
  const { principal } = identified
  const foreign = checkOrigin(principal, asked, origin)
  if (foreign !== undefined) return refused(foreign)
  // What cannot be an id is not looked for.
  if (!isBareId(asked.organisation)) return hidden('organisation_unknown')
  const chosen = chooseOrganisation(principal, asked.organisation)
  if (chosen.kind === 'refused') {
    const own = chosen.reason === 'password_must_change'
    return own ? refused(chosen.reason) : hidden(chosen.reason)
  }
  const found = await find(chosen.organisation)
  if (found.kind === 'refused') {
    return found.reason === 'organisation_unknown' ? hidden(found.reason) : refused(found.reason)
  }
  const missing = checkStanding(principal.subject, found.view.state)
  if (missing !== undefined) return hidden(missing)
  const sub = principal.subject ?? ''
  const dom = `org:${chosen.organisation}`
  for (const obj of asked.objects) {
    const { allow, reason } = decide(found.view.snapshot, { sub, dom, obj, act: asked.act })
    if (!allow) return refused(reason)
  }
  return { kind: 'permitted', view: found.view }
}

function refused(reason: Reason): Permit {
  return { kind: 'refused', reason, shown: reason }
}

/** Another organisation's record is a missing record (I13). */
function hidden(reason: Reason): Permit {
  return { kind: 'refused', reason, shown: 'no_such_page' }
}

/**
 * The same for a request to the management API, whose path names the organisation. Without objects
 * every active member is permitted.
 */
export function permitTo(
  options: PermitOptions,
  context: Context<Env>,
  objects: string | readonly string[],
  act = 'GET',
): Promise<Permit> {
  const { rawHeaders } = context.env.incoming
  const organisation = context.req.param('org') ?? ''
  const { method } = context.req
  return permit(options, { method, rawHeaders, organisation, objects: [objects].flat(), act })
}
