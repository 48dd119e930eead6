/**
 * What patterns have in common and which of several say it all. The paths of two patterns together
 * are again those of patterns: one where neither has a star, a few where both have.
 */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import type { CompiledPattern } from './pattern.ts'
import { MANY, ONE } from './pattern.ts'
import {
  contains,
  EntangledPatternsError,
  overlaps,
  type Pattern,
  patternOf,
  segmentsMeet,
  witness,
} from './pattern-algebra.ts'

/** The paths of both, as patterns; none where they do not overlap. */
export function intersect(left: Pattern, right: Pattern): readonly Pattern[] {
  if (contains(left, right)) return [right]
  if (contains(right, left)) return [left]
  if (!overlaps(left, right)) return []
  const found = new Map<string, Pattern>()
  for (const segments of meet(spell(left), spell(right))) {
    const text = `/${segments.map(({ text: segment }) => segment).join('/')}`
    const pattern = patternOf(
      text,
      segments.map(({ part }) => part),
    )
    found.set(pattern.key, pattern)
  }
  return widest([...found.values()])
}

/** Those that no other one contains; of equal ones the first. */
export function widest(patterns: readonly Pattern[]): readonly Pattern[] {
  return patterns.filter((pattern, at) => {
    return !patterns.some((other, place) => {
      if (place === at || !contains(other, pattern)) return false
      return place < at || !contains(pattern, other)
    })
  })
}

interface Segment {
  readonly text: string
  readonly part: CompiledPattern[number]
}

function spell({ text, parts }: Pattern): readonly Segment[] {
  const texts = text.slice(1).split('/')
  return parts.map((part, at) => ({ part, text: texts[at] ?? '' }))
}

/** Each way to lay two patterns on each other; a star takes one segment of the other or more. */
function meet(left: readonly Segment[], right: readonly Segment[]): Segment[][] {
  const known = new Map<number, Segment[][]>()
  const from = (one: number, other: number): Segment[][] => {
    const [a, b] = [left[one], right[other]]
    if (a === undefined || b === undefined) return a === b ? [[]] : []
    const key = one * (right.length + 1) + other
    const before = known.get(key)
    if (before !== undefined) return before
    const [first, ...rests] = layOn(a, b, one, other)
    const ways = rests.flatMap(([i, j]) => from(i, j))
    if (ways.length > limits.patternWays) {
      throw new EntangledPatternsError('Two patterns overlap in too many ways.')
    }
    const found = first === undefined ? [] : ways.map((rest) => [first, ...rest])
    known.set(key, found)
    return found
  }
  return from(0, 0)
}

type Step = readonly [Segment | undefined, ...(readonly [number, number])[]]

/** The first segment of both, and where it can go on. */
function layOn(a: Segment, b: Segment, one: number, other: number): Step {
  const both = [one + 1, other + 1] as const
  if (a.part === MANY && b.part === MANY) return [a, both, [one + 1, other], [one, other + 1]]
  if (a.part === MANY) return [b, both, [one, other + 1]]
  if (b.part === MANY) return [a, both, [one + 1, other]]
  if (!segmentsMeet(a.part, b.part)) return [undefined]
  return [a.part === ONE ? b : a, both]
}

/** A pattern without others: the paths that match `object` and none of `except`. */
export interface Area {
  readonly object: Pattern
  readonly except: readonly Pattern[]
}

/** `object` without `others`, naming only those that take something away; `undefined` when nothing is left. */
export function subtract(object: Pattern, others: readonly Pattern[]): Area | undefined {
  const near = others.filter((other) => overlaps(object, other))
  if (near.length === 0) return { object, except: [] }
  if (near.some((other) => contains(other, object))) return undefined
  const except = widest(near)
  if (except.length > 1 && witness([object], except) === undefined) return undefined
  return { object, except: except.toSorted(byText) }
}

/** Whether all of `inner`, which has some path, is in `outer`. */
export function areaWithin(inner: Area, outer: Area): boolean {
  if (!overlaps(outer.object, inner.object)) return false
  return pathOutside(inner, [outer.object], outer.except) === undefined
}

/** A path of an area that matches none of `objects` or one of `except`; `undefined` where all lie inside. */
export function pathOutside(
  inner: Area,
  objects: readonly Pattern[],
  except: readonly Pattern[],
): string | undefined {
  if (!objects.some((object) => contains(object, inner.object))) {
    const near = objects.filter((object) => overlaps(object, inner.object))
    const path = witness([inner.object], [...inner.except, ...near])
    if (path !== undefined) return path
  }
  for (const hole of except) {
    if (!overlaps(hole, inner.object)) continue
    if (inner.except.some((other) => contains(other, hole))) continue
    const path = witness([inner.object, hole], inner.except)
    if (path !== undefined) return path
  }
  return undefined
}

/** Areas without those that lie in another one; of equal ones the first. */
export function* widestAreas(
  areas: readonly Area[],
  isWithin: typeof areaWithin = areaWithin,
): Steps<readonly Area[]> {
  const found: Area[] = []
  for (const [at, area] of areas.entries()) {
    yield
    const covered = areas.some((other, place) => {
      if (place === at || !isWithin(area, other)) return false
      return place < at || !isWithin(other, area)
    })
    if (!covered) found.push(area)
  }
  return found
}

function byText(left: Pattern, right: Pattern): number {
  return left.text < right.text ? -1 : 1
}
