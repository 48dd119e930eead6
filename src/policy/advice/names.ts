/** Names that read like a misspelt other name. */

/** How a name comes from another one: typists swap, forget and double letters, and rarely mistake one. */
export type Slip = 'certain' | 'possible'

export interface Alike {
  readonly name: string
  readonly slip: Slip
}

/** Shorter ones are alike by chance. */
const LEAST = 5

/**
 * Finds names that differ in one letter, or in two that changed places. Each name is kept under all
 * that is left of it without one letter, so that nothing is compared with everything.
 */
export function createAlike(names: Iterable<string>): (name: string) => Alike[] {
  const byRest = new Map<string, string[]>()
  for (const name of names) {
    if (name.length < LEAST) continue
    for (const rest of restsOf(name)) {
      const before = byRest.get(rest)
      if (before === undefined) byRest.set(rest, [name])
      else before.push(name)
    }
  }
  return (name) => {
    if (name.length < LEAST) return []
    const found = new Set(restsOf(name).flatMap((rest) => byRest.get(rest) ?? []))
    found.delete(name)
    return [...found].flatMap((other) => {
      const slip = slipOf(name, other)
      return slip === undefined ? [] : [{ name: other, slip }]
    })
  }
}

/** The name itself and what is left of it without each of its letters. */
function restsOf(name: string): string[] {
  const rests = new Set([name])
  for (let at = 0; at < name.length; at += 1) rests.add(name.slice(0, at) + name.slice(at + 1))
  return [...rests]
}

function slipOf(name: string, other: string): Slip | undefined {
  let start = 0
  while (start < name.length && name[start] === other[start]) start += 1
  let end = 0
  while (
    end < Math.min(name.length, other.length) - start &&
    name.at(-1 - end) === other.at(-1 - end)
  ) {
    end += 1
  }
  const [one, two] = [name.slice(start, name.length - end), other.slice(start, other.length - end)]
  // Numbered names differ in a digit on purpose.
  if (/\d/.test(one + two)) return undefined
  if (one.length + two.length === 1) return 'certain'
  if (one.length === 2 && one === [...two].reverse().join('')) return 'certain'
  return one.length === 1 && two.length === 1 ? 'possible' : undefined
}
