/**
 * Who may use the management API: the same credentials, standing and engine as everything else.
 * Its objects are `/gatehouse/<resource>`, in the organisation that the path names.
 */
import { acceptFrom } from '../../identity/networks.ts'
import { checkOrigin, checkUnsignedOrigin } from '../../identity/origin.ts'
import type { Identified, Principal } from '../../identity/principal.ts'
import { checkStanding, chooseOrganisation } from '../../identity/standing.ts'
import { isBareId } from '../../lib/ids.ts'
import type { Reason } from '../../lib/reasons.ts'
import type { Revision } from '../../lib/revision.ts'
import { decide } from '../../policy/decide.ts'
import type { Snapshot } from '../../policy/snapshot.ts'
import type { OrganisationState } from '../../store/organisation-state.ts'

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
  /** The same at a revision or a later one, for which it waits a moment. */
  readonly atLeast: (organisation: string, revision: number) => Promise<Found>
  /** The bare id behind an organisation's id or slug. */
  readonly resolve: (name: string) => Promise<string | undefined>
}

export type Permit =
  /** Without a principal where anyone may ask. */
  | {
      readonly kind: 'permitted'
      readonly view: View
      readonly principal: Principal | undefined
    }
  /** `shown` is what the caller learns, `reason` is for the log. */
  | { readonly kind: 'refused'; readonly reason: Reason; readonly shown: Reason }

/** What a request says about who sends it. */
export interface Sender {
  /** The HTTP method. */
  readonly method: string
  readonly rawHeaders: readonly string[]
  /** The socket's: no proxy is believed here. */
  readonly clientAddress: string
}

interface Asked extends Sender {
  /** Id or slug. */
  readonly organisation: string
  readonly objects: readonly string[]
  readonly act: string
  /** The oldest revision by which to decide; that of another organisation says nothing here. */
  readonly minimum?: Revision | undefined
}

/** The reserved organisation, with which is recorded what belongs to no other. */
export const platform = 'platform'

/**
 * Permits `act` on all of the management `objects` in an organisation, or names the reason. An
 * organisation that the caller is no member of looks like one that does not exist; the platform is
 * there for everybody.
 */
export async function permit(options: PermitOptions, asked: Asked): Promise<Permit> {
  const hide = asked.organisation === platform ? refused : hidden
  const identified = await identify(options, asked)
  if (identified.kind === 'refused') return refused(identified.reason)
  const { principal } = identified
  // What cannot be an id is not looked for.
  if (!isBareId(asked.organisation)) return hide('organisation_unknown')
  const id = await resolve(options, principal, asked.organisation)
  if (id === undefined) return hide('organisation_unknown')
  const chosen = chooseOrganisation(principal, id)
  if (chosen.kind === 'refused') {
    const other = chosen.reason === 'organisation_disagrees'
    return other ? hide(chosen.reason) : refused(chosen.reason)
  }
  const found = await findView(options, id, asked.minimum)
  if (found.kind === 'refused') {
    return found.reason === 'organisation_unknown' ? hide(found.reason) : refused(found.reason)
  }
  const missing = checkStanding(principal.subject, found.view.state)
  if (missing !== undefined) return hide(missing)
  const sub = principal.subject ?? ''
  const dom = `org:${id}`
  for (const obj of asked.objects) {
    const request = { sub, dom, obj, act: asked.act, scopes: principal.scopes }
    const { allow, reason } = decide(found.view.snapshot, request)
    if (!allow) return refused(reason)
  }
  return { kind: 'permitted', view: found.view, principal }
}

/** Whoever sent the request, as far as the credential is one from there; never nobody. */
async function identify(
  { authenticate, origin }: PermitOptions,
  sender: Sender,
): Promise<Extract<Identified, { kind: 'principal' | 'refused' }>> {
  const { rawHeaders, clientAddress } = sender
  const identified = acceptFrom(await authenticate(rawHeaders), clientAddress)
  if (identified.kind === 'anonymous') return { kind: 'refused', reason: 'credential_missing' }
  if (identified.kind === 'refused') return identified
  const foreign = checkOrigin(identified.principal, sender, origin)
  return foreign === undefined ? identified : { kind: 'refused', reason: foreign }
}

/**
 * Permits everybody who is a person with a credential for all that is theirs. While a password waits
 * to be changed, `pending` says whether that is enough.
 */
export async function permitPerson(
  options: PermitOptions,
  sender: Sender,
  pending = false,
): Promise<Permit> {
  const identified = await identify(options, sender)
  if (identified.kind === 'refused') return refused(identified.reason)
  const { principal } = identified
  if (!principal.subject?.startsWith('user:')) return refused('subject_unknown')
  if (principal.mustChangePassword === true && !pending) return refused('password_must_change')
  // A credential for one organisation says nothing about the person elsewhere.
  if (principal.organisation !== undefined) return refused('organisation_disagrees')
  return permitOn(options, principal)
}

/** Permits anybody, whatever credential came along, but nobody's page of another site. */
export async function permitAnyone(options: PermitOptions, sender: Sender): Promise<Permit> {
  const foreign = checkUnsignedOrigin(sender, options.origin)
  return foreign === undefined ? permitOn(options, undefined) : refused(foreign)
}

async function permitOn(options: PermitOptions, principal: Principal | undefined): Promise<Permit> {
  const found = await options.find(platform)
  if (found.kind === 'refused') return refused(found.reason)
  return { kind: 'permitted', view: found.view, principal }
}

/** Most callers name the organisation of their credential by its id. */
function resolve(
  options: PermitOptions,
  { organisation }: Principal,
  name: string,
): Promise<string | undefined> | string {
  return name === organisation ? name : options.resolve(name)
}

function findView({ find, atLeast }: PermitOptions, id: string, minimum: Revision | undefined) {
  return minimum?.organisation === id ? atLeast(id, minimum.revision) : find(id)
}

function refused(reason: Reason): Permit {
  return { kind: 'refused', reason, shown: reason }
}

/** Another organisation's record is a missing record (I13). */
function hidden(reason: Reason): Permit {
  return { kind: 'refused', reason, shown: 'no_such_page' }
}
