/** Rules about what is written in a file. Each returns one sentence for each break. */
import { isNode, type SourceFile, type SyntaxNode } from './source.ts'

const EMPTY_NAMES = /(?:manager|helper|util|utils|factory)$|^(?:manager|helper|util|factory)/i

function breaks(
  files: readonly SourceFile[],
  found: (node: SyntaxNode) => boolean,
  what: string,
): string[] {
  return files.flatMap((file) =>
    file.nodes.filter(found).map((node) => `${file.path}:${file.lineOf(node.start)} ${what}`),
  )
}

/** The type `any`, wherever it is written. */
export function anyTypes(files: readonly SourceFile[]): string[] {
  return breaks(files, ({ type }) => type === 'TSAnyKeyword', 'says any')
}

/** A default export, in either spelling. */
export function defaultExports(files: readonly SourceFile[]): string[] {
  return breaks(
    files,
    (node) =>
      node.type === 'ExportDefaultDeclaration' ||
      (node.type === 'ExportSpecifier' && nameOf(node['exported']) === 'default'),
    'exports a default',
  )
}

/** Anything handed on from another file: a barrel knots files that have nothing to do with each other. */
export function barrels(files: readonly SourceFile[]): string[] {
  return breaks(
    files,
    ({ type, source }) =>
      type === 'ExportAllDeclaration' || (type === 'ExportNamedDeclaration' && isNode(source)),
    'exports what another file holds',
  )
}

/** A note about work that is left, in a comment. */
export function unfinishedNotes(files: readonly SourceFile[]): string[] {
  return commentBreaks(files, /\b(?:TODO|FIXME|XXX|HACK)\b/, 'leaves work for later')
}

/** A comment that switches a check off. */
export function switchedOffChecks(files: readonly SourceFile[]): string[] {
  const words =
    /@ts-(?:ignore|nocheck|expect-error)|(?:biome|oxlint|eslint|v8|c8|istanbul)[ -](?:ignore|disable)/
  return commentBreaks(files, words, 'switches a check off')
}

/** `process.env`, `process['env']` or `env` from `node:process`, outside the files that may read it. */
export function environmentReaders(
  files: readonly SourceFile[],
  allowed: readonly string[],
): string[] {
  return breaks(
    files.filter(({ path }) => !allowed.includes(path)),
    (node) =>
      (node.type === 'MemberExpression' &&
        nameOf(node['property']) === 'env' &&
        nameOf(node['object']) === 'process') ||
      (node.type === 'ImportDeclaration' && /^(?:node:)?process$/.test(nameOf(node['source']))),
    'reads the environment',
  )
}

/** Test doubles: a guarantee is proved on real sockets, databases and files. */
export function testDoubles(files: readonly SourceFile[]): string[] {
  return breaks(
    files,
    (node) =>
      node.type === 'MemberExpression' &&
      nameOf(node['object']) === 'vi' &&
      /^(?:mock|doMock|fn|spyOn|stub|useFakeTimers|hoisted)/.test(nameOf(node['property'])),
    'uses a test double',
  )
}

/** File names and exported names that say nothing of what the thing is. */
export function emptyNames(files: readonly SourceFile[]): string[] {
  const paths = files
    .filter(({ path }) => path.split(/[/.-]/).some((word) => EMPTY_NAMES.test(word)))
    .map(({ path }) => `${path} has a name that says nothing`)
  const exported = files.flatMap((file) =>
    file.nodes
      .filter(({ type }) => type === 'ExportNamedDeclaration')
      .flatMap((node) => declaredNames(node['declaration']))
      .filter((name) => EMPTY_NAMES.test(name))
      .map((name) => `${file.path} exports ${name}, a name that says nothing`),
  )
  return [...paths, ...exported]
}

function declaredNames(declaration: unknown): string[] {
  if (!isNode(declaration)) return []
  const declarators = declaration['declarations']
  const named: unknown[] = Array.isArray(declarators) ? declarators : [declaration]
  return named.map((node) => nameOf(isNode(node) ? node['id'] : undefined))
}

function commentBreaks(files: readonly SourceFile[], words: RegExp, what: string): string[] {
  return files.flatMap(({ path, comments }) =>
    comments.filter(({ text }) => words.test(text)).map(({ line }) => `${path}:${line} ${what}`),
  )
}

/** The name of an identifier, or the text of a literal. */
function nameOf(node: unknown): string {
  if (!isNode(node)) return ''
  return String(node['name'] ?? node['value'] ?? '')
}
