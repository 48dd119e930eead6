/**
 * What Gatehouse demands of rules beyond casbin (H5): strict on purpose, because a rule that says
 * nothing is a deny that does not deny. Everything reported here stops the publish or the reload.
 */
import { limits } from '../lib/limits.ts'
import { finish, type Steps } from '../lib/turns.ts'
import type { Application } from './applications.ts'
import { checkPatterns } from './engine.ts'
import { checkWholeValue } from './expression.ts'
import {
  checkDomain,
  checkMembership,
  checkMethod,
  checkObject,
  checkSubject,
  everything,
  type Scope,
} from './grammar.ts'
import type { PolicyModel } from './model.ts'
import type { PolicyProblem } from './problem.ts'
import { checkRoleGraph } from './roles.ts'
import { describeSource, type Rule } from './rule.ts'
import { type RuleList, ruleProblem } from './rule-problem.ts'
import { checkShape } from './shape.ts'

export interface LintContext {
  readonly model: PolicyModel
  readonly applications: readonly Application[]
  readonly scope: Scope
}

/** Every problem of `rules`, in their order; none means that they may be served. */
export function lintRules(rules: readonly Rule[], context: LintContext): PolicyProblem[] {
  return finish(checkRules(rules, context))
}

/** The same, a rule at a time. */
export function* checkRules(rules: readonly Rule[], context: LintContext): Steps<PolicyProblem[]> {
  const { scope } = context
  const name = scope === 'files' ? 'rules' : `organisation ${scope.organisation}`
  const listed = rules.map((rule, index) => ({ rule, list: { name, position: index + 1 } }))
  const tooMany = scope === 'files' ? [] : checkCount(rules, name)
  const problems: PolicyProblem[] = []
  for (const { rule, list } of listed) {
    yield
    problems.push(...checkRule(rule, list, context))
  }
  const duplicates = yield* findDuplicates(listed)
  const lists = new Map(listed.map(({ rule, list }) => [rule, list]))
  const graphs = domainsOf(rules).flatMap((domain) => checkDomainGraph(rules, domain, lists))
  return [...tooMany, ...problems, ...duplicates, ...dropRepeated(graphs)]
}

function checkCount(rules: readonly Rule[], name: string): PolicyProblem[] {
  if (rules.length <= limits.rulesPerOrganisation) return []
  const message = `An organisation has at most ${limits.rulesPerOrganisation} rules.`
  return [{ file: name, line: limits.rulesPerOrganisation + 1, column: 1, message }]
}

function* checkRule(rule: Rule, list: RuleList, context: LintContext): Generator<PolicyProblem> {
  const shape = checkShape(rule.ptype, rule.values, context.model)
  if (shape !== undefined) yield ruleProblem(rule, list, shape.index, shape.message)
  else if (rule.ptype === 'p') yield* checkPermission(rule, list, context)
  else if (rule.ptype === 'g') yield* checkAssignment(rule, list, context.scope)
  else
    yield ruleProblem(rule, list, -1, `A rule of type ${rule.ptype} is not decided; write p or g.`)
}

function* checkPermission(
  rule: Rule,
  list: RuleList,
  { model, applications, scope }: LintContext,
): Generator<PolicyProblem> {
  const [subject = '', domain = '', object = '', method = ''] = rule.values
  const expressions = scope === 'files' && readsExpressions(model)
  const plain = [
    checkSubject(subject),
    checkDomain(domain, scope),
    undefined,
    expressions ? checkExpression(method) : checkMethod(method),
  ]
  for (const [index, message] of plain.entries()) {
    if (message !== undefined) yield ruleProblem(rule, list, index, message)
  }
  const wrong = checkObject(object, scope, applications)
  if (wrong !== undefined) yield ruleProblem(rule, list, 2, wrong.message, wrong.column - 1)
  else yield* checkPatterns(model, rule, list)
}

/** H6: casbin looks for an expression anywhere in a value, where no method holds another. */
function checkExpression(method: string): string | undefined {
  return checkMethod(method) === undefined ? undefined : checkWholeValue(method)?.message
}

/** Whether the method is an expression; then only files may hold one, never an organisation. */
function readsExpressions({ functions }: PolicyModel): boolean {
  return functions.some(({ name, from }) => name === 'regexMatch' && from?.column === 'act')
}

function* checkAssignment(rule: Rule, list: RuleList, scope: Scope): Generator<PolicyProblem> {
  const [member = '', role = '', domain = ''] = rule.values
  const wrong = checkMembership(member, role, domain, scope)
  if (wrong !== undefined) yield ruleProblem(rule, list, wrong.index, wrong.message)
  const message = checkDomain(domain, scope)
  if (message !== undefined) yield ruleProblem(rule, list, 2, message)
}

/** The second of two equal rules; two would hide that one of them was meant otherwise. */
function* findDuplicates(
  listed: readonly { rule: Rule; list: RuleList }[],
): Steps<PolicyProblem[]> {
  const found: PolicyProblem[] = []
  const first = new Map<string, { rule: Rule; list: RuleList }>()
  for (const { rule, list } of listed) {
    yield
    const key = JSON.stringify([rule.ptype, ...rule.values])
    const before = first.get(key)
    if (before === undefined) {
      first.set(key, { rule, list })
      continue
    }
    const { source } = before.rule
    const place =
      source.kind === 'file' ? describeSource(source) : `position ${before.list.position}`
    const message = `This rule stands already at ${place}; take one away.`
    found.push(ruleProblem(rule, list, -1, message))
  }
  return found
}

function domainsOf(rules: readonly Rule[]): string[] {
  const named = rules.filter(({ ptype }) => ptype === 'g').map(({ values }) => values[2] ?? '')
  return [...new Set([everything, ...named])]
}

/** The roles as one organisation sees them: its own lines and those of every organisation. */
function checkDomainGraph(
  rules: readonly Rule[],
  domain: string,
  lists: ReadonlyMap<Rule, RuleList>,
): PolicyProblem[] {
  const seen = rules.filter(({ values }) => values[2] === domain || values[2] === everything)
  return checkRoleGraph(seen).map(({ rule, message }) => {
    return ruleProblem(rule, lists.get(rule) ?? { name: 'rules', position: 1 }, 1, message)
  })
}

function dropRepeated(problems: readonly PolicyProblem[]): PolicyProblem[] {
  const seen = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
  return [...seen.values()]
}
