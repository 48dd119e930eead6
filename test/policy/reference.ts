/**
 * Casbin as its documentation has it, and nothing else: an arbiter for the engine and for the
 * library. Written from "Syntax for models", "Effector", "Functions in matchers", "RBAC", "RBAC with
 * domains" and "Priority model" on casbin.org, rule after rule, with a matcher as JavaScript. The order
 * of subjectPriority is not described there to the letter, so it is left out.
 */

export interface Policy {
  readonly p: Links
  /** By definition: `g`, `g2`. */
  readonly roles: Readonly<Record<string, Links>>
}

type Links = readonly (readonly string[])[]
type Fields = Readonly<Record<string, unknown>>

/** "Matching functions": each parameter is any text without a slash, a star is anything. */
function pathMatches(path: string, pattern: string, parameter: RegExp): boolean {
  const expression = pattern
    .replace(/[.+?^$()|[\]\\]/g, '\\$&')
    .replaceAll('/*', '/.*')
    .replace(parameter, '[^/]+')
  return new RegExp(`^${expression}$`).test(path)
}

const COLON = /:[^/]+/g
const BRACES = /\{[^/]+?\}/g

/** "The result of keyMatch4 needs the same value wherever a name stands again." */
function keyMatch4(path: string, pattern: string): boolean {
  if (!pathMatches(path, pattern, BRACES)) return false
  const values = new Map<string, string>()
  const parts = path.split('/')
  return pattern.split('/').every((name, at) => {
    const value = parts[at] ?? ''
    const before = values.get(name) ?? value
    values.set(name, value)
    return !name.startsWith('{') || before === value
  })
}

const functions = {
  keyMatch: (path: string, pattern: string) => {
    const star = pattern.indexOf('*')
    return star < 0 ? path === pattern : path.startsWith(pattern.slice(0, star))
  },
  keyMatch2: (path: string, pattern: string) => pathMatches(path, pattern, COLON),
  keyMatch3: (path: string, pattern: string) => pathMatches(path, pattern, BRACES),
  keyMatch4,
  keyMatch5: (path: string, pattern: string) =>
    pathMatches(path.replace(/\?.*/, ''), pattern, BRACES),
  regexMatch: (value: string, pattern: string) => new RegExp(pattern).test(value),
}

/** "Role hierarchy": whoever inherits a role holds what it inherits; ten levels by default. */
function hasRole(links: Links, member: string, role: string, depth = 10): boolean {
  if (member === role) return true
  if (depth === 0) return false
  return links.some(([from, to = '']) => from === member && hasRole(links, to, role, depth - 1))
}

/** `g(r.sub, p.sub, r.dom)`: links of that domain alone. */
function roleFunction(links: Links) {
  return (member: string, role: string, domain?: string): boolean => {
    const there = domain === undefined ? links : links.filter(([, , where]) => where === domain)
    return hasRole(there, member, role)
  }
}

/** "The in operator": `r.obj in ("a", "b")` is whether the list has it. */
function asScript(matcher: string): string {
  return matcher.replace(/([\w.]+) in \[([^\]]*)\]/g, '[$2].includes($1)')
}

/** "Policy effect": what a list of matched effects, in order of the rules, comes to. */
function settle(effect: string, matched: readonly string[]): boolean {
  const some = (wanted: string) => matched.includes(wanted)
  if (effect.startsWith('priority')) return matched[0] === 'allow'
  if (effect.startsWith('!')) return !some('deny')
  return some('allow') && (!effect.includes('!some') || !some('deny'))
}

/** Whether a policy allows a request. `columns` name the fields, as in `r = sub, obj, act`. */
export function isAllowed(
  model: { r: readonly string[]; p: readonly string[]; effect: string; matcher: string },
  policy: Policy,
  request: readonly unknown[],
): boolean {
  const named = (columns: readonly string[], values: readonly unknown[]): Fields =>
    Object.fromEntries(columns.map((column, at) => [column, values[at]]))
  const roles = Object.entries(policy.roles).map(([name, links]) => [name, roleFunction(links)])
  const scope: Fields = { ...functions, ...Object.fromEntries(roles) }
  const script = `return (${asScript(model.matcher)})`
  const matches = new Function('r', 'p', ...Object.keys(scope), script)
  const rules = policy.p.map((values) => named(model.p, values))
  // "The smaller the priority, the higher": rules of the same priority keep their order.
  rules.sort((one, other) => Number(one['priority'] ?? 0) - Number(other['priority'] ?? 0))
  const r = named(model.r, request)
  const matched = rules.filter((p) => matches(r, p, ...Object.values(scope)) === true)
  return settle(
    model.effect,
    matched.map((p) => String(p['eft'])),
  )
}
