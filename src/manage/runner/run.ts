/** The one way from a request to an operation and back. */
import type { Context, Hono } from 'hono'
import { BusyError } from '../../lib/gate.ts'
import { limits } from '../../lib/limits.ts'
import { PolicyError } from '../../policy/problem.ts'
import { isOutage } from '../../store/db.ts'
import { type Env, refuse, refuseCode, refuseMethod, refuseRules } from './answers.ts'
import { type Asked, type Changed, OvertakenError, runChange } from './change.ts'
import { etagOf, isKnown } from './etag.ts'
import {
  readBodyOf,
  readIdempotencyKey,
  readMinRevision,
  readParams,
  readQueryOf,
} from './input.ts'
import type { Lines } from './lines.ts'
import type { Access, Call, Operation, Tools } from './operation.ts'
import { objectOf, platformObjectOf } from './paths.ts'
import {
  type Permit,
  type PermitOptions,
  permit,
  permitAnyone,
  permitPerson,
  platform,
} from './permit.ts'
import { Refusal } from './refusal.ts'
import { sendPieces } from './stream.ts'

export interface RunnerOptions extends PermitOptions {
  readonly tools: Tools
  readonly lines: Lines
}

/** Adds a route for each operation; another method on the same path is a 405 that says which there are. */
export function mount(
  app: Hono<Env>,
  operations: readonly Operation[],
  options: RunnerOptions,
): void {
  const methods = new Map<string, string[]>()
  for (const operation of operations) {
    const path = `/api/v1${operation.path.replaceAll(/\{(\w+)\}/g, ':$1')}`
    app.on(operation.method, path, (context) => run(operation, context, options))
    methods.set(path, [...(methods.get(path) ?? []), operation.method])
  }
  for (const [path, allowed] of methods) {
    const names = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed
    app.all(path, (context) => refuseMethod(context, names.toSorted().join(', ')))
  }
}

async function run(
  operation: Operation,
  context: Context<Env>,
  options: RunnerOptions,
): Promise<Response> {
  try {
    return await answer(operation, context, options)
  } catch (error) {
    if (error instanceof Refusal) return refuseAs(context, error)
    if (error instanceof NotPermittedError) {
      return refuse(context, error.permit.shown, error.permit.reason)
    }
    // Hashes of passwords cost memory, so only so many wait for theirs.
    if (error instanceof BusyError) return refuse(context, 'passwords_busy')
    if (error instanceof PolicyError) return refuseRules(context, error.problems)
    // A database that is away or too slow is no fault of the request, and nothing was written.
    if (!isOutage(error)) throw error
    options.tools.log.warn(
      { requestId: context.get('requestId'), operation: operation.id, error: String(error) },
      'the database refused an operation',
    )
    return refuse(context, 'database_unavailable')
  }
}

function refuseAs(context: Context<Env>, { code, message, retryAfterSeconds }: Refusal): Response {
  const response = refuseCode(context, code, message)
  if (retryAfterSeconds !== undefined) {
    response.headers.set('Retry-After', String(retryAfterSeconds))
  }
  return response
}

async function answer(
  operation: Operation,
  context: Context<Env>,
  options: RunnerOptions,
): Promise<Response> {
  const params = readParams(context, operation)
  if (params === undefined) return refuse(context, 'no_such_page')
  const askFor = (named?: readonly string[]) =>
    permitOperation(operation, context, options, params, named)
  // Nothing is read of whoever may not ask at all.
  const standing = await askFor(operation.objects && [])
  if (standing.kind === 'refused') return refuse(context, standing.shown, standing.reason)
  const query = readQueryOf(context, operation)
  const body = await readBodyOf(context, operation)
  const input = { params, query, body }
  const named = operation.objects?.({ query: query as never, body: body as never })
  const ask = () => askFor(named)
  const permitted = named === undefined ? standing : await ask()
  if (permitted.kind === 'refused') return refuse(context, permitted.shown, permitted.reason)
  const call = callOf(context, options, permitted, input)
  if (operation.kind === 'reading') return read(operation, context, call)
  if (operation.kind === 'streaming') return stream(operation, context, call)
  const prepared = await operation.prepare?.(call as Call<never, unknown>)
  const permitNow = async () => {
    const permit = await ask()
    if (permit.kind === 'refused') throw new NotPermittedError(permit)
    return callOf(context, options, permit, input)
  }
  const permitAnew = async (revision: number) => {
    await options.atLeast(call.organisation, revision)
    return permitNow()
  }
  const asked = { ...readAsked(context, operation), permitAnew }
  return options.lines.inLine(call.organisation, async () => {
    // What was permitted by one revision is done on that revision; one that was overtaken, by whoever
    // was before it in this line, is permitted anew.
    for (let round = 0; round < limits.changeRounds; round += 1) {
      const now = await permitNow()
      try {
        const changed = await runChange(operation, now, prepared, asked)
        // Inside one process a change holds from its commit on.
        await options.atLeast(now.organisation, changed.revision)
        for (const [other, revision] of changed.also ?? []) await options.atLeast(other, revision)
        if (changed.mailed === true) void options.tools.mail.deliver()
        return show(operation, context, now, changed)
      } catch (error) {
        if (!(error instanceof OvertakenError)) throw error
        await options.atLeast(now.organisation, now.view.state.revision + 1)
      }
    }
    return refuse(context, 'overtaken')
  })
}

/** What was permitted when the request came is permitted no more. */
class NotPermittedError extends Error {
  readonly permit: Extract<Permit, { kind: 'refused' }>

  constructor(permit: Extract<Permit, { kind: 'refused' }>) {
    super(permit.reason)
    this.permit = permit
  }
}

function readAsked(context: Context<Env>, { secret }: Operation): Omit<Asked, 'permitAnew'> {
  const idempotencyKey = readIdempotencyKey(context.req.header('idempotency-key'))
  if (secret === true && idempotencyKey !== undefined) {
    throw new Refusal(
      'bad_request',
      'Leave Idempotency-Key out: nothing of a secret is remembered.',
    )
  }
  return {
    requestId: context.get('requestId'),
    ifMatch: context.req.header('if-match'),
    idempotencyKey,
  }
}

function permitOperation(
  operation: Operation,
  context: Context<Env>,
  options: RunnerOptions,
  params: Readonly<Record<string, string>>,
  named: readonly string[] | undefined,
): Promise<Permit> {
  const { rawHeaders, socket } = context.env.incoming
  const { method } = context.req
  const sender = { method, rawHeaders, clientAddress: socket.remoteAddress ?? '' }
  const access = accessOf(operation, options.tools)
  if (access === 'anyone') return permitAnyone(options, sender)
  if (access === 'person') return permitPerson(options, sender, operation.whilePasswordPending)
  const onPlatform = access === 'platform'
  const organisation = onPlatform ? platform : (params['org'] ?? '')
  const object = (onPlatform ? platformObjectOf : objectOf)(operation.path, params)
  const objects = named ?? (access === 'member' ? [] : [object])
  const minimum = readMinRevision(context.req.header('gatehouse-min-revision'))
  return permit(options, { ...sender, organisation, objects, act: operation.method, minimum })
}

function accessOf({ access = 'organisation' }: Operation, tools: Tools): Access {
  return typeof access === 'function' ? access(tools) : access
}

function callOf(
  context: Context<Env>,
  { tools }: RunnerOptions,
  { view, principal }: Extract<Permit, { kind: 'permitted' }>,
  input: Pick<Call<unknown, unknown>, 'params' | 'query' | 'body'>,
): Call<unknown, unknown> {
  const { credential, subject = 'anonymous', scopes } = principal ?? {}
  const address = context.env.incoming.socket.remoteAddress
  const agent = context.req.header('user-agent')
  const shown = credential && `${credential.kind}:${credential.id}`
  const actor = { subject, credential: shown, address, agent, scopes }
  return { tools, actor, organisation: view.state.id, view, ...input }
}

async function read(
  operation: Extract<Operation, { kind: 'reading' }>,
  context: Context<Env>,
  call: Call<unknown, unknown>,
): Promise<Response> {
  const record = await operation.run(call as Call<never, unknown>)
  if (record === undefined) return refuse(context, 'no_such_page')
  const etag = etagOf(record)
  context.header('ETag', etag)
  context.header('Gatehouse-Revision', `${call.organisation}:${call.view.state.revision}`)
  // Only what was asked for plainly is in a cache (RFC 9110, section 13.1.2).
  const plain = operation.method === 'GET'
  if (plain && isKnown(context.req.header('if-none-match'), etag)) return context.body(null, 304)
  return context.json(record)
}

/** Who took what is in the log, for nothing was changed that the audit would tell of. */
async function stream(
  operation: Extract<Operation, { kind: 'streaming' }>,
  context: Context<Env>,
  call: Call<unknown, unknown>,
): Promise<Response> {
  const { organisation, view, actor, tools } = call
  const requestId = context.get('requestId')
  const { subject, credential } = actor
  const told = { requestId, operation: operation.id, organisation, subject, credential }
  const streamed = operation.run(call as Call<never, unknown>)
  const response = await sendPieces(context, streamed, (end, error) => {
    if (error === undefined) tools.log.info({ ...told, end }, 'an answer was streamed')
    else tools.log.warn({ ...told, end, error: String(error) }, 'a streamed answer broke off')
  })
  response.headers.set('Gatehouse-Revision', `${organisation}:${view.state.revision}`)
  return response
}

function show(
  operation: Operation,
  context: Context<Env>,
  call: Call<unknown, unknown>,
  { answer: body, record, revision, cookie }: Changed,
): Response {
  if (cookie !== undefined) context.header('Set-Cookie', cookie)
  context.header('Gatehouse-Revision', `${call.organisation}:${revision}`)
  if (operation.answer === undefined) return context.body(null, 204)
  if (record !== undefined) context.header('ETag', etagOf(record))
  return context.json(body as object, operation.status ?? 200)
}
