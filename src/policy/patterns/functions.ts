/**
 * The functions that a matcher may call. Their patterns are checked and compiled when a policy is
 * loaded; at a decision a pattern that was not is an error, hence a deny, so the library's loops
 * that never return (hazard 3) cannot be reached and nothing is compiled twice.
 */
import { isIP } from 'node:net'
import { limits } from '../../lib/limits.ts'
import { type FunctionTable, libraryFunctions, type MatcherFunction } from '../model/casbin.ts'
import { checkExpression, compileExpression } from './expression.ts'
import {
  anywhere,
  compileAll,
  EVERYTHING,
  type Kind,
  keyGet2,
  keyMatch2,
  keyMatch3,
  keyMatch4,
  keyMatch5,
  known,
  textOf,
} from './path-functions.ts'
import type { Shape } from './path-index.ts'
import type { PatternProblem } from './pattern.ts'

/** Parameters on which some function of the library never returns are refused for all of them. */
function checkParameters(pattern: string): PatternProblem | undefined {
  const place = pattern.search(
    /\/:(?![A-Za-z_])|\{(?![A-Za-z_][A-Za-z0-9_]*\}(?:\/|$))|(?<=^|\/)[^/{]*\}/,
  )
  if (place < 0) return undefined
  return { column: place + 1, message: 'A parameter is a whole segment: ":name" or "{name}".' }
}

/** One star or two a segment, and none of the other operators of minimatch. */
function checkGlob(pattern: string): PatternProblem | undefined {
  const place = pattern.search(/\*[^/*]+\*|[[\]{}()!?+@|\\]/)
  if (place >= 0) {
    const message = 'A glob has its stars in one place of a segment and no other operator.'
    return { column: place + 1, message }
  }
  const segments = pattern.split('/').filter((segment) => segment === '**')
  if (segments.length <= limits.patternStars) return undefined
  const message = `A glob has at most ${limits.patternStars} segments "**".`
  return { column: pattern.lastIndexOf('**') + 1, message }
}

/** An address, or a network with the length of its prefix. */
function checkAddress(pattern: string): PatternProblem | undefined {
  const [address = '', prefix = '0', ...more] = pattern.split('/')
  const family = address.includes('%') ? 0 : isIP(address)
  const longest = family === 6 ? 128 : 32
  const fits = /^(?:0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= longest
  if (family !== 0 && fits && more.length === 0) return undefined
  return { column: 1, message: `"${pattern}" is no address and no network, as in "10.0.0.0/8".` }
}

/** The whole segments of a text that all that matches begins with. */
function belowText(text: string): Shape {
  return {
    kind: 'below',
    segments: text.startsWith('/') ? text.slice(1).split('/').slice(0, -1) : [],
  }
}

const regexMatch: Kind = {
  check: (text) => (text === EVERYTHING ? undefined : checkExpression(text)),
  build: (texts) => {
    const readable = new Set(texts)
    readable.delete(EVERYTHING)
    const compiled = compileAll(readable, compileExpression)
    return (value, text) => known(compiled, text)(textOf(value))
  },
  // What stands before a quantifier may be missing; an alternative begins anew.
  shape: (text) =>
    text.startsWith('^') && !text.includes('|')
      ? belowText(/^\^([\w/:@%~-]*)(?![*?+{])/.exec(text)?.[1] ?? '')
      : anywhere,
}

/** Functions of casbin that are linear as they are, or become so by the check. */
function library(name: keyof typeof libraryFunctions, rest: Omit<Kind, 'build'>): Kind {
  const call = libraryFunctions[name]
  return { ...rest, build: () => (left, right) => call(textOf(left), textOf(right)) }
}

const kinds = new Map<string, Kind>([
  [
    'keyMatch',
    library('keyMatch', {
      check: checkParameters,
      shape: (pattern) => belowText(pattern.split('*', 1)[0] ?? ''),
    }),
  ],
  ['keyGet', library('keyGet', { check: checkParameters })],
  ['keyMatch2', keyMatch2],
  ['keyGet2', keyGet2],
  ['keyMatch3', keyMatch3],
  ['keyMatch4', keyMatch4],
  ['keyMatch5', keyMatch5],
  ['regexMatch', regexMatch],
  ['ipMatch', library('ipMatch', { check: checkAddress })],
  ['globMatch', library('globMatch', { check: checkGlob, shape: () => anywhere })],
])

export const functionNames: readonly string[] = [...kinds.keys()]
/** Those that answer true or false for any text and a checked pattern, and never throw. */
export const patternFunctions: ReadonlySet<string> = new Set(
  functionNames.filter((name) => kinds.get(name)?.shape !== undefined),
)
/** Those that answer true or false, where they answer. */
export const truthFunctions: ReadonlySet<string> = new Set([...patternFunctions, 'ipMatch'])

/** What is wrong with `pattern` as the second argument of the function `name`. */
export function checkArgument(name: string, pattern: string): PatternProblem | undefined {
  return kinds.get(name)?.check(pattern)
}

/** Where an index finds a checked pattern of one of `patternFunctions`. */
export function shapeOf(name: string, pattern: string): Shape {
  return kinds.get(name)?.shape?.(pattern) ?? anywhere
}

/** The one pattern that is accepted and cannot be asked: `*` beside `p.act == "*" ||`. */
export function throwsOn(name: string, pattern: string): boolean {
  return name === 'regexMatch' && pattern === EVERYTHING
}

/** The table for an enforcer; `patterns` holds the checked ones of each function in use. */
export function buildFunctions(patterns: ReadonlyMap<string, Iterable<string>>): FunctionTable {
  const table = new Map<string, MatcherFunction>()
  for (const [name, kind] of kinds) table.set(name, kind.build(new Set(patterns.get(name))))
  return table
}

/** The same, which reads the patterns when one of the functions is first called: most never are. */
export function lazyFunctions(
  collect: () => ReadonlyMap<string, ReadonlySet<string>>,
): FunctionTable {
  let patterns: ReadonlyMap<string, ReadonlySet<string>> | undefined
  const table = new Map<string, MatcherFunction>()
  for (const [name, kind] of kinds) {
    let call: MatcherFunction | undefined
    table.set(name, (...values) => {
      patterns ??= collect()
      call ??= kind.build(patterns.get(name) ?? new Set())
      return call(...values)
    })
  }
  return table
}
