/** Who holds what, as casbin's role manager answers it: by domain, over at most ten steps. */
import { limits } from '../lib/limits.ts'
import type { Rule } from './rule.ts'

export interface RoleLinks {
  /** What `member` is and holds in `domain` (absent for a definition without one), itself first. */
  readonly held: (member: string, domain: string | undefined) => ReadonlySet<string>
}

type Edges = ReadonlyMap<string, readonly string[]>

/** The domain of definitions without one, by casbin's name for it. */
const NO_DOMAIN = 'casbin::default'
const nobody: Edges = new Map()

/** Builds the links of one role definition, such as `g`, with `columns` columns. */
export function buildRoleLinks(rules: readonly Rule[], name: string, columns: number): RoleLinks {
  const domains = readEdges(rules, name, columns)
  const known = new Map<string, Map<string, ReadonlySet<string>>>()
  let count = 0
  const remember = (member: string, domain: string, held: ReadonlySet<string>) => {
    count += 1
    if (count > limits.membersRemembered) {
      known.clear()
      count = 1
    }
    known.set(domain, (known.get(domain) ?? new Map()).set(member, held))
  }
  return {
    held: (member, domain = NO_DOMAIN) => {
      const before = known.get(domain)?.get(member)
      if (before !== undefined) return before
      const edges = domains.get(domain) ?? nobody
      const held = walk(edges, member)
      // Who is named by no rule is not remembered: made-up callers push nobody out.
      if (edges.has(member)) remember(member, domain, held)
      return held
    },
  }
}

function readEdges(
  rules: readonly Rule[],
  name: string,
  columns: number,
): ReadonlyMap<string, Edges> {
  const domains = new Map<string, Map<string, string[]>>()
  for (const { ptype, values } of rules) {
    if (ptype !== name) continue
    const [member = '', role = '', third = ''] = values
    const domain = columns === 3 ? third : NO_DOMAIN
    const edges = domains.get(domain) ?? new Map<string, string[]>()
    domains.set(domain, edges)
    const roles = edges.get(member)
    if (roles === undefined) edges.set(member, [role])
    else roles.push(role)
  }
  return domains
}

function walk(edges: Edges, member: string): ReadonlySet<string> {
  const found = new Set([member])
  let level = [member]
  for (let depth = 0; depth < limits.roleDepth && level.length > 0; depth += 1) {
    const next: string[] = []
    for (const from of level) {
      for (const role of edges.get(from) ?? []) {
        if (found.has(role)) continue
        found.add(role)
        next.push(role)
      }
    }
    level = next
  }
  return found
}
