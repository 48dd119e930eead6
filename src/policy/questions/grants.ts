/** The roles and teams that somebody could be given, and how much each of them gives. */
import { finish, type Steps } from '../../lib/turns.ts'
import { builtInRoles } from '../built-in.ts'
import type { DecisionRequest } from '../decide.ts'
import { contains, EntangledPatternsError } from '../patterns/pattern-algebra.ts'
import type { Rule } from '../rule.ts'
import { everything, managementId } from '../rules/grammar.ts'
import type { Snapshot } from '../snapshot.ts'
import type { NamedRules } from './named-rules.ts'
import { indexNear } from './near.ts'
import { methodsOf, namesOf, readPermission } from './permissions.ts'
import type { Change } from './rehearsal.ts'

export interface Group {
  readonly change: Change
  /** The allows that it brings and that are not held before. */
  readonly gives: readonly Rule[]
  readonly weight: number
  /** How many teams and roles come with it. */
  readonly names: number
  /** Whether it brings a built-in role or the management of the organisation. */
  readonly reserved: boolean
}

/** The teams and roles that are not held and in which some rule allows the request, smallest first. */
export function* findGroups(
  snapshot: Snapshot,
  request: DecisionRequest,
  about: readonly Rule[],
  index: NamedRules,
): Steps<Group[]> {
  const held = namesOf(snapshot, request.sub)
  const allows = about.filter(({ values }) => values[4] === 'allow')
  const enough = new Set(allows.map(({ values }) => values[0]))
  const groups: Group[] = []
  for (const name of index.groups) {
    yield
    if (held.has(name)) continue
    const gained = [...namesOf(snapshot, name)].filter((given) => !held.has(given))
    if (!gained.some((given) => enough.has(given))) continue
    const gives = gained.flatMap((given) => index.allows.get(given) ?? [])
    const weight = gives.reduce((sum, rule) => sum + weightOf(rule), 0)
    const reserved = gained.some((given) => Object.hasOwn(builtInRoles, given))
    groups.push({
      change: assign(snapshot, request.sub, name),
      gives,
      weight,
      names: gained.length,
      reserved: reserved || gives.some(isManagement),
    })
  }
  return groups.toSorted(compare)
}

function assign({ organisation }: Snapshot, subject: string, name: string): Change {
  const kind = name.startsWith('team:') ? 'team' : 'role'
  const phrase =
    kind === 'role' ? `granting ${name} to ${subject}` : `making ${subject} a member of ${name}`
  return { kind, ptype: 'g', values: [subject, name, `org:${organisation}`], phrase }
}

function compare(left: Group, right: Group): number {
  if (left.weight !== right.weight) return left.weight < right.weight ? -1 : 1
  if (left.names !== right.names) return left.names - right.names
  const [one, other] = [left.change, right.change]
  if (one.kind !== other.kind) return one.kind === 'role' ? -1 : 1
  return (one.values[1] ?? '') < (other.values[1] ?? '') ? -1 : 1
}

/** A hundred names for a segment and paths of eight segments: no more than an order is read from it. */
const NAMES = 100
const SEGMENTS = 8

/** How many paths and methods a rule matches in that world. */
function weightOf({ values }: Rule): number {
  const [, , object = '', method = ''] = values
  const segments = object.slice(1).split('/')
  const free = segments.filter((segment) => segment === everything || segment.startsWith(':'))
  const literals = segments.length - free.length
  const open = free.includes(everything) ? Math.max(SEGMENTS - literals, free.length) : free.length
  return methodsOf(method).length * NAMES ** open
}

/** Whether a rule reaches what belongs to the management API. */
function isManagement({ values }: Rule): boolean {
  const [, application = ''] = (values[2] ?? '').split('/')
  return application === managementId || application === everything || application.startsWith(':')
}

/** Whether all that `left` gives lies within what `right` gives, and not the other way round. */
export function givesLess(left: Group, right: Group): boolean {
  try {
    return within(left, right) && !within(right, left)
  } catch (error) {
    if (error instanceof EntangledPatternsError) return false
    throw error
  }
}

function within(inner: Group, outer: Group): boolean {
  const wide = outer.gives.map(readPermission)
  const near = finish(indexNear(wide, ({ object }) => object.text))
  return inner.gives.map(readPermission).every(({ object, method }) =>
    near(object.text).some((other) => {
      return [everything, method].includes(other.method) && contains(other.object, object)
    }),
  )
}
