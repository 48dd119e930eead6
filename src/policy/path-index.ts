/**
 * Patterns as a tree of their segments: a value is walked once, and patterns that cannot match are
 * never looked at. A pattern that is none of whole segments hangs below the segments it begins with
 * and is tested there.
 */
import { type CompiledPattern, MANY, matchCompiled } from './pattern.ts'

/** What a pattern says of the values that it matches. */
export type Shape =
  /** Exactly the paths of these segments. */
  | { readonly kind: 'segments'; readonly segments: CompiledPattern }
  /** Values that begin with these whole segments, each with its slash, and pass a test. */
  | { readonly kind: 'below'; readonly segments: readonly string[] }

type Test = (value: string) => boolean

/** Finds what was stored under the patterns that match a value, in no order. */
export interface PathIndex<T> {
  /** `test` is the whole pattern, for shapes that do not say everything. */
  readonly add: (shape: Shape, test: Test, value: T) => void
  readonly find: (path: string, found: T[]) => void
}

interface Branch<T> {
  readonly literals: Map<string, Branch<T>>
  parameter: Branch<T> | undefined
  /** Patterns that end here. */
  readonly ends: T[]
  /** Patterns that end in a star here: one segment more, or several. */
  readonly stars: T[]
  /** Patterns that are tested here, one by one. */
  readonly others: { readonly test: Test; readonly value: T }[]
}

export function createPathIndex<T>(): PathIndex<T> {
  const root = branch<T>()
  return {
    add: (shape, test, value) => {
      if (shape.kind === 'segments') addSegments(root, shape.segments, value)
      else branchAt(root, shape.segments).others.push({ test, value })
    },
    find: (path, found) => {
      if (path.startsWith('/')) walk(root, path, 1, found)
      else findOthers(root, path, found)
    },
  }
}

function branch<T>(): Branch<T> {
  return { literals: new Map(), parameter: undefined, ends: [], stars: [], others: [] }
}

function addSegments<T>(root: Branch<T>, pattern: CompiledPattern, value: T): void {
  const star = pattern.indexOf(MANY)
  const node = branchAt(root, star < 0 ? pattern : pattern.slice(0, star))
  if (star < 0) node.ends.push(value)
  else if (star === pattern.length - 1) node.stars.push(value)
  else node.others.push({ test: (path) => matchCompiled(pattern, path), value })
}

function branchAt<T>(root: Branch<T>, segments: CompiledPattern): Branch<T> {
  let node = root
  for (const segment of segments) {
    let next = typeof segment === 'string' ? node.literals.get(segment) : node.parameter
    if (next === undefined) {
      next = branch()
      if (typeof segment === 'string') node.literals.set(segment, next)
      else node.parameter = next
    }
    node = next
  }
  return node
}

/** `start` is where the next segment begins; past the end there is none. */
function walk<T>(node: Branch<T>, path: string, start: number, found: T[]): void {
  if (start > path.length) {
    for (const value of node.ends) found.push(value)
    return
  }
  for (const value of node.stars) found.push(value)
  findOthers(node, path, found)
  const slash = path.indexOf('/', start)
  const end = slash < 0 ? path.length : slash
  const literal = node.literals.get(path.slice(start, end))
  if (literal !== undefined) walk(literal, path, end + 1, found)
  if (node.parameter !== undefined && end > start) walk(node.parameter, path, end + 1, found)
}

function findOthers<T>({ others }: Branch<T>, path: string, found: T[]): void {
  for (const { test, value } of others) if (test(path)) found.push(value)
}
