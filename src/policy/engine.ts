/**
 * A model and its rules as something that answers: compiled, or else a sealed enforcer of casbin's, of
 * which this is the only place that reads its answers. Knows casbin's language, not Gatehouse's: what
 * a rule may say is the matter of `rules/lint.ts`.
 */
import { finish, inTurns } from '../lib/turns.ts'
import { type Answer, type Compiled, compileRules, type MatchAll } from './compile.ts'
import { type Row, type SealedPolicy, sealPolicy, sortRows } from './model/casbin.ts'
import type { PolicyModel } from './model/model.ts'
import { checkShape } from './model/shape.ts'
import { buildFunctions, lazyFunctions } from './patterns/functions.ts'
import { checkPatterns, collectPatterns } from './patterns/rule-patterns.ts'
import { type PolicyProblem, stopOn } from './problem.ts'
import { RoleLinks } from './role-links.ts'
import type { Rule } from './rule.ts'
import type { RuleChange, RuleList } from './rule-list.ts'
import { ruleProblem } from './rules/rule-problem.ts'

export interface Engine {
  /** Number of rules in it, role assignments included. */
  readonly ruleCount: number
  /** Why casbin itself decides, and at what cost; `undefined` where the rules are compiled. */
  readonly interpreted: string | undefined
  /** Answers a request by the fields of the model, in order; throws on anything unexpected. */
  readonly evaluate: (request: readonly unknown[]) => Answer
  /**
   * Every rule that matches a request of texts, whether or not it decides; only the one that decides
   * where casbin itself does, for it names no other.
   */
  readonly matchAll: MatchAll
  /** Who holds what, by definition, such as `g`. */
  readonly roles: ReadonlyMap<string, RoleLinks>
  /** How many rules were added or taken away since it was built anew. */
  readonly overlaid: number
  /**
   * An engine with some rules added behind all others and some taken away, which shares what stays;
   * the added ones must have been checked. `undefined` where it has to be built anew.
   */
  readonly with: (change: RuleChange) => Engine | undefined
}

/**
 * Builds an engine of rules that nobody has looked at, in any language of casbin's; throws a
 * `PolicyError` that names every rule in the way.
 */
export async function buildEngine(model: PolicyModel, rules: readonly Rule[]): Promise<Engine> {
  stopOn([...checkRules(model, rules)])
  return assembleEngine(model, rules)
}

/** Builds an engine of rules that were checked one by one, as `rules/lint.ts` does for a snapshot. */
export async function assembleEngine(model: PolicyModel, rules: readonly Rule[]): Promise<Engine> {
  stopOn([...checkAll(model, rules)])
  const sorted = inOrder(model, rules)
  const functionsOf = (of: RuleList) => lazyFunctions(() => collectPatterns(model, of.toArray()))
  const compiled = await inTurns(compileRules(model, sorted ?? rules, functionsOf))
  if ('unsupported' in compiled) return interpret(model, rules, compiled.unsupported)
  return engineOf(model, compiled, rules.length, sorted === undefined)
}

/** `grows` says whether a rule that is added comes last. */
function engineOf(
  model: PolicyModel,
  compiled: Compiled,
  ruleCount: number,
  grows: boolean,
): Engine {
  const { ask, matchAll, roles, overlaid } = compiled
  const evaluate = (request: readonly unknown[]) => {
    refuseIncomplete(model, request)
    return ask(request)
  }
  const change = (of: RuleChange) => {
    const next = grows ? compiled.with(of) : undefined
    const count = ruleCount + of.added.length - of.removed.length
    return next && engineOf(model, next, count, grows)
  }
  return Object.freeze({
    ruleCount,
    interpreted: undefined,
    evaluate,
    matchAll,
    roles,
    overlaid,
    with: change,
  })
}

const bySubject = 'subjectPriority'

/** The rules as casbin looks at them, where the model sorts them; `undefined` where it does not. */
function inOrder(model: PolicyModel, rules: readonly Rule[]): readonly Rule[] | undefined {
  const { effect, policyColumns } = model
  const sorted = effect.startsWith(bySubject) || policyColumns['p']?.includes('priority')
  if (sorted !== true) return undefined
  const { rows, owners } = rowsOf(rules)
  const permissions = sortRows(model.text, rows).flatMap((values) => owners.get(values) ?? [])
  return [...permissions, ...rules.filter(({ ptype }) => ptype !== 'p')]
}

/**
 * An immutable enforcer of casbin's own: right for every model, but each decision looks at every
 * rule, for some microseconds each.
 */
async function interpret(model: PolicyModel, rules: readonly Rule[], why: string): Promise<Engine> {
  const { rows, owners } = rowsOf(rules)
  const functions = buildFunctions(collectPatterns(model, rules))
  const policy = await sealPolicy(model.text, functions, rows)
  verifyRows(policy, rows)
  const evaluate = (request: readonly unknown[]) => {
    refuseIncomplete(model, request)
    return readAnswer(policy.ask(request), model, owners)
  }
  const cost = `every decision looks at all ${rows.length} rules, a few microseconds each`
  const interpreted = `${model.file}: node-casbin decides, because ${why}: ${cost}.`
  const roles = new Map(
    Object.entries(model.roleColumns).map(([name, columns]) => [
      name,
      finish(RoleLinks.read(rules, name, columns)),
    ]),
  )
  return Object.freeze({
    ruleCount: rules.length,
    interpreted,
    evaluate,
    matchAll: (request: readonly unknown[]) => [evaluate(request).rule ?? []].flat(),
    roles,
    overlaid: 0,
    with: () => undefined,
  })
}

/** Rules as casbin takes them, each an array of its own, by which an answer finds its rule. */
function rowsOf(rules: readonly Rule[]) {
  const rows = rules.map(({ ptype, values }): Row => ({ ptype, values: [...values] }))
  const owners = new Map<readonly string[], Rule | undefined>(
    rows.map(({ values }, index) => [values, rules[index]]),
  )
  return { rows, owners }
}

/** What is demanded of all rules together. */
function* checkAll(model: PolicyModel, rules: readonly Rule[]): Generator<PolicyProblem> {
  const start = { file: model.file, line: 1, column: 1 }
  if (model.readsPolicy && !rules.some(({ ptype }) => ptype === 'p')) {
    // H4: without rows casbin evaluates the matcher against blanks, and may allow.
    yield { ...start, message: 'There is no rule of type p: an empty policy is not served.' }
  }
  if (model.effect.startsWith(bySubject) && model.roleColumns['g'] === undefined) {
    yield { ...start, message: 'subjectPriority sorts by roles: write g = _, _.' }
  }
}

function* checkRules(model: PolicyModel, rules: readonly Rule[]): Generator<PolicyProblem> {
  yield* checkAll(model, rules)
  for (const [index, rule] of rules.entries()) {
    const problems: PolicyProblem[] = []
    const report = (place: number, message: string, offset?: number) => {
      const list = { name: 'rules', position: index + 1 }
      problems.push(ruleProblem(rule, list, place, message, offset))
    }
    const shape = checkShape(rule.ptype, rule.values, model)
    if (shape !== undefined) report(shape.index, shape.message)
    else checkPatterns(model, rule, report)
    yield* problems
  }
}

/** The rows that casbin holds are the rules, each once, none lost and none added. */
function verifyRows(policy: SealedPolicy, rows: readonly Row[]): void {
  const held = new Set([...policy.rows.values()].flat())
  const count = [...policy.rows.values()].reduce((sum, list) => sum + list.length, 0)
  if (count !== rows.length || !rows.every(({ values }) => held.has(values))) {
    throw new Error(`The enforcer holds ${count} rows where ${rows.length} rules were given.`)
  }
}

/** H4: a blank field is never handed to a matcher. */
function refuseIncomplete(model: PolicyModel, request: readonly unknown[]): void {
  const expected = model.requestColumns.length
  if (request.length !== expected) throw new Error(`A request has ${expected} fields.`)
  for (const value of request) {
    if (value === '' || value === undefined || value === null) {
      throw new Error('A request has no blank field.')
    }
  }
}

/** H11: an answer of another shape than `[boolean, row]` is an error, hence a deny. */
function readAnswer(
  raw: unknown,
  model: PolicyModel,
  owners: ReadonlyMap<readonly string[], Rule | undefined>,
): Answer {
  if (!Array.isArray(raw) || raw.length !== 2) throw new Error('casbin gave no pair.')
  const [allow, row]: unknown[] = raw
  if (typeof allow !== 'boolean' || !Array.isArray(row)) throw new Error('casbin gave no pair.')
  // Where the matcher does not look at the policy, casbin names the first row whatever it says.
  if (!model.readsPolicy || row.length === 0) return { allow, rule: undefined }
  const rule = owners.get(row)
  if (rule === undefined) throw new Error('casbin named a rule that was never given.')
  const effect = model.policyColumns[rule.ptype]?.indexOf('eft') ?? -1
  if ((rule.values[effect] === 'deny') === allow)
    throw new Error('casbin named a rule that says the opposite.')
  return { allow, rule }
}
