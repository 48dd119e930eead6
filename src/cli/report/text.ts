/** Findings for people, as good compilers print them: place, sentence, the line with a caret. */
import type { Finding, Severity } from '../../policy/finding.ts'
import type { Style, Terminal } from '../terminal.ts'
import { excerptOf } from './excerpt.ts'
import { countOf, type Looked, textsOf } from './findings.ts'
import { printable } from './printable.ts'

type Paint = Terminal['paint']

const styles: Readonly<Record<Severity, Style>> = { error: 'red', warning: 'yellow', note: 'cyan' }

/** Everything, a finding after the other, and how much it was. */
export function writeText(looked: readonly Looked[], paint: Paint): string {
  const written = looked.flatMap((one) => {
    const lines = createLines(textsOf(one))
    return one.findings.map((finding) => writeFinding(finding, lines, paint))
  })
  return [...written, writeSummary(looked)].join('\n')
}

type LineAt = (file: string, line: number) => string | undefined

/** Lines of texts, each cut once. */
function createLines(texts: ReadonlyMap<string, string>): LineAt {
  const cut = new Map<string, readonly string[]>()
  return (file, line) => {
    const lines = cut.get(file) ?? (texts.get(file) ?? '').split(/\r?\n/)
    cut.set(file, lines)
    return lines[line - 1]
  }
}

function writeFinding(finding: Finding, lineAt: LineAt, paint: Paint): string {
  const { severity, kind, message, related } = finding
  const place = paint('bold', `${placeOf(finding)}:`)
  const head = `${place} ${paint(styles[severity], `${severity}:`)} ${printable(message)}`
  const lines = [`${head} ${paint('dim', `[${kind}]`)}`]
  const show = ({ file, line, column }: Place, style: Style) => {
    const text = lineAt(file, line)
    if (text === undefined || text.trim() === '') return
    const { shown, caret } = excerptOf(text, column)
    lines.push(`    ${shown}`, `    ${paint(style, caret)}`)
  }
  show(finding, styles[severity])
  if (related !== undefined) {
    const where = paint('bold', `${placeOf(related)}:`)
    lines.push(`  ${where} ${paint('dim', 'this has to do with it')}`)
    show(related, 'dim')
  }
  return `${lines.join('\n')}\n`
}

type Place = Pick<Finding, 'file' | 'line' | 'column'>

function placeOf({ file, line, column }: Place): string {
  return `${printable(file)}:${line}:${column}`
}

function writeSummary(looked: readonly Looked[]): string {
  const files = looked.reduce((sum, one) => sum + textsOf(one).size, 0)
  const count = countOf(looked)
  const found = [
    several(count.error, 'error'),
    several(count.warning, 'warning'),
    several(count.note, 'note'),
  ].flatMap((text) => text ?? [])
  const where = several(files, 'file')
  if (found.length === 0) return `All is well in ${where}.\n`
  const waits = count.error > 0 ? ' Advice is given when there are no errors.' : ''
  return `${found.join(', ')} in ${where}.${waits}\n`
}

function several(count: number, what: string): string | undefined {
  if (count === 0) return undefined
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
