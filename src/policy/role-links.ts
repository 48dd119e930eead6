/** Who holds what, as casbin's role manager answers it: by domain, over at most ten steps. */
import { limits } from '../lib/limits.ts'
import type { Steps } from '../lib/turns.ts'
import type { Rule } from './rule.ts'
import type { RuleChange } from './rule-list.ts'

/** The roles of each member, in one domain. */
type Edges = Map<string, readonly string[]>

/** The domain of definitions without one, by casbin's name for it. */
const NO_DOMAIN = 'casbin::default'
const none: readonly string[] = []

/**
 * The links of one role definition, such as `g`. They never change: a change makes links of its own,
 * which share all that it does not touch.
 */
export class RoleLinks {
  readonly #name: string
  readonly #columns: number
  readonly #base: ReadonlyMap<string, Edges>
  /** What was changed since `base` was read: all roles of such a member. */
  readonly #changed: ReadonlyMap<string, Edges>
  #known = new Map<string, Map<string, ReadonlySet<string>>>()
  #count = 0

  private constructor(
    name: string,
    columns: number,
    base: ReadonlyMap<string, Edges>,
    changed: ReadonlyMap<string, Edges>,
  ) {
    this.#name = name
    this.#columns = columns
    this.#base = base
    this.#changed = changed
  }

  /** Reads the rules of the definition `name`, which has `columns` columns. */
  static *read(rules: readonly Rule[], name: string, columns: number): Steps<RoleLinks> {
    const base = new Map<string, Map<string, string[]>>()
    for (const [index, { ptype, values }] of rules.entries()) {
      if (index % limits.turnRules === 0) yield
      if (ptype !== name) continue
      const [member = '', role = '', third = ''] = values
      const edges = edgesAt(base, columns === 3 ? third : NO_DOMAIN)
      const roles = edges.get(member)
      if (roles === undefined) edges.set(member, [role])
      else roles.push(role)
    }
    return new RoleLinks(name, columns, base, new Map())
  }

  /** Links with a change; rules of other definitions are passed over. */
  with({ added, removed }: RuleChange): RoleLinks {
    const changed = new Map(this.#changed)
    const copied = new Set<string>()
    const edit = (rule: Rule, change: (roles: readonly string[], role: string) => string[]) => {
      if (rule.ptype !== this.#name) return
      const [member = '', role = '', third = ''] = rule.values
      const domain = this.#columns === 3 ? third : NO_DOMAIN
      if (!copied.has(domain)) changed.set(domain, new Map(changed.get(domain)))
      copied.add(domain)
      const edges = edgesAt(changed, domain)
      edges.set(member, change(edges.get(member) ?? this.rolesOf(member, domain), role))
    }
    for (const rule of removed) {
      edit(rule, (roles, role) => {
        const at = roles.indexOf(role)
        return at < 0 ? [...roles] : roles.toSpliced(at, 1)
      })
    }
    for (const rule of added) edit(rule, (roles, role) => [...roles, role])
    return copied.size === 0 ? this : new RoleLinks(this.#name, this.#columns, this.#base, changed)
  }

  /** What `member` holds itself, not through others. */
  rolesOf(member: string, domain = NO_DOMAIN): readonly string[] {
    return this.#changed.get(domain)?.get(member) ?? this.#base.get(domain)?.get(member) ?? none
  }

  /** Everybody who holds something in `domain`, in no order; somebody may come twice. */
  *membersIn(domain = NO_DOMAIN): Generator<string> {
    yield* this.#changed.get(domain)?.keys() ?? []
    yield* this.#base.get(domain)?.keys() ?? []
  }

  /** What `member` is and holds in `domain` (absent for a definition without one), itself first. */
  held(member: string, domain = NO_DOMAIN): ReadonlySet<string> {
    const before = this.#known.get(domain)?.get(member)
    if (before !== undefined) return before
    const held = this.#walk(member, domain)
    // Who is named by no rule is not remembered: made-up callers push nobody out.
    if (held.size > 1) this.#remember(member, domain, held)
    return held
  }

  #remember(member: string, domain: string, held: ReadonlySet<string>): void {
    this.#count += held.size
    if (this.#count > limits.rolesRemembered) {
      this.#known = new Map()
      this.#count = held.size
    }
    this.#known.set(domain, (this.#known.get(domain) ?? new Map()).set(member, held))
  }

  #walk(member: string, domain: string): ReadonlySet<string> {
    const found = new Set([member])
    let level: readonly string[] = [member]
    for (let depth = 0; depth < limits.roleDepth && level.length > 0; depth += 1) {
      const next: string[] = []
      for (const from of level) {
        for (const role of this.rolesOf(from, domain)) {
          if (found.has(role)) continue
          found.add(role)
          next.push(role)
        }
      }
      level = next
    }
    return found
  }
}

function edgesAt<T>(domains: Map<string, Map<string, T>>, domain: string): Map<string, T> {
  const before = domains.get(domain)
  if (before !== undefined) return before
  const edges = new Map<string, T>()
  domains.set(domain, edges)
  return edges
}
