/**
 * Patterns as a tree of their segments: a value is walked once, and patterns that cannot match are
 * never looked at. A pattern without any parameter is found by the whole value; one that is none of
 * whole segments, or of very many, hangs below the segments it begins with and is tested there.
 */
import { limits } from '../../lib/limits.ts'
import { type CompiledPattern, MANY, matchSegments } from './pattern.ts'

/** What a pattern says of the values that it matches. */
export type Shape =
  /** This very value. */
  | { readonly kind: 'exact'; readonly text: string }
  /** Exactly the paths of these segments. */
  | { readonly kind: 'segments'; readonly segments: CompiledPattern }
  /** Values that begin with these whole segments, each with its slash, and pass a test. */
  | { readonly kind: 'below'; readonly segments: readonly string[] }

/** Asked of a value and of its segments, by `segmentsOf`. */
type Test = (value: string, segments: readonly string[]) => boolean

/** Finds what was stored under the patterns that match a value, in no order. */
export interface PathIndex<T> {
  /** `test` is the whole pattern, for shapes that do not say everything. */
  readonly add: (shape: Shape, test: Test, value: T) => void
  /** `segments` are those of `path`, by `segmentsOf`: cut once for many indexes. */
  readonly find: (path: string, segments: readonly string[], found: T[]) => void
}

/** A branch holds what its patterns need: most have a few of these. */
interface Branch<T> {
  literals: Map<string, Branch<T>> | undefined
  parameter: Branch<T> | undefined
  /** Patterns that end here. */
  ends: T[] | undefined
  /** Patterns that end in a star here: one segment more, or several. */
  stars: T[] | undefined
  /** Patterns that are tested here, one by one. */
  others: { readonly test: Test; readonly value: T }[] | undefined
}

const noSegments: readonly string[] = []

/** The segments of a path; none of a value that is no path. */
export function segmentsOf(path: string): readonly string[] {
  return path.startsWith('/') ? path.slice(1).split('/') : noSegments
}

export function createPathIndex<T>(): PathIndex<T> {
  const exact = new Map<string, T[]>()
  const root = branch<T>()
  return {
    add: (shape, test, value) => {
      if (shape.kind === 'exact') exact.set(shape.text, push(exact.get(shape.text), value))
      else if (shape.kind === 'segments') addSegments(root, shape.segments, value)
      else addOther(branchAt(root, shape.segments.slice(0, limits.treeSegments)), { test, value })
    },
    find: (path, segments, found) => {
      collect(exact.get(path), found)
      if (segments.length > 0) walk(root, path, segments, 0, found)
      else findOthers(root, path, segments, found)
    },
  }
}

function branch<T>(): Branch<T> {
  return {
    literals: undefined,
    parameter: undefined,
    ends: undefined,
    stars: undefined,
    others: undefined,
  }
}

function push<T>(list: T[] | undefined, value: T): T[] {
  if (list === undefined) return [value]
  list.push(value)
  return list
}

function collect<T>(list: readonly T[] | undefined, found: T[]): void {
  if (list !== undefined) for (const value of list) found.push(value)
}

function addSegments<T>(root: Branch<T>, pattern: CompiledPattern, value: T): void {
  const star = pattern.indexOf(MANY)
  const end = star < 0 ? pattern.length : star
  const node = branchAt(root, pattern.slice(0, Math.min(end, limits.treeSegments)))
  const told = end <= limits.treeSegments
  if (told && star < 0) node.ends = push(node.ends, value)
  else if (told && star === pattern.length - 1) node.stars = push(node.stars, value)
  else addOther(node, { test: (_, segments) => matchSegments(pattern, segments), value })
}

function addOther<T>(node: Branch<T>, other: { readonly test: Test; readonly value: T }): void {
  node.others = push(node.others, other)
}

function branchAt<T>(root: Branch<T>, segments: CompiledPattern): Branch<T> {
  let node = root
  for (const segment of segments) {
    if (typeof segment !== 'string') {
      node.parameter ??= branch()
      node = node.parameter
      continue
    }
    node.literals ??= new Map()
    const next = node.literals.get(segment) ?? branch()
    node.literals.set(segment, next)
    node = next
  }
  return node
}

/** `at` is the place of the next segment; past the end there is none. */
function walk<T>(
  node: Branch<T>,
  path: string,
  segments: readonly string[],
  at: number,
  found: T[],
): void {
  const segment = segments[at]
  if (segment === undefined) {
    collect(node.ends, found)
    return
  }
  collect(node.stars, found)
  if (node.others !== undefined) findOthers(node, path, segments, found)
  const literal = node.literals?.get(segment)
  if (literal !== undefined) walk(literal, path, segments, at + 1, found)
  if (node.parameter !== undefined && segment !== '') {
    walk(node.parameter, path, segments, at + 1, found)
  }
}

function findOthers<T>(
  { others = [] }: Branch<T>,
  path: string,
  segments: readonly string[],
  found: T[],
): void {
  for (const { test, value } of others) if (test(path, segments)) found.push(value)
}
