/**
 * What changes for somebody who holds some names before and some after, in no more areas than it takes.
 * What is lost is what the way back gains.
 */
import type { Steps } from '../../lib/turns.ts'
import type { Pattern } from '../patterns/pattern-algebra.ts'
import {
  type Area,
  areaWithin,
  subtract as subtractAll,
  widestAreas,
} from '../patterns/pattern-meet.ts'
import { everything } from '../rules/grammar.ts'
import { actsOf, createReadHeld, findGain, type Held } from './diff-gain.ts'
import type { Sides } from './diff-sides.ts'
import { startOf } from './near.ts'

export interface Effect {
  readonly kind: 'gains' | 'loses'
  /** A method, or `*` for all of them. */
  readonly method: string
  readonly object: string
  readonly except: readonly string[]
}

/** The differences of whoever holds some names before and some after. */
export type CompareHeld = (
  old: readonly string[],
  next: readonly string[],
) => Steps<readonly Effect[]>

export function createCompareHeld(sides: Sides): CompareHeld {
  const areas = createAreas()
  const acts = actsOf(sides)
  const readHeld = createReadHeld(sides)
  return function* (old, next) {
    const [was, is] = yield* readHeld(old, next)
    return yield* compareHeld(was, is, acts, areas)
  }
}

/** Methods for which the same differs are told together. */
function* compareHeld(
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
  yield* findGain(old, next, method, ({ object, except }) => {
    if (!includes(except, object)) areas.add(subtract(object, except))
    return undefined
  })
  return yield* widestOf(
    [...areas].filter((area) => area !== undefined),
    isWithin,
  )
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
