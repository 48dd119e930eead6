/** Rules that another rule makes pointless, or takes something away from. */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import type { Finding } from '../finding.ts'
import { coverOf } from '../questions/voids.ts'
import { describeRule, type Rule } from '../rule.ts'
import { everything } from '../rules/grammar.ts'
import {
  type Ground,
  type Group,
  readGrounds,
  sharesMethods,
  surelyContains,
  takesMethods,
} from './grounds.ts'
import { findingAt, relatedTo } from './places.ts'

/** Every rule of type p of the files that is redundant, void or partly denied. */
export function* findOverlaps(rules: readonly Rule[]): Steps<Finding[]> {
  const { groups, above } = yield* readGrounds(rules)
  const found: Finding[] = []
  for (const group of groups) {
    const near = above(group)
    for (const [at, ground] of group.rules.entries()) {
      if (at % limits.turnRules === 0) yield
      if (ground.rule.source.kind !== 'file') continue
      const finding = look(ground, near)
      if (finding !== undefined) found.push(finding)
    }
  }
  return found
}

function look(ground: Ground, near: readonly Group[]): Finding | undefined {
  const denies = ground.allow ? findDenies(ground, near) : undefined
  // Void comes first: that a void rule is redundant as well says less.
  if (denies?.whole !== undefined) return voidRule(ground, denies.whole)
  const wider = findWider(ground, near)
  if (wider !== undefined) return redundantRule(ground, wider)
  return denies?.part === undefined ? undefined : partlyDenied(ground, denies.part)
}

/** A rule of the same effect that says all that this one says. Of equal ones the first stays. */
function findWider(ground: Ground, near: readonly Group[]): Ground | undefined {
  const { object, allow } = ground
  for (const group of near) {
    const tree = allow ? group.allows : group.denies
    for (const other of tree.around(object.parts)) {
      if (other === ground || !takesMethods(other, ground)) continue
      if (!surelyContains(other.object, object)) continue
      const equal = group === ground.group && other.method === ground.method
      const later = equal && other.position > ground.position
      if (!later || !surelyContains(object, other.object)) return other
    }
  }
  return undefined
}

interface Denies {
  /** They leave nothing. */
  readonly whole?: readonly Rule[]
  /** It takes something away. */
  readonly part?: Rule
}

function findDenies(ground: Ground, near: readonly Group[]): Denies {
  const { object } = ground
  for (const group of near) {
    for (const other of group.denies.around(object.parts)) {
      if (takesMethods(other, ground) && surelyContains(other.object, object)) {
        return { whole: [other.rule] }
      }
    }
  }
  const found: Ground[] = []
  for (const group of near) {
    for (const other of group.denies.across(object.parts, limits.adviceSteps)) {
      if (sharesMethods(other, ground)) found.push(other)
      if (found.length > limits.adviceDenies) break
    }
  }
  const [first] = found
  if (first === undefined) return {}
  const whole = found.filter((other) => takesMethods(other, ground)).map(({ rule }) => rule)
  const cover = whole.length > 1 && whole.length <= limits.adviceDenies
  const enough = cover ? coverOf(object, whole) : []
  return enough.length > 0 ? { whole: enough } : { part: first.rule }
}

function voidRule({ rule }: Ground, denies: readonly Rule[]): Finding {
  const [first] = denies
  const others = denies.length > 1 ? ` and ${denies.length - 1} more` : ''
  const by = first === undefined ? '' : describeRule(first)
  const message = `This allows nothing: all of it is denied by "${by}"${others}. Take this rule away, or narrow the deny.`
  return findingAt(rule, { kind: 'void-rule', severity: 'warning', message, ...relatedTo(first) })
}

function redundantRule({ rule }: Ground, { rule: wider }: Ground): Finding {
  const verb = rule.values[4] === 'allow' ? 'allows' : 'denies'
  const message = `This adds nothing: "${describeRule(wider)}" ${verb} all of it${why(rule, wider)}. Take one of them away.`
  const kind = 'redundant-rule'
  return findingAt(rule, { kind, severity: 'warning', message, ...relatedTo(wider) })
}

function why(rule: Rule, wider: Rule): string {
  const [subject, domain] = rule.values
  const [name, where] = wider.values
  const reasons = [
    ...(name === subject
      ? []
      : [name === everything ? 'to everybody' : `which ${subject} inherits`]),
    ...(where === domain ? [] : ['in every organisation']),
  ]
  return reasons.length === 0 ? '' : `, ${reasons.join(', ')}`
}

function partlyDenied({ rule }: Ground, deny: Rule): Finding {
  const message = `A part of this is denied by "${describeRule(deny)}", and a deny is stronger. If that is meant, all is well.`
  const kind = 'partly-denied'
  return findingAt(rule, { kind, severity: 'note', message, ...relatedTo(deny) })
}

/** Memberships of one organisation that hold in every organisation already. */
export function* findRedundantRoles(rules: readonly Rule[]): Steps<Finding[]> {
  const anywhere = new Map<string, Rule>()
  for (const rule of rules) {
    const [member, role, domain] = rule.values
    if (rule.ptype === 'g' && domain === everything) anywhere.set(`${member} ${role}`, rule)
  }
  yield
  const found: Finding[] = []
  for (const rule of rules) {
    const [member, role, domain] = rule.values
    const wider = anywhere.get(`${member} ${role}`)
    if (rule.ptype !== 'g' || domain === everything || wider === undefined) continue
    const message = `This adds nothing: "${describeRule(wider)}" says it of every organisation. Take one of them away.`
    const kind = 'redundant-role'
    found.push(findingAt(rule, { kind, severity: 'warning', message, ...relatedTo(wider) }))
  }
  return found
}
