/** A line of a file with a caret below one of its characters. */
import { columnsOf, printable } from './printable.ts'

/** Characters of a line that are shown, and those before the caret that are kept of a longer one. */
const SHOWN = 120
const BEFORE = 60
const CUT = '…'

export interface Excerpt {
  readonly shown: string
  /** Blanks and `^`; tabs stand below tabs, so that both have the same width. */
  readonly caret: string
}

/** `column` is one-based and counts UTF-16 units, as findings do. */
export function excerptOf(line: string, column: number): Excerpt {
  const at = Math.min(Math.max(column - 1, 0), line.length)
  const from = line.length > SHOWN ? Math.max(at - BEFORE, 0) : 0
  const before = show(line.slice(from, at))
  const rest = show(line.slice(at, from + SHOWN))
  const start = from > 0 ? CUT : ''
  const end = from + SHOWN < line.length ? CUT : ''
  const blanks = [...start, ...before].map((one) =>
    one === '\t' ? '\t' : ' '.repeat(columnsOf(one)),
  )
  return { shown: `${start}${before}${rest}${end}`, caret: `${blanks.join('')}^` }
}

function show(text: string): string {
  return text.split('\t').map(printable).join('\t')
}
