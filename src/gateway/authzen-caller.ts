/**
 * Who may ask by AuthZEN: the same credentials, standing and engine as everything else, in the
 * organisation that the path names.
 */
import { acceptFrom } from '../identity/networks.ts'
import type { Identified } from '../identity/principal.ts'
import { checkStanding, chooseOrganisation } from '../identity/standing.ts'
import type { Reason } from '../lib/reasons.ts'
import { decide } from '../policy/decide.ts'
import type { PolicyFiles } from '../policy/files/files.ts'
import type { Asked } from './authorize.ts'
import type { OrganisationView, Snapshots } from './snapshots.ts'

export interface CallerOptions {
  readonly authenticate: (rawHeaders: readonly string[]) => Identified | Promise<Identified>
  readonly snapshots: Pick<Snapshots, 'find' | 'files'>
}

export type Permitted =
  | {
      readonly kind: 'permitted'
      readonly caller: string
      readonly view: OrganisationView
      /** The files that `view` was built with. */
      readonly files: PolicyFiles
    }
  | {
      readonly kind: 'refused'
      readonly reason: Reason
      readonly caller?: string | undefined
      readonly view?: OrganisationView
    }

/** Permits to POST to `object` in `organisation` (bare id), or names the reason. */
export async function permitCaller(
  { authenticate, snapshots }: CallerOptions,
  { rawHeaders, clientAddress }: Pick<Asked, 'rawHeaders' | 'clientAddress'>,
  organisation: string,
  object: string,
): Promise<Permitted> {
  const identified = acceptFrom(await authenticate(rawHeaders), clientAddress)
  if (identified.kind === 'refused') return refuse(identified.reason)
  if (identified.kind === 'anonymous') return refuse('credential_missing')
  const { subject, scopes } = identified.principal
  const chosen = chooseOrganisation(identified.principal, organisation)
  if (chosen.kind === 'refused') return { ...refuse(chosen.reason), caller: subject }
  const found = await findWithFiles(snapshots, chosen.organisation)
  if (found.kind === 'refused') return { ...refuse(found.reason), caller: subject }
  const { view, files } = found
  const missing = checkStanding(subject, view.state)
  if (missing !== undefined || subject === undefined) {
    return { ...refuse(missing ?? 'subject_unknown'), caller: subject, view }
  }
  const dom = `org:${chosen.organisation}`
  const request = { sub: subject, dom, obj: object, act: 'POST', scopes }
  const { allow, reason } = decide(view.snapshot, request)
  return allow
    ? { kind: 'permitted', caller: subject, view, files }
    : { ...refuse(reason), caller: subject, view }
}

/** A view and the files that it was built with; asked again when they were swapped meanwhile (I7). */
async function findWithFiles(snapshots: CallerOptions['snapshots'], organisation: string) {
  for (;;) {
    const found = await snapshots.find(organisation)
    if (found.kind === 'refused') return found
    const files = snapshots.files()
    if (files.hash === found.view.snapshot.files) return { ...found, files }
  }
}

function refuse(reason: Reason) {
  return { kind: 'refused', reason } as const
}
