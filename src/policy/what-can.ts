/**
 * What somebody can do: rule by rule, as patterns after denies, and over the operations that
 * applications declare.
 */
import type { Application, Operation } from './applications.ts'
import { everything } from './grammar.ts'
import { type Page, type PageRequest, pageOf, type Unsupported } from './page.ts'
import { overlaps, type Pattern, readPattern, witness } from './pattern-algebra.ts'
import { subtract } from './pattern-meet.ts'
import {
  actionsIn,
  methodsOf,
  namesOf,
  type Permission,
  permissionsFor,
  readPermission,
} from './permissions.ts'
import { whyUnreadable } from './product-model.ts'
import { describeSource, type Rule } from './rule.ts'
import type { Snapshot } from './snapshot.ts'

export interface Exception {
  /** A method, or `*` for every one that the permission is for. */
  readonly method: string
  readonly object: string
}

/** What one rule allows somebody, after denies. */
export interface Allowed {
  readonly rule: Rule
  /** From the subject to what the rule names. */
  readonly rolePath: readonly string[]
  readonly method: string
  readonly object: string
  /** What denies take away of it. */
  readonly except: readonly Exception[]
}

/**
 * What a subject is allowed, rule by rule, in the order of object, method and name. A rule of which
 * denies leave nothing is not among them. Throws an `EntangledPatternsError` for hostile patterns.
 */
export function whatCan(
  snapshot: Snapshot,
  subject: string,
  page: PageRequest,
): Page<Allowed> | Unsupported {
  const because = whyUnreadable(snapshot)
  if (because !== undefined) return { kind: 'unsupported', because }
  const names = namesOf(snapshot, subject)
  const rules = snapshot.rules.filter((r) => r.ptype === 'p' && names.has(r.values[0] ?? ''))
  const [allows, denies] = [[], []] as [Rule[], Rule[]]
  for (const rule of rules) (rule.values[4] === 'deny' ? denies : allows).push(rule)
  const near = nearRules(denies)
  const see = (rule: Rule) => {
    return afterDenies(snapshot, subject, readPermission(rule), near(rule).map(readPermission))
  }
  return pageOf(allows, page, keyOf, see)
}

/** Those of `rules` that can overlap another one: most are told apart by their first segments. */
function nearRules(rules: readonly Rule[]): (rule: Rule) => readonly Rule[] {
  const byStart = Map.groupBy(rules, startOf)
  const open = byStart.get(undefined) ?? []
  return (rule) => {
    const start = startOf(rule)
    return start === undefined ? rules : [...(byStart.get(start) ?? []), ...open]
  }
}

/** The first two segments where both are literals; an escape may be spelt in two ways. */
function startOf({ values }: Rule): string | undefined {
  return /^\/[^/:*%][^/*%]*\/[^/:*%][^/*%]*(?=\/|$)/.exec(values[2] ?? '')?.[0]
}

function keyOf({ values, source }: Rule): string {
  const place = source.kind === 'organisation' ? source.id : describeSource(source)
  return [values[2], values[3], values[0], place].join(' ')
}

function afterDenies(
  snapshot: Snapshot,
  subject: string,
  permission: Permission,
  denies: readonly Permission[],
): Allowed | undefined {
  const { rule, name, object, method } = permission
  const except = exceptionsOf(permission, denies)
  if (except === undefined) return undefined
  const rolePath = name === everything ? [subject] : snapshot.roles.path(subject, name)
  return { rule, rolePath, method, object: object.text, except }
}

/** `undefined` where denies leave nothing. */
function exceptionsOf(
  { object, method }: Permission,
  denies: readonly Permission[],
): readonly Exception[] | undefined {
  const asked = methodsOf(method, actionsIn(denies))
  const found = new Map<string, string[]>()
  let left = 0
  for (const one of asked) {
    const area = subtract(object, objectsOf(denies, one))
    if (area !== undefined) left += 1
    for (const { text } of area?.except ?? [object]) {
      found.set(text, [...(found.get(text) ?? []), one])
    }
  }
  if (left === 0) return undefined
  return [...found].flatMap(([text, of]) =>
    (of.length === asked.length ? [method] : of).map((by) => ({ method: by, object: text })),
  )
}

function objectsOf(permissions: readonly Permission[], method: string): readonly Pattern[] {
  return permissions
    .filter((permission) => permission.method === everything || permission.method === method)
    .map(({ object }) => object)
}

export interface AllowedOperation {
  readonly application: string
  readonly operation: Operation
  /** Every path of the operation, or only some: those of `allow` without those of `except`. */
  readonly extent: 'all' | 'some'
  readonly allow: readonly string[]
  readonly except: readonly string[]
}

/** The declared operations that a subject may use at least in part, by application and operation. */
export function whichOperations(
  snapshot: Snapshot,
  subject: string,
  applications: readonly Application[],
  page: PageRequest,
): Page<AllowedOperation> | Unsupported {
  const because = whyUnreadable(snapshot)
  if (because !== undefined) return { kind: 'unsupported', because }
  const permissions = permissionsFor(snapshot, namesOf(snapshot, subject))
  const found = applications.flatMap(({ id, operations }) =>
    operations.flatMap((operation) => extentOf(id, operation, permissions)),
  )
  return pageOf(found, page, nameOf, (operation) => operation)
}

function nameOf({ application, operation }: AllowedOperation): string {
  return `${application} ${operation.id}`
}

function extentOf(
  application: string,
  operation: Operation,
  permissions: readonly Permission[],
): AllowedOperation[] {
  const object = readPattern(`/${application}${operation.path}`)
  const near = (allow: boolean) =>
    objectsOf(
      permissions.filter((permission) => permission.allow === allow),
      operation.method,
    ).filter((pattern) => overlaps(pattern, object))
  const denies = near(false)
  const allow = near(true).filter((by) => witness([object, by], denies) !== undefined)
  if (allow.length === 0) return []
  const except = denies.filter((by) =>
    allow.some((one) => witness([object, one, by], []) !== undefined),
  )
  const whole = except.length === 0 && witness([object], allow) === undefined
  const texts = (patterns: readonly Pattern[]) => patterns.map(({ text }) => text)
  const extent = whole ? 'all' : 'some'
  return [{ application, operation, extent, allow: texts(allow), except: texts(except) }]
}
