/** Patterns by how they begin: most of a large policy are told apart by their first segments. */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'

/** Those of the items whose patterns can overlap with the pattern of that text. */
export type Near<T> = (text: string) => readonly T[]

/** Every item that can overlap is found, and few that cannot. */
export function* indexNear<T>(items: readonly T[], textOf: (item: T) => string): Steps<Near<T>> {
  const byStart = new Map<string | undefined, T[]>()
  for (const [at, item] of items.entries()) {
    if (at % limits.turnRules === 0) yield
    const start = startOf(textOf(item))
    const alike = byStart.get(start)
    if (alike === undefined) byStart.set(start, [item])
    else alike.push(item)
  }
  const open = byStart.get(undefined) ?? []
  return (text) => {
    const start = startOf(text)
    if (start === undefined) return items
    const found = byStart.get(start)
    if (found === undefined) return open
    return open.length === 0 ? found : [...found, ...open]
  }
}

/** The first two segments where both are literals; an escape may be spelt in two ways. */
export function startOf(text: string): string | undefined {
  return /^\/[^/:*%][^/*%]*\/[^/:*%][^/*%]*(?=\/|$)/.exec(text)?.[0]
}
