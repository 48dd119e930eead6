/**
 * Path patterns with the meaning of casbin's keyMatch2, without its regular expressions: the work is
 * at most segments of the path times segments of the pattern (hazard 2.5).
 *
 * `/docs/:id/*`: a segment is a literal, `:name` (one segment, not empty) or `*` (one segment or
 * more, where the last may be empty, so `/docs/*` has `/docs/` but not `/docs`).
 *
 * Different from the library on purpose: a literal is literal (its dot is any character), `*` and
 * `:name` also match a newline (there `%0a` evades a deny), a star or a parameter is a whole segment,
 * a `:` inside a segment is itself (there it begins a parameter in some patterns), and an escape of
 * what a canonical path holds raw stands for it (`%2C` for a comma, which CSV would take). Patterns on
 * which the library never returns, such as `/:/all` or `/x/:`, are refused by `checkPattern`.
 */
import { limits } from '../../lib/limits.ts'

export interface PatternProblem {
  /** One-based, within the pattern. */
  readonly column: number
  /** What is wrong and what would be right, in one sentence. */
  readonly message: string
}

const NAME = /^:[A-Za-z_][A-Za-z0-9_]*$/
/** What a canonical path can hold, without the comma, brackets and quotes that CSV reads. */
const LITERAL = /^(?:[A-Za-z0-9._~!$&+=:@-]|%[0-9A-F]{2})*$/
/** Escapes that the canonical form has decoded or refused, so a pattern with one never matches. */
const NEVER_SENT = /%(?:[01][0-9A-F]|2[13456BDEF]|3[0-9BDF]|[46][1-9A-F]|40|[57][0-9A]|5[CF]|7[EF])/
/** Escapes of what the canonical form holds raw and a pattern cannot: `'()*,`, and a first `:`. */
const STANDS_FOR = /%(?:2[789AC]|3A)/g

/** The common pattern, told at one look: no escape, and no star but the last segment. */
const COMMON =
  /^(?:\/(?!\.\.?(?:\/|$))(?:[A-Za-z0-9._~!$&+=@-][A-Za-z0-9._~!$&+=:@-]*|:[A-Za-z_][A-Za-z0-9_]*))+(?:\/\*?)?$/

/** What is wrong with a pattern, or `undefined`. Only a checked pattern may be matched. */
export function checkPattern(pattern: string): PatternProblem | undefined {
  if (pattern.length <= limits.patternBytes && COMMON.test(pattern)) return undefined
  if (!pattern.startsWith('/')) return at(1, 'A path pattern begins with "/".')
  if (Buffer.byteLength(pattern) > limits.patternBytes) {
    return at(1, `A path pattern has at most ${limits.patternBytes} bytes.`)
  }
  const segments = pattern.slice(1).split('/')
  let column = 2
  let stars = 0
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1
    if (segment === '*') stars += 1
    if (stars > limits.patternStars) {
      return at(column, `A path pattern has at most ${limits.patternStars} stars.`)
    }
    const problem = checkSegment(segment, column, last)
    if (problem !== undefined) return problem
    column += segment.length + 1
  }
  return undefined
}

function checkSegment(segment: string, column: number, last: boolean): PatternProblem | undefined {
  if (segment === '*') return undefined
  if (segment === '') {
    return last ? undefined : at(column, 'A path pattern has no empty segment: write one "/".')
  }
  if (segment === '.' || segment === '..') {
    return at(
      column,
      `The segment "${segment}" is never sent: paths are decided in canonical form.`,
    )
  }
  if (segment.startsWith(':')) {
    if (NAME.test(segment)) return undefined
    return at(
      column,
      `"${segment}" is no parameter: write ":" and a name of letters, digits and "_".`,
    )
  }
  if (segment.includes('*')) {
    return at(column + segment.indexOf('*'), 'A star is a whole segment, as in "/docs/*".')
  }
  if (!LITERAL.test(segment)) return at(column, unreadable(segment))
  const escaped = NEVER_SENT.exec(segment)
  if (escaped === null) return undefined
  return at(
    column + escaped.index,
    `"${escaped[0]}" is never sent: write the character, if a path can hold it.`,
  )
}

function unreadable(segment: string): string {
  if (/[{}]/.test(segment)) return `"${segment}" holds a bracket: write a parameter as ":name".`
  return `"${segment}" holds a character that a path pattern cannot: escape it as %XX, upper-case.`
}

function at(column: number, message: string): PatternProblem {
  return { column, message }
}

export const ONE = Symbol('one segment')
export const MANY = Symbol('one segment or more')

/** A pattern cut into segments once, for matching many paths. */
export type CompiledPattern = readonly (string | typeof ONE | typeof MANY)[]

/** Cuts a checked pattern; throws on one that `checkPattern` refuses. */
export function compilePattern(pattern: string): CompiledPattern {
  const problem = checkPattern(pattern)
  if (problem !== undefined) throw new Error(`${pattern}: ${problem.message}`)
  return cutPattern(pattern)
}

/** Cuts a pattern that was checked. */
export function cutPattern(pattern: string): CompiledPattern {
  return pattern
    .slice(1)
    .split('/')
    .map((segment) => {
      if (segment === '*') return MANY
      if (segment.startsWith(':')) return ONE
      return segment.includes('%') ? segment.replace(STANDS_FOR, decodeURIComponent) : segment
    })
}

/** Whether `path`, a canonical path, matches a compiled pattern. */
export function matchCompiled(pattern: CompiledPattern, path: string): boolean {
  return path.startsWith('/') && matchSegments(pattern, path.slice(1).split('/'))
}

/** The same for a path that was cut at its slashes, once for many patterns. */
export function matchSegments(pattern: CompiledPattern, segments: readonly string[]): boolean {
  let place = 0
  let star = -1
  let taken = 0
  for (let index = 0; index < segments.length; ) {
    const wanted = pattern[place]
    if (wanted === MANY) {
      star = place
      place += 1
      index += 1
      taken = index
    } else if (wanted !== undefined && segmentMatches(wanted, segments[index])) {
      place += 1
      index += 1
    } else if (star >= 0) {
      // Only the last star gives way: what an earlier one could take, the last one takes as well.
      taken += 1
      index = taken
      place = star + 1
    } else {
      return false
    }
  }
  return place === pattern.length
}

function segmentMatches(wanted: string | symbol, segment: string | undefined): boolean {
  return wanted === ONE ? segment !== '' : wanted === segment
}

/** Whether `path` matches `pattern`; throws on a pattern that `checkPattern` refuses. */
export function matchPath(pattern: string, path: string): boolean {
  return matchCompiled(compilePattern(pattern), path)
}

/** The segment of `path` at `:name` of a matching pattern without a star before it. */
export function pathParameter(pattern: string, path: string, name: string): string | undefined {
  const compiled = compilePattern(pattern)
  const place = pattern.slice(1).split('/').indexOf(`:${name}`)
  const star = compiled.indexOf(MANY)
  if (place < 0 || (star >= 0 && star < place)) return undefined
  return matchCompiled(compiled, path) ? path.slice(1).split('/')[place] : undefined
}
