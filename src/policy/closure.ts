/**
 * An expression as a closure over the values of a request and a rule. Nothing is looked up by name
 * at a decision. What an operator means is the library's: the rare ones are its own, prepared once.
 */
import { evaluator, type MatcherFunction } from './model/casbin.ts'
import { type Expression, UnreadableError } from './model/syntax.ts'
import { evaluatedField, parseRuleExpression } from './rule-expression.ts'

/** The value of an expression; throws where casbin would. */
export type Evaluate = (request: readonly unknown[], rule: readonly string[]) => unknown

export interface Scope {
  /** Index of each request field, by casbin's spelling: `r_sub`. */
  readonly request: ReadonlyMap<string, number>
  /** Index of each rule field: `p_sub`. */
  readonly rule: ReadonlyMap<string, number>
  /** What a matcher may call, role functions included. */
  readonly functions: ReadonlyMap<string, MatcherFunction>
}

type Operator = (left: unknown, right: unknown) => unknown

/** Compiles `expression`; throws an `UnreadableError` on a name that is nowhere in `scope`. */
export function compileClosure(expression: Expression, scope: Scope): Evaluate {
  const inner = (part: Expression) => compileClosure(part, scope)
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression
      return () => value
    }
    case 'name':
      return compileName(expression.name, scope)
    case 'list': {
      const items = expression.items.map(inner)
      return (request, rule) => items.map((item) => item(request, rule))
    }
    case 'member': {
      const object = inner(expression.object)
      const property = inner(expression.property)
      return (request, rule) => memberOf(object(request, rule), property(request, rule))
    }
    case 'unary': {
      const operand = inner(expression.operand)
      if (expression.operator === '!') return (request, rule) => !operand(request, rule)
      const operate = libraryUnary(expression.operator)
      return (request, rule) => operate(operand(request, rule))
    }
    case 'binary':
      return compileBinary(expression.operator, inner(expression.left), inner(expression.right))
    case 'call': {
      const field = evaluatedField(expression)
      if (field !== undefined) return compileEval(field, scope)
      return compileCall(expression.callee, expression.args.map(inner), scope)
    }
    case 'choice': {
      const test = inner(expression.test)
      const consequent = inner(expression.consequent)
      const otherwise = inner(expression.otherwise)
      return (request, rule) =>
        test(request, rule) ? consequent(request, rule) : otherwise(request, rule)
    }
  }
}

function compileName(name: string, { request, rule, functions }: Scope): Evaluate {
  const asked = request.get(name)
  if (asked !== undefined) return (values) => values[asked]
  const ruled = rule.get(name)
  if (ruled !== undefined) return (_, values) => values[ruled]
  const called = functions.get(name)
  if (called === undefined) throw new UnreadableError(`the matcher names ${name}`)
  return () => called
}

function compileBinary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === '&&') return (request, rule) => left(request, rule) && right(request, rule)
  if (operator === '||') return (request, rule) => left(request, rule) || right(request, rule)
  const operate = libraryBinary(operator)
  if (operator !== '==') {
    return (request, rule) => operate(left(request, rule), right(request, rule))
  }
  // Two texts are compared here, as nearly always; what else "==" means is the library's.
  return (request, rule) => {
    const one = left(request, rule)
    const other = right(request, rule)
    return typeof one === 'string' && typeof other === 'string'
      ? one === other
      : operate(one, other)
  }
}

/** `eval(p.condition)`: the expression of each rule, compiled when it is first asked. */
function compileEval(field: string, scope: Scope): Evaluate {
  const index = scope.rule.get(field)
  if (index === undefined) throw new UnreadableError(`there is no field ${field} to evaluate`)
  const known = new Map<string, Evaluate>()
  return (request, rule) => {
    const text = rule[index] ?? ''
    const evaluate = known.get(text) ?? compileClosure(parseRuleExpression(text), scope)
    known.set(text, evaluate)
    return evaluate(request, rule)
  }
}

function compileCall(callee: Expression, args: readonly Evaluate[], scope: Scope): Evaluate {
  if (callee.kind === 'member') {
    const object = compileClosure(callee.object, scope)
    const property = compileClosure(callee.property, scope)
    return (request, rule) => {
      const self = object(request, rule)
      const method = memberOf(self, property(request, rule))
      // As the library has it: what is no function is called without a word.
      if (typeof method !== 'function') return undefined
      return method.apply(
        self,
        args.map((arg) => arg(request, rule)),
      )
    }
  }
  const called = callee.kind === 'name' ? scope.functions.get(callee.name) : undefined
  if (called === undefined) throw new UnreadableError('the matcher calls what is no function')
  const [first, second, third] = args
  // Nearly every call has two or three, and needs no array then.
  if (args.length === 2 && first && second) {
    return (request, rule) => called(first(request, rule), second(request, rule))
  }
  if (args.length === 3 && first && second && third) {
    return (request, rule) =>
      called(first(request, rule), second(request, rule), third(request, rule))
  }
  return (request, rule) => called(...args.map((arg) => arg(request, rule)))
}

const libraryMember = evaluator('object[property]')

function memberOf(object: unknown, property: unknown): unknown {
  return libraryMember({ object, property })
}

function libraryUnary(operator: string): (operand: unknown) => unknown {
  const operate = evaluator(`${operator} operand`)
  return (operand) => operate({ operand })
}

function libraryBinary(operator: string): Operator {
  const operate = evaluator(`left ${operator} right`)
  return (left, right) => operate({ left, right })
}
