/**
 * The exact difference of two policies in what may be done: who gains or loses which method on which
 * paths, computed on patterns. What changes for whoever holds what is said in `diff-held.ts`; here it
 * is found out who that is, whoever holds the same looked at once.
 */
import { limits } from '../../lib/limits.ts'
import { sha256 } from '../../lib/secrets.ts'
import type { Steps } from '../../lib/turns.ts'
import { everything } from '../rules/grammar.ts'
import type { Policy } from '../rules/proposal.ts'
import { createCompareHeld, type Effect } from './diff-held.ts'
import { anybodyElse, createNamer } from './diff-names.ts'
import { createSide, ownRules, type Sides } from './diff-sides.ts'
import { type Page, type PageRequest, pageOf, type Unsupported } from './page.ts'
import { groupsIn, holdersOf, subjectsIn } from './permissions.ts'
import { whyUnreadable } from './product-model.ts'

/** What changes alike for everybody in `subjects`: paths that match `object` and none of `except`. */
export interface Difference extends Effect {
  /** The same in the fewest words: `*` for everybody, roles and teams with all who hold them. */
  readonly who: readonly string[]
  /** All users and services among those that rules name, `anonymous`, and `anybody else`. */
  readonly subjects: readonly string[]
}

/**
 * What changes from `before` to `after`, which are of one organisation, in the order of object, method
 * and kind; nothing where nobody may do anything more or less. Throws an `EntangledPatternsError` for
 * patterns so hostile that they are not taken apart; after `most` steps nothing is answered.
 */
export function* comparePolicies(
  before: Policy,
  after: Policy,
  page: PageRequest,
  most: number = limits.comparisonSteps,
): Steps<Page<Difference> | Unsupported> {
  const because = whyUnreadable(before) ?? whyUnreadable(after)
  if (because !== undefined) return { kind: 'unsupported', because }
  const work = compareReadable(before, after, page)
  for (let steps = 0; steps <= most; steps += 1) {
    const step = work.next()
    if (step.done) return step.value
    yield
  }
  const tooMuch = 'Too much differs to be told at once: compare a part of the change.'
  return { kind: 'unsupported', because: tooMuch }
}

function* compareReadable(
  before: Policy,
  after: Policy,
  page: PageRequest,
): Steps<Page<Difference>> {
  const sides = [yield* createSide(before), yield* createSide(after)] as const
  const holders = new Set([anybodyElse])
  for (const policy of [before, after]) {
    for (const name of subjectsIn(policy)) holders.add(name)
    yield
    for (const name of groupsIn(policy)) holders.add(name)
    yield
  }
  const classes = yield* classesOf(sides, holders)
  const having = yield* collect(sides, classes)
  const found = new Set(classes.flatMap((of) => of.holders))
  const namers = {
    loses: yield* createNamer(sides[0].members, holders, found),
    gains: yield* createNamer(sides[1].members, holders, found),
  }
  const see = ({ effect, classes: alike }: Having): Difference | undefined => {
    const named = namers[effect.kind](new Set(alike.flat()))
    return named === undefined ? undefined : { ...effect, ...named }
  }
  return yield* pageOf(having, page, keyOf, see)
}

/** Short enough for a cursor, however many exceptions there are. */
function keyOf({ effect: { object, method, kind, except } }: Having): string {
  const rest = except.length === 0 ? '' : sha256(except.join(' ')).slice(0, 16)
  return [object, method, kind, rest].join(' ')
}

interface Class {
  /** What its holders hold that some rule gives or takes something, before and after. */
  readonly old: readonly string[]
  readonly next: readonly string[]
  readonly holders: string[]
}

/** Those for whom something may differ, by what they hold; everybody else is never looked at. */
function* classesOf(sides: Sides, holders: ReadonlySet<string>): Steps<readonly Class[]> {
  const [before, after] = sides
  const changed = yield* changedNames(sides)
  const moved = yield* movedMembers(sides)
  const touched = sides.flatMap(({ members }) => [...holdersOf([...changed, ...moved], members)])
  const affected = changed.has(everything) ? holders : new Set(touched)
  const classes = new Map<string, Class>()
  for (const holder of affected) {
    if (!holders.has(holder)) continue
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

/** The names whose rules do not say the same on both sides. */
function* changedNames([before, after]: Sides): Steps<ReadonlySet<string>> {
  const changed = new Set<string>()
  for (const name of new Set([...before.rules.keys(), ...after.rules.keys()])) {
    yield
    const differs = ownRules(before, after, name).length + ownRules(after, before, name).length
    if (differs > 0) changed.add(name)
  }
  return changed
}

/** The members of a group on one side that it has not on the other. */
function* movedMembers([before, after]: Sides): Steps<readonly string[]> {
  const moved: string[] = []
  for (const group of new Set([...before.members.keys(), ...after.members.keys()])) {
    yield
    const [old, next] = [new Set(before.members.get(group)), new Set(after.members.get(group))]
    for (const member of old) if (!next.has(member)) moved.push(member)
    for (const member of next) if (!old.has(member)) moved.push(member)
  }
  return moved
}

interface Having {
  readonly effect: Effect
  /** Holders, a class at a time. */
  readonly classes: (readonly string[])[]
}

function* collect(sides: Sides, classes: Iterable<Class>): Steps<Iterable<Having>> {
  const found = new Map<string, Having>()
  const compareHeld = createCompareHeld(sides)
  for (const { old, next, holders } of classes) {
    for (const effect of yield* compareHeld(old, next)) {
      yield
      const id = JSON.stringify(effect)
      const having = found.get(id)
      if (having === undefined) found.set(id, { effect, classes: [holders] })
      else having.classes.push(holders)
    }
  }
  return found.values()
}
