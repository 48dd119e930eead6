/**
 * The immutable policy of one organisation: built-in roles, guardrails in the order of the files, the
 * organisation's custom roles, its own rules by position. It is built aside and verified before anybody is given it, so
 * that a decision never sees half a policy (H2, hazard 2.1).
 */
import { isBareId, isTypedId, randomText } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import { inTurns, type Steps } from '../lib/turns.ts'
import type { Application } from './applications.ts'
import { builtInRules } from './built-in.ts'
import type { Answer } from './compile.ts'
import { completeRule } from './conditions.ts'
import { assembleEngine, type Engine } from './engine.ts'
import { createFacts, type FactsOf, type Known } from './facts.ts'
import type { PolicyFiles } from './files/files.ts'
import type { PolicyModel } from './model/model.ts'
import { stopOn } from './problem.ts'
import { describeRule, type Rule } from './rule.ts'
import { type RuleChange, RuleList } from './rule-list.ts'
import { type CustomRole, customRoleRules, sameRoles } from './rules/custom-roles.ts'
import { everything } from './rules/grammar.ts'
import { lintInSteps, lintRules } from './rules/lint.ts'
import { type Resources, readResources } from './rules/resources.ts'
import {
  buildRoleGraph,
  checkAllRoles,
  holdsOf,
  isSoundGraph,
  type RoleGraph,
} from './rules/roles.ts'

export interface Snapshot {
  /** Bare id. */
  readonly organisation: string
  /** The same as a typed id, `org:…`: the domain of every request. */
  readonly domain: string
  readonly revision: number
  /** Hash of the policy files. */
  readonly files: string
  readonly model: PolicyModel
  /** Those of the policy files: what the names of permissions stand for. */
  readonly applications: readonly Application[]
  readonly customRoles: readonly CustomRole[]
  readonly ruleCount: number
  /** Every rule in it, in the order of decision, domains of `g` lines settled. */
  readonly rules: readonly Rule[]
  readonly list: RuleList
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
  /** The roles that the organisation made for itself; by default none. */
  readonly roles?: readonly CustomRole[]
  /** The organisation's own rules, by position. */
  readonly rules: readonly Rule[]
  /** What the organisation knows of its members and of resources; by default nothing. */
  readonly known?: Known
}

const nothing: Known = { members: new Map(), attributes: new Map() }

/**
 * Builds and verifies a snapshot, in turns with whatever else there is to do; throws a `PolicyError`
 * that names every rule in the way.
 */
export async function buildSnapshot(input: SnapshotInput): Promise<Snapshot> {
  const { files, organisation, revision, roles = [], known = nothing } = input
  if (!isBareId(organisation)) throw new Error(`"${organisation}" is no organisation's id.`)
  const rules = await inTurns(collectRules(input))
  const engine = await assembleEngine(files.model, rules)
  return seal({ files, organisation, revision, roles, list: RuleList.of(rules), engine, known })
}

function* collectRules({
  files,
  organisation,
  roles = [],
  rules: given,
}: SnapshotInput): Steps<Rule[]> {
  const { model, applications } = files
  const own: Rule[] = []
  for (const [at, rule] of given.entries()) {
    if (at % limits.turnRules === 0) yield
    own.push(freezeRule(completeRule(rule, model)))
  }
  stopOn(yield* lintInSteps(own, { model, applications, scope: { organisation } }))
  const guardrails = files.guardrails.flatMap((rule) => guardrailFor(rule, `org:${organisation}`))
  const rules = [...builtInRules.map((rule) => completeRule(rule, model)), ...guardrails]
  const shared = rules.some(({ ptype }) => ptype === 'g')
  for (const rule of customRoleRules(roles, organisation, applications)) {
    rules.push(completeRule(rule, model))
  }
  for (const rule of own) rules.push(rule)
  // Without roles in the files there are only those of the organisation, checked above.
  if (shared) stopOn(yield* checkAllRoles(rules, organisation))
  return rules
}

export interface SnapshotChange extends RuleChange {
  readonly files: PolicyFiles
  readonly revision: number
  readonly roles?: readonly CustomRole[]
  readonly known?: Known
}

/**
 * The snapshot after a change of the organisation's own rules, sharing all that stays; the added ones
 * come last and the removed ones are named by identity. `undefined` where it has to be built from
 * all its rules, because custom roles changed too, or the change is large, has a fault or is not of
 * this kind.
 */
export function updateSnapshot(before: Snapshot, change: SnapshotChange): Snapshot | undefined {
  const { files, revision, roles = [], known = nothing } = change
  const { organisation, list } = before
  if (files.hash !== before.files || isLarge(before, change)) return undefined
  if (!sameRoles(before.customRoles, roles)) return undefined
  const { model, applications } = files
  const complete = (rule: Rule) => completeRule(rule, model)
  const added = change.added.map((rule) => freezeRule(complete(rule)))
  const removed = change.removed.map(complete)
  if (lintRules(added, { model, applications, scope: { organisation } }).length > 0) {
    return undefined
  }
  const next = list.with({ added, removed })
  const engine = before.engine.with({ added, removed })
  if (next === undefined || engine === undefined) return undefined
  if (!hasSoundRoles(engine, organisation, added)) return undefined
  return seal({ files, organisation, revision, roles, list: next, engine, known })
}

function isLarge({ engine, list }: Snapshot, { added, removed }: RuleChange): boolean {
  const changed = added.length + removed.length
  return (
    changed > limits.turnRules ||
    engine.overlaid + changed > limits.rulesOverlaid ||
    list.size + added.length > limits.rulesPerOrganisation
  )
}

function hasSoundRoles(engine: Engine, organisation: string, added: readonly Rule[]): boolean {
  const assigned = added.filter(({ ptype }) => ptype === 'g').map(({ values }) => values[0] ?? '')
  // Nobody is a member of a person, so nobody else has new ways upwards.
  const own = assigned.every((member) => isTypedId(member, 'user', 'service'))
  const links = engine.roles.get('g')
  const members = own ? assigned : (links?.membersIn(`org:${organisation}`) ?? [])
  return isSoundGraph(members, holdsOf(engine, organisation))
}

/** What a snapshot is made of. */
interface Parts {
  readonly files: PolicyFiles
  readonly organisation: string
  readonly revision: number
  readonly roles: readonly CustomRole[]
  readonly list: RuleList
  readonly engine: Engine
  readonly known: Known
}

function seal({ files, organisation, revision, roles, list, engine, known }: Parts): Snapshot {
  const resources = readResources(files.applications)
  const factsOf = createFacts(files.model, resources, known)
  testEngine(engine, `org:${organisation}`, factsOf)
  const graph = buildRoleGraph(holdsOf(engine, organisation))
  let rules: readonly Rule[] | undefined
  return Object.freeze({
    organisation,
    domain: `org:${organisation}`,
    revision,
    files: files.hash,
    model: files.model,
    applications: files.applications,
    customRoles: roles,
    ruleCount: engine.ruleCount,
    // Decisions need no list of their own, and a small change should cost no copy of a large one.
    get rules() {
      rules ??= Object.freeze(list.toArray())
      return rules
    },
    list,
    engine,
    resources,
    factsOf,
    roles: graph,
    rolesOf: graph.inherited,
  })
}

/**
 * A guardrail as one organisation sees it; none where it is about another. casbin does not match a
 * `g` line of domain `*` without a domain matching function (hazard 3), so it is written out here.
 */
function guardrailFor(rule: Rule, domain: string): Rule[] {
  const place = rule.ptype === 'g' ? 2 : 1
  const named = rule.values[place]
  if (named === domain) return [freezeRule(rule)]
  if (named !== everything) return []
  return [
    freezeRule(rule.ptype === 'g' ? { ...rule, values: rule.values.with(place, domain) } : rule),
  ]
}

/** The rule itself where nobody can change it any more. */
function freezeRule(rule: Rule): Rule {
  const { ptype, values, source } = rule
  if (Object.isFrozen(rule) && Object.isFrozen(values)) return rule
  return Object.freeze({ ptype, values: Object.freeze([...values]), source })
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
