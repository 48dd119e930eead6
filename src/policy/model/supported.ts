/** Which matchers are compiled; every other one is decided by casbin itself. */
import { truthFunctions } from '../patterns/functions.ts'
import { evaluatedField, evaluatedFields, parseRuleExpression } from '../rule-expression.ts'
import type { PolicyModel } from './model.ts'
import type { Expression } from './syntax.ts'

const COMPARISONS = new Set(['==', '!=', '===', '!==', '<', '>', '<=', '>=', 'in'])

/**
 * Why a matcher is outside the class: the result could be something else than true or false, which
 * casbin gives a meaning of its own, or an `in` changes how it reads the expressions of rules.
 */
export function whyUnsupported(matcher: Expression, model: PolicyModel): string | undefined {
  if (model.evaluations.length > 0 && /\bin\b/.test(model.matcher)) {
    return 'the matcher has an "in" beside eval()'
  }
  if (!model.readsPolicy || isTruth(matcher, model)) return undefined
  return 'the matcher is not always true or false'
}

/** Why the expression of a rule is outside the class; throws an `UnreadableError` like its reader. */
export function whyNoTruth(text: string, model: PolicyModel): string | undefined {
  const expression = parseRuleExpression(text)
  if (evaluatedFields(expression).length > 0) return 'a rule calls eval()'
  return isTruth(expression, model) ? undefined : 'a rule is not always true or false'
}

function isTruth(expression: Expression, model: PolicyModel): boolean {
  switch (expression.kind) {
    case 'literal':
      return typeof expression.value === 'boolean'
    case 'unary':
      return expression.operator === '!'
    case 'binary': {
      const { operator, left, right } = expression
      if (operator !== '&&' && operator !== '||') return COMPARISONS.has(operator)
      return isTruth(left, model) && isTruth(right, model)
    }
    case 'call': {
      const { callee } = expression
      if (callee.kind !== 'name') return false
      if (evaluatedField(expression) !== undefined) return true
      return Object.hasOwn(model.roleColumns, callee.name) || truthFunctions.has(callee.name)
    }
    case 'choice':
      return isTruth(expression.consequent, model) && isTruth(expression.otherwise, model)
    default:
      return false
  }
}
