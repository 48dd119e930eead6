/**
 * What Gatehouse demands of rules beyond casbin (H5): strict on purpose, because a rule that says
 * nothing is a deny that does not deny. Everything reported here stops the publish or the reload.
 */
import { limits } from '../../lib/limits.ts'
import { finish, type Steps } from '../../lib/turns.ts'
import type { Application } from '../applications.ts'
import { always, conditionsOf, hasConditions } from '../conditions.ts'
import type { PolicyModel } from '../model/model.ts'
import { checkShape } from '../model/shape.ts'
import { checkWholeValue } from '../patterns/expression.ts'
import { checkPatterns } from '../patterns/rule-patterns.ts'
import { ofKind, type PolicyProblem } from '../problem.ts'
import { describeSource, type Rule } from '../rule.ts'
import {
  checkDomain,
  checkMembership,
  checkMethod,
  checkObject,
  checkSubject,
  everything,
  type Scope,
} from './grammar.ts'
import { nearest } from './nearest.ts'
import { actionsUnder } from './resources.ts'
import { checkRoleGraph } from './roles.ts'
import { ruleProblem } from './rule-problem.ts'

export interface LintContext {
  readonly model: PolicyModel
  readonly applications: readonly Application[]
  readonly scope: Scope
}

/** Every problem of `rules`, in their order; none means that they may be served. */
export function lintRules(rules: readonly Rule[], context: LintContext): PolicyProblem[] {
  return finish(lintInSteps(rules, context))
}

/** The same for many rules, in small steps. */
export function* lintInSteps(rules: readonly Rule[], context: LintContext): Steps<PolicyProblem[]> {
  const { scope } = context
  const name = scope === 'files' ? 'rules' : `organisation ${scope.organisation}`
  const problems = scope === 'files' ? [] : checkCount(rules, name)
  for (const [index, rule] of rules.entries()) {
    if (index % limits.turnRules === 0) yield
    checkRule(rule, context, (place, message, offset, kind = kindOf(rule, place)) => {
      const list = { name, position: index + 1 }
      problems.push({ ...ruleProblem(rule, list, place, message, offset), kind })
    })
  }
  problems.push(...ofKind('duplicate-rule', yield* findDuplicates(rules, name)))
  const graphs: PolicyProblem[] = []
  const domains = scope === 'files' ? domainsOf(rules) : [`org:${scope.organisation}`]
  for (const domain of domains) {
    graphs.push(...(yield* checkDomainGraph(rules, domain, name)))
  }
  return [...problems, ...ofKind('role-graph', dropRepeated(graphs))]
}

function checkCount(rules: readonly Rule[], name: string): PolicyProblem[] {
  if (rules.length <= limits.rulesPerOrganisation) return []
  const message = `An organisation has at most ${limits.rulesPerOrganisation} rules.`
  return [{ file: name, line: limits.rulesPerOrganisation + 1, column: 1, message }]
}

/** Told of a problem of the value at `index` (-1 is the type), `offset` into it, from 0. */
type Report = (index: number, message: string, offset?: number, kind?: string) => void

const columnKinds: Readonly<Record<string, readonly string[]>> = {
  p: ['subject', 'domain', 'object', 'method', 'effect', 'condition'],
  g: ['member', 'role', 'domain'],
}

/** `rule-object` for what is wrong with an object. */
function kindOf({ ptype }: Rule, index: number): string {
  return `rule-${columnKinds[ptype]?.[index] ?? 'type'}`
}

function checkRule(rule: Rule, context: LintContext, report: Report): void {
  const { ptype, values } = rule
  const shape = checkShape(ptype, values, context.model)
  if (shape !== undefined) report(shape.index, shape.message, 0, shape.kind)
  else if (ptype === 'p') checkPermission(rule, context, report)
  else if (ptype === 'g') checkAssignment(rule, context.scope, report)
  else report(-1, `A rule of type ${ptype} is not decided; write p or g.`)
}

function checkPermission(
  rule: Rule,
  { model, applications, scope }: LintContext,
  report: Report,
): void {
  const [subject = '', domain = '', object = '', method = '', effect = '', when] = rule.values
  const expressions = scope === 'files' && readsExpressions(model)
  const subjectProblem = checkSubject(subject)
  if (subjectProblem !== undefined) report(0, subjectProblem)
  const domainProblem = checkDomain(domain, scope)
  if (domainProblem !== undefined) report(1, domainProblem)
  const actions = () => actionsUnder(object, applications)
  const methodProblem = expressions
    ? checkExpression(method, actions)
    : checkMethod(method, actions)
  if (methodProblem !== undefined) report(3, methodProblem)
  const conditionProblem = when === undefined ? undefined : checkCondition(when, effect, model)
  if (conditionProblem !== undefined) report(5, conditionProblem)
  const wrong = checkObject(object, scope, applications)
  if (wrong !== undefined) report(2, wrong.message, wrong.column - 1)
  else checkPatterns(model, rule, report)
}

function checkCondition(when: string, effect: string, model: PolicyModel): string | undefined {
  if (!hasConditions(model) || when === always) return undefined
  const possible = conditionsOf(model)
  if (!possible.includes(when)) {
    return `"${when}" is no condition of the matcher; ${nearest(when, possible)}`
  }
  // What is not known meets no condition, and would lift the deny.
  return effect === 'deny' ? `A deny holds ${always}: write "${always}".` : undefined
}

/** H6: casbin looks for an expression anywhere in a value, where no method holds another. */
function checkExpression(method: string, actions: () => readonly string[]): string | undefined {
  return checkMethod(method, actions) === undefined ? undefined : checkWholeValue(method)?.message
}

/** Whether the method is an expression; then only files may hold one, never an organisation. */
function readsExpressions({ functions }: PolicyModel): boolean {
  return functions.some(({ name, from }) => name === 'regexMatch' && from?.column === 'act')
}

function checkAssignment({ values }: Rule, scope: Scope, report: Report): void {
  const [member = '', role = '', domain = ''] = values
  const wrong = checkMembership(member, role, domain, scope)
  if (wrong !== undefined) report(wrong.index, wrong.message)
  const message = checkDomain(domain, scope)
  if (message !== undefined) report(2, message)
}

/** The second of two equal rules; two would hide that one of them was meant otherwise. */
function* findDuplicates(rules: readonly Rule[], name: string): Steps<PolicyProblem[]> {
  const first = new Map<string, number>()
  const problems: PolicyProblem[] = []
  for (const [index, rule] of rules.entries()) {
    if (index % limits.turnRules === 0) yield
    const [one, two, three, four, five, six] = rule.values
    const key = `${rule.ptype}\0${one}\0${two}\0${three}\0${four}\0${five}\0${six}`
    const before = first.get(key)
    if (before === undefined) first.set(key, index)
    else if (isSame(rule, rules[before])) {
      const source = rules[before]?.source
      const place = source?.kind === 'file' ? describeSource(source) : `position ${before + 1}`
      const message = `This rule stands already at ${place}; take one away.`
      problems.push(ruleProblem(rule, { name, position: index + 1 }, -1, message))
    }
  }
  return problems
}

function isSame(one: Rule, other: Rule | undefined): boolean {
  return (
    one.ptype === other?.ptype &&
    one.values.length === other.values.length &&
    one.values.every((value, at) => value === other.values[at])
  )
}

function domainsOf(rules: readonly Rule[]): Set<string> {
  const domains = new Set([everything])
  for (const { ptype, values } of rules) if (ptype === 'g') domains.add(values[2] ?? '')
  return domains
}

/** The roles as one organisation sees them: its own lines and those of every organisation. */
function* checkDomainGraph(
  rules: readonly Rule[],
  domain: string,
  name: string,
): Steps<PolicyProblem[]> {
  const seen = rules.filter(({ values }) => values[2] === domain || values[2] === everything)
  const problems = yield* checkRoleGraph(seen)
  if (problems.length === 0) return []
  const positions = new Map(rules.map((rule, index) => [rule, index + 1]))
  return problems.map(({ rule, message }) => {
    return ruleProblem(rule, { name, position: positions.get(rule) ?? 0 }, 1, message)
  })
}

function dropRepeated(problems: readonly PolicyProblem[]): PolicyProblem[] {
  const seen = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
  return [...seen.values()]
}
