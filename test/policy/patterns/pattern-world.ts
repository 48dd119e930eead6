/** Every path and every pattern over three letters, few enough to try them all. */

const letters = ['a', 'b', 'c']
const pieces = ['a', 'b', ':x', '*']

/** Each row with each of `choices` behind it. */
function extend(rows: readonly (readonly string[])[], choices: readonly string[]) {
  return rows.flatMap((row) => choices.map((choice) => [...row, choice]))
}

function rowsUpTo(length: number, inner: readonly string[], last: readonly string[]): string[] {
  const found: string[] = []
  let rows: readonly (readonly string[])[] = [[]]
  for (let size = 1; size <= length; size += 1) {
    found.push(...extend(rows, last).map((row) => `/${row.join('/')}`))
    rows = extend(rows, inner)
  }
  return found
}

/**
 * Canonical paths of up to four segments, of which only the last may be empty. The letter `c` is in
 * no pattern and stands for every other one.
 */
export const worldPaths: readonly string[] = rowsUpTo(4, letters, [...letters, ''])

/** Patterns of up to `length` segments over two of the letters, parameters and stars. */
export function patternsUpTo(length: number): string[] {
  return rowsUpTo(length, pieces, [...pieces, ''])
}
