/** Which rules take part in at least one decision of the tests, and which in none. */
import { type DecisionRequest, matchingRules } from '../decide.ts'
import { isGroup } from '../questions/permissions.ts'
import type { Rule, RuleSource } from '../rule.ts'
import { holdsOf, type RolesOf } from '../rules/roles.ts'
import type { Snapshot } from '../snapshot.ts'

export interface Coverage {
  /** Rules of the policy files and of the tests' own files. */
  readonly rules: number
  readonly exercised: number
  /** In whole percent, rounded down: 100 means every one. */
  readonly percent: number
  readonly missing: readonly Rule[]
}

/** The coverage of rules by the sources that were met. */
export function coverageOf(rules: readonly Rule[], met: ReadonlySet<RuleSource>): Coverage {
  const missing = rules.filter(({ source }) => !met.has(source))
  const exercised = rules.length - missing.length
  const percent = rules.length === 0 ? 100 : Math.floor((100 * exercised) / rules.length)
  return { rules: rules.length, exercised, percent, missing }
}

/** Told of a request, adds to `met` whatever takes part in its decision. */
export type Observe = (request: DecisionRequest) => void

/**
 * An observer of the decisions of one snapshot. A rule takes part where it matches, although another
 * may outweigh it; a membership, where it lies on some way from the subject to what such a rule names.
 */
export function observe(snapshot: Snapshot, met: Set<RuleSource>): Observe {
  const rolesOf = holdsOf(snapshot.engine, snapshot.organisation)
  const memberships = readMemberships(snapshot.rules)
  const walked = new Set<string>()
  return (request) => {
    for (const { source, values } of matchingRules(snapshot, request)) {
      met.add(source)
      const [name = ''] = values
      const way = `${request.sub} ${name}`
      if (!isGroup(name) || walked.has(way)) continue
      walked.add(way)
      for (const edge of edgesBetween(request.sub, name, rolesOf)) {
        for (const membership of memberships.get(edge) ?? []) met.add(membership)
      }
    }
  }
}

/** Sources by `member group`; two files may say the same. */
function readMemberships(rules: readonly Rule[]): ReadonlyMap<string, readonly RuleSource[]> {
  const found = new Map<string, RuleSource[]>()
  for (const { ptype, values, source } of rules) {
    if (ptype !== 'g') continue
    const edge = `${values[0]} ${values[1]}`
    found.set(edge, [...(found.get(edge) ?? []), source])
  }
  return found
}

/** Every membership, as `member group`, that lies on a way upwards from one to the other. */
function edgesBetween(from: string, to: string, rolesOf: RolesOf): string[] {
  const leads = new Map<string, boolean>([[to, true]])
  const edges: string[] = []
  const visit = (member: string): boolean => {
    const known = leads.get(member)
    if (known !== undefined) return known
    // Roles are no circle: a snapshot with one is not built.
    leads.set(member, false)
    for (const group of rolesOf(member)) {
      if (!visit(group)) continue
      edges.push(`${member} ${group}`)
      leads.set(member, true)
    }
    return leads.get(member) === true
  }
  visit(from)
  return edges
}
