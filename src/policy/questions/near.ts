/** Patterns by how they begin: most of a large policy are told apart by their first segments. */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'

/** Those of the items whose patterns can overlap with the pattern of that text. */
export type Near<T> = (text: string) => readonly T[]

/** Every item that can overlap is found, and few that cannot. */
export function* indexNear<T>(items: readonly T[], textOf: (item: T) => string): Steps<Near<T>> {
  const byStart = new Map<string | undefined, T[]>()
  const wide = new Map<string | undefined, T[]>()
  const byText = new Map<string, T[]>()
  for (const [at, item] of items.entries()) {
    if (at % limits.turnRules === 0) yield
    const text = textOf(item)
    const start = startOf(text)
    push(byStart, start, item)
    if (isLiteral(text)) push(byText, text, item)
    else push(wide, start, item)
  }
  const open = byStart.get(undefined) ?? []
  return (text) => {
    const start = startOf(text)
    if (start === undefined) return items
    // A folder may hold thousands of literal paths, and two of them overlap only where they are equal.
    const found = isLiteral(text)
      ? [...(byText.get(text) ?? []), ...(wide.get(start) ?? [])]
      : byStart.get(start)
    if (found === undefined) return open
    return open.length === 0 ? found : [...found, ...open]
  }
}

function push<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

/** Without a parameter, a star or an escape, which may be spelt in two ways. */
function isLiteral(text: string): boolean {
  return !/[:*%]/.test(text)
}

/** The first two segments where both are literals; an escape may be spelt in two ways. */
export function startOf(text: string): string | undefined {
  return /^\/[^/:*%][^/*%]*\/[^/:*%][^/*%]*(?=\/|$)/.exec(text)?.[0]
}
