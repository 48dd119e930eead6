/**
 * The gateway as a policy decision point: the AuthZEN Authorization API 1.0, one for each
 * organisation, which is named by the path and by nothing in a body.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlockList } from 'node:net'
import type { JsonObject } from '../identity/strict-json.ts'
import type { Clock } from '../lib/clock.ts'
import { isBareId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import type { Reason } from '../lib/reasons.ts'
import { createTurns } from '../lib/turns.ts'
import { type Page, type Refusal, writeJson, writeProblem } from './answers.ts'
import { type CallerOptions, type Permitted, permitCaller } from './authzen-caller.ts'
import { type Call, evaluate, evaluateBatch, type RecordOptions } from './authzen-evaluate.ts'
import { createNaming, type FindSubjects } from './authzen-names.ts'
import { nameSearch, type Place, placeOf, tokenAfter } from './authzen-page.ts'
import { type Read, readBatch, readPage, readQuestion, readSearch } from './authzen-request.ts'
import { type Results, searchActions, searchResources, searchSubjects } from './authzen-search.ts'
import { clientOf } from './client.ts'
import { valuesOf } from './header-names.ts'
import { readJsonBody } from './json-body.ts'

export interface AuthzenOptions extends CallerOptions, RecordOptions {
  readonly findSubjects: FindSubjects
  readonly publicUrl: string
  readonly secretKeys: readonly [string, ...string[]]
  readonly clock: Clock
  /** Who is believed about the address of the caller. */
  readonly trustedProxies: BlockList
  /** Told of what should not happen; the caller only learns that no decision can be made. */
  readonly onError: (error: unknown, marks: { readonly requestId: string }) => void
}

/** What a call is answered with, or why it is none. */
type Answer = Read<object>
type Answerer = (call: Call, body: JsonObject) => Promise<Answer>

export interface AuthzenPages {
  readonly configuration: Page
  /** By what stands behind `/access/v1/`. */
  readonly calls: ReadonlyMap<string, Page>
}

const METADATA = '/.well-known/authzen-configuration'
const EVALUATION = '/gatehouse/authzen/evaluation'
const SEARCH = '/gatehouse/authzen/search'

const endpoints = {
  access_evaluation_endpoint: 'evaluation',
  access_evaluations_endpoint: 'evaluations',
  search_subject_endpoint: 'search/subject',
  search_resource_endpoint: 'search/resource',
  search_action_endpoint: 'search/action',
} as const

/** Binds the pages to what they decide by. */
export function createAuthzen(options: AuthzenOptions): AuthzenPages {
  const page =
    (object: string, answer: Answerer): Page =>
    (req, res) =>
      serve(options, object, answer, req, res)
  return {
    configuration: async (req, res) => writeConfiguration(options, req, res),
    calls: new Map([
      [endpoints.access_evaluation_endpoint, page(EVALUATION, single(options))],
      [endpoints.access_evaluations_endpoint, page(EVALUATION, batch(options))],
      [
        endpoints.search_subject_endpoint,
        page(SEARCH, search(options, 'subject', readSearch.subject, searchSubjects)),
      ],
      [
        endpoints.search_resource_endpoint,
        page(SEARCH, search(options, 'resource', readSearch.resource, searchResources)),
      ],
      [
        endpoints.search_action_endpoint,
        page(SEARCH, search(options, 'action', readSearch.action, searchActions)),
      ],
    ]),
  }
}

/** The same for every id, so that it tells nobody which organisations there are (I24). */
function writeConfiguration(
  { publicUrl }: AuthzenOptions,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  const base = (req.url ?? '').split('?', 1)[0]?.slice(METADATA.length) ?? ''
  if (!isBareId(base.split('/').at(-1) ?? '')) {
    writeProblem(req, res, { reason: 'no_such_page' })
    return
  }
  const point = `${publicUrl}${base}`
  const urls = Object.entries(endpoints).map(([key, path]) => [key, `${point}/access/v1/${path}`])
  const document = { policy_decision_point: point, ...Object.fromEntries(urls) }
  writeJson(req, res, document, [
    ['Content-Type', 'application/json'],
    ['Cache-Control', `public, max-age=${limits.metadataAgeSeconds}`],
  ])
}

/** Nothing of a body is read before its sender may ask. */
async function serve(
  options: AuthzenOptions,
  object: string,
  answer: Answerer,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const requestId = requestIdOf(req)
  const refuse = (refusal: Omit<Refusal, 'requestId'>) =>
    writeProblem(req, res, { ...refusal, requestId })
  const organisation = (req.url ?? '').split('/')[3] ?? ''
  if (!isBareId(organisation)) return refuse({ reason: 'no_such_page' })
  const { rawHeaders, socket } = req
  const client = clientOf(options.trustedProxies, socket.remoteAddress ?? '', rawHeaders)
  const from = { rawHeaders, clientAddress: client.address }
  const ask = async () => {
    const asked = await permitCaller(options, from, organisation, object)
    if (asked.kind === 'refused') recordCaller(options, object, asked, requestId)
    return asked
  }
  try {
    const first = await ask()
    if (first.kind === 'refused') return refuse({ reason: first.reason })
    const body = await readJsonBody(req, res, limits.authzenBodyBytes)
    if (body.kind === 'refused') return refuse(body)
    // The body took its time: who may ask, and the rules, are those of now (I9).
    const permitted = await ask()
    if (permitted.kind === 'refused') return refuse({ reason: permitted.reason })
    if (object === SEARCH) recordCaller(options, object, permitted, requestId)
    const { view, caller, files } = permitted
    const call: Call = {
      view,
      caller,
      requestId,
      applications: files.applications,
      nameSubject: createNaming(options.findSubjects, files.issuers, organisation),
      turns: createTurns(options.clock.elapsed),
    }
    const answered = await answer(call, body.value)
    if (answered.kind === 'malformed') {
      return refuse({ reason: 'input_malformed', detail: answered.message })
    }
    writeJson(req, res, answered.value, [
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ['X-Request-Id', requestId],
    ])
  } catch (error) {
    options.onError(error, { requestId })
    refuse({ reason: 'pipeline_error' })
  }
}

function single(options: RecordOptions): Answerer {
  return async (call, body) => {
    const question = readQuestion(body)
    if (question.kind === 'malformed') return question
    return { kind: 'read', value: await evaluate(options, call, question.value) }
  }
}

function batch(options: RecordOptions): Answerer {
  return async (call, body) => {
    const asked = readBatch(body)
    if (asked.kind === 'malformed') return asked
    if (asked.value === undefined) return single(options)(call, body)
    const evaluations = await evaluateBatch(options, call, asked.value)
    return { kind: 'read', value: { evaluations } }
  }
}

function search<T>(
  { secretKeys }: AuthzenOptions,
  kind: string,
  read: (body: JsonObject) => Read<T>,
  run: (call: Call, search: T, place: Place) => Promise<Results>,
): Answerer {
  return async (call, body) => {
    const asked = read(body)
    if (asked.kind === 'malformed') return asked
    const page = readPage(body)
    if (page.kind === 'malformed') return page
    const name = nameSearch(call.view.state.id, kind, body)
    const place = placeOf(page.value, name, secretKeys)
    if (place.kind === 'malformed') return place
    const { results, next } = await run(call, asked.value, place.value)
    const token = next === undefined ? '' : tokenAfter(next, place.value, name, secretKeys)
    const context = { policy_revision: call.view.state.revision }
    const value = { page: { next_token: token, count: results.length }, results, context }
    return { kind: 'read', value }
  }
}

/** Who was refused, and who searched: what is evaluated is recorded item by item. */
function recordCaller(
  { log, clock }: RecordOptions,
  object: string,
  permitted: Permitted,
  requestId: string,
): void {
  const allow = permitted.kind === 'permitted'
  const reason: Reason = allow ? 'allowed_by_rule' : permitted.reason
  const { view, caller } = permitted
  log.record({
    decisionId: randomUUID(),
    requestId,
    door: 'authzen',
    at: clock.now(),
    reason,
    allow,
    method: 'POST',
    object,
    organisation: view?.state.id,
    subject: caller,
    revision: view?.state.revision,
    rule: undefined,
  })
}

const REQUEST_ID = /^[A-Za-z0-9._~:@/+=-]+$/

/** The caller's own, to be repeated, if it is one that a log can hold; else a new one. */
function requestIdOf({ rawHeaders }: IncomingMessage): string {
  const [sent = '', ...more] = valuesOf(rawHeaders, 'x-request-id')
  const usable = more.length === 0 && sent.length <= limits.requestIdChars && REQUEST_ID.test(sent)
  return usable ? sent : randomUUID()
}
