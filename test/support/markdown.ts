/** Tables of a Markdown document, so that a test can hold what is documented against what is so. */

/** The cells of each row of the first table under a heading such as `## Errors`, without its head. */
export function tableUnder(markdown: string, heading: string): string[][] {
  const [, after] = `\n${markdown}`.split(`\n${heading}\n`)
  const section = after?.split(/\n#+ /)[0] ?? ''
  const lines = section.split('\n')
  const first = lines.findIndex((line) => line.startsWith('|'))
  if (first === -1) throw new Error(`there is no table under "${heading}"`)
  const length = [...lines.slice(first), ''].findIndex((line) => !line.startsWith('|'))
  return lines.slice(first + 2, first + length).map(cells)
}

/** What stands in backticks in a cell: `HOST` and `PORT` of "`HOST`, `PORT`". */
export function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
}

function cells(row: string): string[] {
  return row
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
}
