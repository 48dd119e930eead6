/**
 * The smallest single change that would allow what is denied by default: a role, a team or a rule.
 *
 * The order, the smallest first. A role or team comes before a rule of its own: it is how an
 * organisation says who does what, and a rule for one subject and one path is an exception to that.
 * Among roles and teams the one that gives least wins: one whose rules all lie within another's comes
 * before it, else the one whose rules match fewer paths and methods; then the one that brings fewer
 * other roles along, a role before a team, the id. What brings a built-in role or the management of
 * the organisation comes only where nothing else would do.
 */
import { isTypedId } from '../../lib/ids.ts'
import { limits } from '../../lib/limits.ts'
import type { Steps } from '../../lib/turns.ts'
import type { Application } from '../applications.ts'
import { type DecisionRequest, decide, methodOf } from '../decide.ts'
import { checkPattern } from '../patterns/pattern.ts'
import { literalPattern } from '../patterns/pattern-algebra.ts'
import type { Rule } from '../rule.ts'
import { managementId } from '../rules/grammar.ts'
import type { Snapshot } from '../snapshot.ts'
import { findGroups, type Group, givesLess } from './grants.ts'
import { readNamedRules, rulesAbout } from './named-rules.ts'
import { whyUnreadable } from './product-model.ts'
import { type Change, rehearsal } from './rehearsal.ts'

export interface Advice {
  /** Each is enough by itself; the smallest first, at most one of each kind. */
  readonly changes: readonly Change[]
  /** Why no change of these kinds would do; absent where one does. */
  readonly because?: string
}

/**
 * What would allow `request`. Every change was applied to a copy of the rules and decided again, so
 * none is named that a deny would still beat. With `applications`, rules for others are not proposed;
 * `known` are the rules about the request, where they are known already.
 */
export function* suggest(
  snapshot: Snapshot,
  request: DecisionRequest,
  applications?: readonly Application[],
  known?: readonly Rule[],
): Steps<Advice> {
  const because = whyNothingHelps(snapshot, request)
  if (because !== undefined) return { changes: [], because }
  const about = known ?? (yield* rulesAbout(snapshot, request))
  const index = yield* readNamedRules(snapshot)
  const allowsAfter = rehearsal(snapshot, request)
  const groups = isTypedId(request.sub, 'user', 'service')
    ? yield* enoughAlone(yield* findGroups(snapshot, request, about, index), allowsAfter)
    : []
  const usual = yield* smallestOfEach(groups.filter(({ reserved }) => !reserved))
  const rule = proposeRule(snapshot, request, applications)
  const own = rule !== undefined && allowsAfter(rule) ? [rule] : []
  const changes = [...usual, ...own]
  if (changes.length > 0) return { changes }
  const reserved = yield* smallestOfEach(groups)
  if (reserved.length > 0) return { changes: reserved }
  return { changes, because: 'no role, team or rule alone would allow it' }
}

function whyNothingHelps(snapshot: Snapshot, request: DecisionRequest): string | undefined {
  const unreadable = whyUnreadable(snapshot)
  if (unreadable !== undefined) return unreadable
  const { reason, rule } = decide(snapshot, request)
  if (reason === 'denied_by_default') return undefined
  if (reason !== 'denied_by_rule') return 'there is nothing to change'
  // The rules of the files come first, so where one of them denies it is the one that decides.
  return rule?.source.kind === 'file'
    ? 'it is a guardrail, and no grant outweighs it'
    : 'as long as it stands, no grant outweighs it'
}

/** Those that allow it when they are added, in their order; so many that the rest matters no more. */
function* enoughAlone(
  groups: readonly Group[],
  allowsAfter: (change: Change) => boolean,
): Steps<Group[]> {
  const able: Group[] = []
  for (const group of groups) {
    if (able.length === limits.explainedCandidates) break
    yield
    if (allowsAfter(group.change)) able.push(group)
  }
  return able
}

/** The smallest role and the smallest team, the smaller of the two first. */
function* smallestOfEach(groups: readonly Group[]): Steps<Change[]> {
  const of = (kind: Change['kind']) => groups.filter(({ change }) => change.kind === kind)
  const found = [...(yield* smallest(of('role'))), ...(yield* smallest(of('team')))]
  const [first] = yield* smallest(found)
  return [...new Set([...(first === undefined ? [] : [first]), ...found])].map(
    ({ change }) => change,
  )
}

/** The first, or what gives strictly less than it. */
function* smallest([first, ...others]: readonly Group[]): Steps<Group[]> {
  let least = first
  for (const group of others) {
    yield
    if (least !== undefined && givesLess(group, least)) least = group
  }
  return least === undefined ? [] : [least]
}

/** A rule for exactly the request; `undefined` where an organisation may not write it. */
function proposeRule(
  { organisation }: Snapshot,
  request: DecisionRequest,
  applications: readonly Application[] | undefined,
): Change | undefined {
  const object = literalPattern(request.obj)
  const [, application, ...rest] = object.split('/')
  const declared = applications?.some(({ id }) => id === application) ?? true
  if (application === managementId || !declared || rest.length === 0) return undefined
  if (checkPattern(object) !== undefined) return undefined
  const method = methodOf(request)
  return {
    kind: 'rule',
    ptype: 'p',
    values: [request.sub, `org:${organisation}`, object, method, 'allow'],
    phrase: `a rule that allows ${request.sub} to ${method} ${object}`,
  }
}
