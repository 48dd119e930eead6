/**
 * The immutable policy of one organisation: built-in roles, guardrails in the order of the files, the
 * organisation's own rules by position. It is built aside and verified before anybody is given it, so
 * that a decision never sees half a policy (H2, hazard 2.1).
 */
import { isBareId, randomText } from '../lib/ids.ts'
import { builtInRules } from './built-in.ts'
import type { Answer } from './compile.ts'
import { always, hasConditions } from './conditions.ts'
import { buildEngine, type Engine } from './engine.ts'
import { createFacts, type FactsOf, type Known } from './facts.ts'
import type { PolicyFiles } from './files.ts'
import { everything } from './grammar.ts'
import { lintRules } from './lint.ts'
import type { PolicyModel } from './model.ts'
import { PolicyError, type PolicyProblem } from './problem.ts'
import { type Resources, readResources } from './resources.ts'
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
  readonly resources: Resources
  /** What the engine is told of subject and resource, behind the four fields of a request. */
  readonly factsOf: FactsOf
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
  /** What the organisation knows of its members and of resources; by default nothing. */
  readonly known?: Known
}

/** Builds and verifies a snapshot; throws a `PolicyError` that names every rule in the way. */
export async function buildSnapshot(input: SnapshotInput): Promise<Snapshot> {
  const { files, organisation, revision, known = nothing } = input
  if (!isBareId(organisation)) throw new Error(`"${organisation}" is no organisation's id.`)
  const { model, applications } = files
  const own = input.rules.map((rule) => withCondition(rule, model))
  stopOn(lintRules(own, { model, applications, scope: { organisation } }))
  const guardrails = files.guardrails.flatMap((rule) => settle(rule, `org:${organisation}`))
  const builtIn = builtInRules.map((rule) => withCondition(rule, model))
  const rules = Object.freeze([...builtIn, ...guardrails, ...own.map(freezeRule)])
  stopOn(checkRoles(rules, organisation))
  const engine = await buildEngine(model, rules)
  const resources = readResources(applications)
  const factsOf = createFacts(model, resources, known)
  testEngine(engine, `org:${organisation}`, factsOf)
  const roles = buildRoleGraph(rules)
  return Object.freeze({
    organisation,
    revision,
    files: files.hash,
    model,
    ruleCount: engine.ruleCount,
    rules,
    engine,
    resources,
    factsOf,
    roles,
    rolesOf: roles.inherited,
  })
}

const nothing: Known = { members: new Map(), attributes: new Map() }

/** The table has no column for a condition, and code none either: such rules hold always. */
function withCondition(rule: Rule, model: PolicyModel): Rule {
  if (rule.ptype !== 'p' || rule.values.length !== 5 || !hasConditions(model)) return rule
  return freezeRule({ ...rule, values: [...rule.values, always] })
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
function testEngine(engine: Engine, domain: string, factsOf: FactsOf): void {
  const obj = `/gatehouse/${randomText(20)}`
  const ask = (sub: string) => engine.evaluate([sub, domain, obj, 'GET', ...factsOf({ sub, obj })])
  const stranger = ask(`user:${randomText(20)}`)
  if (stranger.allow && stranger.rule?.values[0] !== everything) {
    throw selfTest('a subject that holds nothing was allowed', stranger)
  }
  const owner = ask('role:owner')
  if (!owner.allow && owner.rule === undefined) {
    throw selfTest('the owner was denied by default', owner)
  }
}

function selfTest(what: string, { rule }: Answer): Error {
  const by = rule === undefined ? '' : ` by ${describeRule(rule)}`
  return new Error(`The policy fails its self-test: ${what}${by}.`)
}
