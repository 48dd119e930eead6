/** The tree of a matcher, from the one that casbin parses. */
import { parseMatcher } from './casbin.ts'

export type Expression =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly object: Expression; readonly property: Expression }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Expression[] }
  | {
      readonly kind: 'choice'
      readonly test: Expression
      readonly consequent: Expression
      readonly otherwise: Expression
    }

/** What we do not know how to read; the model then runs through node-casbin itself. */
export class UnreadableError extends Error {}

interface Node {
  readonly type: string
  readonly [field: string]: unknown
}

/** Parses a matcher in casbin's spelling (`r_sub` for `r.sub`); throws `UnreadableError`. */
export function parseExpression(text: string): Expression {
  try {
    return convert(parseMatcher(text) as Node)
  } catch (error) {
    throw new UnreadableError(error instanceof Error ? error.message : String(error))
  }
}

/** The parts of an expression, in the order in which they are evaluated. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'name':
      return []
    case 'member':
      return [expression.object, expression.property]
    case 'list':
      return expression.items
    case 'unary':
      return [expression.operand]
    case 'binary':
      return [expression.left, expression.right]
    case 'call':
      return [expression.callee, ...expression.args]
    case 'choice':
      return [expression.test, expression.consequent, expression.otherwise]
  }
}

/** The clauses that have to hold together, in order: `a`, `b` and `c` of `a && b && c`. */
export function conjuncts(expression: Expression): Expression[] {
  if (expression.kind !== 'binary' || expression.operator !== '&&') return [expression]
  return [...conjuncts(expression.left), ...conjuncts(expression.right)]
}

function convert(node: Node): Expression {
  const of = (field: string) => convert(node[field] as Node)
  const listOf = (field: string) => (node[field] as readonly Node[]).map(convert)
  switch (node.type) {
    case 'Literal':
      return { kind: 'literal', value: node['value'] }
    case 'Identifier':
      return { kind: 'name', name: String(node['name']) }
    case 'MemberExpression':
      return { kind: 'member', object: of('object'), property: propertyOf(node) }
    case 'ArrayExpression':
      return { kind: 'list', items: listOf('elements') }
    case 'UnaryExpression':
      return { kind: 'unary', operator: String(node['operator']), operand: of('argument') }
    case 'BinaryExpression':
    case 'LogicalExpression':
      return {
        kind: 'binary',
        operator: String(node['operator']),
        left: of('left'),
        right: of('right'),
      }
    case 'CallExpression':
      return { kind: 'call', callee: of('callee'), args: listOf('arguments') }
    case 'ConditionalExpression':
      return {
        kind: 'choice',
        test: of('test'),
        consequent: of('consequent'),
        otherwise: of('alternate'),
      }
    default:
      throw new UnreadableError(`A ${node.type} is not supported.`)
  }
}

function propertyOf(node: Node): Expression {
  const property = node['property'] as Node
  if (node['computed'] === true) return convert(property)
  return { kind: 'literal', value: property['name'] }
}
