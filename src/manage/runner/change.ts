/**
 * A change: one transaction that raises the revision, does the work, and writes who did it. The row of
 * the organisation is locked first, so that changes of one organisation follow each other; and what
 * permitted the change must be the revision before it, or it is permitted anew.
 */

import { limits } from '../../lib/limits.ts'
import { sha256 } from '../../lib/secrets.ts'
import { appendAudit } from '../../store/audit.ts'
import { type Transaction, withDeadline } from '../../store/db.ts'
import { findAnswer, type RequestKey, rememberAnswer } from '../../store/idempotency.ts'
import { lockOrganisation, raiseRevision } from '../../store/organisations.ts'
import { checkIfMatch } from './etag.ts'
import type { Call, Change, Operation } from './operation.ts'
import { objectOf } from './paths.ts'
import { platform } from './permit.ts'
import { Refusal } from './refusal.ts'

type Changing = Extract<Operation, { kind: 'changing' }>

/** What the caller gets. */
export interface Changed {
  readonly answer: unknown
  /** Absent in an answer that was given before. */
  readonly record?: unknown
  readonly revision: number
  /** Other organisations that were changed as well, and their revisions. */
  readonly also?: ReadonlyMap<string, number>
  readonly cookie?: string | undefined
  readonly mailed?: true | undefined
}

/** The organisation is no longer as the change was permitted. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError'
}

/** An answer that stands already; thrown so that nothing of this transaction stays. */
class Answered extends Error {
  readonly changed: Changed

  constructor(changed: Changed) {
    super('answered before')
    this.changed = changed
  }
}

export interface Asked {
  readonly requestId: string
  readonly ifMatch: string | undefined
  readonly idempotencyKey: string | undefined
  /** Permits the call again, by this revision; throws where it is not permitted any more. */
  readonly permitAnew: (revision: number) => Promise<Call<unknown, unknown>>
}

/**
 * Does what `operation` does for `call`. Throws an `OvertakenError` when another change came first, and
 * a `Refusal` when it must not be done; then nothing is.
 */
export async function runChange(
  operation: Changing,
  call: Call<unknown, unknown>,
  prepared: unknown,
  asked: Asked,
): Promise<Changed> {
  const { db, clock } = call.tools
  try {
    return await db.query.transaction().execute(async (unbounded) => {
      const trx = withDeadline(unbounded, clock, operation.longestMs ?? limits.changeTimeoutMs)
      if (operation.alsoPlatform === true) await lockOrganisation(trx, platform)
      const revision = await raiseRevision(trx, call.organisation)
      await refuseRepeated(trx, operation, call, asked.idempotencyKey)
      const { requestId } = asked
      const change = {
        ...(await permittedOn(revision - 1, call, asked)),
        trx,
        revision,
        requestId,
        prepared,
        now: new Date(clock.now()),
        also: new Map(),
      }
      return await perform(operation, change, asked)
    })
  } catch (error) {
    if (error instanceof Answered) return error.changed
    throw error
  }
}

/**
 * The call as it is permitted by exactly this revision. The lock is held meanwhile, so no other replica
 * can come in between again.
 */
async function permittedOn(
  revision: number,
  call: Call<unknown, unknown>,
  { permitAnew }: Asked,
): Promise<Call<unknown, unknown>> {
  if (call.view.state.revision === revision) return call
  // The embedded database has one connection, and this transaction has it.
  if (call.tools.db.kind === 'embedded') throw new OvertakenError()
  const anew = await permitAnew(revision)
  if (anew.view.state.revision === revision) return anew
  throw new OvertakenError()
}

async function perform(
  operation: Changing,
  change: Change<unknown, unknown, unknown>,
  asked: Asked,
): Promise<Changed> {
  const { trx, actor, organisation, revision, now, params } = change
  const before = await operation.find?.(change as Change<never, unknown, unknown>)
  if (operation.find !== undefined) {
    if (before === undefined) throw new Refusal('not_found', 'There is nothing here.')
    const { method } = operation
    const guarded = method === 'PATCH' || method === 'PUT'
    // Who deletes may say what is to be deleted.
    if (guarded || (method === 'DELETE' && asked.ifMatch !== undefined)) {
      checkIfMatch(asked.ifMatch, before)
    }
  }
  const done = await operation.run(change as Change<never, unknown, unknown>, before)
  const { answer, repeated, after, made, cookie, mailed } = done
  await appendAudit(trx, {
    organisation,
    revision,
    at: now.toISOString(),
    actor: actor.subject,
    credential: actor.credential ?? null,
    address: actor.address ?? null,
    requestId: asked.requestId,
    operation: operation.id,
    object: made === undefined ? objectOf(operation.path, params) : `/gatehouse/${made}`,
    before: before ?? done.before ?? null,
    after: after ?? null,
  })
  const key = requestKey(change, asked.idempotencyKey)
  if (key !== undefined) {
    const request_hash = hashRequest(operation, change)
    const text = JSON.stringify(repeated ?? answer ?? null)
    await rememberAnswer(trx, key, { request_hash, status: 200, answer: text, revision })
  }
  return { answer, record: after, revision, also: change.also, cookie, mailed }
}

/** A request that was answered before is not done again, whatever has changed since. */
async function refuseRepeated(
  trx: Transaction,
  operation: Changing,
  call: Call<unknown, unknown>,
  idempotencyKey: string | undefined,
): Promise<void> {
  const key = requestKey(call, idempotencyKey)
  if (key === undefined) return
  const before = await findAnswer(trx, key)
  if (before === undefined) return
  if (before.request_hash !== hashRequest(operation, call)) {
    throw new Refusal('idempotency_key_reused', 'This Idempotency-Key came with other input.')
  }
  throw new Answered({ answer: JSON.parse(before.answer), revision: before.revision ?? 0 })
}

function requestKey(
  { organisation, actor }: Pick<Call<unknown, unknown>, 'organisation' | 'actor'>,
  key: string | undefined,
): RequestKey | undefined {
  // Whoever is nobody shares that name with everybody.
  const own = key !== undefined && actor.subject !== 'anonymous'
  return !own ? undefined : { organisation, caller: actor.subject, key }
}

function hashRequest(operation: Changing, call: Call<unknown, unknown>): string {
  const { params, query, body } = call
  // A fast hash of a password would be one to guess at.
  const known = (name: string, value: unknown) => (name === 'password' ? undefined : value)
  return sha256(JSON.stringify([operation.id, params, query, body], known))
}
