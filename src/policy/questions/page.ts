/** Results of a search, a page at a time, in the order of their keys. */
import type { Steps } from '../../lib/turns.ts'

export interface PageRequest {
  /** How many results at most, 1 or more. */
  readonly limit: number
  /** The `next` of the page before. */
  readonly cursor?: string
}

export interface Page<T> {
  readonly kind: 'page'
  readonly results: readonly T[]
  /** The cursor of the next page; absent on the last. */
  readonly next?: string
}

/** What cannot be answered from the rules of this model, and why. */
export interface Unsupported {
  readonly kind: 'unsupported'
  readonly because: string
}

/**
 * The first `limit` items after the cursor. `keyOf` names each item apart from all others, so that a
 * page goes on where the last one ended even if items came or went between the two. `see` makes a
 * result of an item, or leaves it out, and is asked for what is shown alone.
 */
export function* pageOf<T, R>(
  items: Iterable<T>,
  { limit, cursor = '' }: PageRequest,
  keyOf: (item: T) => string,
  see: (item: T) => R | undefined,
): Steps<Page<R>> {
  const byKey = new Map<string, T>()
  for (const item of items) {
    yield
    const key = keyOf(item)
    if (key > cursor) byKey.set(key, item)
  }
  const results: R[] = []
  let last = ''
  for (const key of [...byKey.keys()].sort()) {
    yield
    const item = byKey.get(key)
    const result = item === undefined ? undefined : see(item)
    if (result === undefined) continue
    if (results.length >= limit) return { kind: 'page', results, next: last }
    results.push(result)
    last = key
  }
  return { kind: 'page', results }
}

/** Where nothing is found before anything is looked at. */
export function emptyPage(): Steps<Page<never>> {
  return pageOf<never, never>([], { limit: 1 }, String, () => undefined)
}
