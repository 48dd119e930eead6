/**
 * What a rule of Gatehouse may say, field by field. A caller whose id is a role's name would hold the
 * role (H8) and a comma would shift columns (H1), so every name is a typed id of a small alphabet.
 */
import { isTypedId } from '../../lib/ids.ts'
import type { Application } from '../applications.ts'
import { checkPattern, type PatternProblem } from '../patterns/pattern.ts'
import { nearest } from './nearest.ts'

/** The methods that are decided; HEAD is decided as GET. */
export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
const knownMethods: ReadonlySet<string> = new Set(methods)

/** Whether `text` is one of them. */
export function isMethod(text: string): boolean {
  return knownMethods.has(text)
}

/** The first segment of the management API's objects. */
export const managementId = 'gatehouse'

export const anonymous = 'anonymous'
export const everything = '*'

/** Whose rules these are: those of the files, or those of one organisation (bare id). */
export type Scope = 'files' | { readonly organisation: string }

export function checkSubject(subject: string): string | undefined {
  if (subject === everything || subject === anonymous || isTypedId(subject)) {
    return subject.startsWith('org:')
      ? 'An organisation is no subject; name its team or role.'
      : undefined
  }
  return `"${subject}" is no subject: write user:, service:, team: or role: and an id of a-z, 0-9 and "-", or anonymous, or *.`
}

export function checkDomain(domain: string, scope: Scope): string | undefined {
  if (scope === 'files') {
    if (domain === everything || isTypedId(domain, 'org')) return undefined
    return `"${domain}" is no domain: write * for every organisation, or org: and its id.`
  }
  const own = `org:${scope.organisation}`
  return domain === own
    ? undefined
    : `The rule of an organisation holds there only: the domain is ${own}.`
}

/** `actionsOf` tells the actions that the rule's object has beside the methods. */
export function checkMethod(
  method: string,
  actionsOf: () => readonly string[] = () => [],
): string | undefined {
  if (method === everything || isMethod(method)) return undefined
  const actions = actionsOf()
  if (actions.includes(method)) return undefined
  if (method === 'HEAD') return 'HEAD is decided as GET: write GET.'
  const upper = isMethod(method.toUpperCase())
  if (actions.length === 0 || upper) {
    return `"${method}" is no method; ${nearest(method.toUpperCase(), [...methods, everything])}`
  }
  const possible = [...actions, ...methods, everything]
  return `"${method}" is no method and no action of this object; ${nearest(method, possible)}`
}

/** Checks an object, `/<application id>/<path pattern>`. */
export function checkObject(
  object: string,
  scope: Scope,
  applications: readonly Application[],
): PatternProblem | undefined {
  const problem = checkPattern(object)
  if (problem !== undefined) return problem
  const slash = object.indexOf('/', 1)
  const first = slash < 0 ? object.slice(1) : object.slice(1, slash)
  const open = first === everything || first.startsWith(':')
  if (scope !== 'files' && first === managementId) {
    return refuse(
      'An organisation\'s rules name no "/gatehouse/" object: management permissions come from the built-in roles and from custom roles.',
    )
  }
  if (open && scope !== 'files') {
    return refuse('An object begins with the id of one application, as in "/docs/*".')
  }
  if (!open && first !== managementId && !applications.some(({ id }) => id === first)) {
    const known = applications.map(({ id }) => id)
    const possible = scope === 'files' ? [...known, managementId] : known
    return refuse(`"${first}" is no declared application; ${nearest(first, possible)}`)
  }
  if (slash < 0 && first !== everything) {
    return refuse(
      `"${object}" matches nothing: an object is "/<application id>/…", as in "${object}/*".`,
    )
  }
  return undefined
}

function refuse(message: string): PatternProblem {
  return { column: 2, message }
}

/** Checks who may be a member of what: user or service in team or role, team in role, role in role. */
export function checkMembership(member: string, role: string, domain: string, scope: Scope) {
  if (!isTypedId(member, 'user', 'service', 'team', 'role')) {
    return {
      index: 0,
      message: `"${member}" cannot be a member: write user:, service:, team: or role: and an id.`,
    }
  }
  if (!isTypedId(role, 'team', 'role')) {
    return { index: 1, message: `"${role}" cannot have members: write team: or role: and an id.` }
  }
  const person = isTypedId(member, 'user', 'service')
  if (role.startsWith('team:') && !person) {
    return { index: 0, message: 'A team has users and services as members, no team and no role.' }
  }
  if (role === 'role:owner' && member.startsWith('role:')) {
    return {
      index: 0,
      message: 'No role is made a member of role:owner; name the user, service or team.',
    }
  }
  if (role === 'role:owner' && domain === everything && scope === 'files') {
    return { index: 2, message: 'Nobody owns every organisation: name one, as in org:acme.' }
  }
  return undefined
}
