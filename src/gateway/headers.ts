/**
 * What leaves for an upstream (A2 31 to 51, A3 58, 59, 72): the client's headers without those that
 * end here or that imitate ours, then ours. Pure, on Node's flat list of names and values.
 */
import { limits } from '../lib/limits.ts'
import type { Reason } from '../lib/reasons.ts'
import { withoutOwnCookies } from './cookies.ts'
import {
  foldName,
  isControlName,
  isHopByHop,
  isWellFormed,
  nominatedNames,
  pairs,
  valuesOf,
} from './header-names.ts'

/** Headers with a rule of their own; under an alias of their name they do not leave at all. */
const RULED = new Set(['host', 'content-length', 'cookie', 'range'])
/** A nomination of these would change where the request goes or where its body ends. */
const NEVER_NOMINATED = new Set(['host', 'content-length'])
const DIGITS = /^[0-9]+$/
const RANGE = /^[ -~]*$/

/**
 * The flat list of headers for the upstream, or why the request is refused.
 *
 * `ours` are name and value, each name once; a client's header under any alias of such a name is
 * dropped. The client's Host never leaves: the canonical one belongs in `ours`. Framing is made
 * anew by whoever sends: a Content-Length is kept, Transfer-Encoding is not.
 *
 * Errors: `header_malformed` for a name, value or nomination that is none; `body_framing` for a
 * body whose end can be read in two ways; `internal` when one of ours is malformed.
 */
export function requestHeaders(
  raw: readonly string[],
  ours: readonly (readonly [string, string])[],
): string[] | Reason {
  const nominated = nominatedNames(raw)
  if (nominated === undefined) return 'header_malformed'
  const length = contentLength(raw)
  if (length === 'body_framing') return length

  const taken = new Set(ours.map(([name]) => foldName(name)))
  const headers: string[] = []
  for (const [name, value] of pairs(raw)) {
    if (value === undefined || !isWellFormed(name, value)) return 'header_malformed'
    const folded = foldName(name)
    if (taken.has(folded) || RULED.has(folded)) continue
    if (isHopByHop(folded) || isControlName(folded)) continue
    if (!nominated.has(name.toLowerCase())) headers.push(name, value)
  }
  for (const [name, value] of ruledHeaders(raw, length)) {
    const dropped = nominated.has(name) && !NEVER_NOMINATED.has(name)
    if (!dropped && !taken.has(name)) headers.push(name, value)
  }
  for (const [name, value] of ours) {
    if (!isWellFormed(name, value)) return 'internal'
    headers.push(name, value)
  }
  return headers
}

/** The ruled headers that leave, each at most once, under their own lower-case name. */
function ruledHeaders(raw: readonly string[], length: string | undefined): [string, string][] {
  const headers: [string, string][] = []
  if (length !== undefined) headers.push(['content-length', length])
  const cookies = valuesOf(raw, 'cookie').map(withoutOwnCookies).filter(Boolean).join('; ')
  if (cookies !== '') headers.push(['cookie', cookies])
  const [range, ...more] = valuesOf(raw, 'range')
  if (range !== undefined && more.length === 0 && isBounded(range)) headers.push(['range', range])
  return headers
}

/** A Range that is left out asks for the whole, which is always a right answer (A3 72). */
function isBounded(range: string): boolean {
  return RANGE.test(range) && range.split(',').length <= limits.rangeCount
}

/** Node's parser has refused the rest before (A3 52, 53): this is the second lock. */
function contentLength(raw: readonly string[]): string | undefined | 'body_framing' {
  const lengths = valuesOf(raw, 'content-length')
  const codings = valuesOf(raw, 'transfer-encoding')
  const [length] = lengths
  if (lengths.length > 1 || codings.length > 1) return 'body_framing'
  if (length !== undefined && (codings.length > 0 || !DIGITS.test(length))) return 'body_framing'
  const [coding = 'chunked'] = codings
  return coding.toLowerCase() === 'chunked' ? length : 'body_framing'
}
