/** The rules of type p as permissions: who is named, by which method, for which paths. */
import { type DecisionRequest, methodOf } from '../decide.ts'
import { matchPath } from '../patterns/pattern.ts'
import { type Pattern, readPattern } from '../patterns/pattern-algebra.ts'
import type { Rule } from '../rule.ts'
import { anonymous, everything, methods } from '../rules/grammar.ts'
import type { Snapshot } from '../snapshot.ts'

export interface Permission {
  readonly rule: Rule
  /** The subject, team or role that the rule names, or `*`. */
  readonly name: string
  readonly object: Pattern
  /** A method, or `*`. */
  readonly method: string
  readonly allow: boolean
}

/** What a request has to do with a rule, in the order in which the matcher asks. */
export type Clause = 'subject' | 'domain' | 'object' | 'action'

/** Everything that rules may name to mean `subject`; for `*`, somebody whom no rule names. */
export function namesOf(
  { rolesOf }: Pick<Snapshot, 'rolesOf'>,
  subject: string,
): ReadonlySet<string> {
  return new Set([everything, subject, ...rolesOf(subject)])
}

export function readPermission(rule: Rule): Permission {
  const [name = '', , object = '', method = '', effect] = rule.values
  return { rule, name, object: readPattern(object), method, allow: effect === 'allow' }
}

/** The permissions that name one of `names`, in the order of the rules. */
export function permissionsFor(snapshot: Snapshot, names: ReadonlySet<string>): Permission[] {
  return snapshot.rules
    .filter(({ ptype, values }) => ptype === 'p' && names.has(values[0] ?? ''))
    .map(readPermission)
}

/** The methods that a rule's method stands for; `others` are actions that some rule names. */
export function methodsOf(method: string, others: readonly string[] = []): readonly string[] {
  return method === everything ? [...methods, ...others] : [method]
}

/** The actions of resources that permissions name: what a rule for every method covers as well. */
export function actionsIn(permissions: readonly Pick<Permission, 'method'>[]): readonly string[] {
  const known: readonly string[] = [...methods, everything]
  const named = permissions.map(({ method }) => method)
  return [...new Set(named)].filter((method) => !known.includes(method))
}

/** The clauses that keep a rule from a request, in the matcher's order; none when it matches. */
export function failingClauses(
  { values }: Rule,
  request: DecisionRequest,
  names: ReadonlySet<string>,
): readonly Clause[] {
  const [subject = '', domain = '', object = '', method = ''] = values
  const failing: Clause[] = []
  if (!names.has(subject)) failing.push('subject')
  if (domain !== everything && domain !== request.dom) failing.push('domain')
  if (!matchObject(object, request.obj)) failing.push('object')
  if (method !== everything && method !== methodOf(request)) failing.push('action')
  return failing
}

/** Whether a rule is for the object and the method of a request, whoever asks. For many rules. */
export function createAbout(request: DecisionRequest): (rule: Rule) => boolean {
  const { dom, obj } = request
  const act = methodOf(request)
  const known = new Map<string, boolean>()
  return ({ ptype, values }) => {
    const [, domain, object = '', method] = values
    if (ptype !== 'p' || (domain !== everything && domain !== dom)) return false
    if (method !== everything && method !== act) return false
    const before = known.get(object)
    if (before !== undefined) return before
    const matches = matchObject(object, obj)
    if (matches) known.set(object, matches)
    return matches
  }
}

/** `matchPath` for many patterns: most differ from the path in their first letters. */
function matchObject(pattern: string, path: string): boolean {
  let at = 0
  while (at < pattern.length && pattern[at] === path[at]) at += 1
  const next = pattern[at]
  if (next !== undefined && next !== ':' && next !== '*' && next !== '%') return false
  return matchPath(pattern, path)
}

/** Whether a name is one that asks: a user or a service, or nobody in particular. */
export function isSubject(name: string): boolean {
  return name.startsWith('user:') || name.startsWith('service:') || name === anonymous
}

/** The users and services that the rules name, and `anonymous`, in no order. */
export function subjectsIn({ rules }: Pick<Snapshot, 'rules'>): ReadonlySet<string> {
  const found = new Set([anonymous])
  for (const { values } of rules) {
    const [name = ''] = values
    if (isSubject(name)) found.add(name)
  }
  return found
}

/** The teams and roles that the rules name. */
export function groupsIn({ rules }: Pick<Snapshot, 'rules'>): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { ptype, values } of rules) {
    const [first = '', second = ''] = values
    if (isGroup(first)) found.add(first)
    if (ptype === 'g') found.add(second)
  }
  return found
}

/** Whether a name is one that others hold. */
export function isGroup(name: string): boolean {
  return name.startsWith('team:') || name.startsWith('role:')
}

/** Who is a direct member of what, downwards. */
export function membersIn(
  snapshot: Pick<Snapshot, 'rules'>,
): ReadonlyMap<string, readonly string[]> {
  const members = new Map<string, string[]>()
  for (const { ptype, values } of snapshot.rules) {
    if (ptype !== 'g') continue
    const [member = '', group = ''] = values
    const before = members.get(group)
    if (before === undefined) members.set(group, [member])
    else before.push(member)
  }
  return members
}

/** `names` and all who hold one of them, through any number of teams and roles. */
export function holdersOf(
  names: Iterable<string>,
  members: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  // A set that grows while it is walked is walked to its end.
  const found = new Set(names)
  for (const name of found) for (const member of members.get(name) ?? []) found.add(member)
  return found
}
