import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { answers } from '../../src/lib/problems.ts'
import { codesIn, tableUnder } from '../support/markdown.ts'
import { parseFile } from '../support/tree/source.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const readme = read('README.md')

describe('a table of a document', () => {
  const document = [
    '## Before',
    '| not | this |',
    '|---|---|',
    '| `X` | 0 |',
    '## Errors',
    'Some words.',
    '',
    '| code | status |',
    '|---|---|',
    '| `a`, `b` | 400 |',
    '| `c` | 500 |',
    '',
    '| another | table |',
    '## After',
  ].join('\n')

  test('is the first under its heading, without its head', () => {
    const rows = tableUnder(document, '## Errors')
    expect(rows).toEqual([
      ['`a`, `b`', '400'],
      ['`c`', '500'],
    ])
    expect(codesIn(rows[0]?.[0] ?? '')).toEqual(['a', 'b'])
  })

  test('holds a bar that is escaped', () => {
    const [row] = tableUnder('## A\n| x |\n|---|\n| `a \\|\\| b` | c |', '## A')
    expect(row).toEqual(['`a || b`', 'c'])
  })

  test('that is not there is an error, not an empty table', () => {
    expect(() => tableUnder(document, '## After')).toThrow('there is no table')
    expect(() => tableUnder(document, '## Nowhere')).toThrow('there is no table')
  })
})

test('every error is documented with its status, and nothing else is', () => {
  const documented = tableUnder(readme, '## Errors').map(([code = '', status = '']) => [
    codesIn(code).join(),
    Number(status),
  ])
  const real = Object.entries(answers).map(([code, { status }]) => [code, status])
  expect(documented.sort()).toEqual(real.sort())
})

test('every setting is documented, and nothing else is', () => {
  const documented = tableUnder(readme, '## Settings').flatMap(([names = '']) => codesIn(names))
  const literals = parseFile('src/config.ts', read('src/config.ts')).nodes.flatMap((node) => {
    const value = node.type === 'Literal' ? node['value'] : undefined
    return typeof value === 'string' && /^[A-Z][A-Z_]{2,}$/.test(value) ? [value] : []
  })
  expect(documented.sort()).toEqual([...new Set(literals)].sort())
})

test('the commands that it shows exist', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'))
  const shown = [...readme.matchAll(/\bnpm (?:run )?(\w+)/g)].map((match) => match[1] ?? '')
  expect(shown).toEqual(expect.arrayContaining(['install', 'start', 'test']))
  const missing = shown.filter((name) => !(name in scripts) && !['install', 'ci'].includes(name))
  expect(missing).toEqual([])
})
