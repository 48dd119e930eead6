/** What somebody can do, rule by rule, as patterns after denies. */
import type { Steps } from '../../lib/turns.ts'
import type { Pattern } from '../patterns/pattern-algebra.ts'
import { subtract } from '../patterns/pattern-meet.ts'
import { describeSource, type Rule } from '../rule.ts'
import { everything } from '../rules/grammar.ts'
import type { Snapshot } from '../snapshot.ts'
import { indexNear } from './near.ts'
import { type Page, type PageRequest, pageOf, type Unsupported } from './page.ts'
import { actionsIn, methodsOf, namesOf, type Permission, readPermission } from './permissions.ts'
import { whyUnreadable } from './product-model.ts'

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
export function* whatCan(
  snapshot: Snapshot,
  subject: string,
  page: PageRequest,
): Steps<Page<Allowed> | Unsupported> {
  const because = whyUnreadable(snapshot)
  if (because !== undefined) return { kind: 'unsupported', because }
  const names = namesOf(snapshot, subject)
  const rules = snapshot.rules.filter((r) => r.ptype === 'p' && names.has(r.values[0] ?? ''))
  const [allows, denies] = [[], []] as [Rule[], Rule[]]
  for (const rule of rules) (rule.values[4] === 'deny' ? denies : allows).push(rule)
  const near = yield* indexNear(denies, objectOf)
  const see = (rule: Rule) => {
    return afterDenies(
      snapshot,
      subject,
      readPermission(rule),
      near(objectOf(rule)).map(readPermission),
    )
  }
  return yield* pageOf(allows, page, keyOf, see)
}

function objectOf({ values }: Rule): string {
  return values[2] ?? ''
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
