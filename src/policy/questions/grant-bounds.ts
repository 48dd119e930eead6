/** What a change may give at most: what whoever makes it holds, and the scopes of a key. */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import { contains, overlaps, type Pattern, readPattern } from '../patterns/pattern-algebra.ts'
import { type Area, pathOutside } from '../patterns/pattern-meet.ts'
import type { Rule } from '../rule.ts'
import { everything } from '../rules/grammar.ts'
import { nearIn } from './diff-gain.ts'
import type { NearRules, Side } from './diff-sides.ts'

export interface Bound {
  /** A path of `gain` that is not inside, by a method or by `*` for the actions that no rule names. */
  readonly outside: (gain: Area, method: string) => string | undefined
  /** Whether all that a rule could give is inside; `false` may also mean that it is hard to tell. */
  readonly covers: (rule: Rule) => boolean
}

/** What an API key is confined to. */
export interface GrantScope {
  /** A pattern that `checkPattern` accepts. */
  readonly object: string
  /** A method, or `*`. */
  readonly method: string
}

export function readScopes(scopes: readonly GrantScope[]): Bound {
  const patterns = scopes.map(({ object, method }) => ({ object: readPattern(object), method }))
  const objectsFor = (method: string) =>
    patterns.filter((of) => fits(of.method, method)).map(({ object }) => object)
  return {
    outside: (gain, method) => pathOutside(gain, objectsFor(method), []),
    covers: ({ values: [, , text = '', method = ''] }) => {
      const object = readPattern(text)
      return objectsFor(method).some((scope) => contains(scope, object))
    },
  }
}

/** What `actor` holds; denies of the organisation do not count against somebody who owns it. */
export function* readHoldings(side: Side, actor: string, owns: boolean): Steps<Bound> {
  const near: NearRules[] = []
  const spelt = new Set<string>()
  for (const name of side.held(actor)) {
    const { allow, deny } = yield* side.near(name)
    near.push(owns ? { allow, deny: (text) => deny(text).filter(isGuardrail) } : { allow, deny })
    for (const [at, { values }] of (side.rules.get(name) ?? []).entries()) {
      if (at % limits.turnRules === 0) yield
      if (values[4] === 'allow') spelt.add(`${values[3]} ${values[2]}`)
    }
  }
  const nearby = (object: Pick<Pattern, 'text'>, method: string, effect: keyof NearRules) =>
    nearIn({ side, near }, object, method, effect)
  return {
    outside: (gain, method) => {
      const allows = nearby(gain.object, method, 'allow')
      return pathOutside(gain, allows, nearby(gain.object, method, 'deny'))
    },
    covers: (rule) => {
      const [, , text = '', method = ''] = rule.values
      const denies = near.flatMap(({ deny }) => deny(text))
      if (denies.some((deny) => mayMeet(side, rule, deny))) return false
      // Whoever gives a role that they hold themselves holds each of its rules as it is spelt.
      if (spelt.has(`${method} ${text}`) || spelt.has(`${everything} ${text}`)) return true
      const { object } = side.read(rule)
      return nearby({ text }, method, 'allow').some((allow) => contains(allow, object))
    },
  }
}

function isGuardrail({ source }: Rule): boolean {
  return source.kind === 'file'
}

function mayMeet({ read }: Side, one: Rule, other: Rule): boolean {
  const [left, right] = [read(one), read(other)]
  const methods = fits(left.method, right.method) || fits(right.method, left.method)
  return methods && overlaps(left.object, right.object)
}

/** Whether what is said of one method holds for another; what is said of `*` holds for all. */
function fits(said: string, method: string): boolean {
  return said === everything || said === method
}
