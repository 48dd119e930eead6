/** The fewest words for a set of subjects, each word true of all that it stands for. */
import type { Steps } from '../../lib/turns.ts'
import { everything } from '../rules/grammar.ts'
import { holdersOf, isGroup } from './permissions.ts'

/** Stands for every subject that no rule names; no id can be spelt so. */
export const anybodyElse = 'anybody else'

export interface Named {
  /** `*` for everybody, roles and teams with all who hold them, then single subjects. */
  readonly who: readonly string[]
  /** The subjects alone, in the order of their ids. */
  readonly subjects: readonly string[]
}

/** Names a set of holders. */
type Namer = (having: ReadonlySet<string>) => Named | undefined

/**
 * Names subsets of `found`, which are among `holders`: all subjects, roles and teams there are, and `anybody else`. A role or
 * team is a holder too, standing for somebody who holds it alone; so a change of a role is seen before
 * anybody has it. `undefined` where it is true of no subject and of no role or team as a whole.
 */
export function* createNamer(
  members: ReadonlyMap<string, readonly string[]>,
  holders: ReadonlySet<string>,
  found: Iterable<string>,
): Steps<Namer> {
  const everybody = [...holders].filter((holder) => !isGroup(holder))
  const known = new Map<string, Group>()
  for (const name of found) {
    yield
    if (!isGroup(name) || known.has(name)) continue
    const inside = holdersOf([name], members)
    known.set(name, { name, inside, of: [...inside].filter((holder) => !isGroup(holder)) })
  }
  return (having) => {
    const subjects = [...having].filter((holder) => !isGroup(holder)).toSorted()
    if (subjects.length === everybody.length) return { who: [everything], subjects }
    const groups = [...having].flatMap((name) => known.get(name) ?? [])
    const whole = groups.filter(({ of }) => of.every((subject) => having.has(subject)))
    // What anybody has, roles that nobody holds have as well, and need no word.
    const worth = having.has(anybodyElse) ? whole.filter(({ of }) => of.length > 0) : whole
    const who = [...cover(worth, subjects)]
    return who.length === 0 ? undefined : { who, subjects }
  }
}

interface Group {
  readonly name: string
  /** Whoever holds it, other groups and itself included. */
  readonly inside: ReadonlySet<string>
  /** The subjects that hold it. */
  readonly of: readonly string[]
}

/** The largest groups first, each for something that those before it leave; then single subjects. */
function cover(groups: readonly Group[], subjects: readonly string[]): Iterable<string> {
  const sorted = groups.toSorted((left, right) => {
    return right.inside.size - left.inside.size || (left.name < right.name ? -1 : 1)
  })
  const left = new Set([...subjects, ...groups.map(({ name }) => name)])
  const who: string[] = []
  for (const { name, inside, of } of sorted) {
    const news = of.length === 0 ? left.has(name) : of.some((subject) => left.has(subject))
    if (!news) continue
    who.push(name)
    for (const holder of inside) left.delete(holder)
  }
  return [...who, ...subjects.filter((subject) => left.has(subject))]
}
