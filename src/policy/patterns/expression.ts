/**
 * The expressions of `regexMatch`: casbin's answer, from an engine that is linear in the text. What
 * that engine and JavaScript do not read alike is refused when the policy is loaded.
 */
import { LRUCache } from 'lru-cache'
import { RE2JS } from 're2js'
import { limits } from '../../lib/limits.ts'
import { withSingleUnits } from './expression-class.ts'
import { type Refusal, type Translation, translateExpression } from './expression-syntax.ts'
import type { PatternProblem } from './pattern.ts'

interface Compiled extends Translation {
  readonly test: (value: string) => boolean
}

/** Every snapshot has the expressions of the files, and each is compiled once. */
const known = new LRUCache<string, Compiled | Refusal>({ max: limits.expressionsCached })

function compile(text: string): Compiled | Refusal {
  const before = known.get(text)
  if (before !== undefined) return before
  const translation = translateExpression(text)
  const made =
    translation.kind === 'refused' ? translation : { ...translation, test: testOf(translation) }
  known.set(text, made)
  return made
}

function testOf({ source }: Translation): (value: string) => boolean {
  const machine = RE2JS.compile(source)
  return (value) => machine.test(withSingleUnits(value))
}

/** What is wrong with an expression, or `undefined`. Only a checked one may be compiled. */
export function checkExpression(text: string): PatternProblem | undefined {
  const made = compile(text)
  return made.kind === 'refused' ? { column: made.column, message: made.message } : undefined
}

/** Whether some part of a value matches, as casbin asks; throws on an expression that is refused. */
export function compileExpression(text: string): (value: string) => boolean {
  const made = compile(text)
  if (made.kind === 'refused') throw new Error(`${text}: ${made.message}`)
  return made.test
}

/**
 * What is wrong with an expression of a served policy: it says where the value begins and ends. Without
 * that `GET|POST` allows `XGETX` (H6).
 */
export function checkWholeValue(text: string): PatternProblem | undefined {
  const made = compile(text)
  if (made.kind === 'refused' || made.anchored) return undefined
  return { column: 1, message: `"${text}" matches parts of a value, too: write ^(?:${text})$.` }
}
