/** A change that reaches into another organisation: its own revision and its own audit row there. */
import { appendAudit } from '../store/audit.ts'
import { raiseRevision } from '../store/organisations.ts'
import type { Change } from './runner/operation.ts'

export interface AlsoChanged {
  readonly organisation: string
  readonly operation: string
  readonly object: string
  readonly before?: unknown
  readonly after?: unknown
  /** Writes what changes there, with the revision that it gets. */
  readonly write: (revision: number) => Promise<void>
}

/**
 * Changes `organisation` within another change. The platform's lock is held: the change is recorded with
 * it, or is `alsoPlatform` and took it first. So two of this kind never wait for each other crosswise.
 */
export async function alsoChange(
  { trx, actor, now, requestId, also }: Change<unknown, unknown, unknown>,
  { organisation, operation, object, before, after, write }: AlsoChanged,
): Promise<number> {
  const revision = await raiseRevision(trx, organisation)
  also.set(organisation, revision)
  await write(revision)
  await appendAudit(trx, {
    organisation,
    revision,
    at: now.toISOString(),
    actor: actor.subject,
    credential: actor.credential ?? null,
    address: actor.address ?? null,
    requestId,
    operation,
    object,
    before: before ?? null,
    after: after ?? null,
  })
  return revision
}
