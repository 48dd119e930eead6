/**
 * Nobody grants what they do not hold (A6 111, I11): whether a change gives anybody more than whoever
 * makes it is allowed, denies taken off, before it. Teams and roles count as holders even while nobody
 * is in them, for somebody else may be added later; and what a deny that goes gives back is given.
 */
import { isTypedId } from '../../lib/ids.ts'
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import { contains, EntangledPatternsError, overlaps } from '../patterns/pattern-algebra.ts'
import type { Area } from '../patterns/pattern-meet.ts'
import { everything } from '../rules/grammar.ts'
import type { Policy } from '../rules/proposal.ts'
import { classesOf } from './diff-classes.ts'
import { actsOf, createReadHeld, findGain } from './diff-gain.ts'
import { compareSides, type Sides } from './diff-sides.ts'
import { type Bound, type GrantScope, readHoldings, readScopes } from './grant-bounds.ts'
import type { Unsupported } from './page.ts'

const owner = 'role:owner'

export interface Excess {
  /** The pattern that somebody gains, and a path of it that goes too far. */
  readonly object: string
  readonly path: string
  /** `*` where only the actions are too much that no rule names. */
  readonly method: string
  /** One of those who would gain it: a subject, a team or role, or `anybody else`. */
  readonly who: string
}

export type GrantCheck =
  | { readonly kind: 'none' }
  | { readonly kind: 'excess'; readonly excess: Excess }
  | Unsupported

/**
 * The first permission that somebody has in `after` and not in `before`, and that `actor` (`user:…` or
 * `service:…`) does not hold in `before`, or not within the scopes. Both are of one organisation and of
 * the same files. An owner holds everything that no guardrail denies them. Who is told `unsupported`
 * has to refuse: the model is another one, patterns are too entangled, or `most` steps did not do.
 */
export function* findExcess(
  before: Policy,
  after: Policy,
  actor: string,
  within?: readonly GrantScope[],
  most: number = limits.comparisonSteps,
): Steps<GrantCheck> {
  // H8: an actor named like a role would hold what the role holds.
  if (!isTypedId(actor, 'user', 'service')) {
    return { kind: 'unsupported', because: 'Only a user or a service can grant anything.' }
  }
  const owns = before.rolesOf(actor).includes(owner)
  if (owns && within === undefined && !(yield* isBound(before, actor))) return { kind: 'none' }
  try {
    return yield* compareSides(before, after, most, (sides) =>
      compareGains(sides, { actor, owns, within }),
    )
  } catch (error) {
    if (!(error instanceof EntangledPatternsError)) throw error
    return { kind: 'unsupported', because: error.message }
  }
}

/**
 * Whether a guardrail may deny an owner what it denies not everybody: what it denies everybody nobody
 * gains. Said of rules of every model, so it looks for the names wherever they stand.
 */
function* isBound({ rules, rolesOf }: Policy, actor: string): Steps<boolean> {
  const names = new Set([actor, ...rolesOf(actor)])
  for (const [at, { ptype, source, values }] of rules.entries()) {
    if (at % limits.turnRules === 0) yield
    if (ptype !== 'p' || source.kind !== 'file' || !values.includes('deny')) continue
    if (values.some((value) => names.has(value))) return true
  }
  return false
}

interface Grantor {
  readonly actor: string
  readonly owns: boolean
  readonly within: readonly GrantScope[] | undefined
}

function* compareGains(sides: Sides, grantor: Grantor): Steps<GrantCheck> {
  const bounds = [yield* readHoldings(sides[0], grantor.actor, grantor.owns)]
  if (grantor.within !== undefined) bounds.push(readScopes(grantor.within))
  const readHeld = createReadHeld(sides, (rule) => !bounds.every(({ covers }) => covers(rule)))
  // Whoever gains `*` gains every action that is declared later too, and so has to be given it by
  // somebody who holds `*`: it stands for the actions that no rule names.
  const acts = [...actsOf(sides), everything]
  for (const { old, next, holders } of yield* classesOf(sides)) {
    const [who = everything] = holders
    // An owner may also lift what their organisation denies them, so to hold the same is not enough.
    if (!grantor.owns && next.includes(owner) && !old.includes(owner)) {
      return { kind: 'excess', excess: { object: '/*', path: '/', method: everything, who } }
    }
    const [was, is] = yield* readHeld(old, next)
    for (const method of acts) {
      const found = yield* findGain(was, is, method, (gain) => findOutside(bounds, gain, method))
      if (found === undefined) continue
      return { kind: 'excess', excess: { ...found, method, who } }
    }
  }
  return { kind: 'none' }
}

function findOutside(bounds: readonly Bound[], { object, except }: Area, method: string) {
  const near = except.filter((other) => overlaps(other, object))
  if (near.some((other) => contains(other, object))) return undefined
  for (const { outside } of bounds) {
    const path = outside({ object, except: near }, method)
    if (path !== undefined) return { object: object.text, path }
  }
  return undefined
}
