/** Entity tags: a digest of the record as callers see it, so that nothing has to count versions. */
import { sha256 } from '../../lib/secrets.ts'
import { Refusal } from './refusal.ts'

const CHARS = 22

/** The strong tag of a record (RFC 9110, section 8.8.3). */
export function etagOf(record: unknown): string {
  return `"${sha256(JSON.stringify(record)).slice(0, CHARS)}"`
}

/**
 * Throws a `Refusal` unless `header`, an `If-Match`, names the tag of `record`. Without the header a
 * writer would take back what somebody else wrote meanwhile.
 */
export function checkIfMatch(header: string | undefined, record: unknown): void {
  if (header === undefined) {
    throw new Refusal('precondition_required', 'Send If-Match with the ETag of the record, or *.')
  }
  const named = header.split(',').map((tag) => tag.trim())
  if (named.includes('*') || named.includes(etagOf(record))) return
  throw new Refusal(
    'precondition_failed',
    'The record has changed since you read it; read it again.',
  )
}
