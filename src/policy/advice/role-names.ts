/** Roles that are given and say nothing, and roles that read like a misspelt other one. */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import { builtInRoles } from '../built-in.ts'
import type { Finding } from '../finding.ts'
import { describeSource, type Rule } from '../rule.ts'
import { createAlike } from './names.ts'
import { findingAt, relatedTo } from './places.ts'

interface Mention {
  readonly rule: Rule
  /** Which value of the rule the role is. */
  readonly index: number
}

/** Roles by how the rules mention them. */
interface Roles {
  readonly mentions: ReadonlyMap<string, readonly Mention[]>
  /** Those that some rule says something of: a permission, or a role that they inherit. */
  readonly defined: ReadonlySet<string>
}

const prefix = 'role:'
/** As `mintId` makes them for the roles that organisations define themselves. */
const OPAQUE = /^role:[0-9a-hjkmnp-tv-z]{20}$/

export function* findRoleNames(rules: readonly Rule[]): Steps<Finding[]> {
  const roles = yield* readRoles(rules)
  const alike = createAlike(namesIn(roles))
  const found: Finding[] = []
  for (const [role, mentions] of roles.mentions) {
    yield
    const given = mentions.filter(({ rule, index }) => rule.ptype === 'g' && index === 1)
    const known = roles.defined.has(role) || Object.hasOwn(builtInRoles, role)
    if (!known && given.length > 0 && !OPAQUE.test(role)) {
      found.push(...given.map((mention) => undefinedRole(role, mention, roles, alike)))
    } else {
      const finding = misspelt(role, mentions, roles, alike)
      if (finding !== undefined) found.push(finding)
    }
  }
  return found
}

function* readRoles(rules: readonly Rule[]): Steps<Roles> {
  const mentions = new Map<string, Mention[]>()
  const defined = new Set<string>()
  for (const [at, rule] of rules.entries()) {
    if (at % limits.turnRules === 0) yield
    for (const index of rule.ptype === 'g' ? [0, 1] : [0]) {
      const name = rule.values[index] ?? ''
      if (!name.startsWith(prefix)) continue
      if (index === 0) defined.add(name)
      const before = mentions.get(name)
      if (before === undefined) mentions.set(name, [{ rule, index }])
      else before.push({ rule, index })
    }
  }
  return { mentions, defined }
}

/** Without their prefix; none at all where looking for misspelt ones would take too much memory. */
function namesIn({ mentions }: Roles): string[] {
  if (mentions.size > limits.adviceNames) return []
  const names = new Set([...mentions.keys(), ...Object.keys(builtInRoles)])
  return [...names].map((name) => name.slice(prefix.length))
}

type FindAlike = ReturnType<typeof createAlike>

function undefinedRole(
  role: string,
  { rule, index }: Mention,
  { defined, mentions }: Roles,
  alike: FindAlike,
): Finding {
  const meant = alike(role.slice(prefix.length))
    .map(({ name }) => `${prefix}${name}`)
    .find((name) => defined.has(name) || Object.hasOwn(builtInRoles, name))
  const right =
    meant === undefined
      ? 'Write a rule of type p for it, or take this line away.'
      : `Did you mean ${meant}?`
  const message = `No rule says what ${role} may do, so whoever is given it may do nothing by it. ${right}`
  const related = relatedTo(mentions.get(meant ?? '')?.[0]?.rule)
  return findingAt(rule, { kind: 'unknown-role', severity: 'warning', message, ...related }, index)
}

/** A name that is written once, beside one that is written more often, is likely to be meant as that. */
function misspelt(
  role: string,
  mentions: readonly Mention[],
  roles: Roles,
  alike: FindAlike,
): Finding | undefined {
  const [only, ...more] = mentions
  if (only === undefined || more.length > 0) return undefined
  const places = alike(role.slice(prefix.length)).flatMap(({ name, slip }) => {
    const other = `${prefix}${name}`
    const times = roles.mentions.get(other)?.length ?? 0
    const usual = times > 1 || Object.hasOwn(builtInRoles, other)
    return usual ? [{ other, slip, first: roles.mentions.get(other)?.[0]?.rule }] : []
  })
  const [best] = places.toSorted((one, two) => (one.slip < two.slip ? -1 : 1))
  if (best === undefined) return undefined
  const where = best.first === undefined ? 'built in' : describeSource(best.first.source)
  const message = `${role} is named here alone; did you mean ${best.other} (${where})?`
  const severity = best.slip === 'certain' ? 'warning' : 'note'
  const said = { kind: 'misspelt-role', severity, message, ...relatedTo(best.first) } as const
  return findingAt(only.rule, said, only.index)
}
