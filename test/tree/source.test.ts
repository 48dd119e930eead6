import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseFile, readTree } from '../support/tree/source.ts'

function commentsOf(text: string): string[] {
  return parseFile('src/a.ts', text).comments.map((comment) => comment.text.trim())
}

describe('comments', () => {
  test.each<[string, string, string[]]>([
    ['a line', '// one\nconst a = 1', ['one']],
    ['the end of a line', 'const a = 1 // one', ['one']],
    ['a block', '/* one\n two */\nconst a = 1', ['one\n two']],
    ['two in a row', '// one\n// two\n', ['one', 'two']],
    ['inside a call', 'f(/* one */ 1)', ['one']],
    ['a last line without an end', 'const a = 1\n// one', ['one']],
  ])('%s is found', (_, text, expected) => {
    expect(commentsOf(text)).toEqual(expected)
  })

  test.each([
    ['a string', "const a = 'http://x'"],
    ['a string with an escaped quote', "const a = 'it\\'s // no'"],
    ['a template', 'const a = `http://x/* no */`'],
    ['a template between its parts', `const a = \`\${b}//\${c}//\``],
    ['a regular expression', 'const a = /\\/\\//'],
    ['a class in a regular expression', 'const a = /[/*]/'],
    ['a division', 'const a = b / c / d'],
  ])('what looks like one in %s is none', (_, text) => {
    expect(commentsOf(text)).toEqual([])
  })

  test('after a literal that looks like one is still found', () => {
    expect(commentsOf("const a = '//' // one\nconst b = `/*` /* two */")).toEqual(['one', 'two'])
  })

  test('only those alone on their lines make a comment line', () => {
    const text = '/**\n * one\n */\nconst a = 1 // two\n  // three\n'
    expect([...parseFile('src/a.ts', text).commentLines]).toEqual([1, 2, 3, 5])
  })
})

describe('imports', () => {
  test.each<[string, string, boolean]>([
    ["import { a } from './b.ts'", './b.ts', false],
    ["import './b.ts'", './b.ts', false],
    ["import type { A } from './b.ts'", './b.ts', true],
    ["export { a } from './b.ts'", './b.ts', false],
    ["export type { A } from './b.ts'", './b.ts', true],
    ["export * from './b.ts'", './b.ts', false],
    ["const a = await import('./b.ts')", './b.ts', false],
  ])('%s is seen', (text, from, typeOnly) => {
    expect(parseFile('src/a.ts', text).imports).toEqual([{ from, typeOnly, line: 1 }])
  })

  test('carry their line', () => {
    const { imports } = parseFile('src/a.ts', "// first\nimport 'b'\n\nimport 'c'\n")
    expect(imports.map(({ line }) => line)).toEqual([2, 4])
  })
})

describe('files', () => {
  test('count their lines without the end of the last', () => {
    expect(parseFile('src/a.ts', 'a\nb\n').lines).toEqual(['a', 'b'])
    expect(parseFile('src/a.ts', 'a\nb').lines).toEqual(['a', 'b'])
  })

  test('that TypeScript cannot read are refused', () => {
    expect(() => parseFile('src/a.ts', 'const = 1')).toThrow()
  })

  test('of both kinds are read from a tree, in order, but not what a program wrote, nor anything else', () => {
    const root = mkdtempSync(join(tmpdir(), 'gatehouse-tree-'))
    try {
      mkdirSync(join(root, 'src/b'), { recursive: true })
      writeFileSync(join(root, 'src/b/c.tsx'), 'export const c = <p>// text</p>\n')
      writeFileSync(join(root, 'src/a.ts'), 'export const a: number = 1\n')
      writeFileSync(join(root, 'src/data.json'), '{')
      writeFileSync(join(root, 'src/b/made.d.ts'), 'export interface Made {}\n')
      const files = readTree(root, ['src'])
      expect(files.map(({ path }) => path)).toEqual(['src/a.ts', 'src/b/c.tsx'])
      expect(files.flatMap(({ comments }) => comments)).toEqual([])
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})
