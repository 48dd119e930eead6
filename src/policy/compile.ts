/**
 * A model and its rules compiled: the same answers as casbin's, and the same deciding rule, without
 * looking at rules that cannot match. A model outside the class that is understood is not guessed
 * at; casbin itself decides by it (`engine.ts`).
 */
import { lazily } from '../lib/lazily.ts'
import { limits } from '../lib/limits.ts'
import type { Steps } from '../lib/turns.ts'
import { Candidates } from './candidates.ts'
import { compileClosure, type Evaluate } from './closure.ts'
import type { Settle } from './effect.ts'
import type { FunctionTable, MatcherFunction } from './model/casbin.ts'
import type { PolicyModel } from './model/model.ts'
import { shapeOf } from './patterns/functions.ts'
import {
  type Program,
  plansFor,
  programOf,
  throwsIn,
  type Unsupported,
  whyUnevaluated,
} from './program.ts'
import { RoleLinks } from './role-links.ts'
import type { Rule } from './rule.ts'
import { type PatternOf, RuleIndex } from './rule-index.ts'
import { type RuleChange, RuleList } from './rule-list.ts'

/** Answers a request, its fields in the model's order; throws where casbin would. */
export type Ask = (request: readonly unknown[]) => Answer

/** Every rule that matches a request, also those that another one outweighs, in their order. */
export type MatchAll = (request: readonly unknown[]) => readonly Rule[]

export interface Answer {
  readonly allow: boolean
  /** The rule that decided; `undefined` where none did. */
  readonly rule: Rule | undefined
}

export interface Compiled {
  readonly ask: Ask
  readonly matchAll: MatchAll
  /** By definition, such as `g`. */
  readonly roles: ReadonlyMap<string, RoleLinks>
  /** How many rules were added or taken away since all was compiled anew. */
  readonly overlaid: number
  /** The same with a change, sharing what it does not touch; `undefined`: compile all anew. */
  readonly with: (change: RuleChange) => Compiled | undefined
}

/** The functions that a matcher may call, over the patterns of the rules of type p. */
type FunctionsOf = (rules: RuleList) => FunctionTable

/** A program with the rules it decides by, and all that is looked up in them. */
interface World {
  readonly program: Program
  readonly functionsOf: FunctionsOf
  readonly rules: RuleList
  readonly indexes: readonly RuleIndex[]
  readonly roles: ReadonlyMap<string, RoleLinks>
  readonly overlaid: number
}

/** Compiles `rules`, which are in casbin's order, or says why casbin has to decide. */
export function* compileRules(
  model: PolicyModel,
  rules: readonly Rule[],
  functionsOf: FunctionsOf,
): Steps<Compiled | Unsupported> {
  const program = programOf(model)
  if ('unsupported' in program) return program
  const permissions = rules.filter(({ ptype }) => ptype === 'p')
  const unsupported = whyUnevaluated(program, permissions)
  if (unsupported !== undefined) return { unsupported }
  const list = RuleList.of(permissions)
  const roles = new Map<string, RoleLinks>()
  for (const [name, columns] of Object.entries(model.roleColumns)) {
    roles.set(name, yield* RoleLinks.read(rules, name, columns))
  }
  const indexes: RuleIndex[] = []
  if (model.readsPolicy) {
    const patternOf = patternsOf(() => functionsOf(list))
    for (const plan of plansFor(program, permissions)) {
      indexes.push(yield* RuleIndex.build(plan, list, patternOf))
    }
  }
  return assemble({ program, functionsOf, rules: list, indexes, roles, overlaid: 0 })
}

function assemble(world: World): Compiled {
  const { program, functionsOf, roles, rules } = world
  // Most matchers are answered by keys and trees alone, and call nothing.
  const functions = lazily(() => new Map([...functionsOf(rules), ...roleFunctions(roles)]))
  const whole = lazily(() =>
    compileClosure(program.matcher, { ...program, functions: functions() }),
  )
  const { ask, matchAll } = program.model.readsPolicy
    ? askRules(world, whole, functions)
    : { ask: askMatcher(whole(), program.settle), matchAll: () => [] }
  const change = (of: RuleChange) => overlay(world, of)
  return { ask, matchAll, roles, overlaid: world.overlaid, with: change }
}

function overlay(world: World, change: RuleChange): Compiled | undefined {
  const { program, functionsOf, indexes } = world
  const added = change.added.filter(({ ptype }) => ptype === 'p')
  const removed = change.removed.filter(({ ptype }) => ptype === 'p')
  // Other plans than those of the indexes would be needed, or casbin itself.
  if (throwsIn(program, added) || whyUnevaluated(program, added) !== undefined) return undefined
  const next = {
    ...world,
    overlaid: world.overlaid + change.added.length + change.removed.length,
    roles: new Map([...world.roles].map(([name, links]) => [name, links.with(change)])),
  }
  if (added.length + removed.length === 0) return assemble(next)
  const rules = world.rules.with({ added, removed })
  // H4: a policy without a rule is not served, whatever is left of it.
  if (rules === undefined || rules.size === 0) return undefined
  const patternOf = patternsOf(() => functionsOf(rules))
  const start = world.rules.end
  return assemble({
    ...next,
    rules,
    indexes: indexes.map((index) => index.with(rules, start, patternOf)),
  })
}

/** Where the patterns of functions stand in a tree. Most places say it all, and no test is asked. */
function patternsOf(make: () => FunctionTable): PatternOf {
  const functions = lazily(make)
  return (name, pattern) => ({
    shape: shapeOf(name, pattern),
    test: (value) => functions().get(name)?.(value, pattern) === true,
  })
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
function askMatcher(whole: Evaluate, settle: Settle): Ask {
  return (request) => {
    const matching = whole(request, []) ? [0] : []
    return { allow: settle(matching, () => true).allow, rule: undefined }
  }
}

function askRules(
  world: World,
  whole: () => Evaluate,
  functions: () => FunctionTable,
): Pick<Compiled, 'ask' | 'matchAll'> {
  const { program, indexes, rules } = world
  const { direct, memorable } = program
  const candidates = new Candidates<Answer>(world)
  const remains = compileRest(indexes, whole, program, functions)
  // The entry stands for the fields of the keys; within it these tell one request from another.
  const others = direct.filter((field) => !candidates.fields.includes(field))
  const effect = program.rule.get('p_eft') ?? -1
  const allows = (position: number) => rules.at(position)?.values[effect] !== 'deny'
  const answer = (positions: Iterable<number>) => {
    const { allow, by } = program.settle(positions, allows)
    return Object.freeze({ allow, rule: rules.at(by) })
  }
  const positionsFor = (request: readonly unknown[], entry = candidates.entryFor(request)) => {
    const positions = candidates.positions(entry, request)
    return remains === undefined ? positions : matching(positions, rules, remains, request)
  }
  const matchAll: MatchAll = (request) =>
    [...new Set(positionsFor(request))].flatMap((position) => rules.at(position) ?? [])
  const ask: Ask = (request) => {
    // What is no text may throw wherever it is read, so that every rule is looked at.
    for (const field of direct) {
      if (typeof request[field] !== 'string') {
        return answer(matching(everyPosition(rules), rules, whole(), request))
      }
    }
    const entry = candidates.entryFor(request)
    const key = memorable ? textFor(request, others) : undefined
    const known = key === undefined ? undefined : entry.answers?.get(key)
    if (known !== undefined) return known
    const found = answer(positionsFor(request, entry))
    if (key !== undefined && key.length <= limits.answerKeyChars) {
      candidates.remember(entry, key, found)
    }
    return found
  }
  return { ask, matchAll }
}

function* everyPosition(rules: RuleList): Generator<number> {
  for (const [position] of rules.entries()) yield position
}

/** One at a time: what comes after the rule that settles it is not asked, and cannot throw. */
function* matching(
  positions: Iterable<number>,
  rules: RuleList,
  matches: Evaluate,
  request: readonly unknown[],
): Generator<number> {
  for (const position of positions) {
    const rule = rules.at(position)
    if (rule !== undefined && matches(request, rule.values)) yield position
  }
}

/** What is asked of the rules that the keys leave over; nothing where the keys say it all. */
function compileRest(
  indexes: readonly RuleIndex[],
  whole: () => Evaluate,
  { request, rule }: Program,
  functions: () => FunctionTable,
): Evaluate | undefined {
  if (indexes.every(({ plan }) => plan.rest.length === 0)) return undefined
  const [only] = indexes
  // A rule that one alternative found may match by another, so that all of the matcher is asked.
  if (only === undefined || indexes.length > 1) return whole()
  const clauses = only.plan.rest.map((clause) => {
    return compileClosure(clause, { request, rule, functions: functions() })
  })
  return (asked, values) => clauses.every((clause) => clause(asked, values))
}

/** A text that stands for the values of these fields, and for no others. */
function textFor(request: readonly unknown[], fields: readonly number[]): string {
  const [first] = fields
  if (first === undefined) return ''
  if (fields.length === 1) return String(request[first])
  return fields.map((field) => `${String(request[field]).length}:${request[field]}`).join('')
}
