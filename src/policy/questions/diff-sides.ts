/** One of two policies that are compared, its rules by the name that holds them. */
import type { Steps } from '../../lib/turns.ts'
import type { Rule } from '../rule.ts'
import type { Policy } from '../rules/proposal.ts'
import { indexNear, type Near } from './near.ts'
import { membersIn, namesOf, type Permission, readPermission } from './permissions.ts'

export interface Side {
  /** Who is a direct member of what. */
  readonly members: ReadonlyMap<string, readonly string[]>
  /** The rules of type p, by the name that they name. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>
  /** What `holder` holds that some rule gives or takes something, in the order of the names. */
  readonly held: (holder: string) => readonly string[]
  /** Those of a name's rules whose patterns can overlap with the pattern of a text. */
  readonly near: (name: string) => Near<Rule>
  /** A rule as a permission, read when it is first needed. */
  readonly read: (rule: Rule) => Permission
}

export type Sides = readonly [before: Side, after: Side]

export function* createSide(policy: Policy): Steps<Side> {
  const permissions = policy.rules.filter(({ ptype }) => ptype === 'p')
  yield
  const rules = Map.groupBy(permissions, ({ values }) => values[0] ?? '')
  yield
  const members = membersIn(policy)
  yield
  return {
    members,
    rules,
    held: (holder) => [...namesOf(policy, holder)].filter((name) => rules.has(name)).sort(),
    near: remembered((name: string) =>
      indexNear(rules.get(name) ?? [], ({ values }) => values[2] ?? ''),
    ),
    read: remembered(readPermission),
  }
}

/** The same function, each of whose answers is found once. */
export function remembered<K, V>(find: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const found = find(key)
    known.set(key, found)
    return found
  }
}

/** What a rule says to the one whom it names. */
function said({ values }: Rule): string {
  return values.slice(2).join()
}

/** Those of a name's rules on one side that it has not on the other. */
export function ownRules(one: Side, other: Side, name: string): readonly Rule[] {
  const [mine, theirs] = [one.rules.get(name) ?? [], other.rules.get(name) ?? []]
  const known = new Set(theirs.map(said))
  return mine.filter((rule) => !known.has(said(rule)))
}
