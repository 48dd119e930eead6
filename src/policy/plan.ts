/**
 * How a matcher is asked without looking at every rule. It is spread out into alternatives of
 * clauses, `a && b || a && c`. A clause that compares one field of the rule with the request becomes
 * a key of an index; what remains is a closure for the few rules that the keys leave over.
 *
 * A clause that may throw ends the keys of its alternative: casbin evaluates from left to right, and
 * a rule that would have thrown there must not be passed over for a clause further on.
 */
import { type Expression, partsOf } from './model/syntax.ts'

/** One way in which a rule's field fits a request. Numbers are places in the request. */
export type Term =
  | { readonly kind: 'equal'; readonly request: number }
  /** `g(r.sub, p.sub)`; `domain` is the place of the domain where there is one. */
  | {
      readonly kind: 'role'
      readonly name: string
      readonly request: number
      readonly domain: number | undefined
    }
  /** A function of a request value and a rule's pattern. */
  | { readonly kind: 'pattern'; readonly name: string; readonly request: number }

/** A clause that an index answers: the field at `rule` fits by any of the terms. */
export interface Key {
  readonly rule: number
  /** Values of the rule that fit whatever is asked. */
  readonly wildcards: readonly string[]
  readonly terms: readonly Term[]
}

/** One alternative. */
export interface Plan {
  /** Keys whose values are known from the request and its roles alone. */
  readonly keys: readonly Key[]
  /**
   * The key that a tree of patterns answers, usually about the path. A tree is walked by one value, so
   * all terms look at the same field of the request; a second key with patterns is left to `rest`.
   */
  readonly path: Key | undefined
  /** What the keys do not answer, in the matcher's order; empty where they answer everything. */
  readonly rest: readonly Expression[]
}

export interface PlanFields {
  /** Place of each request field, by casbin's spelling: `r_sub`. */
  readonly request: ReadonlyMap<string, number>
  readonly rule: ReadonlyMap<string, number>
  /** Number of columns of each role definition, such as `g`: 3. */
  readonly roles: ReadonlyMap<string, number>
  /** Functions of a request value and a checked pattern that answer true or false. */
  readonly patterns: ReadonlySet<string>
  /**
   * Whether such a function throws on the pattern of some rule, as regexMatch does on `*`. In
   * `p.act == "*" || regexMatch(r.act, p.act)` it is never given that one: `*` is `spared`.
   */
  readonly throws: (name: string, rule: number, spared: readonly string[]) => boolean
}

/** More alternatives than this are not spread out; what they are spread from is then a clause. */
const MOST_ALTERNATIVES = 16

/** One plan for each alternative of a matcher; a rule matches only if one of them selects it. */
export function planMatcher(matcher: Expression, fields: PlanFields): Plan[] {
  return spread(matcher, fields).map((clauses) => planAlternative(clauses, fields))
}

/** The alternatives of an expression, each as its clauses in order. */
function spread(expression: Expression, fields: PlanFields): Expression[][] {
  const whole = [[expression]]
  if (expression.kind !== 'binary' || readKey(expression, fields) !== undefined) return whole
  const { operator, left, right } = expression
  if (operator !== '&&' && operator !== '||') return whole
  const [before, after] = [spread(left, fields), spread(right, fields)]
  const all =
    operator === '||'
      ? [...before, ...after]
      : before.flatMap((one) => after.map((other) => [...one, ...other]))
  return all.length > MOST_ALTERNATIVES ? whole : all
}

function planAlternative(clauses: readonly Expression[], fields: PlanFields): Plan {
  const keys: Key[] = []
  const rest: Expression[] = []
  let path: Key | undefined
  let ended = false
  for (const clause of clauses) {
    const key = ended ? undefined : readKey(clause, fields)
    if (key === undefined) {
      rest.push(clause)
      ended ||= mayThrow(clause, fields)
    } else if (!key.terms.some(({ kind }) => kind === 'pattern')) keys.push(key)
    else if (path === undefined) path = key
    else rest.push(clause)
  }
  return { keys, path, rest }
}

/** A wildcard, as in `p.x == "*"`, is a part that asks nothing of the request. */
type Part = Term | { readonly kind: 'wildcard'; readonly value: string }

/** What a clause says of one field of the rule. */
interface Found {
  readonly rule: number
  readonly parts: readonly Part[]
}

/** A clause as a key: `p.x == "*" || r.x == p.x`, each part about the same field of the rule. */
function readKey(clause: Expression, fields: PlanFields): Key | undefined {
  const found = readParts(clause, fields)
  if (found === undefined) return undefined
  const { rule, parts } = found
  const wildcards: string[] = []
  const terms: Term[] = []
  for (const part of parts) {
    if (part.kind === 'wildcard') wildcards.push(part.value)
    else if (part.kind === 'pattern' && fields.throws(part.name, rule, wildcards)) return undefined
    else terms.push(part)
  }
  const key = { rule, wildcards, terms }
  if (!terms.some(({ kind }) => kind === 'pattern')) return key
  // One walk of a tree asks for one value: neither for a second field nor for all roles held.
  const asked = new Set(terms.map(({ request }) => request))
  return asked.size > 1 || terms.some(({ kind }) => kind === 'role') ? undefined : key
}

function readParts(expression: Expression, fields: PlanFields): Found | undefined {
  if (expression.kind === 'call') return readCall(expression, fields)
  if (expression.kind !== 'binary') return undefined
  const { operator, left, right } = expression
  if (operator === '||') {
    const [one, other] = [readParts(left, fields), readParts(right, fields)]
    return one !== undefined && one.rule === other?.rule
      ? { rule: one.rule, parts: [...one.parts, ...other.parts] }
      : undefined
  }
  if (operator === '==') return readEqual(left, right, fields) ?? readEqual(right, left, fields)
  return operator === 'in' && right.kind === 'list' ? readIn(left, right.items, fields) : undefined
}

/** A field of the rule beside a field of the request or a text. */
function readEqual(
  one: Expression,
  other: Expression,
  { request, rule }: PlanFields,
): Found | undefined {
  const at = one.kind === 'name' ? rule.get(one.name) : undefined
  if (at === undefined) return undefined
  if (other.kind === 'literal' && typeof other.value === 'string') {
    return { rule: at, parts: [{ kind: 'wildcard', value: other.value }] }
  }
  const asked = other.kind === 'name' ? request.get(other.name) : undefined
  return asked === undefined ? undefined : { rule: at, parts: [{ kind: 'equal', request: asked }] }
}

/** `p.sub in [r.sub, "*"]`, or `r.sub in [p.sub]`: an equality with each of the list. */
function readIn(
  member: Expression,
  items: readonly Expression[],
  fields: PlanFields,
): Found | undefined {
  const found = items.map(
    (item) => readEqual(member, item, fields) ?? readEqual(item, member, fields),
  )
  const [first] = found
  if (first === undefined || found.some((part) => part?.rule !== first.rule)) return undefined
  return { rule: first.rule, parts: found.flatMap((part) => part?.parts ?? []) }
}

function readCall(call: Expression & { kind: 'call' }, fields: PlanFields): Found | undefined {
  const [first, second, third, ...more] = call.args
  if (call.callee.kind !== 'name' || first?.kind !== 'name' || second?.kind !== 'name') {
    return undefined
  }
  const { name } = call.callee
  const request = fields.request.get(first.name)
  const rule = fields.rule.get(second.name)
  if (request === undefined || rule === undefined || more.length > 0) return undefined
  if (!fields.roles.has(name)) {
    const known = third === undefined && fields.patterns.has(name)
    return known ? { rule, parts: [{ kind: 'pattern', name, request }] } : undefined
  }
  const domain = third?.kind === 'name' ? fields.request.get(third.name) : undefined
  if (third !== undefined && domain === undefined) return undefined
  return { rule, parts: [{ kind: 'role', name, request, domain }] }
}

const PLAIN_OPERATORS = new Set(['&&', '||', '==', '!=', '===', '!==', '<', '>', '<=', '>='])

/** Whether casbin may throw here, on a request whose fields are text. */
function mayThrow(expression: Expression, fields: PlanFields): boolean {
  return (
    throwsItself(expression, fields) || partsOf(expression).some((part) => mayThrow(part, fields))
  )
}

function throwsItself(expression: Expression, fields: PlanFields): boolean {
  switch (expression.kind) {
    case 'member':
      return true
    case 'binary': {
      const { operator, right } = expression
      return !PLAIN_OPERATORS.has(operator) && !(operator === 'in' && right.kind === 'list')
    }
    case 'call': {
      const { callee, args } = expression
      if (callee.kind !== 'name') return true
      if (fields.roles.has(callee.name)) return !args.every(isText)
      const [, pattern] = args
      const rule = pattern?.kind === 'name' ? fields.rule.get(pattern.name) : undefined
      const known = args.length === 2 && fields.patterns.has(callee.name)
      return !known || (rule !== undefined && fields.throws(callee.name, rule, []))
    }
    default:
      return false
  }
}

/** What is surely a text: a role function throws on a domain that is none. */
function isText(arg: Expression): boolean {
  return arg.kind === 'name' || (arg.kind === 'literal' && typeof arg.value === 'string')
}
