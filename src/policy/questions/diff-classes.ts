/** For whom two policies may differ, whoever holds the same taken together. */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import { everything } from '../rules/grammar.ts'
import { anybodyElse } from './diff-names.ts'
import { notAmong, ownRules, type Sides } from './diff-sides.ts'
import { groupsIn, holdersOf, subjectsIn } from './permissions.ts'

export interface Class {
  /** What its holders hold that some rule gives or takes something, before and after. */
  readonly old: readonly string[]
  readonly next: readonly string[]
  /** One at least. */
  readonly holders: string[]
}

/** All subjects, teams and roles that rules name, and `anybody else`. */
export function* readHolders(sides: Sides): Steps<ReadonlySet<string>> {
  const holders = new Set([anybodyElse])
  for (const { all } of sides) {
    for (const name of subjectsIn({ rules: all })) holders.add(name)
    yield
    for (const name of groupsIn({ rules: all })) holders.add(name)
    yield
  }
  return holders
}

/** Those for whom something may differ, by what they hold; everybody else is never looked at. */
export function* classesOf(sides: Sides): Steps<readonly Class[]> {
  const [before, after] = sides
  const touched = yield* touchedBy(sides)
  const changed = yield* changedNames(sides, touched.names)
  const moved = yield* movedMembers(sides, touched.groups)
  const affected = changed.has(everything)
    ? yield* readHolders(sides)
    : new Set(sides.flatMap(({ members }) => [...holdersOf([...changed, ...moved], members)]))
  const classes = new Map<string, Class>()
  for (const holder of affected) {
    yield
    const [old, next] = [before.held(holder), after.held(holder)]
    const key = `${old.join()} ${next.join()}`
    if (old.join() === next.join() && !old.some((name) => changed.has(name))) continue
    const same = classes.get(key)
    if (same === undefined) classes.set(key, { old, next, holders: [holder] })
    else same.holders.push(holder)
  }
  return [...classes.values()]
}

interface Touched {
  /** Those whom a rule of type p names that is on one side only. */
  readonly names: ReadonlySet<string>
  /** The same for the teams and roles of rules of type g. */
  readonly groups: ReadonlySet<string>
}

/** Where to look at all: after a small change both sides share nearly every rule. */
function* touchedBy([before, after]: Sides): Steps<Touched> {
  const gone = yield* notAmong(before.all, after.all)
  const fresh = yield* notAmong(after.all, before.all)
  const names = new Set<string>()
  const groups = new Set<string>()
  for (const [at, { ptype, values }] of [...gone, ...fresh].entries()) {
    if (at % limits.turnRules === 0) yield
    if (ptype === 'p') names.add(values[0] ?? '')
    if (ptype === 'g') groups.add(values[1] ?? '')
  }
  return { names, groups }
}

/** Those of the names whose rules do not say the same on both sides. */
function* changedNames(
  [before, after]: Sides,
  names: ReadonlySet<string>,
): Steps<ReadonlySet<string>> {
  const changed = new Set<string>()
  for (const name of names) {
    yield
    const fresh = yield* ownRules(after, before, name)
    const gone = fresh.length > 0 ? [] : yield* ownRules(before, after, name)
    if (fresh.length + gone.length > 0) changed.add(name)
  }
  return changed
}

/** The members of a group on one side that it has not on the other. */
function* movedMembers(
  [before, after]: Sides,
  groups: ReadonlySet<string>,
): Steps<readonly string[]> {
  const moved: string[] = []
  for (const group of groups) {
    yield
    const [old, next] = [new Set(before.members.get(group)), new Set(after.members.get(group))]
    for (const member of old) if (!next.has(member)) moved.push(member)
    for (const member of next) if (!old.has(member)) moved.push(member)
  }
  return moved
}
