/**
 * The immutable policy of one organisation: built-in roles, guardrails in the order of the files, the
 * organisation's own rules by position. It is built aside and verified before anybody is given it, so
 * that a decision never sees half a policy (H2, hazard 2.1).
 */
import { isBareId, randomText } from '../lib/ids.ts'
import { builtInRules } from './built-in.ts'
import type { Answer } from './compile.ts'
import { buildEngine, type Engine } from './engine.ts'
import type { PolicyFiles } from './files.ts'
import { everything } from './grammar.ts'
import { lintRules } from './lint.ts'
import type { PolicyModel } from './model.ts'
import { PolicyError, type PolicyProblem } from './problem.ts'
import { buildRoleGraph, checkRoleGraph, type RoleGraph } from './roles.ts'
import { describeRule, type Rule } from './rule.ts'
import { ruleProblem } from './rule-problem.ts'

export interface Snapshot {
  /** Bare id. */
  readonly organisation: string
  readonly revision: number
  /** Hash of the policy files. */
  readonly files: string
  readonly model: PolicyModel
  readonly ruleCount: number
  /** Every rule in it, in the order of decision, domains of `g` lines settled. */
  readonly rules: readonly Rule[]
  readonly engine: Engine
  readonly roles: RoleGraph
  /** Every team and role that `subject` holds, near ones first. */
  readonly rolesOf: (subject: string) => readonly string[]
}

export interface SnapshotInput {
  readonly files: PolicyFiles
  /** Bare id. */
  readonly organisation: string
  readonly revision: number
  /** The organisation's own rules, by position. */
  readonly rules: readonly Rule[]
}

/** Builds and verifies a snapshot; throws a `PolicyError` that names every rule in the way. */
export async function buildSnapshot(input: SnapshotInput): Promise<Snapshot> {
  const { files, organisation, revision, rules: own } = input
  if (!isBareId(organisation)) throw new Error(`"${organisation}" is no organisation's id.`)
  const { model, applications } = files
  stopOn(lintRules(own, { model, applications, scope: { organisation } }))
  const guardrails = files.guardrails.flatMap((rule) => settle(rule, `org:${organisation}`))
  const rules = Object.freeze([...builtInRules, ...guardrails, ...own.map(freezeRule)])
  stopOn(checkRoles(rules, organisation))
  const engine = await buildEngine(model, rules)
  testEngine(engine, `org:${organisation}`)
  const roles = buildRoleGraph(rules)
  return Object.freeze({
    organisation,
    revision,
    files: files.hash,
    model,
    ruleCount: engine.ruleCount,
    rules,
    engine,
    roles,
    rolesOf: roles.inherited,
  })
}

function stopOn(problems: readonly PolicyProblem[]): void {
  if (problems.length > 0) throw new PolicyError(problems)
}

/**
 * A guardrail as one organisation sees it. casbin does not match a `g` line of domain `*` without a
 * domain matching function (hazard 3), so it is written out here.
 */
function settle(rule: Rule, domain: string): Rule[] {
  const place = rule.ptype === 'g' ? 2 : 1
  const named = rule.values[place]
  if (named === domain) return [freezeRule(rule)]
  if (named !== everything) return []
  return [
    freezeRule(rule.ptype === 'g' ? { ...rule, values: rule.values.with(place, domain) } : rule),
  ]
}

function freezeRule({ ptype, values, source }: Rule): Rule {
  return Object.freeze({ ptype, values: Object.freeze([...values]), source })
}

/** Roles of the files and of the organisation together: each alone may be sound. */
function checkRoles(rules: readonly Rule[], organisation: string): PolicyProblem[] {
  const list = { name: `organisation ${organisation}`, position: 1 }
  return checkRoleGraph(rules).map(({ rule, message }) => ruleProblem(rule, list, 1, message))
}

/** Questions whose answers are known, asked before a snapshot is served. */
function testEngine(engine: Engine, domain: string): void {
  const object = `/gatehouse/${randomText(20)}`
  const stranger = engine.evaluate([`user:${randomText(20)}`, domain, object, 'GET'])
  if (stranger.allow && stranger.rule?.values[0] !== everything) {
    throw selfTest('a subject that holds nothing was allowed', stranger)
  }
  const owner = engine.evaluate(['role:owner', domain, object, 'GET'])
  if (!owner.allow && owner.rule === undefined) {
    throw selfTest('the owner was denied by default', owner)
  }
}

function selfTest(what: string, { rule }: Answer): Error {
  const by = rule === undefined ? '' : ` by ${describeRule(rule)}`
  return new Error(`The policy fails its self-test: ${what}${by}.`)
}
