/** Rules about size. Each takes the parsed files and returns one sentence for each break. */
import { isNode, type SourceFile, type SyntaxNode } from './source.ts'

export interface FunctionSize {
  readonly path: string
  readonly line: number
  readonly lines: number
}

const FILE_LINES_MOST = 400
const FILE_LINES_MEDIAN = 120
const FUNCTION_LINES_MOST = 70
const FUNCTION_LINES_USUAL = 40
const FUNCTIONS_USUAL_SHARE = 0.9
const COMMENT_SHARE_LEAST = 0.1
const COMMENT_SHARE_MOST = 0.2
const TEST_LINES_PER_SOURCE_LINE = 1.5

/** No file above 400 lines. */
export function longFiles(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ lines }) => lines.length > FILE_LINES_MOST)
    .map(({ path, lines }) => `${path} has ${lines.length} lines, more than ${FILE_LINES_MOST}`)
}

/** Half of the files have at most 120 lines. */
export function longMedian(files: readonly SourceFile[]): string[] {
  const sizes = files.map(({ lines }) => lines.length).sort((a, b) => a - b)
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0
  return median <= FILE_LINES_MEDIAN
    ? []
    : [`the median file has ${median} lines, more than ${FILE_LINES_MEDIAN}`]
}

/**
 * Every function with a body in braces, with its lines from its first to its last. One that declares
 * tests is a heading over functions rather than one, and is left out.
 */
export function functionSizes(files: readonly SourceFile[]): FunctionSize[] {
  return files.flatMap((file) => {
    return file.nodes
      .filter((node) => isNode(node['body'], 'BlockStatement') && isFunction(node))
      .filter((node) => !declaresTests(node))
      .map((node) => {
        const line = file.lineOf(node.start)
        return { path: file.path, line, lines: file.lineOf(node.end - 1) - line + 1 }
      })
  })
}

/** No function above 70 lines. */
export function longFunctions(files: readonly SourceFile[]): string[] {
  return functionSizes(files)
    .filter(({ lines }) => lines > FUNCTION_LINES_MOST)
    .map(
      ({ path, line, lines }) =>
        `${path}:${line} has ${lines} lines, more than ${FUNCTION_LINES_MOST}`,
    )
}

/** Nine of ten functions that take more than one line have at most 40. */
export function manyLongFunctions(files: readonly SourceFile[]): string[] {
  const sizes = functionSizes(files).filter(({ lines }) => lines > 1)
  const long = sizes.filter(({ lines }) => lines > FUNCTION_LINES_USUAL)
  if (sizes.length - long.length >= sizes.length * FUNCTIONS_USUAL_SHARE) return []
  const places = long.map(({ path, line }) => `${path}:${line}`).join(', ')
  return [
    `${long.length} of ${sizes.length} functions are above ${FUNCTION_LINES_USUAL} lines: ${places}`,
  ]
}

/** Comments fill 10 to 20 % of all lines. */
export function commentShare(files: readonly SourceFile[]): string[] {
  const all = countLines(files)
  const comments = files.reduce((sum, file) => sum + file.commentLines.size, 0)
  if (comments >= all * COMMENT_SHARE_LEAST && comments <= all * COMMENT_SHARE_MOST) return []
  return [`${comments} of ${all} lines are comments, which is not 10 to 20 %`]
}

/** The tests have at least one and a half times the lines of what they test. */
export function testShare(source: readonly SourceFile[], tests: readonly SourceFile[]): string[] {
  const [ours, theirs] = [countLines(source), countLines(tests)]
  return theirs >= ours * TEST_LINES_PER_SOURCE_LINE
    ? []
    : [`${theirs} lines of tests for ${ours} of source are less than 1.5 times as many`]
}

/** Folders are at most two deep in `src` (`src/policy/model/x.ts`), three in the console. */
export function deepFolders(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => {
      const most = path.startsWith('src/console/') ? 4 : 3
      return path.split('/').length - 1 > most
    })
    .map(({ path }) => `${path} is too deep`)
}

function countLines(files: readonly SourceFile[]): number {
  return files.reduce((sum, { lines }) => sum + lines.length, 0)
}

function isFunction({ type }: SyntaxNode): boolean {
  return ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(type)
}

/** True for what is given to `describe` and the like: it holds tests, each a function of its own. */
function declaresTests({ body }: SyntaxNode): boolean {
  const statements = isNode(body) ? body['body'] : []
  return (
    Array.isArray(statements) &&
    statements.some((statement) => ['test', 'describe'].includes(calledBy(statement)))
  )
}

/** The name at the root of a statement's call: `test` for `test.each(…)(…)`. */
function calledBy(statement: unknown): string {
  let node = isNode(statement, 'ExpressionStatement') ? statement['expression'] : undefined
  if (!isNode(node, 'CallExpression')) return ''
  while (isNode(node) && node.type !== 'Identifier') node = node['object'] ?? node['callee']
  return isNode(node) ? String(node['name']) : ''
}
