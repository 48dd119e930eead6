/** Public paths that nobody may use, and operations that nobody is given. */

import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import type { Application } from '../applications.ts'
import type { Finding, Severity } from '../finding.ts'
import { overlaps, type Pattern, readPattern } from '../patterns/pattern-algebra.ts'
import { PatternTree } from '../patterns/pattern-tree.ts'
import type { Rule } from '../rule.ts'
import { anonymous, everything } from '../rules/grammar.ts'
import { surelyContains } from './grounds.ts'

/** Where a value of apps.yaml stands. */
export type PlaceOf = (path: readonly PropertyKey[]) => {
  readonly file: string
  readonly line: number
  readonly column: number
}

interface Permission {
  readonly rule: Rule
  readonly object: Pattern
}

interface Permissions {
  readonly allows: PatternTree<Permission>
  readonly denies: PatternTree<Permission>
}

export function* findApplications(
  rules: readonly Rule[],
  applications: readonly Application[],
  placeOf: PlaceOf,
): Steps<Finding[]> {
  const permissions = yield* readPermissions(rules)
  const found: Finding[] = []
  for (const [index, application] of applications.entries()) {
    const { publicPaths, operations, id } = application
    const report = (
      path: readonly PropertyKey[],
      kind: string,
      severity: Severity,
      message: string,
    ) => found.push({ ...placeOf(['applications', index, ...path]), kind, severity, message })
    for (const [at, path] of publicPaths.entries()) {
      yield
      if (isOpen(permissions, readPattern(`/${id}${path}`))) continue
      // Where the request names an organisation, that one may allow it by a rule of its own.
      const severity = application.organisation.from === 'credential' ? 'warning' : 'note'
      const message = `This path is public and no rule allows it to anybody: write "p, anonymous, *, /${id}${path}, GET, allow".`
      report(['public', at], 'public-without-allow', severity, message)
    }
    for (const [at, { id: name, path, method }] of operations.entries()) {
      yield
      if (isGiven(permissions, readPattern(`/${id}${path}`), method)) continue
      const message = `No rule of the files allows ${id}:${name} to anybody; owners alone may do it, until an organisation gives it to others.`
      report(['operations', at, 'id'], 'operation-without-allow', 'note', message)
    }
  }
  return found
}

function* readPermissions(rules: readonly Rule[]): Steps<Permissions> {
  const allows = new PatternTree<Permission>()
  const denies = new PatternTree<Permission>()
  for (const [at, rule] of rules.entries()) {
    if (at % limits.turnRules === 0) yield
    const [subject, , text = '', , effect] = rule.values
    if (rule.ptype !== 'p') continue
    const object = readPattern(text)
    if (effect === 'allow') allows.add(object.parts, { rule, object })
    else if (subject === everything) denies.add(object.parts, { rule, object })
  }
  return { allows, denies }
}

function isOpen({ allows }: Permissions, path: Pattern): boolean {
  return some(allows.across(path.parts, limits.adviceSteps), ({ rule, object }) => {
    const [subject = ''] = rule.values
    return [anonymous, everything].includes(subject) && overlaps(object, path)
  })
}

/** What is denied to everybody is kept from them on purpose. */
function isGiven({ allows, denies }: Permissions, path: Pattern, method: string): boolean {
  const takes = ({ rule }: Permission) => [method, everything].includes(rule.values[3] ?? '')
  const given = (one: Permission) =>
    takes(one) && one.rule.values[0] !== 'role:owner' && overlaps(one.object, path)
  return (
    some(allows.across(path.parts, limits.adviceSteps), given) ||
    some(denies.around(path.parts), (one) => takes(one) && surelyContains(one.object, path))
  )
}

function some<T>(items: Iterable<T>, test: (item: T) => boolean): boolean {
  for (const item of items) if (test(item)) return true
  return false
}
