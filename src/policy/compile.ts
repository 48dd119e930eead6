/**
 * A model and its rules compiled: the same answers as casbin's, and the same deciding rule, without
 * looking at rules that cannot match. A model outside the class that is understood is not guessed
 * at; casbin itself decides by it (`engine.ts`).
 */
import { limits } from '../lib/limits.ts'
import { Candidates, type Pattern } from './candidates.ts'
import type { FunctionTable, MatcherFunction } from './casbin.ts'
import { compileClosure, type Evaluate } from './closure.ts'
import { effectOf, type Settle } from './effect.ts'
import { patternFunctions, shapeOf, throwsOn } from './functions.ts'
import type { PolicyModel } from './model.ts'
import { type Plan, planMatcher } from './plan.ts'
import { buildRoleLinks, type RoleLinks } from './role-links.ts'
import type { Rule } from './rule.ts'
import { whyUnsupported } from './supported.ts'
import { type Expression, parseExpression, partsOf, UnreadableError } from './syntax.ts'

/** Answers a request, its fields in the model's order; throws where casbin would. */
export type Ask = (request: readonly unknown[]) => Answer

export interface Answer {
  readonly allow: boolean
  /** The rule that decided; `undefined` where none did. */
  readonly rule: Rule | undefined
}

/** Compiles `rules`, which are in casbin's order, or says why casbin has to decide. */
export function compileRules(
  model: PolicyModel,
  rules: readonly Rule[],
  functions: FunctionTable,
): Ask | { readonly unsupported: string } {
  const settle = effectOf(model.effect)
  if (settle === undefined) return { unsupported: `the effect is ${model.effect}` }
  try {
    const matcher = parseExpression(model.matcher)
    const unsupported = whyUnsupported(matcher, model)
    return unsupported === undefined
      ? compileMatcher(matcher, model, rules, functions, settle)
      : { unsupported }
  } catch (error) {
    if (error instanceof UnreadableError) return { unsupported: error.message }
    throw error
  }
}

/** The rules and all that a matcher may name. */
interface World {
  /** The values of the rules of type p, in their order. */
  readonly rows: readonly (readonly string[])[]
  readonly request: ReadonlyMap<string, number>
  readonly rule: ReadonlyMap<string, number>
  readonly roles: ReadonlyMap<string, RoleLinks>
  readonly functions: FunctionTable
  /** The answer from the positions of the rules that match, in order. */
  readonly answer: (matching: Iterable<number>) => Answer
}

function compileMatcher(
  matcher: Expression,
  model: PolicyModel,
  rules: readonly Rule[],
  functions: FunctionTable,
  settle: Settle,
): Ask {
  const roles = new Map(
    Object.entries(model.roleColumns).map(([name, count]) => [
      name,
      buildRoleLinks(rules, name, count),
    ]),
  )
  const permissions = rules.filter(({ ptype }) => ptype === 'p')
  const columns = model.policyColumns['p'] ?? []
  const effect = columns.indexOf('eft')
  // What is changed by whoever gave a rule must not change what is decided by it.
  const rows = permissions.map(({ values }) => (Object.isFrozen(values) ? values : [...values]))
  const denies = rows.map((values) => values[effect] === 'deny')
  const world: World = {
    rows,
    request: placesOf('r', model.requestColumns),
    rule: placesOf('p', columns),
    roles,
    functions: new Map([...functions, ...roleFunctions(roles)]),
    answer: (matching) => {
      const { allow, by } = settle(matching, (position) => denies[position] !== true)
      return Object.freeze({ allow, rule: permissions[by] })
    },
  }
  const whole = compileClosure(matcher, world)
  return model.readsPolicy ? plan(matcher, whole, world, model) : once(whole, settle)
}

function placesOf(prefix: string, columns: readonly string[]): Map<string, number> {
  return new Map(columns.map((column, place) => [`${prefix}_${column}`, place]))
}

/** casbin's `g`, over our links: blank for what is missing, and a name is itself. */
function roleFunctions(roles: ReadonlyMap<string, RoleLinks>): [string, MatcherFunction][] {
  const text = (value: unknown) => String(value || '')
  return [...roles].map(([name, links]) => [
    name,
    (...args) => {
      const [member, role, domain] = args
      if (args.length > 2 && (domain === undefined || domain === null)) {
        throw new TypeError(`The domain of ${name} is missing.`)
      }
      const where = args.length > 2 ? String(domain) : undefined
      return links.held(text(member), where).has(text(role))
    },
  ])
}

/** A matcher that does not look at the policy is asked once, and no rule decides. */
function once(whole: Evaluate, settle: Settle): Ask {
  return (request) => {
    const matching = whole(request, []) ? [0] : []
    return { allow: settle(matching, () => true).allow, rule: undefined }
  }
}

function plan(matcher: Expression, whole: Evaluate, world: World, model: PolicyModel): Ask {
  const { rows, answer, functions } = world
  const plans = planMatcher(matcher, {
    ...world,
    roles: new Map(Object.entries(model.roleColumns)),
    patterns: patternFunctions,
    throws: throwingOn(rows),
  })
  const candidates = new Candidates<Answer>({ ...world, plans, patterns: patternsOf(functions) })
  const remains = compileRest(plans, whole, world)
  const { direct, members } = fieldsOf(matcher, world.request)
  const others = direct.filter((field) => !candidates.fields.includes(field))
  return (request) => {
    // What is no text may throw wherever it is read, so that every rule is looked at.
    for (const field of direct) {
      if (typeof request[field] !== 'string')
        return answer(matching(rows.keys(), rows, whole, request))
    }
    const entry = candidates.entryFor(request)
    const key = members ? undefined : keyOf(request, others)
    const known = key === undefined ? undefined : entry.answers.get(key)
    if (known !== undefined) return known
    const positions = candidates.positions(entry, request)
    const found = answer(
      remains === undefined ? positions : matching(positions, rows, remains, request),
    )
    if (key !== undefined && key.length <= limits.answerKeyChars) {
      candidates.remember(entry, key, found)
    }
    return found
  }
}

/** One at a time: what comes after the rule that settles it is not asked, and cannot throw. */
function* matching(
  positions: Iterable<number>,
  rows: World['rows'],
  matches: Evaluate,
  request: readonly unknown[],
): Generator<number> {
  for (const position of positions) if (matches(request, rows[position] ?? [])) yield position
}

/** What is asked of the rules that the keys leave over; nothing where the keys say it all. */
function compileRest(plans: readonly Plan[], whole: Evaluate, world: World): Evaluate | undefined {
  if (plans.every(({ rest }) => rest.length === 0)) return undefined
  const [only] = plans
  if (only === undefined || plans.length > 1) return whole
  const clauses = only.rest.map((clause) => compileClosure(clause, world))
  return (request, row) => clauses.every((clause) => clause(request, row))
}

/** Texts that stand for the values of these fields, and of no others. */
function keyOf(request: readonly unknown[], fields: readonly number[]): string {
  const [first] = fields
  if (first === undefined) return ''
  if (fields.length === 1) return String(request[first])
  return fields.map((field) => `${String(request[field]).length}:${request[field]}`).join('')
}

function throwingOn(rows: World['rows']) {
  return (name: string, rule: number, spared: readonly string[]) =>
    rows.some((values) => {
      const pattern = values[rule] ?? ''
      return throwsOn(name, pattern) && !spared.includes(pattern)
    })
}

/** The patterns of the rules, each read once. */
function patternsOf(functions: FunctionTable): (name: string, pattern: string) => Pattern {
  const known = new Map<string, Map<string, Pattern>>()
  return (name, pattern) => {
    const ofName = known.get(name) ?? new Map<string, Pattern>()
    known.set(name, ofName)
    const before = ofName.get(pattern)
    if (before !== undefined) return before
    const call = functions.get(name)
    const read = {
      shape: shapeOf(name, pattern),
      test: (value: string) => call?.(value, pattern) === true,
    }
    ofName.set(pattern, read)
    return read
  }
}

/** The fields of the request that are read as they are, and whether the members of any are. */
function fieldsOf(matcher: Expression, request: ReadonlyMap<string, number>) {
  const direct = new Set<number>()
  let members = false
  const visit = (expression: Expression): void => {
    const { kind } = expression
    const place = kind === 'name' ? request.get(expression.name) : undefined
    if (place !== undefined) direct.add(place)
    members ||= kind === 'member'
    const ofField = kind === 'member' && expression.object.kind === 'name'
    for (const part of ofField ? [expression.property] : partsOf(expression)) visit(part)
  }
  visit(matcher)
  return { direct: [...direct], members }
}
