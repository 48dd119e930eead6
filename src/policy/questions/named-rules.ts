/** The rules of a snapshot by whom they name, and those about a request, for explanations. */
import type { Steps } from '../../lib/turns.ts'
import type { DecisionRequest } from '../decide.ts'
import type { Rule } from '../rule.ts'
import type { Snapshot } from '../snapshot.ts'
import { createAbout, isGroup } from './permissions.ts'

export interface NamedRules {
  /** Rules of type p that allow, by the name that they name. */
  readonly allows: ReadonlyMap<string, readonly Rule[]>
  /** The teams and roles that rules name. */
  readonly groups: ReadonlySet<string>
}

/** A snapshot is never changed, so neither is what was made of it; it goes when the snapshot goes. */
const known = new WeakMap<Snapshot['rules'], NamedRules>()

/** Rules between two places where the work may be put aside: well below a millisecond. */
const STRIDE = 500

export function* readNamedRules({ rules }: Snapshot): Steps<NamedRules> {
  const before = known.get(rules)
  if (before !== undefined) return before
  const allows = new Map<string, Rule[]>()
  const groups = new Set<string>()
  for (const [at, rule] of rules.entries()) {
    if (at % STRIDE === 0) yield
    const [first = '', second = ''] = rule.values
    if (isGroup(first)) groups.add(first)
    if (rule.ptype === 'g') groups.add(second)
    else if (rule.ptype === 'p' && rule.values[4] === 'allow') push(allows, first, rule)
  }
  const index = { allows, groups }
  known.set(rules, index)
  return index
}

function push(lists: Map<string, Rule[]>, key: string, rule: Rule): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [rule])
  else list.push(rule)
}

/** The rules for the object and the method of a request, whoever asks, in their order. */
export function* rulesAbout({ rules }: Snapshot, request: DecisionRequest): Steps<readonly Rule[]> {
  const isAbout = createAbout(request)
  const found: Rule[] = []
  for (const [at, rule] of rules.entries()) {
    if (at % STRIDE === 0) yield
    if (isAbout(rule)) found.push(rule)
  }
  return found
}
