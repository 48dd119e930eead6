/**
 * The functions of a matcher whose patterns are paths: keyMatch2 and keyGet2 with `:name`, keyMatch3
 * to keyMatch5 with `{name}`. What a pattern means is said in `pattern.ts`.
 */
import type { MatcherFunction } from '../model/casbin.ts'
import type { Shape } from './path-index.ts'
import {
  type CompiledPattern,
  checkPattern,
  compilePattern,
  cutPattern,
  MANY,
  matchCompiled,
  ONE,
  type PatternProblem,
  pathParameter,
} from './pattern.ts'

/** A function of a matcher. */
export interface Kind {
  /** What is wrong with the second argument, the pattern. */
  readonly check: (pattern: string) => PatternProblem | undefined
  /** The function over the patterns that were checked. */
  readonly build: (patterns: ReadonlySet<string>) => MatcherFunction
  /** Where an index finds a checked pattern; absent where the answer is no truth or may throw. */
  readonly shape?: (pattern: string) => Shape
}

/** As the library reads an argument: what is missing is blank. */
export const textOf = (value: unknown) => String(value || '')

/** The one pattern that is none: casbin's keyMatch2 reads it as everything. */
export const EVERYTHING = '*'
/** Nothing is known of what a pattern matches. */
export const anywhere: Shape = { kind: 'below', segments: [] }

/** `/book/{id}` as `/book/:id`, each character in its place. */
function withColons(pattern: string): string {
  return pattern.replace(/(?<=\/)\{([A-Za-z_][A-Za-z0-9_]*)\}(?=\/|$)/g, ':$1_')
}

function segmentsOf(pattern: string): CompiledPattern {
  return compilePattern(withColons(pattern))
}

/** The parameters of these patterns are in braces; a colon would be a literal there. */
function checkBraces(pattern: string): PatternProblem | undefined {
  const colon = pattern.indexOf('/:')
  if (colon < 0) return checkPattern(withColons(pattern))
  return { column: colon + 2, message: 'A parameter is written "{name}" here.' }
}

/** Path patterns with braces, which `matches` answers. */
function braces(
  matches: (segments: CompiledPattern, path: string, pattern: string) => boolean,
  shape: (segments: CompiledPattern, pattern: string) => Shape,
): Kind {
  return {
    check: checkBraces,
    build: (patterns) => {
      const compiled = compileAll(patterns, segmentsOf)
      return (path, pattern) => matches(known(compiled, pattern), textOf(path), String(pattern))
    },
    shape: (pattern) => shape(segmentsOf(pattern), pattern),
  }
}

export const keyMatch2: Kind = {
  check: (pattern) => (pattern === EVERYTHING ? undefined : checkPattern(pattern)),
  build: (patterns) => {
    const compiled = compileAll(patterns, compilePattern)
    return (path, pattern) =>
      pattern === EVERYTHING || matchCompiled(known(compiled, pattern), textOf(path))
  },
  shape: (pattern) => {
    if (pattern === EVERYTHING) return anywhere
    if (!/[:*%]/.test(pattern)) return { kind: 'exact', text: pattern }
    return { kind: 'segments', segments: cutPattern(pattern) }
  },
}

export const keyMatch3 = braces(matchCompiled, (segments) => ({ kind: 'segments', segments }))

/** As keyMatch3; where a name stands twice, the library wants every parameter to be the same. */
export const keyMatch4: Kind = {
  ...braces(
    (segments, path, pattern) =>
      matchCompiled(segments, path) && (!repeats(pattern) || parametersAgree(segments, path)),
    (segments, pattern) => (repeats(pattern) ? below(segments) : { kind: 'segments', segments }),
  ),
  check: (pattern) => {
    const problem = checkBraces(pattern)
    const star = pattern.indexOf('/*/')
    if (problem !== undefined || star < 0 || !repeats(pattern)) return problem
    // What each parameter takes would depend on how much the star took.
    return { column: star + 2, message: 'Where a parameter repeats, a star is the last segment.' }
  },
}

function repeats(pattern: string): boolean {
  const names = pattern.match(/\{\w+\}/g) ?? []
  return new Set(names).size < names.length
}

function parametersAgree(segments: CompiledPattern, path: string): boolean {
  const parameters = path
    .slice(1)
    .split('/')
    .filter((_, at) => segments[at] === ONE)
  return parameters.every((parameter) => parameter === parameters[0])
}

export const keyMatch5 = braces(
  (segments, path) => matchCompiled(segments, withoutQuery(path)),
  below,
)

function withoutQuery(path: string): string {
  return path.split('?', 1)[0] ?? ''
}

/** The literal segments that a path begins with; the last of a pattern may end in a query. */
function below(segments: CompiledPattern): Shape {
  const end = segments.findIndex((segment) => segment === ONE || segment === MANY)
  const literals = segments.slice(0, end < 0 ? segments.length - 1 : end)
  return { kind: 'below', segments: literals.map(String) }
}

export const keyGet2: Kind = {
  check: checkPattern,
  build: (patterns) => {
    const compiled = compileAll(patterns, (pattern) => pattern)
    return (path, pattern, name) =>
      pathParameter(known(compiled, pattern), textOf(path), textOf(name)) ?? ''
  },
}

/** The patterns that were checked, each compiled when it is first asked. */
export interface Compiled<T> {
  readonly checked: ReadonlySet<string>
  readonly known: Map<string, T>
  readonly compile: (pattern: string) => T
}

export function compileAll<T>(
  patterns: ReadonlySet<string>,
  compile: (pattern: string) => T,
): Compiled<T> {
  return { checked: patterns, known: new Map(), compile }
}

/** What a pattern is compiled to; one that was not checked is an error, hence a deny. */
export function known<T>({ checked, known: before, compile }: Compiled<T>, pattern: unknown): T {
  const text = String(pattern)
  const found = before.get(text)
  if (found !== undefined) return found
  if (!checked.has(text)) throw new Error('A pattern reached a decision without being checked.')
  const compiled = compile(text)
  before.set(text, compiled)
  return compiled
}
