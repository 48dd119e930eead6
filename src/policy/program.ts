/**
 * What a model says, whatever the rules are: its plans, its matcher and its effect, read once for all
 * the snapshots that are made of it. Or why casbin itself has to decide by it.
 */

import { compileClosure } from './closure.ts'
import { effectOf, type Settle } from './effect.ts'
import type { FunctionTable } from './model/casbin.ts'
import type { PolicyModel } from './model/model.ts'
import { whyNoTruth, whyUnsupported } from './model/supported.ts'
import { type Expression, parseExpression, partsOf, UnreadableError } from './model/syntax.ts'
import { functionNames, patternFunctions, throwsOn } from './patterns/functions.ts'
import { type Plan, planMatcher } from './plan.ts'
import type { Rule } from './rule.ts'
import { evaluatedFields, parseRuleExpression } from './rule-expression.ts'

export interface Program {
  readonly model: PolicyModel
  readonly matcher: Expression
  readonly settle: Settle
  /** Places of the fields of a request and of a rule, by casbin's spelling: `r_sub`. */
  readonly request: ReadonlyMap<string, number>
  readonly rule: ReadonlyMap<string, number>
  /** The fields of the request that are read as they are, so that each should be a text. */
  readonly direct: readonly number[]
  /** Whether the fields in `direct` tell the answer: not where members are read, as `r.res.owner`. */
  readonly memorable: boolean
  /** Columns of the rule that hold expressions. */
  readonly evaluated: readonly number[]
  /** The plans for rules on whose patterns no function throws: nearly always those in use. */
  readonly plans: readonly Plan[]
}

/** A model that casbin itself has to decide by, and why. */
export interface Unsupported {
  readonly unsupported: string
}

const known = new WeakMap<PolicyModel, Program | Unsupported>()

/** The program of a model, or why there is none. */
export function programOf(model: PolicyModel): Program | Unsupported {
  const before = known.get(model)
  if (before !== undefined) return before
  const program = readProgram(model)
  known.set(model, program)
  return program
}

function readProgram(model: PolicyModel): Program | Unsupported {
  const settle = effectOf(model.effect)
  if (settle === undefined) return { unsupported: `the effect is ${model.effect}` }
  try {
    const matcher = parseExpression(model.matcher)
    const unsupported = whyUnsupported(matcher, model)
    if (unsupported !== undefined) return { unsupported }
    const request = placesOf('r', model.requestColumns)
    const rule = placesOf('p', model.policyColumns['p'] ?? [])
    // A name that means nothing shows here, before any rule is looked at.
    compileClosure(matcher, { request, rule, functions: namesIn(model) })
    const evaluated = evaluatedFields(matcher).map((field) => rule.get(field) ?? -1)
    const { direct, members } = fieldsOf(matcher, request)
    // An expression of a rule may read any field, and members of it.
    const memorable = !members && evaluated.length === 0
    const program = { model, matcher, settle, request, rule, direct, memorable, evaluated }
    return { ...program, plans: plan(program, []) }
  } catch (error) {
    if (error instanceof UnreadableError) return { unsupported: error.message }
    throw error
  }
}

/** Whatever a matcher may call, by name. */
function namesIn({ roleColumns }: PolicyModel): FunctionTable {
  return new Map([...functionNames, ...Object.keys(roleColumns)].map((name) => [name, () => false]))
}

function placesOf(prefix: string, columns: readonly string[]): Map<string, number> {
  return new Map(columns.map((column, place) => [`${prefix}_${column}`, place]))
}

/** Why the expressions of some rule are outside the class; `undefined` where none is. */
export function whyUnevaluated(
  { model, request, rule: places, evaluated }: Program,
  rules: readonly Rule[],
): string | undefined {
  if (evaluated.length === 0) return undefined
  const texts = new Set(rules.flatMap(({ values }) => evaluated.map((at) => values[at] ?? '')))
  try {
    for (const text of texts) {
      const why = whyNoTruth(text, model)
      if (why !== undefined) return why
      const scope = { request, rule: places, functions: namesIn(model) }
      compileClosure(parseRuleExpression(text), scope)
    }
    return undefined
  } catch (error) {
    if (error instanceof UnreadableError) return error.message
    throw error
  }
}

/** The plans for these rules of type p; those of the program where nothing in them throws. */
export function plansFor(program: Program, rules: readonly Rule[]): readonly Plan[] {
  return throwsIn(program, rules) ? plan(program, rules) : program.plans
}

/** Whether a function of the matcher throws on a pattern of these rules. */
export function throwsIn({ model, rule: places }: Program, rules: readonly Rule[]): boolean {
  const read = model.functions.flatMap(({ name, from }) => {
    const place = from === undefined ? undefined : places.get(`p_${from.column}`)
    return place === undefined || !throwsOn(name, '*') ? [] : [{ name, place }]
  })
  // Most matchers call nothing that throws on any pattern; then no rule is looked at.
  if (read.length === 0) return false
  return rules.some(({ values }) =>
    read.some(({ name, place }) => throwsOn(name, values[place] ?? '')),
  )
}

function plan(program: Omit<Program, 'plans'>, rules: readonly Rule[]): readonly Plan[] {
  const { model, matcher, request, rule } = program
  return planMatcher(matcher, {
    request,
    rule,
    roles: new Map(Object.entries(model.roleColumns)),
    patterns: patternFunctions,
    throws: (name, place, spared) =>
      rules.some(({ values }) => {
        const pattern = values[place] ?? ''
        return throwsOn(name, pattern) && !spared.includes(pattern)
      }),
  })
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
