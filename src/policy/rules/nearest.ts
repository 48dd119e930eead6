/** What somebody may have meant, for messages that say what would be right. */

/** `did you mean "matchers"?`, or all that is possible where nothing is near. */
export function nearest(written: string, possible: readonly string[]): string {
  if (possible.length === 0) return 'there is none.'
  const word = written.slice(0, 64).toLowerCase()
  const scored = possible.map((name) => ({ name, steps: distance(word, name.toLowerCase()) }))
  const [best] = scored.toSorted((left, right) => left.steps - right.steps)
  const close = word.length < 4 ? 1 : Math.max(2, word.length / 3)
  if (best !== undefined && best.steps <= close && best.steps < word.length) {
    return `did you mean "${best.name}"?`
  }
  return `possible are ${possible.map((name) => `"${name}"`).join(', ')}.`
}

/** Levenshtein's distance of two short words. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (const [above, letter] of [...left].entries()) {
    const next = [above + 1]
    for (const [before, other] of [...right].entries()) {
      const replaced = (row[before] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[before + 1] ?? 0) + 1, (next[before] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
