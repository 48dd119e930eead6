/** What two policies differ in, for a terminal and for a pull request. */
import type { FilesDifference } from '../../policy/questions/diff-files.ts'
import { everything } from '../../policy/rules/grammar.ts'
import type { Terminal } from '../terminal.ts'

/** What changes alike for the same people on the same paths, its methods together. */
interface Row {
  readonly organisation: string
  readonly kind: FilesDifference['kind']
  readonly who: readonly string[]
  readonly methods: string[]
  readonly object: string
  readonly except: readonly string[]
  readonly operations: Set<string>
}

function rowsOf(differences: readonly FilesDifference[]): readonly Row[] {
  const rows = new Map<string, Row>()
  for (const { organisation, kind, who, method, object, except, operations } of differences) {
    const key = JSON.stringify([organisation, kind, who, object, except])
    const row = rows.get(key) ?? {
      ...{ organisation, kind, who, object, except },
      methods: [],
      operations: new Set(),
    }
    rows.set(key, row)
    row.methods.push(method === everything ? 'every method' : method)
    for (const operation of operations) row.operations.add(operation)
  }
  return [...rows.values()]
}

/** Names that stand for many are in words. */
function nameOf(who: string): string {
  return who === everything ? 'everybody' : who
}

function organisationOf(organisation: string): string {
  return organisation === everything ? 'in every organisation' : `in ${organisation}`
}

/** A line for each change, gains in green and losses in red. */
export function describeDifferences(
  differences: readonly FilesDifference[],
  paint: Terminal['paint'],
): string {
  const rows = rowsOf(differences)
  if (rows.length === 0) return 'Nobody may do anything more or less.\n'
  const lines = rows.map((row) => {
    const [sign, may] = row.kind === 'gains' ? ['+', 'may'] : ['-', 'may no longer']
    const except = row.except.length === 0 ? '' : `, but not ${row.except.join(', ')},`
    const what = `${may} ${row.methods.join(', ')} ${row.object}${except}`
    const named = row.operations.size === 0 ? '' : `  (${[...row.operations].join(', ')})`
    const who = row.who.map(nameOf).join(', ')
    const line = `${sign} ${who} ${what} ${organisationOf(row.organisation)}`
    return `${paint(row.kind === 'gains' ? 'green' : 'red', line)}${paint('dim', named)}`
  })
  const people = new Set(differences.flatMap(({ who }) => who)).size
  return `${lines.join('\n')}\n\n${count(rows.length, 'change')} for ${count(people, 'name')}.\n`
}

/** The same as a table for the comment of a pull request. */
export function markdownOf(differences: readonly FilesDifference[]): string {
  const rows = rowsOf(differences)
  const title = '### What this change lets people do\n\n'
  if (rows.length === 0) return `${title}Nobody may do anything more or less.\n`
  const head = '| | who | may | where | operations |\n|---|---|---|---|---|\n'
  const lines = rows.map((row) => {
    const except = row.except.map((object) => `, but not ${code(object)}`).join('')
    const may = `${row.methods.join(', ')} ${code(row.object)}${except}`
    const who = row.who.map((name) => (name === everything ? 'everybody' : code(name))).join(', ')
    const operations = [...row.operations].map(code).join(', ')
    const sign = row.kind === 'gains' ? 'gains' : '**loses**'
    return `| ${sign} | ${who} | ${may} | ${organisationOf(row.organisation)} | ${operations} |\n`
  })
  return `${title}${head}${lines.join('')}`
}

/** A pattern may hold `*` and `|`, which Markdown would read. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
