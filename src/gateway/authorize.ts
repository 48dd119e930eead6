/**
 * The one pipeline, with several doors: canonical request, route, principal, organisation,
 * standing, decision. Whatever fails on the way ends in a refusal; only an allow makes a ticket.
 */
import { randomUUID } from 'node:crypto'
import type { Identified, Principal } from '../identity/principal.ts'
import { checkStanding, chooseOrganisation } from '../identity/standing.ts'
import type { Clock } from '../lib/clock.ts'
import type { Reason } from '../lib/reasons.ts'
import type { Application } from '../policy/applications.ts'
import { type Decision, decide } from '../policy/decide.ts'
import { type CanonicalRequest, canonicalise, type RawRequest } from './canonical.ts'
import type { DecisionLog, Door } from './decision-log.ts'
import type { Identity } from './identity-headers.ts'
import { organisationOf } from './organisation-source.ts'
import { isPublic, matchApplication, type Routes } from './routes.ts'
import type { OrganisationView, Snapshots } from './snapshots.ts'
import { issueTicket, type Ticket } from './ticket.ts'

/** A request as a door saw it. */
export interface Asked {
  readonly door: Door
  readonly raw: RawRequest
  /** Flat names and values: where the credential is looked for. */
  readonly rawHeaders: readonly string[]
  /** The peer of the connection, or what a trusted proxy says of it. */
  readonly clientAddress: string
  readonly scheme: 'http' | 'https'
  /** A request that was allowed before is judged again: only a change of mind is recorded. */
  readonly again?: boolean
}

interface Marks {
  readonly requestId: string
  readonly decisionId: string
}

export type Outcome =
  | ({ readonly kind: 'allowed'; readonly ticket: Ticket } & Marks)
  | ({ readonly kind: 'refused'; readonly reason: Reason } & Marks)
  /** `OPTIONS *`: about this server, answered here and never forwarded. */
  | ({ readonly kind: 'server-wide' } & Marks)

export interface AuthorizeOptions {
  readonly routes: () => Routes
  readonly snapshots: Pick<Snapshots, 'find'>
  readonly authenticate: (rawHeaders: readonly string[]) => Identified | Promise<Identified>
  readonly identityHeaders: (identity: Identity) => Promise<readonly (readonly [string, string])[]>
  readonly log: DecisionLog
  readonly clock: Clock
  /** Told of what should not happen; the caller only learns that no decision can be made. */
  readonly onError: (error: unknown) => void
}

export type Authorize = (asked: Asked) => Promise<Outcome>

/** Where an organisation is needed but a public path names none (README, "Public paths"). */
const PLATFORM = 'platform'
const OWN_PATH = /^\/(?:\.gatehouse|\.well-known\/authzen-configuration\/\.gatehouse)(?:\/|$)/

/** What is known so far; the record of the decision is made from it. */
interface Progress {
  request?: CanonicalRequest
  application?: Application
  path?: string
  principal?: Principal
  organisation?: string
  view?: OrganisationView
  decision?: Decision
}

/** Binds the pipeline to what it asks. The result never rejects: an error is a refusal. */
export function createAuthorize(options: AuthorizeOptions): Authorize {
  return async (asked) => {
    const marks = { requestId: randomUUID(), decisionId: randomUUID() }
    const progress: Progress = {}
    let reason: Reason
    try {
      const canonical = canonicalise(asked.raw)
      if (canonical.ok && canonical.request.path === '*') return { kind: 'server-wide', ...marks }
      reason = canonical.ok
        ? await judge(options, asked, canonical.request, progress)
        : canonical.reason
      if (reason === 'allowed_by_rule') {
        const ticket = await ticketFor(options, asked, progress, marks)
        if (!asked.again) record(options, asked, progress, marks, reason)
        return { kind: 'allowed', ticket, ...marks }
      }
    } catch (error) {
      options.onError(error)
      reason = 'pipeline_error'
    }
    record(options, asked, progress, marks, reason)
    return { kind: 'refused', reason, ...marks }
  }
}

/** Fills `progress` as far as it gets and names where it ended. */
async function judge(
  { routes, snapshots, authenticate }: AuthorizeOptions,
  { rawHeaders }: Asked,
  request: CanonicalRequest,
  progress: Progress,
): Promise<Reason> {
  progress.request = request
  // Our own pages answer to their exact spelling only, before this pipeline.
  if (OWN_PATH.test(request.path)) return 'no_such_page'
  const route = matchApplication(routes(), request)
  if (route === undefined) return 'no_application'
  const { application, path } = Object.assign(progress, route)

  const identified = await authenticate(rawHeaders)
  if (identified.kind === 'refused') return identified.reason
  if (identified.kind === 'principal') progress.principal = identified.principal
  else if (!isPublic(application, path)) return 'credential_missing'

  const chosen = organisationFor(progress.principal, application, request, path)
  if (chosen.kind === 'refused') return chosen.reason
  progress.organisation = chosen.organisation

  const found = await snapshots.find(chosen.organisation)
  if (found.kind === 'refused') return found.reason
  const view = found.view
  progress.view = view
  const missing = standing(progress.principal, view)
  if (missing !== undefined) return missing

  progress.decision = decide(view.snapshot, {
    sub: progress.principal?.subject ?? 'anonymous',
    dom: `org:${chosen.organisation}`,
    obj: `/${application.id}${path}`,
    act: actionOf(request.method),
  })
  return progress.decision.reason
}

/** A HEAD is a GET whose body is not sent, so whoever may GET may HEAD. */
function actionOf(method: string): string {
  return method === 'HEAD' ? 'GET' : method
}

function organisationFor(
  principal: Principal | undefined,
  application: Application,
  request: CanonicalRequest,
  path: string,
): ReturnType<typeof chooseOrganisation> {
  const source = organisationOf(application, request, path)
  if (source.kind === 'missing') return { kind: 'refused', reason: 'organisation_missing' }
  const named = source.kind === 'named' ? source.id : undefined
  if (principal !== undefined) return chooseOrganisation(principal, named)
  return { kind: 'chosen', organisation: named ?? PLATFORM }
}

function standing(principal: Principal | undefined, { state }: OrganisationView) {
  if (principal !== undefined) return checkStanding(principal, state)
  return state.state === 'active' ? undefined : 'organisation_suspended'
}

async function ticketFor(
  { identityHeaders }: AuthorizeOptions,
  asked: Asked,
  { request, application, path, principal, view, decision }: Progress,
  { requestId, decisionId }: Marks,
): Promise<Ticket> {
  // The compiler's view of what `judge` has filled in by now; nothing else can have allowed.
  if (!(request && application && path && view && decision?.allow)) throw new Error('No allow.')
  const headers = await identityHeaders({
    principal,
    application,
    view,
    host: request.host,
    clientAddress: asked.clientAddress,
    scheme: asked.scheme,
    requestId,
    decisionId,
  })
  const credentialed = principal !== undefined
  return issueTicket({ application, request, path, headers, requestId, decisionId, credentialed })
}

function record(
  { log, clock }: AuthorizeOptions,
  { door, raw }: Asked,
  { request, application, path, principal, organisation, view, decision }: Progress,
  marks: Marks,
  reason: Reason,
): void {
  log.record({
    ...marks,
    door,
    at: clock.now(),
    reason,
    allow: reason === 'allowed_by_rule',
    method: request?.method ?? raw.method,
    object: application === undefined ? (request?.path ?? '') : `/${application.id}${path}`,
    // Only an organisation that exists owns a record.
    organisation: view === undefined ? undefined : organisation,
    subject: principal?.subject,
    revision: view?.state.revision,
    rule: decision?.rule,
  })
}
