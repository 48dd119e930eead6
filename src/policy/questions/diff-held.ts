/**
 * What changes for somebody who holds some names before and some after. With A what is allowed and D
 * what is denied before and after,
 *
 *   gained = (A' - D') - (A - D) = (A' - D' - A) + ((A' and D) - D')
 *
 * where only allows that are new can begin the first part, and only denies that are gone the second.
 * So the work follows what changed, not the size of the policies. What is lost is what the way back
 * gains.
 */
import type { Steps } from '../../lib/turns.ts'
import type { Pattern } from '../patterns/pattern-algebra.ts'
import {
  type Area,
  areaWithin,
  intersect,
  subtract as subtractAll,
  widestAreas,
} from '../patterns/pattern-meet.ts'
import { everything } from '../rules/grammar.ts'
import { ownRules, remembered, type Side, type Sides } from './diff-sides.ts'
import { startOf } from './near.ts'
import { actionsIn, methodsOf, type Permission } from './permissions.ts'

export interface Effect {
  readonly kind: 'gains' | 'loses'
  /** A method, or `*` for all of them. */
  readonly method: string
  readonly object: string
  readonly except: readonly string[]
}

/** All that one holds on one side. */
interface Held {
  readonly side: Side
  readonly names: readonly string[]
  /** What the same name does not say on the other side: only this can make a difference. */
  readonly own: readonly Permission[]
}

/** The differences of whoever holds some names before and some after. */
export type CompareHeld = (
  old: readonly string[],
  next: readonly string[],
) => Steps<readonly Effect[]>

export function createCompareHeld([before, after]: Sides): CompareHeld {
  const areas = createAreas()
  const acts = methodsOf(everything, actionsOf([before, after]))
  const gone = remembered((name: string) => ownRules(before, after, name).map(before.read))
  const fresh = remembered((name: string) => ownRules(after, before, name).map(after.read))
  const all = (side: Side, name: string) => (side.rules.get(name) ?? []).map(side.read)
  return (old, next) => {
    const other = new Set(next)
    const kept = new Set(old.filter((name) => other.has(name)))
    const was = old.flatMap((name) => (kept.has(name) ? gone(name) : all(before, name)))
    const is = next.flatMap((name) => (kept.has(name) ? fresh(name) : all(after, name)))
    return compareSides(
      { side: before, names: old, own: was },
      { side: after, names: next, own: is },
      acts,
      areas,
    )
  }
}

/** The actions of resources that the rules of either side name. */
function actionsOf(sides: Sides): readonly string[] {
  const rules = sides.flatMap(({ rules: named }) => [...named.values()].flat())
  return actionsIn(rules.map(({ values }) => ({ method: values[3] ?? '' })))
}

/** Methods for which the same differs are told together. */
function* compareSides(
  was: Held,
  is: Held,
  acts: readonly string[],
  known: Areas,
): Steps<readonly Effect[]> {
  const found = new Map<string, Effect[]>()
  for (const method of acts) {
    for (const kind of ['gains', 'loses'] as const) {
      const areas =
        kind === 'gains' ? gained(was, is, method, known) : gained(is, was, method, known)
      for (const { object, except: holes } of yield* areas) {
        const except = holes.map(({ text }) => text)
        const effect = { kind, method, object: object.text, except }
        const id = JSON.stringify({ ...effect, method: '' })
        const alike = found.get(id)
        if (alike === undefined) found.set(id, [effect])
        else alike.push(effect)
      }
    }
  }
  return [...found.values()].flatMap((effects) => {
    const [first] = effects
    const all = first !== undefined && effects.length === acts.length
    return all ? [{ ...first, method: everything }] : effects
  })
}

/** What `next` allows and `old` does not, in no more areas than it takes. */
function* gained(
  old: Held,
  next: Held,
  method: string,
  { subtract, isWithin }: Areas,
): Steps<readonly Area[]> {
  // Two ways can leave the same area, which is then one and the same value.
  const areas = new Set<Area | undefined>()
  const fits = (of: Permission) => of.method === everything || of.method === method
  for (const { object, allow } of next.own.filter(fits)) {
    if (!allow) continue
    const before = nearIn(old, object, method, true)
    if (includes(before, object)) continue
    yield
    areas.add(subtract(object, [...nearIn(next, object, method, false), ...before]))
  }
  for (const { object: lifted, allow } of old.own.filter(fits)) {
    if (allow) continue
    const denies = nearIn(next, lifted, method, false)
    if (includes(denies, lifted)) continue
    for (const allowed of nearIn(next, lifted, method, true)) {
      yield
      for (const object of intersect(allowed, lifted)) areas.add(subtract(object, denies))
    }
  }
  return yield* widestOf(
    [...areas].filter((area) => area !== undefined),
    isWithin,
  )
}

/** The allows or the denies for a method that may overlap `object`. */
function nearIn({ side, names }: Held, object: Pattern, method: string, allow: boolean): Pattern[] {
  const found: Pattern[] = []
  for (const name of names) {
    for (const rule of side.near(name)(object.text)) {
      const [, , , by, effect] = rule.values
      if ((effect === 'allow') !== allow || (by !== everything && by !== method)) continue
      found.push(side.read(rule).object)
    }
  }
  return found
}

/** Whether it is there, whatever its parameters are called. */
function includes(patterns: readonly Pattern[], { key }: Pattern): boolean {
  return patterns.some((pattern) => pattern.key === key)
}

/** The areas that lie in no other: those that begin alike are compared, and open ones with all. */
function* widestOf(areas: readonly Area[], isWithin: Areas['isWithin']): Steps<readonly Area[]> {
  const starts = areas.map(({ object }) => startOf(object.text))
  const found: Area[] = []
  for (const start of new Set(starts)) {
    const near = areas.filter((_, at) => {
      return start === undefined || starts[at] === undefined || starts[at] === start
    })
    const widest = new Set(yield* widestAreas(near, isWithin))
    found.push(...areas.filter((area, at) => starts[at] === start && widest.has(area)))
  }
  return found
}

/** What patterns leave of each other, found once: most who hold something hold it beside the same. */
interface Areas {
  readonly subtract: (object: Pattern, others: readonly Pattern[]) => Area | undefined
  readonly isWithin: (inner: Area, outer: Area) => boolean
}

function createAreas(): Areas {
  const left = new Map<string, Area | undefined>()
  const within = new Map<Area, Map<Area, boolean>>()
  return {
    subtract: (object, others) => {
      const key = [object.text, ...others.map(({ text }) => text)].join(' ')
      if (left.has(key)) return left.get(key)
      const area = subtractAll(object, others)
      left.set(key, area)
      return area
    },
    isWithin: (inner, outer) => {
      const known = within.get(inner) ?? new Map<Area, boolean>()
      within.set(inner, known)
      const found = known.get(outer) ?? areaWithin(inner, outer)
      known.set(outer, found)
      return found
    },
  }
}
