/** Rules whose object no request has, and rules that take in more than anybody means. */
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import type { Application } from '../applications.ts'
import type { Finding } from '../finding.ts'
import { overlaps, type Pattern, readPattern } from '../patterns/pattern-algebra.ts'
import type { Rule } from '../rule.ts'
import { anonymous, everything, managementId } from '../rules/grammar.ts'
import { findingAt } from './places.ts'
import { isReached, type Reach, readReach, unsendable } from './reach.ts'

const OBJECT = 2

export function* findObjects(
  rules: readonly Rule[],
  applications: readonly Application[],
): Steps<Finding[]> {
  const reach = readReach(applications)
  const open = applications.flatMap(({ id, publicPaths }) =>
    publicPaths.map((path) => readPattern(`/${id}${path}`)),
  )
  const management = readPattern(`/${managementId}/*`)
  const found: Finding[] = []
  for (const [at, rule] of rules.entries()) {
    if (at % limits.turnRules === 0) yield
    if (rule.ptype !== 'p') continue
    const object = readPattern(rule.values[OBJECT] ?? '')
    const finding =
      neverAsked(rule, object, reach, applications) ??
      notPublic(rule, object, open) ??
      tooWide(rule, object, management)
    if (finding !== undefined) found.push(finding)
  }
  return found
}

function neverAsked(
  rule: Rule,
  object: Pattern,
  reach: Reach,
  applications: readonly Application[],
): Finding | undefined {
  const kind = 'never-matches'
  const segment = unsendable(object)
  if (segment !== undefined) {
    const message = `No path holds "${segment}": it is refused before it is decided. Write what a path can hold.`
    return findingAt(rule, { kind, severity: 'warning', message }, OBJECT)
  }
  if (isReached(reach, object)) return undefined
  const message = `No request matches this: ${whyNot(object, applications)}`
  return findingAt(rule, { kind, severity: 'warning', message }, OBJECT)
}

function whyNot({ parts }: Pattern, applications: readonly Application[]): string {
  const application = applications.find(({ id }) => id === parts[0])
  if (application === undefined) return 'no application has such paths. Write its id first.'
  const { id, prefix, strip, organisation } = application
  const below = strip || prefix === '/' ? '' : prefix
  const path = organisation.from === 'path' ? organisation.pattern : `${below}/*`
  const because =
    below === '' ? '' : ` The prefix ${prefix} is not stripped (apps.yaml), so it stays.`
  return `the objects of ${id} are /${id}${path}.${because} Write the object so.`
}

function notPublic(rule: Rule, object: Pattern, open: readonly Pattern[]): Finding | undefined {
  const [subject] = rule.values
  if (subject !== anonymous || open.some((path) => overlaps(path, object))) return undefined
  const message =
    'No request without a credential gets here: the path is not public. List it under "public" in apps.yaml, or take the rule away.'
  return findingAt(rule, { kind: 'not-public', severity: 'warning', message }, OBJECT)
}

function tooWide(rule: Rule, object: Pattern, management: Pattern): Finding | undefined {
  const [subject, , text = '', method, effect] = rule.values
  const kind = 'too-wide'
  const everybody = subject === everything
  const every = method === everything
  const wildcard = typeof object.parts[0] !== 'string'
  const whole = wildcard || /^\/[^/]+\/\*$/.test(text)
  const say = (message: string, index: number) =>
    findingAt(rule, { kind, severity: 'warning', message }, index)
  if (effect === 'deny') {
    if (!everybody || !every || text !== '/*') return undefined
    return say('This denies everything to everybody, owners included. Name a path.', OBJECT)
  }
  if (everybody && (every || whole)) {
    const what = every ? 'every method' : 'everything of an application'
    return say(`This allows ${what} to everybody. Name a role, a path and methods.`, 0)
  }
  if (!wildcard || !overlaps(management, object)) return undefined
  const message = `This reaches the management API as well ("/${managementId}/…"). Name the application, as in "/docs/*".`
  return say(message, OBJECT)
}
