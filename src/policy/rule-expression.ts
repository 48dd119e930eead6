/**
 * Expressions that rules hold, for a matcher that calls `eval(p.condition)`. casbin puts the text of
 * the rule in the place of the call, in brackets, and evaluates the whole; where that is more than the
 * value of the text by itself, the model is left to casbin.
 */
import { spelledOut } from './model/casbin.ts'
import type { Expression } from './model/syntax.ts'
import { parseExpression, partsOf, UnreadableError } from './model/syntax.ts'

const EVAL = 'eval'

/** The rule field that a call of `eval` is about; `undefined` for any other expression. */
export function evaluatedField(expression: Expression): string | undefined {
  if (expression.kind !== 'call' || expression.callee.kind !== 'name') return undefined
  if (expression.callee.name !== EVAL) return undefined
  const [field, ...more] = expression.args
  if (field?.kind === 'name' && more.length === 0) return field.name
  throw new UnreadableError('eval() is about one field of the rule')
}

/** Every field of the rule whose text is evaluated. */
export function evaluatedFields(expression: Expression): readonly string[] {
  const field = evaluatedField(expression)
  const below = partsOf(expression).flatMap(evaluatedFields)
  return field === undefined ? below : [field, ...below]
}

/**
 * The expression that a rule holds. Throws an `UnreadableError` on a text that is none by itself, such
 * as `a) || (b`, or that casbin would change when it puts it in its place.
 */
export function parseRuleExpression(text: string): Expression {
  if (/\bin\b|\$/.test(text)) throw new UnreadableError('a rule holds an "in" or a "$"')
  return parseExpression(spelledOut(text))
}
