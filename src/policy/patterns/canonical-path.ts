/**
 * One spelling a path (I2). The output is what is decided and what is forwarded, so it must
 * name the same segments to every reader: one that decodes again, merges slashes, takes a backslash
 * for a slash, drops `;parameters`, trims a segment, or cuts at `#`, `?` or NUL. What two readers
 * would split differently is refused, never repaired.
 */
import { limits } from '../../lib/limits.ts'
import type { Reason } from '../../lib/reasons.ts'

export type CanonicalPath =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly reason: Reason }

const SLASH = 0x2f
const DOT = 0x2e
const PERCENT = 0x25
const FIRST_NON_ASCII = 0x80

/** RFC 3986 `pchar`, raw, without the semicolon that starts a parameter for some readers. */
const PCHAR = /^[A-Za-z0-9._~!$&'()*+,=:@-]$/
const HEX_PAIR = /^[0-9A-Fa-f]{2}$/
/** Controls, line separators, bidirectional marks and what shows as nothing (A1 13). */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060\ufeff]/u
/** Reads as a dot segment or as nothing to whoever trims: `..%20`, `...`, `%20`. */
const BLANK = /^[.\p{Zs}\p{Default_Ignorable_Code_Point}]+$/u

/** By octet: 1 where it may stand raw inside a segment. Everything else takes the slow path. */
const plain = Uint8Array.from({ length: 256 }, (_, octet) =>
  Number(PCHAR.test(String.fromCharCode(octet))),
)

/** Why an octet is refused raw, and percent-encoded; `undefined` where it is not. */
const refusedRaw = Array.from({ length: 256 }, (_, octet) => whyRefusedRaw(octet))
const refusedEncoded = Array.from({ length: 256 }, (_, octet) => whyRefusedEncoded(octet))

/** The canonical spelling of `raw`, a path without its query, or why it has none. Idempotent. */
export function canonicalPath(raw: string): CanonicalPath {
  if (isCanonical(raw)) return { ok: true, path: raw }
  if (raw.charCodeAt(0) !== SLASH) return refuse('target_malformed')
  const spelled = spell(raw)
  if (!spelled.ok) return spelled
  const hidden = checkText(spelled.path)
  return hidden === undefined ? resolveSegments(spelled.path) : refuse(hidden)
}

/** The fast path: no escape, no empty segment, none that starts with a dot. Allocates nothing. */
function isCanonical(path: string): boolean {
  let previous = 0
  let segments = 0
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at)
    if (code === SLASH) {
      segments++
      if (previous === SLASH) return false
    } else if (plain[code] !== 1 || (code === DOT && previous === SLASH)) {
      return false
    }
    previous = code
  }
  return path.charCodeAt(0) === SLASH && segments <= limits.pathSegments
}

/** Decodes what may stand raw and spells every other escape in upper case. */
function spell(raw: string): CanonicalPath {
  let path = ''
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at)
    if (code !== PERCENT) {
      const reason = code > 0xff ? 'target_malformed' : refusedRaw[code]
      if (reason !== undefined) return refuse(reason)
      path += raw.charAt(at)
      continue
    }
    const pair = raw.slice(at + 1, at + 3)
    if (!HEX_PAIR.test(pair)) return refuse('target_percent_malformed')
    const octet = Number.parseInt(pair, 16)
    const reason = refusedEncoded[octet]
    if (reason !== undefined) return refuse(reason)
    path += plain[octet] === 1 ? String.fromCharCode(octet) : `%${pair.toUpperCase()}`
    at += 2
  }
  return { ok: true, path }
}

/** What only the decoded text shows: bad UTF-8, hidden characters, segments that trim away. */
function checkText(path: string): Reason | undefined {
  let text: string
  try {
    text = decodeURIComponent(path)
  } catch {
    return 'target_not_utf8'
  }
  if (HIDDEN.test(text)) return 'target_control_character'
  // No slash was encoded, so the text has the same segments as the path.
  const trims = (segment: string) => segment !== '.' && segment !== '..' && BLANK.test(segment)
  return text.split('/').some(trims) ? 'target_malformed' : undefined
}

/**
 * RFC 3986 section 5.2.4, then empty segments merged. Readers that merge first agree, except where
 * `..` follows an empty segment (`/a//../b` is `/a/b` to one and `/b` to the other): refused.
 */
function resolveSegments(path: string): CanonicalPath {
  const segments = path.split('/')
  if (segments.length - 1 > limits.pathSegments) return refuse('target_malformed')
  const kept: string[] = []
  for (let at = 1; at < segments.length; at++) {
    const segment = segments[at] ?? ''
    if (segment === '..') {
      const dropped = kept.pop()
      if (dropped === undefined) return refuse('target_above_root')
      if (dropped === '') return refuse('target_malformed')
    } else if (segment !== '.') {
      kept.push(segment)
      continue
    }
    // A dot segment at the end names the directory: `/a/.` is `/a/`.
    if (at === segments.length - 1) kept.push('')
  }
  const named = kept.filter((segment) => segment !== '').join('/')
  const directory = named !== '' && kept.at(-1) === ''
  return { ok: true, path: `/${named}${directory ? '/' : ''}` }
}

function whyRefusedRaw(octet: number): Reason | undefined {
  const character = String.fromCharCode(octet)
  if (character === '/' || PCHAR.test(character)) return undefined
  if (character === '#') return 'target_fragment'
  return whyRefusedAnyhow(octet) ?? 'target_malformed'
}

function whyRefusedEncoded(octet: number): Reason | undefined {
  const character = String.fromCharCode(octet)
  if (character === '%') return 'target_double_encoding'
  if (character === '/' || character === '?' || character === '#') return 'target_encoded_delimiter'
  return whyRefusedAnyhow(octet)
}

/** Refused raw and encoded alike. Octets beyond ASCII are judged as text, by `checkText`. */
function whyRefusedAnyhow(octet: number): Reason | undefined {
  if (octet < 0x20 || octet === 0x7f) return 'target_control_character'
  if (octet >= FIRST_NON_ASCII) return undefined
  const character = String.fromCharCode(octet)
  if (character === '\\') return 'target_backslash'
  return character === ';' ? 'target_matrix_parameter' : undefined
}

function refuse(reason: Reason): CanonicalPath {
  return { ok: false, reason }
}
