/**
 * Patterns as a tree of their segments, asked with another pattern: which of them may hold all of it,
 * which share some path with it. What is found is a candidate; `pattern-algebra.ts` says for certain.
 */
import { type CompiledPattern, MANY, ONE } from './pattern.ts'

interface Node<T> {
  literals: Map<string, Node<T>> | undefined
  one: Node<T> | undefined
  many: Node<T> | undefined
  /** Behind a star, which may take further segments. */
  readonly loops: boolean
  items: T[] | undefined
}

export class PatternTree<T> {
  readonly #root = createNode<T>(false)

  add(parts: CompiledPattern, item: T): void {
    let node = this.#root
    for (const part of parts) node = childOf(node, part)
    node.items ??= []
    node.items.push(item)
  }

  /**
   * Every pattern that holds all of `parts`, and few others: those that match its plainest path, in
   * which each parameter and star is one segment that nobody spells.
   */
  *around(parts: CompiledPattern): Generator<T> {
    let level = new Set([this.#root])
    for (const part of parts) {
      const next = new Set<Node<T>>()
      for (const node of level) {
        if (node.loops) next.add(node)
        if (node.many !== undefined) next.add(node.many)
        if (node.one !== undefined && part !== '') next.add(node.one)
        const literal = typeof part === 'string' ? node.literals?.get(part) : undefined
        if (literal !== undefined) next.add(literal)
      }
      level = next
    }
    for (const { items } of level) if (items !== undefined) yield* items
  }

  /** Those that share a path with `parts`; it stops, with some left out, after `most` steps. */
  *across(parts: CompiledPattern, most: number): Generator<T> {
    const seen = new Map<Node<T>, Set<number>>()
    const open: [Node<T>, number][] = [[this.#root, 0]]
    const enter = (node: Node<T>, place: number) => {
      const places = seen.get(node)
      if (places?.has(place)) return
      if (places === undefined) seen.set(node, new Set([place]))
      else places.add(place)
      open.push([node, place])
    }
    for (let steps = 0; steps < most; steps += 1) {
      const state = open.pop()
      if (state === undefined) return
      const [node, place] = state
      if (place === parts.length && node.items !== undefined) yield* node.items
      const part = parts[place]
      if (part !== undefined) for (const next of after(node, part)) enter(next, place + 1)
      // A star that has taken a segment may take another one.
      if (parts[place - 1] === MANY) for (const next of after(node, MANY)) enter(next, place)
    }
  }
}

function createNode<T>(loops: boolean): Node<T> {
  return { literals: undefined, one: undefined, many: undefined, loops, items: undefined }
}

function childOf<T>(node: Node<T>, part: CompiledPattern[number]): Node<T> {
  if (part === ONE) {
    node.one ??= createNode(false)
    return node.one
  }
  if (part === MANY) {
    node.many ??= createNode(true)
    return node.many
  }
  const text = String(part)
  node.literals ??= new Map()
  const before = node.literals.get(text)
  if (before !== undefined) return before
  const made = createNode<T>(false)
  node.literals.set(text, made)
  return made
}

/** Where a segment leads that both `node` and `part` take. */
function* after<T>(node: Node<T>, part: CompiledPattern[number]): Generator<Node<T>> {
  if (node.loops) yield node
  if (node.many !== undefined) yield node.many
  if (node.one !== undefined && part !== '') yield node.one
  if (typeof part === 'string') {
    const literal = node.literals?.get(part)
    if (literal !== undefined) yield literal
  } else {
    for (const [text, child] of node.literals ?? []) if (part === MANY || text !== '') yield child
  }
}
