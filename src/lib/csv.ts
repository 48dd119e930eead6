/** CSV (RFC 4180) that a spreadsheet shows and does not run. */

// What spreadsheets take for the beginning of a formula (A6 122), the full-width signs included.
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/
const QUOTED = /[",\r\n]|^\s|\s$/

/** One line of CSV; `null` is an empty cell. A cell that would be a formula begins with `'`. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

function cellOf(value: string | number | null): string {
  // A number is what it is, a negative one as well.
  const text = typeof value === 'string' ? value.replace(FORMULA, "'$&") : String(value ?? '')
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
