/**
 * The exact difference of two policies in what may be done: who gains or loses which method on which
 * paths, computed on patterns. What changes for whoever holds what is said in `diff-held.ts`; here it
 * is found out who that is, whoever holds the same looked at once.
 */
import { limits } from '../../lib/limits.ts'
import { sha256 } from '../../lib/secrets.ts'
import type { Steps } from '../../lib/turns.ts'
import type { Policy } from '../rules/proposal.ts'
import { type Class, classesOf, readHolders } from './diff-classes.ts'
import { createCompareHeld, type Effect } from './diff-held.ts'
import { createNamer } from './diff-names.ts'
import { compareSides, type Sides } from './diff-sides.ts'
import { type Page, type PageRequest, pageOf, type Unsupported } from './page.ts'

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
export function comparePolicies(
  before: Policy,
  after: Policy,
  page: PageRequest,
  most: number = limits.comparisonSteps,
): Steps<Page<Difference> | Unsupported> {
  return compareSides(before, after, most, (sides) => tellDifferences(sides, page))
}

function* tellDifferences(sides: Sides, page: PageRequest): Steps<Page<Difference>> {
  const holders = yield* readHolders(sides)
  const classes = yield* classesOf(sides)
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
