/**
 * The functions that a matcher may call. Their patterns are checked and compiled when a policy is
 * loaded; at a decision a pattern that was not is an error, hence a deny, so the library's loops
 * that never return (HAZARDS section 3) cannot be reached and nothing is compiled twice.
 */
import { type FunctionTable, libraryFunctions, type MatcherFunction } from './casbin.ts'
import { checkExpression, compileExpression } from './expression.ts'
import {
  type CompiledPattern,
  checkPattern,
  compilePattern,
  matchCompiled,
  type PatternProblem,
  pathParameter,
} from './pattern.ts'

interface Kind {
  /** What is wrong with the second argument, the pattern. */
  readonly check: (pattern: string) => PatternProblem | undefined
  /** The function over the patterns that were checked. */
  readonly build: (patterns: readonly string[]) => MatcherFunction
}

const anything = () => undefined

/** As the library reads an argument: what is missing is blank. */
const textOf = (value: unknown) => String(value || '')

/** Parameters on which some function of the library never returns are refused for all of them. */
function checkParameters(pattern: string): PatternProblem | undefined {
  const place = pattern.search(
    /\/:(?![A-Za-z_])|\{(?![A-Za-z_][A-Za-z0-9_]*\}(?:\/|$))|(?<=^|\/)[^/{]*\}/,
  )
  if (place < 0) return undefined
  return { column: place + 1, message: 'A parameter is a whole segment: ":name" or "{name}".' }
}

/** `/book/{id}` as `/book/:id`, each character in its place. */
function withColons(pattern: string): string {
  return pattern.replace(/(?<=\/)\{([A-Za-z_][A-Za-z0-9_]*)\}(?=\/|$)/g, ':$1_')
}

/** Stars that minimatch turns into one `[^/]*` a segment, and none of its other operators. */
function checkGlob(pattern: string): PatternProblem | undefined {
  const place = pattern.search(/\*[^/]*\*|[[\]{}()!?+@|\\]/)
  if (place < 0) return undefined
  return {
    column: place + 1,
    message: 'A glob has at most one star a segment and no other operator.',
  }
}

/** The one pattern that is none: casbin's keyMatch2 reads it as everything. */
const EVERYTHING = '*'

function pathKind(toColons: (pattern: string) => string, toPath: (path: string) => string): Kind {
  return {
    check: (pattern) => (pattern === EVERYTHING ? undefined : checkPattern(toColons(pattern))),
    build: (patterns) => {
      const paths = patterns.filter((pattern) => pattern !== EVERYTHING)
      const compiled = new Map(paths.map((pattern) => [pattern, compilePattern(toColons(pattern))]))
      return (path, pattern) =>
        pattern === EVERYTHING || matchCompiled(known(compiled, pattern), toPath(textOf(path)))
    },
  }
}

const same = (text: string) => text
const withoutQuery = (path: string) => path.split('?', 1)[0] ?? ''

const keyGet2: Kind = {
  check: checkPattern,
  build: (patterns) => {
    const compiled = new Map(patterns.map((pattern) => [pattern, pattern]))
    return (path, pattern, name) =>
      pathParameter(known(compiled, pattern), textOf(path), textOf(name)) ?? ''
  },
}

const regexMatch: Kind = {
  check: (text) => (text === EVERYTHING ? undefined : checkExpression(text)),
  build: (texts) => {
    const expressions = texts.filter((text) => text !== EVERYTHING)
    const compiled = new Map(expressions.map((text) => [text, compileExpression(text)]))
    return (value, text) => known(compiled, text).test(textOf(value))
  },
}

/** Functions of casbin that are linear as they are, or become so by the check. */
function library(name: keyof typeof libraryFunctions, check: Kind['check']): Kind {
  return {
    check,
    build: () => (left, right) => libraryFunctions[name](textOf(left), textOf(right)),
  }
}

const kinds = new Map<string, Kind>([
  ['keyMatch', library('keyMatch', checkParameters)],
  ['keyGet', library('keyGet', checkParameters)],
  ['keyMatch2', pathKind(same, same)],
  ['keyGet2', keyGet2],
  ['keyMatch3', pathKind(withColons, same)],
  ['keyMatch5', pathKind(withColons, withoutQuery)],
  ['regexMatch', regexMatch],
  ['ipMatch', library('ipMatch', anything)],
  ['globMatch', library('globMatch', checkGlob)],
])

export const functionNames: readonly string[] = [...kinds.keys()]

/** What is wrong with `pattern` as the second argument of the function `name`. */
export function checkArgument(name: string, pattern: string): PatternProblem | undefined {
  return kinds.get(name)?.check(pattern)
}

/** The table for an enforcer; `patterns` holds the checked ones of each function in use. */
export function buildFunctions(patterns: ReadonlyMap<string, Iterable<string>>): FunctionTable {
  const table = new Map<string, MatcherFunction>()
  for (const [name, kind] of kinds) table.set(name, kind.build([...new Set(patterns.get(name))]))
  return table
}

function known<T extends CompiledPattern | RegExp | string>(
  compiled: ReadonlyMap<string, T>,
  pattern: unknown,
): T {
  const found = compiled.get(String(pattern))
  if (found === undefined) throw new Error('A pattern reached a decision without being checked.')
  return found
}
