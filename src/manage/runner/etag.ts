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
  const named = tagsIn(header)
  if (named.includes('*') || named.includes(etagOf(record))) return
  throw new Refusal(
    'precondition_failed',
    'The record has changed since you read it; read it again.',
  )
}

/** Whether `header`, an `If-None-Match`, says that the caller has `tag` already. */
export function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  // A cache on the way may have weakened the tag, which is no matter to a reader (RFC 9110, 13.1.2).
  const named = tagsIn(header).map((one) => one.replace(/^W\//, ''))
  return named.includes('*') || named.includes(tag)
}

function tagsIn(header: string): readonly string[] {
  return header.split(',').map((tag) => tag.trim())
}
