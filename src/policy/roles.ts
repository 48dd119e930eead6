/** Who inherits what: the `g` rules of one organisation as a graph. */
import { limits } from '../lib/limits.ts'
import type { Rule } from './rule.ts'

export interface RoleGraph {
  /** Every team and role that `member` holds, near ones first; bounded by `limits.roleDepth`. */
  readonly inherited: (member: string) => readonly string[]
  /** The shortest way from `member` to `role`, both included; empty where there is none. */
  readonly path: (member: string, role: string) => readonly string[]
}

/** Builds the graph of `g` rules whose domain is settled: member, role, domain. */
export function buildRoleGraph(rules: readonly Rule[]): RoleGraph {
  const edges = new Map<string, Set<string>>()
  for (const { ptype, values } of rules) {
    const [member, role] = values
    if (ptype !== 'g' || member === undefined || role === undefined) continue
    edges.set(member, (edges.get(member) ?? new Set()).add(role))
  }
  return Object.freeze({
    inherited: (member: string) => [...spread(edges, member).keys()].slice(1),
    path: (member: string, role: string) => pathTo(spread(edges, member), role),
  })
}

/** Breadth first; each member found, with the one it was found from. */
function spread(edges: ReadonlyMap<string, ReadonlySet<string>>, member: string) {
  const found = new Map<string, string | undefined>([[member, undefined]])
  let level = [member]
  for (let depth = 0; depth < limits.roleDepth && level.length > 0; depth += 1) {
    const next: string[] = []
    for (const from of level) {
      for (const to of edges.get(from) ?? []) {
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
  readonly edges: ReadonlyMap<string, readonly Rule[]>
  readonly known: Map<string, Reach>
  /** The members between the first and the one that is looked at. */
  readonly open: string[]
  readonly problems: GraphProblem[]
}

/**
 * Cycles, inheritance deeper than casbin follows (it stops there without a word, hazard
 * 2.6), and graphs whose ways multiply until a decision stops the process.
 */
export function checkRoleGraph(rules: readonly Rule[]): GraphProblem[] {
  const edges = Map.groupBy(
    rules.filter(({ ptype }) => ptype === 'g'),
    ({ values }) => values[0] ?? '',
  )
  const walk: Walk = { edges, known: new Map(), open: [], problems: [] }
  for (const member of edges.keys()) visit(walk, member)
  return walk.problems
}

function visit(walk: Walk, member: string): Reach {
  const before = walk.known.get(member)
  if (before !== undefined) return before
  walk.open.push(member)
  let reach: Reach = { depth: 0, paths: 1 }
  for (const rule of walk.edges.get(member) ?? []) reach = follow(walk, rule, reach)
  walk.open.pop()
  walk.known.set(member, reach)
  return reach
}

/** What the member of `rule` reaches, with this rule added to what it reached before. */
function follow(walk: Walk, rule: Rule, reach: Reach): Reach {
  const { open, problems } = walk
  const role = rule.values[1] ?? ''
  const start = open.indexOf(role)
  if (start >= 0) {
    const way = [...open.slice(start), role].join(' -> ')
    problems.push({ rule, message: `This makes a circle: ${way}.` })
    return reach
  }
  // A chain this long is refused below; following it further would only exhaust the stack.
  if (open.length > limits.roleDepth * 2) return reach
  const above = visit(walk, role)
  const sum = { depth: Math.max(reach.depth, above.depth + 1), paths: reach.paths + above.paths }
  // Only the rule that crosses a bound is named, not each one that builds on it.
  const crosses = (field: keyof Reach, most: number) =>
    sum[field] > most && reach[field] <= most && above[field] <= most
  if (crosses('depth', limits.roleDepth)) {
    const message = `Roles are inherited over at most ${limits.roleDepth} steps; this is one more.`
    problems.push({ rule, message })
  }
  if (crosses('paths', limits.rolePaths)) {
    const message = `A member reaches its roles in at most ${limits.rolePaths} ways.`
    problems.push({ rule, message })
  }
  return sum
}
