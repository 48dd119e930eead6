/**
 * The exact difference of two snapshots in what may be done: who gains or loses which method on
 * which paths, computed on patterns. With A the allows and D the denies of somebody before and after,
 *
 *   gained = (A' - D') - (A - D) = (A' - D' - A) + ((A' and D) - D')
 *
 * where only allows that are new can begin the first part, and only denies that are gone the second.
 * So the work follows what changed, not the size of the policies. What is lost is what the way back
 * gains.
 */
import { anybodyElse, createNamer } from './diff-names.ts'
import { everything } from './grammar.ts'
import type { Unsupported } from './page.ts'
import type { Pattern } from './pattern-algebra.ts'
import { type Area, intersect, subtract, widestAreas } from './pattern-meet.ts'
import {
  actionsIn,
  groupsIn,
  methodsOf,
  namesOf,
  type Permission,
  readPermission,
  subjectsIn,
} from './permissions.ts'
import { whyUnreadable } from './product-model.ts'
import type { Rule } from './rule.ts'
import type { Snapshot } from './snapshot.ts'

/** What changes alike for everybody in `subjects`: paths that match `object` and none of `except`. */
export interface Difference {
  readonly kind: 'gains' | 'loses'
  /** A method, or `*` for all of them. */
  readonly method: string
  readonly object: string
  readonly except: readonly string[]
  /** The same in the fewest words: `*` for everybody, roles and teams with all who hold them. */
  readonly who: readonly string[]
  /** All users and services among those that rules name, `anonymous`, and `anybody else`. */
  readonly subjects: readonly string[]
}

export interface PolicyDifference {
  readonly kind: 'difference'
  /** In the order of object, method and kind. Empty where nobody may do anything more or less. */
  readonly differences: readonly Difference[]
}

/**
 * What changes from `before` to `after`, which are of one organisation. Throws an
 * `EntangledPatternsError` for patterns so hostile that they are not taken apart.
 */
export function comparePolicies(before: Snapshot, after: Snapshot): PolicyDifference | Unsupported {
  const because = whyUnreadable(before) ?? whyUnreadable(after)
  if (because !== undefined) return { kind: 'unsupported', because }
  const sides = [readSide(before), readSide(after)] as const
  const holders = new Set([anybodyElse, ...namesIn(before), ...namesIn(after)])
  const having = collect(sides, holders)
  const namers = {
    loses: createNamer(before, holders),
    gains: createNamer(after, holders),
  }
  const differences = [...having.values()].flatMap(({ effect, holders: of }) => {
    const named = namers[effect.kind](of)
    return named === undefined ? [] : [{ ...effect, ...named }]
  })
  return { kind: 'difference', differences: differences.toSorted(inOrder) }
}

function namesIn(snapshot: Snapshot): string[] {
  return [...subjectsIn(snapshot), ...groupsIn(snapshot)]
}

function inOrder(left: Difference, right: Difference): number {
  const keyOf = ({ object, method, kind, except, subjects }: Difference) =>
    [object, method, kind, ...except, ...subjects].join(' ')
  return keyOf(left) < keyOf(right) ? -1 : 1
}

/** One of the two policies, its rules by the name that they hold. */
interface Side {
  readonly snapshot: Snapshot
  readonly rules: ReadonlyMap<string, readonly Rule[]>
  /** The rules of a name as permissions, read when they are first needed. */
  readonly permissions: (name: string) => readonly Permission[]
}

function readSide(snapshot: Snapshot): Side {
  const all = snapshot.rules.filter(({ ptype }) => ptype === 'p')
  const rules = Map.groupBy(all, ({ values }) => values[0] ?? '')
  const known = new Map<string, readonly Permission[]>()
  const permissions = (name: string) => {
    const found = known.get(name) ?? (rules.get(name) ?? []).map(readPermission)
    known.set(name, found)
    return found
  }
  return { snapshot, rules, permissions }
}

type Sides = readonly [before: Side, after: Side]
type Effect = Omit<Difference, 'who' | 'subjects'>

interface Having {
  readonly effect: Effect
  readonly holders: Set<string>
}

/** Whoever holds the same names before and the same after has the same differences: looked at once. */
function collect(sides: Sides, holders: Iterable<string>): ReadonlyMap<string, Having> {
  const changed = changedNames(sides)
  const known = new Map<string, readonly Effect[]>()
  const found = new Map<string, Having>()
  for (const holder of holders) {
    const [old, next] = [heldNames(sides[0], holder), heldNames(sides[1], holder)]
    if (old.join() === next.join() && !old.some((name) => changed.has(name))) continue
    const key = `${old.join()} ${next.join()}`
    const effects = known.get(key) ?? compareHeld(sides, old, next)
    known.set(key, effects)
    for (const effect of effects) {
      const id = JSON.stringify(effect)
      const having = found.get(id) ?? { effect, holders: new Set() }
      having.holders.add(holder)
      found.set(id, having)
    }
  }
  return found
}

/** What `holder` holds that some rule gives or takes something, in the order of the names. */
function heldNames({ snapshot, rules }: Side, holder: string): string[] {
  return [...namesOf(snapshot, holder)].filter((name) => rules.has(name)).toSorted()
}

/** The names whose rules are not written the same on both sides. */
function changedNames([before, after]: Sides): ReadonlySet<string> {
  const written = ({ rules }: Side, name: string) =>
    (rules.get(name) ?? [])
      .map(({ values }) => values.slice(2).join())
      .sort()
      .join(' ')
  const names = new Set([...before.rules.keys(), ...after.rules.keys()])
  return new Set([...names].filter((name) => written(before, name) !== written(after, name)))
}

/** The differences of whoever holds `old` before and `next` after, methods of one kind together. */
function compareHeld(
  [before, after]: Sides,
  old: readonly string[],
  next: readonly string[],
): readonly Effect[] {
  const was = old.flatMap(before.permissions)
  const is = next.flatMap(after.permissions)
  const found = new Map<string, Effect[]>()
  const acts = methodsOf(everything, actionsIn([...was, ...is]))
  for (const method of acts) {
    const [left, right] = [objectsBy(was, method), objectsBy(is, method)]
    const add = (kind: Effect['kind']) => (area: Area) => {
      const except = area.except.map(({ text }) => text)
      const effect = { kind, method, object: area.object.text, except }
      const id = JSON.stringify({ ...effect, method: '' })
      found.set(id, [...(found.get(id) ?? []), effect])
    }
    gained(left, right).forEach(add('gains'))
    gained(right, left).forEach(add('loses'))
  }
  return [...found.values()].flatMap((effects) => {
    const [first] = effects
    const all = first !== undefined && effects.length === acts.length
    return all ? [{ ...first, method: everything }] : effects
  })
}

interface Objects {
  readonly allow: readonly Pattern[]
  readonly deny: readonly Pattern[]
}

function objectsBy(permissions: readonly Permission[], method: string): Objects {
  const fitting = permissions.filter((of) => of.method === everything || of.method === method)
  const objects = (allow: boolean) =>
    fitting.filter((of) => of.allow === allow).map(({ object }) => object)
  return { allow: objects(true), deny: objects(false) }
}

/** What `next` allows and `old` does not, in no more areas than it takes. */
function gained(old: Objects, next: Objects): readonly Area[] {
  const areas: (Area | undefined)[] = []
  for (const object of unlike(next.allow, old.allow)) {
    areas.push(subtract(object, [...next.deny, ...old.allow]))
  }
  for (const lifted of unlike(old.deny, next.deny)) {
    for (const allow of next.allow) {
      for (const object of intersect(allow, lifted)) areas.push(subtract(object, next.deny))
    }
  }
  return widestAreas(areas.filter((area) => area !== undefined))
}

/** Those of `patterns` that are not among `others`, whatever their parameters are called. */
function unlike(patterns: readonly Pattern[], others: readonly Pattern[]): Pattern[] {
  const known = new Set(others.map(({ key }) => key))
  return patterns.filter(({ key }) => !known.has(key))
}
