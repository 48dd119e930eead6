/** What somebody may have meant, for messages that say what would be right. */

/** `did you mean "matchers"?`, or all that is possible where nothing is near. */
export function nearest(written: string, possible: readonly string[]): string {
  const scored = possible.map((word) => ({
    word,
    steps: distance(written.toLowerCase(), word.toLowerCase()),
  }))
  const [best] = scored.toSorted((left, right) => left.steps - right.steps)
  const close = written.length < 4 ? 1 : Math.max(2, written.length / 3)
  if (best !== undefined && best.steps <= close && best.steps < written.length) {
    return `did you mean "${best.word}"?`
  }
  return `possible are ${possible.map((word) => `"${word}"`).join(', ')}.`
}

/** Levenshtein's distance; the words are keys and names, so they are cut at 64 characters. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (const [above, letter] of [...left.slice(0, 64)].entries()) {
    const next = [above + 1]
    for (const [before, other] of [...right].entries()) {
      const replaced = (row[before] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[before + 1] ?? 0) + 1, (next[before] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
