/**
 * What the rules of the tree look at: every source file, parsed once by the parser that the test
 * runner itself uses. Positions are turned into lines here, so that no rule counts characters.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAst } from 'vitest/node'

/** A node of the syntax tree (ESTree with TypeScript); only the common part is typed. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [property: string]: unknown
}

export interface Import {
  /** As written: `./x.ts`, `node:fs`, `@hono/node-server`. */
  readonly from: string
  /** Erased before it runs: `import type`, `export type … from`. */
  readonly typeOnly: boolean
  readonly line: number
}

export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  readonly path: string
  readonly lines: readonly string[]
  readonly nodes: readonly SyntaxNode[]
  /** The text of each comment, without its marks, and the line it starts in. */
  readonly comments: readonly { readonly line: number; readonly text: string }[]
  /** Numbers (from 1) of the lines that hold a comment and nothing else. */
  readonly commentLines: ReadonlySet<number>
  readonly imports: readonly Import[]
  /** The line (from 1) of a position. */
  lineOf(position: number): number
}

/** Parses one file. Throws a SyntaxError where TypeScript itself would not read it. */
export function parseFile(path: string, text: string): SourceFile {
  const program: unknown = parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' })
  const nodes = [...descendants(program)]
  const lines = text.replace(/\n$/, '').split('\n')
  const starts = lineStarts(text)
  const lineOf = (position: number): number => {
    const after = starts.findIndex((start) => start > position)
    return after === -1 ? starts.length : after
  }
  const comments = readComments(text, nodes).map(({ start, end }) => ({
    line: lineOf(start),
    lastLine: lineOf(end - 1),
    text: text.slice(start, end).replace(/^\/\*+|\*\/$|^\/\//g, ''),
    alone: text.slice(starts[lineOf(start) - 1], start).trim() === '',
  }))
  const alone = comments.filter((comment) => comment.alone)
  const commentLines = new Set(
    alone.flatMap(({ line, lastLine }) =>
      Array.from({ length: lastLine - line + 1 }, (_, offset) => line + offset),
    ),
  )
  return { path, lines, nodes, comments, commentLines, imports: readImports(nodes, lineOf), lineOf }
}

/** Whether a program wrote it: by the rule of the house every declaration file, and no other. */
export function isGenerated(path: string): boolean {
  return path.endsWith('.d.ts')
}

/** Every TypeScript file of people below the folders, in the order of their paths. */
export function readTree(root: string, folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name).replaceAll('\\', '/'),
      ),
    )
    .filter((path) => /\.tsx?$/.test(path) && !isGenerated(path))
    .sort()
    .map((path) => parseFile(path, readFileSync(join(root, path), 'utf8')))
}

/** True where `value` is a node of the given type, or of any. */
export function isNode(value: unknown, type?: string): value is SyntaxNode {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false
  return typeof value.type === 'string' && (type === undefined || value.type === type)
}

function* descendants(value: unknown): Generator<SyntaxNode> {
  if (Array.isArray(value)) for (const item of value) yield* descendants(item)
  else if (isNode(value)) {
    yield value
    for (const child of Object.values(value)) yield* descendants(child)
  }
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)]
}

/** The parser drops comments; they are what looks like one outside of every literal. */
function readComments(text: string, nodes: readonly SyntaxNode[]) {
  const literals = nodes.filter(({ type }) =>
    ['Literal', 'TemplateElement', 'JSXText'].includes(type),
  )
  const ends = new Map(literals.map(({ start, end }) => [start, end]))
  const found: { start: number; end: number }[] = []
  for (let at = 0; at < text.length; at++) {
    const close = text.startsWith('//', at) ? '\n' : text.startsWith('/*', at) ? '*/' : undefined
    const literalEnd = ends.get(at)
    if (literalEnd !== undefined && literalEnd > at) at = literalEnd - 1
    else if (close !== undefined) {
      const index = text.indexOf(close, at + 2)
      const end = index === -1 ? text.length : close === '\n' ? index : index + 2
      found.push({ start: at, end })
      at = end - 1
    }
  }
  return found
}

function readImports(nodes: readonly SyntaxNode[], lineOf: (position: number) => number): Import[] {
  return nodes.flatMap((node) => {
    const source = node['source']
    if (!isNode(source, 'Literal') || typeof source['value'] !== 'string') return []
    const typeOnly = node['importKind'] === 'type' || node['exportKind'] === 'type'
    return [{ from: source['value'], typeOnly, line: lineOf(node.start) }]
  })
}
