/**
 * The rules of the files by whom they name and where, and what applies to the same requests: the
 * rules of everybody, of every organisation, and of the roles that are inherited. Whatever is found
 * holds in each organisation, whatever rules of its own it adds.
 */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import { builtInRules } from '../built-in.ts'
import { contains, EntangledPatternsError, type Pattern } from '../patterns/pattern-algebra.ts'
import { PatternTree } from '../patterns/pattern-tree.ts'
import { readPermission } from '../questions/permissions.ts'
import type { Rule } from '../rule.ts'
import { everything } from '../rules/grammar.ts'

export interface Ground {
  readonly rule: Rule
  readonly object: Pattern
  /** A method, or `*`. */
  readonly method: string
  readonly allow: boolean
  /** Its place among all, by which the first of two equal ones is told. */
  readonly position: number
  readonly group: Group
}

/** The rules that name the same subject in the same domain. */
export interface Group {
  readonly subject: string
  readonly domain: string
  readonly rules: Ground[]
  readonly allows: PatternTree<Ground>
  readonly denies: PatternTree<Ground>
}

export interface Grounds {
  readonly groups: Iterable<Group>
  /** The groups that hold for everybody whom `group` is about, itself among them. */
  readonly above: (group: Group) => readonly Group[]
}

/** Reads the permissions among `rules`, which must be those of one set of sound files. */
export function* readGrounds(rules: readonly Rule[]): Steps<Grounds> {
  const groups = new Map<string, Group>()
  const all = [...builtInRules, ...rules]
  for (const [position, rule] of all.entries()) {
    if (position % limits.turnRules === 0) yield
    if (rule.ptype !== 'p') continue
    const [subject = '', domain = ''] = rule.values
    const key = keyOf(subject, domain)
    const group = groups.get(key) ?? createGroup(subject, domain)
    groups.set(key, group)
    const { object, method, allow } = readPermission(rule)
    const ground = { rule, object, method, allow, position, group }
    group.rules.push(ground)
    const tree = allow ? group.allows : group.denies
    tree.add(object.parts, ground)
  }
  const held = readHeld(rules)
  const above = ({ subject, domain }: Group) => {
    const domains = domain === everything ? [everything] : [domain, everything]
    return [...held(subject, domain)].flatMap((name) =>
      domains.flatMap((where) => groups.get(keyOf(name, where)) ?? []),
    )
  }
  return { groups: groups.values(), above }
}

function createGroup(subject: string, domain: string): Group {
  return { subject, domain, rules: [], allows: new PatternTree(), denies: new PatternTree() }
}

function keyOf(subject: string, domain: string): string {
  return `${subject} ${domain}`
}

/**
 * What whoever holds a name in a domain holds as well, by the lines of the files that hold there. The
 * first so many: what is left out is a finding less, never a wrong one.
 */
function readHeld(rules: readonly Rule[]): (name: string, domain: string) => Set<string> {
  const roles = new Map<string, string[]>()
  for (const { ptype, values } of rules) {
    if (ptype !== 'g') continue
    const [member = '', role = '', domain = ''] = values
    const key = keyOf(member, domain)
    const before = roles.get(key)
    if (before === undefined) roles.set(key, [role])
    else before.push(role)
  }
  return (name, domain) => {
    const found = new Set([name])
    for (const from of found) {
      for (const where of new Set([domain, everything])) {
        for (const role of roles.get(keyOf(from, where)) ?? []) found.add(role)
      }
      if (found.size > limits.adviceHeld) break
    }
    return found.add(everything)
  }
}

/** Whether `wide` takes every method that `narrow` takes. */
export function takesMethods(wide: Ground, narrow: Ground): boolean {
  return wide.method === everything || wide.method === narrow.method
}

/** Whether some request is about the methods of both. */
export function sharesMethods(one: Ground, other: Ground): boolean {
  return takesMethods(one, other) || takesMethods(other, one)
}

/** Whether every path of `narrow` is one of `wide`; false where it is hard to tell. */
export function surelyContains(wide: Pattern, narrow: Pattern): boolean {
  try {
    return contains(wide, narrow)
  } catch (error) {
    if (error instanceof EntangledPatternsError) return false
    throw error
  }
}
