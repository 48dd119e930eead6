/** Allows that allow nothing: all of what they say is denied to all whom they name. */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import { contains, EntangledPatternsError, type Pattern } from '../patterns/pattern-algebra.ts'
import { pathOutside } from '../patterns/pattern-meet.ts'
import type { Rule } from '../rule.ts'
import { everything } from '../rules/grammar.ts'
import type { Policy } from '../rules/proposal.ts'
import { rememberedSteps } from './diff-sides.ts'
import { indexNear } from './near.ts'
import { namesOf, readPermission } from './permissions.ts'
import { whyUnreadable } from './product-model.ts'

export interface Void {
  readonly rule: Rule
  /** The denies that together leave nothing of it; of several that would do alone, the first. */
  readonly denies: readonly Rule[]
}

/**
 * Those of `rules` that are void in `policy`, in their order. A rule that is found void is; where the
 * model is another one or patterns are too entangled to tell, a rule is not called void.
 */
export function* findVoids(policy: Policy, rules: readonly Rule[]): Steps<readonly Void[]> {
  if (whyUnreadable(policy) !== undefined) return []
  const denies = yield* readDenies(policy)
  const found: Void[] = []
  for (const rule of rules) {
    yield
    if (rule.ptype !== 'p' || rule.values[4] !== 'allow') continue
    const [subject = '', , text = '', method = ''] = rule.values
    const { object } = readPermission(rule)
    const near: Rule[] = []
    for (const name of namesOf(policy, subject)) near.push(...(yield* denies(name))(text))
    const alike = near.filter(({ values }) => values[3] === everything || values[3] === method)
    const enough = coverOf(object, alike)
    if (enough.length > 0) found.push({ rule, denies: enough })
  }
  return found
}

/** By the name that they deny something to, those that may overlap with a pattern. */
function* readDenies({ rules }: Policy) {
  const byName = new Map<string, Rule[]>()
  for (const [at, rule] of rules.entries()) {
    if (at % limits.turnRules === 0) yield
    if (rule.ptype !== 'p' || rule.values[4] !== 'deny') continue
    const [name = ''] = rule.values
    const before = byName.get(name)
    if (before === undefined) byName.set(name, [rule])
    else before.push(rule)
  }
  return rememberedSteps((name: string) => {
    return indexNear(byName.get(name) ?? [], ({ values }) => values[2] ?? '')
  })
}

/** The denies, of those given, that leave no path of `object`; none where some path is left, or it is hard to tell. */
export function coverOf(object: Pattern, denies: readonly Rule[]): readonly Rule[] {
  const patterns = denies.map((rule) => readPermission(rule).object)
  try {
    const one = denies.find((_, at) => {
      const pattern = patterns[at]
      return pattern !== undefined && contains(pattern, object)
    })
    if (one !== undefined) return [one]
    // Nothing is inside of nothing, so any path that the denies leave is outside.
    const left = patterns.length > 1 && pathOutside({ object, except: patterns }, [], [])
    return left === undefined ? denies : []
  } catch (error) {
    if (error instanceof EntangledPatternsError) return []
    throw error
  }
}
