/**
 * A model and its rules as one sealed enforcer, and the only place where its answers are read.
 * Knows casbin's language, not Gatehouse's: what a rule may say is the matter of `lint.ts`.
 */
import { type Row, type SealedPolicy, sealPolicy } from './casbin.ts'
import { buildFunctions, checkArgument } from './functions.ts'
import type { PolicyModel } from './model.ts'
import { PolicyError, type PolicyProblem } from './problem.ts'
import type { Rule } from './rule.ts'
import { ruleProblem } from './rule-problem.ts'
import { checkShape } from './shape.ts'

export interface Answer {
  readonly allow: boolean
  /** The rule that decided; `undefined` where none did. */
  readonly rule: Rule | undefined
}

export interface Engine {
  /** Number of rules in it, role assignments included. */
  readonly ruleCount: number
  /** Answers a request by the fields of the model, in order; throws on anything unexpected. */
  readonly evaluate: (request: readonly unknown[]) => Answer
}

/** Builds and verifies an engine; throws a `PolicyError` that names every rule in the way. */
export async function buildEngine(model: PolicyModel, rules: readonly Rule[]): Promise<Engine> {
  const problems = [...checkRules(model, rules)]
  if (problems.length > 0) throw new PolicyError(problems)
  const rows = rules.map(({ ptype, values }): Row => ({ ptype, values: [...values] }))
  const owners = new Map(rows.map(({ values }, index) => [values, rules[index]]))
  const policy = await sealPolicy(model.text, buildFunctions(collectPatterns(model, rules)), rows)
  verifyRows(policy, rows)
  const evaluate = (request: readonly unknown[]) => {
    refuseIncomplete(model, request)
    return readAnswer(policy.ask(request), model, owners)
  }
  return Object.freeze({ ruleCount: rules.length, evaluate })
}

function* checkRules(model: PolicyModel, rules: readonly Rule[]): Generator<PolicyProblem> {
  if (!rules.some(({ ptype }) => ptype === 'p')) {
    // H4: without rows casbin evaluates the matcher against blanks, and may allow.
    yield {
      file: model.file,
      line: 1,
      column: 1,
      message: 'There is no rule of type p: an empty policy is not served.',
    }
  }
  for (const [index, rule] of rules.entries()) {
    const list = { name: 'rules', position: index + 1 }
    const shape = checkShape(rule.ptype, rule.values, model)
    if (shape !== undefined) yield ruleProblem(rule, list, shape.index, shape.message)
    else yield* checkPatterns(model, rule, list)
  }
}

/** Every pattern of a rule, by the functions of the matcher that read it. */
export function* checkPatterns(
  model: PolicyModel,
  rule: Rule,
  list: { name: string; position: number },
): Generator<PolicyProblem> {
  for (const { name, index, pattern } of patternsOf(model, rule)) {
    const wrong = checkArgument(name, pattern)
    if (wrong !== undefined) yield ruleProblem(rule, list, index, wrong.message, wrong.column - 1)
  }
}

function patternsOf(model: PolicyModel, { ptype, values }: Rule) {
  return model.functions.flatMap(({ name, from }) => {
    if (from?.ptype !== ptype) return []
    const index = model.policyColumns[ptype]?.indexOf(from.column) ?? -1
    const pattern = values[index]
    return pattern === undefined ? [] : [{ name, index, pattern }]
  })
}

function collectPatterns(model: PolicyModel, rules: readonly Rule[]): Map<string, Set<string>> {
  const patterns = new Map<string, Set<string>>()
  const add = (name: string, pattern: string) => {
    patterns.set(name, (patterns.get(name) ?? new Set()).add(pattern))
  }
  for (const { name, literal } of model.functions) if (literal !== undefined) add(name, literal)
  for (const rule of rules)
    for (const { name, pattern } of patternsOf(model, rule)) add(name, pattern)
  return patterns
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
  if (request.some((value) => value === '' || value === undefined || value === null)) {
    throw new Error('A request has no blank field.')
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
