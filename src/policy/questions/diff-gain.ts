/**
 * What somebody gains who holds some names before and some after. With A what is allowed and D what is
 * denied before and after,
 *
 *   gained = (A' - D') - (A - D) = (A' - D' - A) + ((A' and D) - D')
 *
 * where only allows that are new can begin the first part, and only denies that are gone the second.
 * So the work follows what changed, not the size of the policies.
 */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import type { Pattern } from '../patterns/pattern-algebra.ts'
import { type Area, intersect } from '../patterns/pattern-meet.ts'
import type { Rule } from '../rule.ts'
import { everything } from '../rules/grammar.ts'
import { type NearRules, ownRules, rememberedSteps, type Side, type Sides } from './diff-sides.ts'
import { actionsIn, methodsOf, type Permission } from './permissions.ts'

/** All that one holds on one side. */
export interface Held {
  readonly side: Side
  /** The rules of each name that is held. */
  readonly near: readonly NearRules[]
  /** What the same name does not say on the other side: only this can make a difference. */
  readonly own: readonly Permission[]
}

/** What whoever holds some names before and some after holds, on both sides. */
export type ReadHeld = (
  old: readonly string[],
  next: readonly string[],
) => Steps<readonly [was: Held, is: Held]>

/** Rules for which `matters` is false are never among one's own. */
export function createReadHeld(
  [before, after]: Sides,
  matters: (rule: Rule) => boolean = () => true,
): ReadHeld {
  const was = createReadSide(before, after, matters)
  const is = createReadSide(after, before, matters)
  return function* (old, next) {
    return [yield* was(old, new Set(next)), yield* is(next, new Set(old))]
  }
}

function createReadSide(one: Side, other: Side, matters: (rule: Rule) => boolean) {
  function* read(rules: readonly Rule[]): Steps<readonly Permission[]> {
    const found: Permission[] = []
    for (const [at, rule] of rules.entries()) {
      if (at % limits.turnRules === 0) yield
      if (matters(rule)) found.push(one.read(rule))
    }
    return found
  }
  const all = rememberedSteps((name: string) => read(one.rules.get(name) ?? []))
  const changed = rememberedSteps(function* (name: string) {
    return yield* read(yield* ownRules(one, other, name))
  })
  return function* (names: readonly string[], others: ReadonlySet<string>): Steps<Held> {
    const near: NearRules[] = []
    const own: (readonly Permission[])[] = []
    for (const name of names) {
      near.push(yield* one.near(name))
      own.push(yield* others.has(name) ? changed(name) : all(name))
    }
    return { side: one, near, own: own.flat() }
  }
}

/** Every method, and the actions of resources that the rules of either side name. */
export function actsOf(sides: Sides): readonly string[] {
  const written = sides.flatMap(({ methods }) => [...methods])
  return methodsOf(everything, actionsIn(written.map((method) => ({ method }))))
}

/**
 * The first answer of `see`, which is shown all that `next` allows and `old` does not, an area at a
 * time. Areas may overlap, their exceptions need not take anything away, and what they leave may be
 * nothing at all.
 */
export function* findGain<T>(
  old: Held,
  next: Held,
  method: string,
  see: (gain: Area) => T | undefined,
): Steps<T | undefined> {
  const fits = (of: Permission) => of.method === everything || of.method === method
  for (const { object, allow } of next.own.filter(fits)) {
    if (!allow) continue
    yield
    const denies = nearIn(next, object, method, 'deny')
    const found = see({ object, except: [...denies, ...nearIn(old, object, method, 'allow')] })
    if (found !== undefined) return found
  }
  for (const { object: lifted, allow } of old.own.filter(fits)) {
    if (allow) continue
    const except = nearIn(next, lifted, method, 'deny')
    if (except.some(({ key }) => key === lifted.key)) continue
    for (const allowed of nearIn(next, lifted, method, 'allow')) {
      yield
      for (const object of intersect(allowed, lifted)) {
        const found = see({ object, except })
        if (found !== undefined) return found
      }
    }
  }
  return undefined
}

/** The allows or the denies for a method that may overlap `object`. */
export function nearIn(
  { side, near }: Pick<Held, 'side' | 'near'>,
  object: Pick<Pattern, 'text'>,
  method: string,
  effect: keyof NearRules,
): Pattern[] {
  const found: Pattern[] = []
  for (const of of near) {
    for (const rule of of[effect](object.text)) {
      const by = rule.values[3]
      if (by === everything || by === method) found.push(side.read(rule).object)
    }
  }
  return found
}
