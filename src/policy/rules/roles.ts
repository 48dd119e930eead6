/** Who inherits what: the `g` rules of one organisation as a graph. */
import { limits } from '../../lib/limits.ts'
import { finish, type Steps } from '../../lib/turns.ts'
import type { PolicyProblem } from '../problem.ts'
import type { RoleLinks } from '../role-links.ts'
import type { Rule } from '../rule.ts'
import { ruleProblem } from './rule-problem.ts'

export interface RoleGraph {
  /** Every team and role that `member` holds, near ones first; bounded by `limits.roleDepth`. */
  readonly inherited: (member: string) => readonly string[]
  /** The shortest way from `member` to `role`, both included; empty where there is none. */
  readonly path: (member: string, role: string) => readonly string[]
}

/** What each member holds itself: as `RoleLinks.rolesOf` of one domain. */
export type RolesOf = (member: string) => readonly string[]

/** What members of an organisation (bare id) hold themselves. */
export function holdsOf(
  { roles }: { readonly roles: ReadonlyMap<string, RoleLinks> },
  organisation: string,
): RolesOf {
  const links = roles.get('g')
  return (member) => links?.rolesOf(member, `org:${organisation}`) ?? []
}

/** The graph over what members hold themselves. */
export function buildRoleGraph(rolesOf: RolesOf): RoleGraph {
  return Object.freeze({
    inherited: (member: string) => [...spread(rolesOf, member).keys()].slice(1),
    path: (member: string, role: string) => pathTo(spread(rolesOf, member), role),
  })
}

/** Breadth first; each member found, with the one it was found from. */
function spread(rolesOf: RolesOf, member: string) {
  const found = new Map<string, string | undefined>([[member, undefined]])
  let level = [member]
  for (let depth = 0; depth < limits.roleDepth && level.length > 0; depth += 1) {
    const next: string[] = []
    for (const from of level) {
      for (const to of rolesOf(from)) {
        if (found.has(to)) continue
        found.set(to, from)
        next.push(to)
      }
    }
    level = next
  }
  return found
}

function pathTo(found: ReadonlyMap<string, string | undefined>, role: string): string[] {
  if (!found.has(role)) return []
  const path = [role]
  for (let from = found.get(role); from !== undefined; from = found.get(from)) path.unshift(from)
  return path
}

/** An assignment that must not be there. */
interface EdgeProblem {
  readonly member: string
  readonly role: string
  readonly message: string
}

/** A rule of the graph that must not be there. */
export interface GraphProblem {
  readonly rule: Rule
  readonly message: string
}

interface Reach {
  readonly depth: number
  /** Number of ways upwards; casbin walks each of them for every rule it looks at. */
  readonly paths: number
}

interface Walk {
  readonly rolesOf: RolesOf
  readonly known: Map<string, Reach>
  /** The members between the first and the one that is looked at. */
  readonly open: string[]
  readonly problems: EdgeProblem[]
}

/**
 * Cycles, inheritance deeper than casbin follows (it stops there without a word, hazard
 * 2.6), and graphs whose ways multiply until a decision stops the process.
 */
export function* checkRoleGraph(rules: readonly Rule[]): Steps<GraphProblem[]> {
  const assignments = new Map<string, Rule[]>()
  for (const [index, rule] of rules.entries()) {
    if (index % limits.turnRules === 0) yield
    if (rule.ptype !== 'g') continue
    const [member = ''] = rule.values
    const before = assignments.get(member)
    if (before === undefined) assignments.set(member, [rule])
    else before.push(rule)
  }
  const ofMember = (member: string) => assignments.get(member) ?? []
  const rolesOf = (member: string) => ofMember(member).map(({ values }) => values[1] ?? '')
  const problems = yield* checkEdges(assignments.keys(), rolesOf)
  // One role may hold so many others, each in the way, that looking for each of them takes seconds.
  const byRole = new Map<string, ReadonlyMap<string, Rule>>()
  return problems.flatMap(({ member, role, message }) => {
    const held = byRole.get(member) ?? firstByRole(ofMember(member))
    byRole.set(member, held)
    const rule = held.get(role)
    return rule === undefined ? [] : [{ rule, message }]
  })
}

function firstByRole(assignments: readonly Rule[]): ReadonlyMap<string, Rule> {
  return new Map(assignments.toReversed().map((rule) => [rule.values[1] ?? '', rule]))
}

/** The same for the rules of files and organisation (bare id) together: each alone may be sound. */
export function* checkAllRoles(
  rules: readonly Rule[],
  organisation: string,
): Steps<PolicyProblem[]> {
  const list = { name: `organisation ${organisation}`, position: 1 }
  const problems = yield* checkRoleGraph(rules)
  return problems.map(({ rule, message }) => ruleProblem(rule, list, 1, message))
}

/** Whether `checkRoleGraph` finds nothing among these members, and what they hold. */
export function isSoundGraph(members: Iterable<string>, rolesOf: RolesOf): boolean {
  return finish(checkEdges(members, rolesOf)).length === 0
}

function* checkEdges(members: Iterable<string>, rolesOf: RolesOf): Steps<EdgeProblem[]> {
  const walk: Walk = { rolesOf, known: new Map(), open: [], problems: [] }
  let visited = 0
  for (const member of members) {
    if (visited % limits.turnRules === 0) yield
    visited += 1
    visit(walk, member)
  }
  return walk.problems
}

function visit(walk: Walk, member: string): Reach {
  const before = walk.known.get(member)
  if (before !== undefined) return before
  walk.open.push(member)
  let reach: Reach = { depth: 0, paths: 1 }
  for (const role of walk.rolesOf(member)) reach = follow(walk, member, role, reach)
  walk.open.pop()
  walk.known.set(member, reach)
  return reach
}

/** What `member` reaches, with one role added to what it reached before. */
function follow(walk: Walk, member: string, role: string, reach: Reach): Reach {
  const { open, problems } = walk
  const start = open.indexOf(role)
  if (start >= 0) {
    const way = [...open.slice(start), role].join(' -> ')
    problems.push({ member, role, message: `This makes a circle: ${way}.` })
    return reach
  }
  // A chain this long is refused below; following it further would only exhaust the stack.
  if (open.length > limits.roleDepth * 2) return reach
  const above = visit(walk, role)
  const sum = { depth: Math.max(reach.depth, above.depth + 1), paths: reach.paths + above.paths }
  // Only the assignment that crosses a bound is named, not each one that builds on it.
  const crosses = (field: keyof Reach, most: number) =>
    sum[field] > most && reach[field] <= most && above[field] <= most
  if (crosses('depth', limits.roleDepth)) {
    const message = `Roles are inherited over at most ${limits.roleDepth} steps; this is one more.`
    problems.push({ member, role, message })
  }
  if (crosses('paths', limits.rolePaths)) {
    const message = `A member reaches its roles in at most ${limits.rolePaths} ways.`
    problems.push({ member, role, message })
  }
  return sum
}
