/**
 * The one pipeline, with several doors: canonical request, route, principal, organisation,
 * standing, decision. Whatever fails on the way ends in a refusal; only an allow makes a ticket.
 */
import { randomUUID } from 'node:crypto'
import { acceptFrom } from '../identity/networks.ts'
import type { Identified, Principal } from '../identity/principal.ts'
import { checkStanding, chooseOrganisation } from '../identity/standing.ts'
import type { Clock } from '../lib/clock.ts'
import type { Reason } from '../lib/reasons.ts'
import { decide } from '../policy/decide.ts'
import type { Rule } from '../policy/rule.ts'
import { type CanonicalRequest, canonicalise, type RawRequest } from './canonical.ts'
import type { DecisionLog, Door } from './decision-log.ts'
import type { Identity } from './identity-headers.ts'
import { findFor } from './min-revision.ts'
import { organisationOf } from './organisation-source.ts'
import { isPublic, matchApplication, type Route, type Routes } from './routes.ts'
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

/** The ids that the answer, the log and the record of one request share. */
export interface Marks {
  readonly requestId: string
  readonly decisionId: string
}

export type Outcome =
  | ({ readonly kind: 'allowed'; readonly ticket: Ticket } & Marks)
  | ({ readonly kind: 'refused'; readonly reason: Reason } & Marks)
  /** `OPTIONS *`: about this server, answered here and never forwarded. */
  | ({ readonly kind: 'server-wide' } & Marks)

export interface AuthorizeOptions {
  /** The table in force; another one from the moment on that other policy files decide. */
  readonly routes: () => Routes
  readonly snapshots: Pick<Snapshots, 'find' | 'atLeast'>
  readonly authenticate: (rawHeaders: readonly string[]) => Identified | Promise<Identified>
  readonly identityHeaders: (identity: Identity) => Promise<readonly (readonly [string, string])[]>
  readonly log: DecisionLog
  readonly clock: Clock
  /** Told of what should not happen; the caller only learns that no decision can be made. */
  readonly onError: (error: unknown, marks: Marks) => void
}

export type Authorize = (asked: Asked) => Promise<Outcome>

/** Where an organisation is needed but a public path names none (README, "Public paths"). */
const PLATFORM = 'platform'
const OWN_PATH = /^\/(?:\.gatehouse|\.well-known\/authzen-configuration\/\.gatehouse)(?:\/|$)/

/** How far a request came; the record of its decision is made from it. */
interface Reached {
  readonly route?: Route
  readonly principal?: Principal | undefined
  readonly view?: OrganisationView
  readonly rule?: Rule | undefined
}

type Judged = Allowed | ({ readonly kind: 'refused'; readonly reason: Reason } & Reached)
type Allowed = { readonly kind: 'allowed' } & Reached & Required<Pick<Reached, 'route' | 'view'>>

/** Binds the pipeline to what it asks. An error on the way is a refusal, never a rejection. */
export function createAuthorize(options: AuthorizeOptions): Authorize {
  return async (asked) => {
    const marks = { requestId: randomUUID(), decisionId: randomUUID() }
    const refuse = (judged: Extract<Judged, { kind: 'refused' }>, request?: CanonicalRequest) => {
      record(options, asked, request, judged, marks)
      return { kind: 'refused', reason: judged.reason, ...marks } as const
    }
    const canonical = canonicalise(asked.raw)
    if (!canonical.ok) return refuse(refused(canonical.reason))
    const { request } = canonical
    if (request.path === '*') return { kind: 'server-wide', ...marks }
    let judged: Judged = refused('pipeline_error')
    try {
      judged = await judge(options, asked, request)
      if (judged.kind === 'refused') return refuse(judged, request)
      const ticket = await ticketFor(options, asked, request, judged, marks)
      if (!asked.again) record(options, asked, request, judged, marks)
      return { kind: 'allowed', ticket, ...marks }
    } catch (error) {
      options.onError(error, marks)
      return refuse(refused('pipeline_error', judged), request)
    }
  }
}

/** One request by one policy, and how far it came. */
async function judge(
  options: AuthorizeOptions,
  asked: Pick<Asked, 'rawHeaders' | 'clientAddress'>,
  request: CanonicalRequest,
): Promise<Judged> {
  // Our own pages answer to their exact spelling only, before this pipeline.
  if (OWN_PATH.test(request.path)) return refused('no_such_page')
  const routes = options.routes()
  const route = matchApplication(routes, request)
  if (route === undefined) return refused('no_application')

  const authenticated = await options.authenticate(asked.rawHeaders)
  const identified = acceptFrom(authenticated, asked.clientAddress)
  if (identified.kind === 'refused') return refused(identified.reason, { route })
  const principal = identified.kind === 'principal' ? identified.principal : undefined
  if (principal === undefined && !isPublic(route.application, route.path)) {
    return refused('credential_missing', { route })
  }
  const chosen = organisationFor(principal, request, route)
  if (chosen.kind === 'refused') return refused(chosen.reason, { route, principal })

  const { snapshots } = options
  // Whoever waits is held in memory, so nobody unknown does.
  const found = await (principal === undefined
    ? snapshots.find(chosen.organisation)
    : findFor(snapshots, chosen.organisation, asked.rawHeaders))
  // The files were swapped meanwhile: route and rules would be of two policies (I7).
  if (options.routes() !== routes) return judge(options, asked, request)
  if (found.kind === 'refused') return refused(found.reason, { route, principal })
  return decideIn(found.view, principal, request, route)
}

function decideIn(
  view: OrganisationView,
  principal: Principal | undefined,
  { method }: CanonicalRequest,
  route: Route,
): Judged {
  const missing = standing(principal, view)
  if (missing !== undefined) return refused(missing, { route, principal, view })
  const { allow, reason, rule } = decide(view.snapshot, {
    sub: principal?.subject ?? 'anonymous',
    dom: `org:${view.state.id}`,
    obj: objectOf(route),
    act: method,
    scopes: principal?.scopes,
  })
  const reached = { route, principal, view, rule }
  return allow ? { ...reached, kind: 'allowed' } : refused(reason, reached)
}

function refused(reason: Reason, reached: Reached = {}) {
  return { ...reached, kind: 'refused', reason } as const
}

/** `/<application id><path>`, as the rules name it. */
function objectOf({ application, path }: Route): string {
  return `/${application.id}${path}`
}

function organisationFor(
  principal: Principal | undefined,
  request: CanonicalRequest,
  { application, path }: Route,
): ReturnType<typeof chooseOrganisation> {
  const source = organisationOf(application, request, path)
  if (source.kind === 'missing') return { kind: 'refused', reason: 'organisation_missing' }
  const named = source.kind === 'named' ? source.id : undefined
  if (principal !== undefined) return chooseOrganisation(principal, named)
  return { kind: 'chosen', organisation: named ?? PLATFORM }
}

/** Nobody has to be a member to be anonymous, but a suspended organisation serves nobody. */
function standing(principal: Principal | undefined, { state }: OrganisationView) {
  if (principal !== undefined) return checkStanding(principal.subject, state)
  return state.state === 'active' ? undefined : 'organisation_suspended'
}

async function ticketFor(
  { identityHeaders }: AuthorizeOptions,
  { clientAddress, scheme }: Asked,
  request: CanonicalRequest,
  { route, principal, view }: Allowed,
  marks: Marks,
): Promise<Ticket> {
  const { application, path } = route
  const { host } = request
  const caller = { principal, application, view, host, clientAddress, scheme, ...marks }
  const headers = await identityHeaders(caller)
  const credentialed = principal !== undefined
  return issueTicket({ application, request, path, headers, ...marks, credentialed })
}

function record(
  { log, clock }: AuthorizeOptions,
  { door, raw }: Asked,
  request: CanonicalRequest | undefined,
  judged: Judged,
  marks: Marks,
): void {
  const { kind, route, principal, view, rule } = judged
  log.record({
    ...marks,
    door,
    at: clock.now(),
    reason: kind === 'allowed' ? 'allowed_by_rule' : judged.reason,
    allow: kind === 'allowed',
    method: request?.method ?? raw.method,
    object: route === undefined ? (request?.path ?? '') : objectOf(route),
    // Only an organisation that exists owns a record.
    organisation: view?.state.id,
    subject: principal?.subject,
    revision: view?.state.revision,
    rule,
  })
}
