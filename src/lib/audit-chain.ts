/**
 * The chain of an organisation's audit: each entry's hash covers its content and the hash before it,
 * so that an entry that was changed, dropped or put in between is found by whoever has the list.
 */
import { sha256 } from './secrets.ts'

/** What happened, as it is hashed. */
export interface AuditEntry {
  /** Bare id. */
  readonly organisation: string
  /** The revision that the change made; entries of an organisation follow each other without a gap. */
  readonly revision: number
  /** ISO 8601, UTC, in milliseconds. */
  readonly at: string
  /** `user:…`, `service:…`, `anonymous` before a sign-in, or `gatehouse` itself. */
  readonly actor: string
  /** Kind and public id, as in `key:8f3k…`. */
  readonly credential: string | null
  readonly address: string | null
  readonly requestId: string
  readonly operation: string
  readonly object: string
  /** The record as callers see it; null where there was or is none. */
  readonly before: unknown
  readonly after: unknown
}

export interface ChainedEntry extends AuditEntry {
  /** SHA-256, hexadecimal. */
  readonly previous: string
  readonly hash: string
}

/** What stands before the first entry. */
export const chainStart = '0'.repeat(64)

/** The hash of an entry behind the one that has the hash `previous`. */
export function hashEntry(entry: AuditEntry, previous: string): string {
  const { organisation, revision, at, actor, credential, address } = entry
  const { requestId, operation, object, before, after } = entry
  const who = [organisation, revision, at, actor, credential, address]
  const what = [requestId, operation, object, before ?? null, after ?? null]
  return sha256(canonical([previous, ...who, ...what]))
}

export type Verified =
  | { readonly kind: 'verified'; readonly entries: number; readonly head: string }
  /** `revision` is where the chain stops to be one. */
  | { readonly kind: 'broken'; readonly revision: number; readonly because: string }

/**
 * Whether `entries`, oldest first, are one unbroken chain from `start`. An entry cut off at the end
 * shows only where the hash of the last one was noted elsewhere.
 */
export function verifyChain(entries: Iterable<ChainedEntry>, start = chainStart): Verified {
  let head = start
  let last: ChainedEntry | undefined
  let count = 0
  for (const entry of entries) {
    const because = faultOf(entry, last, head)
    if (because !== undefined) return { kind: 'broken', revision: entry.revision, because }
    head = entry.hash
    last = entry
    count += 1
  }
  return { kind: 'verified', entries: count, head }
}

function faultOf(
  entry: ChainedEntry,
  last: ChainedEntry | undefined,
  head: string,
): string | undefined {
  if (last !== undefined && entry.organisation !== last.organisation) {
    return 'it belongs to another organisation'
  }
  if (last !== undefined && entry.revision !== last.revision + 1) {
    return `the entry before it is of revision ${last.revision}`
  }
  if (entry.previous !== head) return 'it does not follow the entry before it'
  if (hashEntry(entry, head) !== entry.hash) return 'its content is not what was written'
  return undefined
}

/** JSON with sorted members: one text for one value, whoever stored it meanwhile. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}
