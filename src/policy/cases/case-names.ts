/** Whether the names in a `*.test.yaml` mean something: who is known there, and what can be asked. */
import { isTypedId } from '../../lib/ids.ts'
import { limits } from '../../lib/limits.ts'
import type { Application } from '../applications.ts'
import { builtInRoles } from '../built-in.ts'
import type { PolicyFiles } from '../files/files.ts'
import type { ReportAt } from '../files/yaml-file.ts'
import type { Rule } from '../rule.ts'
import { anonymous, managementId, methods } from '../rules/grammar.ts'
import { nearest } from '../rules/nearest.ts'
import { canonicalObject } from '../rules/resources.ts'
import type { CaseForm } from './case-form.ts'
import { actionsOn } from './reach.ts'

export interface Names {
  /** What is wrong with a subject of a test; `undefined` for one that is known. */
  readonly checkSubject: (name: string) => string | undefined
  /** Reports who cannot hold anything, and teams and roles that are nowhere else. */
  readonly checkGiven: (report: ReportAt) => void
}

/**
 * Who is given something, and whom rules name: `rules` of the file itself, and the guardrails. That
 * somebody is given a role does not make the role known.
 */
export function knownNames(
  { given }: CaseForm,
  rules: readonly Rule[],
  { guardrails }: PolicyFiles,
): Names {
  const named = [...guardrails, ...rules].flatMap(({ ptype, values }) =>
    values.slice(0, ptype === 'g' ? 2 : 1),
  )
  const known = new Set([...Object.keys(given), ...Object.keys(builtInRoles), ...named, anonymous])
  const near = (name: string, ...kinds: readonly ('user' | 'service' | 'team' | 'role')[]) => {
    const possible = [...known].filter((one) => isTypedId(one, ...kinds))
    const alike = possible.toSorted((one, other) => shared(other, name) - shared(one, name))
    return nearest(name, alike.slice(0, limits.namesProposed))
  }
  const checkGroup = (group: string) => {
    if (!isTypedId(group, 'team', 'role')) {
      return `"${group}" is nothing to hold: write team: or role: and an id.`
    }
    if (known.has(group)) return undefined
    return `"${group}" is neither in "given" nor in a rule; ${near(group, 'team', 'role')}`
  }
  return {
    checkSubject: (name) => {
      if (known.has(name) && (name === anonymous || isTypedId(name, 'user', 'service'))) {
        return undefined
      }
      if (!isTypedId(name, 'user', 'service')) {
        return `"${name}" is nobody who asks: write user: or service: and an id, or anonymous.`
      }
      return `"${name}" is not in "given", where whoever holds nothing is written as "${name}: []"; ${near(name, 'user', 'service')}`
    },
    checkGiven: (report) => {
      for (const [member, held] of Object.entries(given)) {
        if (!isTypedId(member, 'user', 'service', 'team', 'role')) {
          const right = 'write user:, service:, team: or role: and an id.'
          report(['given', member], `"${member}" holds nothing: ${right}`, 'key')
        }
        for (const [at, one] of held.entries()) {
          const wrong = checkGroup(typeof one === 'string' ? one : one.holds)
          if (wrong !== undefined) report(['given', member, at], wrong)
        }
      }
    },
  }
}

/** How many letters two names have in common at their beginning. */
function shared(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at
}

/** What is wrong with a resource; `undefined` for one that a request can name, in its one spelling. */
export function checkResource(
  object: string,
  applications: readonly Application[],
): string | undefined {
  const [, id = '', ...rest] = object.split('/')
  if (!object.startsWith('/')) {
    return `"${object}" is no resource: write "/<application id>/<path>", as in /docs/documents/7.`
  }
  if (/\/(?::|\*(?:\/|$))/.test(object)) {
    return `"${object}" is a pattern; a test names what is asked for, as in /docs/documents/7.`
  }
  const ids = [...applications.map((application) => application.id), managementId]
  if (!ids.includes(id)) return `"${id}" is no declared application; ${nearest(id, ids)}`
  if (rest.length === 0) return `"${object}" is never asked for: its root is "${object}/".`
  const canonical = canonicalObject(object)
  if (canonical.kind === 'refused') return `"${object}" is never asked for: the path is refused.`
  if (canonical.object === object) return undefined
  return `"${object}" is never asked for in this spelling: write "${canonical.object}".`
}

/** Each action that some resource does not have, with what would be right. */
export function* checkActions(
  actions: Iterable<string>,
  resources: readonly string[],
  { applications }: PolicyFiles,
): Generator<[action: string, wrong: string]> {
  for (const action of actions) {
    if (methods.some((method) => method === action)) continue
    const lacks = resources.find((object) => !actionsOn(object, applications).includes(action))
    if (lacks === undefined) continue
    if (action === 'HEAD') yield [action, 'HEAD is decided as GET: write GET.']
    else {
      const possible = actionsOn(lacks, applications)
      const upper = methods.some((method) => method === action.toUpperCase())
      const right = nearest(upper ? action.toUpperCase() : action, possible)
      yield [action, `"${action}" is no method and no action of ${lacks}; ${right}`]
    }
  }
}
