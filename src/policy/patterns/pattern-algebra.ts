/**
 * Path patterns as sets of canonical paths: whether two overlap, whether one holds another, what is
 * left of one without others. Exact, by walking the patterns' automata over segments at once and
 * never by trying paths.
 *
 * A path here is a canonical one, the only kind that is decided: one segment or more, of which only
 * the last may be empty. So `/a/*` is exactly `/a/`, `/a/:x` and `/a/:x/*` together. A segment that no
 * pattern spells stands for all others of its kind, which is what makes the walk finite.
 */
import { limits } from '../../lib/limits.ts'
import { type CompiledPattern, compilePattern, MANY, ONE } from './pattern.ts'

export interface Pattern {
  /** As a rule spells it. */
  readonly text: string
  readonly parts: CompiledPattern
  /** The same for two patterns that differ in the names of their parameters only. */
  readonly key: string
}

/** Patterns so entangled that they are not taken apart; nothing is answered, never a guess. */
export class EntangledPatternsError extends Error {}

/** Reads a checked pattern; throws on one that `checkPattern` refuses. */
export function readPattern(text: string): Pattern {
  return patternOf(text, compilePattern(text))
}

/** The pattern of one path, with what a pattern cannot hold escaped as `pattern.ts` reads it. */
export function literalPattern(path: string): string {
  const escaped = (found: string) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`
  return path.replace(/['()*,]|(?<=\/):/g, escaped)
}

export function patternOf(text: string, parts: CompiledPattern): Pattern {
  const kinds = parts.map((part) => (part === ONE ? ':' : part === MANY ? '*' : `=${part}`))
  return { text, parts, key: kinds.join('/') }
}

/** Whether some path matches both. */
export function overlaps(left: Pattern, right: Pattern): boolean {
  const [one, other] = [left.parts, right.parts]
  for (let at = 0; ; at += 1) {
    const [a, b] = [one[at], other[at]]
    if (a === undefined || b === undefined) return a === b
    if (a === MANY && at === one.length - 1) return true
    if (b === MANY && at === other.length - 1) return true
    if (a === MANY || b === MANY) return overlapFrom(one, other, at)
    if (!segmentsMeet(a, b)) return false
  }
}

/** The same from a place on at which one has a star: every pair of places is looked at once. */
function overlapFrom(one: CompiledPattern, other: CompiledPattern, start: number): boolean {
  const width = other.length + 1
  const open = [start * width + start]
  const seen = new Set(open)
  for (const pair of open) {
    const [i, j] = [Math.floor(pair / width), pair % width]
    const [a, b] = [one[i], other[j]]
    if (a === undefined && b === undefined) return true
    if (a === undefined || b === undefined) continue
    const stars = a === MANY || b === MANY
    const next = stars || segmentsMeet(a, b) ? [pair + width + 1] : []
    if (a === MANY) next.push(pair + 1)
    if (b === MANY) next.push(pair + width)
    for (const place of next) {
      if (seen.has(place)) continue
      seen.add(place)
      open.push(place)
    }
  }
  return false
}

/** Whether every path of `inner` matches `outer`. */
export function contains(outer: Pattern, inner: Pattern): boolean {
  const [wide, narrow] = [outer.parts, inner.parts]
  for (let at = 0; ; at += 1) {
    const [a, b] = [wide[at], narrow[at]]
    if (a === undefined || b === undefined) return a === b
    if (a === MANY && at === wide.length - 1) return true
    // Without a star of its own, what is wide has one length and what is narrow has any.
    if (b === MANY && !wide.includes(MANY)) return false
    if (a === MANY || b === MANY) return witness([inner], [outer]) === undefined
    if (a === ONE ? b === '' : a !== b) return false
  }
}

/** Whether some segment fits both, neither of them a star. */
export function segmentsMeet(left: string | symbol, right: string | symbol): boolean {
  if (left === ONE) return right !== ''
  return right === ONE ? left !== '' : left === right
}

interface State {
  /** The last segment of the path so far, and the state before it. */
  readonly segment: string
  readonly before: State | undefined
  /** A place in each pattern that the path has to match. */
  readonly inside: readonly number[]
  /** Every place in which a pattern that it must not match can be, as bits. */
  readonly outside: readonly bigint[]
}

/**
 * A path that matches all of `inside` (one at least) and none of `outside`; `undefined` where there
 * is none. Throws an `EntangledPatternsError` after `limits.patternStates` steps.
 */
export function witness(
  inside: readonly Pattern[],
  outside: readonly Pattern[],
): string | undefined {
  const fresh = unspelt([...inside, ...outside])
  const readers = outside.map(createReader)
  const start: State = {
    segment: '',
    before: undefined,
    inside: inside.map(() => 0),
    outside: outside.map(() => 1n),
  }
  const open = [start]
  const seen = new Map<string, (readonly bigint[])[]>()
  for (let steps = 0; steps < open.length; steps += 1) {
    if (steps > limits.patternStates) throw entangled([...inside, ...outside])
    const before = open[steps] ?? start
    for (const segment of segmentsAt(before, inside, fresh)) {
      const after = readers.map(({ advance }, at) => advance(before.outside[at] ?? 0n, segment))
      for (const places of advanceAll(inside, before.inside, segment)) {
        const state = { segment, before, inside: places, outside: after }
        const ends = inside.every(({ parts }, at) => places[at] === parts.length)
        if (ends && !readers.some(({ matched }, at) => matched(after[at] ?? 0n))) {
          return pathTo(state)
        }
        // Only the last segment of a canonical path is empty.
        if (segment === '' || readers.some(({ takesAll }, at) => takesAll(after[at] ?? 0n)))
          continue
        if (isNew(seen, state)) open.push(state)
      }
    }
  }
  return undefined
}

function entangled(patterns: readonly Pattern[]): EntangledPatternsError {
  const names = patterns.slice(0, 3).map(({ text }) => text)
  return new EntangledPatternsError(
    `Too many ways to compare patterns such as ${names.join(', ')}.`,
  )
}

function pathTo(last: State): string {
  let path = ''
  for (let at: State | undefined = last; at?.before !== undefined; at = at.before) {
    path = `/${at.segment}${path}`
  }
  return path
}

/** A segment that no pattern spells. */
function unspelt(patterns: readonly Pattern[]): string {
  const spelt = new Set(patterns.flatMap(({ parts }) => parts))
  for (let at = 0; ; at += 1) if (!spelt.has(`x${at || ''}`)) return `x${at || ''}`
}

/**
 * The segments that make a difference. Where none is prescribed, one that no pattern spells escapes
 * every pattern that any other one escapes, but for the empty one at the end.
 */
function segmentsAt(
  { inside: places }: State,
  inside: readonly Pattern[],
  fresh: string,
): readonly string[] {
  const wanted = inside.map(({ parts }, at) => parts[places[at] ?? 0])
  const literal = wanted.find((part) => typeof part === 'string')
  return literal === undefined ? [fresh, ''] : [literal]
}

function fits(part: CompiledPattern[number] | undefined, segment: string): boolean {
  return part === MANY || (part === ONE ? segment !== '' : part === segment)
}

/** Every combination of places after `segment`, one in each pattern. A star ends with it or goes on. */
function advanceAll(
  patterns: readonly Pattern[],
  places: readonly number[],
  segment: string,
): readonly (readonly number[])[] {
  let combined: (readonly number[])[] = [[]]
  for (const [at, { parts }] of patterns.entries()) {
    const place = places[at] ?? 0
    if (!fits(parts[place], segment)) return []
    const next = parts[place] === MANY ? [place, place + 1] : [place + 1]
    combined = combined.flatMap((before) => next.map((after) => [...before, after]))
  }
  return combined
}

/** All ways through one pattern at once: bit `n` stands for the place before its part `n`. */
function createReader({ parts }: Pattern) {
  const bits = (chosen: (part: CompiledPattern[number]) => boolean) =>
    parts.reduce((sum, part, at) => (chosen(part) ? sum | (1n << BigInt(at)) : sum), 0n)
  const stars = bits((part) => part === MANY)
  const end = 1n << BigInt(parts.length)
  const endless = parts.at(-1) === MANY ? end >> 1n : 0n
  const masks = new Map<string, bigint>()
  return {
    advance: (places: bigint, segment: string): bigint => {
      const mask = masks.get(segment) ?? bits((part) => fits(part, segment))
      masks.set(segment, mask)
      return ((places & mask) << 1n) | (places & stars)
    },
    matched: (places: bigint) => (places & end) !== 0n,
    /** Whether a star at the end takes whatever comes. */
    takesAll: (places: bigint) => (places & endless) !== 0n,
  }
}

/** False where the same places were seen with fewer patterns left to escape from. */
function isNew(seen: Map<string, (readonly bigint[])[]>, { inside, outside }: State): boolean {
  const key = inside.join()
  const before = seen.get(key) ?? []
  const easier = before.some((sets) => sets.every((set, at) => (set & ~(outside[at] ?? 0n)) === 0n))
  if (easier) return false
  before.push(outside)
  seen.set(key, before)
  return true
}
