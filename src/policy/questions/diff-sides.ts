/** One of two policies that are compared, its rules by the name that holds them. */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import type { Rule } from '../rule.ts'
import type { Policy } from '../rules/proposal.ts'
import { indexNear, type Near } from './near.ts'
import type { Unsupported } from './page.ts'
import { namesOf, type Permission, readPermission } from './permissions.ts'
import { whyUnreadable } from './product-model.ts'

export interface Side {
  /** Its rules of every type, as they are. */
  readonly all: readonly Rule[]
  /** Who is a direct member of what. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** The rules of type p, by the name that they name. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>
  /** What the rules of type p write for a method. */
  readonly methods: ReadonlySet<string>
  /** What `holder` holds that some rule gives or takes something, in the order of the names. */
  readonly held: (holder: string) => readonly string[]
  /** A name's rules by their patterns, found once. */
  readonly near: (name: string) => Steps<NearRules>
  /** A rule as a permission, read when it is first needed. */
  readonly read: (rule: Rule) => Permission
}

export type Sides = readonly [before: Side, after: Side]

/** Those of a name's rules that can overlap with the pattern of a text, by their effect. */
export interface NearRules {
  readonly allow: Near<Rule>
  readonly deny: Near<Rule>
}

/**
 * What `compare` makes of two policies; nothing where their rules are not readable as permissions, or
 * after `most` steps.
 */
export function* compareSides<T>(
  before: Policy,
  after: Policy,
  most: number,
  compare: (sides: Sides) => Steps<T>,
): Steps<T | Unsupported> {
  const because = whyUnreadable(before) ?? whyUnreadable(after)
  if (because !== undefined) return { kind: 'unsupported', because }
  const work = readAndCompare(before, after, compare)
  for (let steps = 0; steps <= most; steps += 1) {
    const step = work.next()
    if (step.done) return step.value
    yield
  }
  const tooMuch = 'Too much differs to be told at once: compare a part of the change.'
  return { kind: 'unsupported', because: tooMuch }
}

function* readAndCompare<T>(
  before: Policy,
  after: Policy,
  compare: (sides: Sides) => Steps<T>,
): Steps<T> {
  return yield* compare([yield* createSide(before), yield* createSide(after)])
}

function* createSide(policy: Policy): Steps<Side> {
  const members = new Map<string, string[]>()
  const rules = new Map<string, Rule[]>()
  const methods = new Set<string>()
  for (const [at, rule] of policy.rules.entries()) {
    if (at % limits.turnRules === 0) yield
    const [first = '', second = '', , method = ''] = rule.values
    if (rule.ptype === 'g') push(members, second, first)
    if (rule.ptype !== 'p') continue
    push(rules, first, rule)
    methods.add(method)
  }
  const nearOf = (name: string, allow: boolean) => {
    const found = rules.get(name)?.filter(({ values }) => (values[4] === 'allow') === allow)
    return indexNear(found ?? [], ({ values }) => values[2] ?? '')
  }
  return {
    all: policy.rules,
    members,
    rules,
    methods,
    held: (holder) => [...namesOf(policy, holder)].filter((name) => rules.has(name)).sort(),
    near: rememberedSteps(function* (name: string) {
      return { allow: yield* nearOf(name, true), deny: yield* nearOf(name, false) }
    }),
    read: remembered(readPermission),
  }
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

/** The same function, each of whose answers is found once. */
export function remembered<K, V>(find: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const found = find(key)
    known.set(key, found)
    return found
  }
}

/** The same for answers that take many steps. */
export function rememberedSteps<K, V>(find: (key: K) => Steps<V>): (key: K) => Steps<V> {
  const known = new Map<K, V>()
  return function* (key) {
    const before = known.get(key)
    if (before !== undefined) return before
    const found = yield* find(key)
    known.set(key, found)
    return found
  }
}

/** What a rule says to the one whom it names. */
function said({ values }: Rule): string {
  return values.slice(2).join()
}

/** Those of a name's rules on one side that it has not on the other. */
export function* ownRules(one: Side, other: Side, name: string): Steps<readonly Rule[]> {
  const theirs = other.rules.get(name) ?? []
  const mine = yield* notAmong(one.rules.get(name) ?? [], theirs)
  if (mine.length === 0) return mine
  const known = new Set<string>()
  for (const [at, rule] of theirs.entries()) {
    if (at % limits.turnRules === 0) yield
    known.add(said(rule))
  }
  return mine.filter((rule) => !known.has(said(rule)))
}

/** The rules that are not the very same object among the others: all that can differ. */
export function* notAmong(rules: readonly Rule[], others: readonly Rule[]): Steps<readonly Rule[]> {
  const known = new Set<Rule>()
  for (const [at, rule] of others.entries()) {
    if (at % limits.turnRules === 0) yield
    known.add(rule)
  }
  yield
  return rules.filter((rule) => !known.has(rule))
}
