/** Patterns by how they begin: most of a large policy are told apart by their first segments. */

/** Those of the items whose patterns can overlap with the pattern of that text. */
export type Near<T> = (text: string) => readonly T[]

/** Every item that can overlap is found, and few that cannot. */
export function indexNear<T>(items: readonly T[], textOf: (item: T) => string): Near<T> {
  const byStart = Map.groupBy(items, (item) => startOf(textOf(item)))
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
