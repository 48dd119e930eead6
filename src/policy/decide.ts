/** The decision: pure, synchronous, never a throw; any error is a deny with its own reason. */
import { isTypedId } from '../lib/ids.ts'
import type { Reason } from '../lib/reasons.ts'
import type { Rule } from './rule.ts'
import { anonymous, isMethod } from './rules/grammar.ts'
import { takesAction } from './rules/resources.ts'
import { isInScopes } from './rules/scopes.ts'
import type { Snapshot } from './snapshot.ts'

export interface DecisionRequest {
  /** `user:…`, `service:…` or `anonymous`. */
  readonly sub: string
  /** `org:…`, the snapshot's own. */
  readonly dom: string
  /** `/<application id><canonical path>`. */
  readonly obj: string
  /** HTTP method, where HEAD is decided as GET; or an action that the object's type declares. */
  readonly act: string
  /** What the asker says of the resource; it counts where nothing is stored. */
  readonly sent?: Readonly<Record<string, unknown>> | undefined
  /** Names of permissions to which the asker's credential narrows its rights; absent: to none. */
  readonly scopes?: readonly string[] | undefined
}

export interface Decision {
  readonly allow: boolean
  readonly reason: Reason
  /** The rule that decided; absent where none did. */
  readonly rule?: Rule
}

/** Decides `request` by one complete snapshot. */
export function decide(snapshot: Snapshot, request: DecisionRequest): Decision {
  try {
    const refused = refuse(snapshot, request)
    if (refused !== undefined) return { allow: false, reason: refused }
    const { obj, scopes } = request
    if (
      scopes !== undefined &&
      !isInScopes(scopes, snapshot.applications, obj, methodOf(request))
    ) {
      return { allow: false, reason: 'scope_missing' }
    }
    const { allow, rule } = snapshot.engine.evaluate(fieldsOf(snapshot, request))
    if (rule === undefined) return defaultDecision(allow)
    return { allow, reason: allow ? 'allowed_by_rule' : 'denied_by_rule', rule }
  } catch {
    return { allow: false, reason: 'decision_error' }
  }
}

/**
 * Every rule that matches `request`, also those that another one outweighs; none where it is refused
 * before any is looked at. Throws where a decision would be an error.
 */
export function matchingRules(snapshot: Snapshot, request: DecisionRequest): readonly Rule[] {
  if (refuse(snapshot, request) !== undefined) return []
  return snapshot.engine.matchAll(fieldsOf(snapshot, request))
}

function fieldsOf(snapshot: Snapshot, request: DecisionRequest): readonly unknown[] {
  const { sub, dom, obj } = request
  const asked = [sub, dom, obj, methodOf(request)]
  const facts = snapshot.factsOf(request)
  return facts.length === 0 ? asked : [...asked, ...facts]
}

/** The method that is decided: RFC 9110 section 9.3.2 makes HEAD a GET without a body. */
export function methodOf({ act }: DecisionRequest): string {
  return act === 'HEAD' ? 'GET' : act
}

/** An allow that names no rule has nothing to stand on (H4, H11). */
function defaultDecision(allow: boolean): Decision {
  return { allow: false, reason: allow ? 'decision_error' : 'denied_by_default' }
}

function refuse(snapshot: Snapshot, request: DecisionRequest): Reason | undefined {
  const { sub, dom, obj, act } = request
  if (!isText(sub) || !isText(dom) || !isText(obj) || !isText(act)) return 'request_incomplete'
  // H8: a caller named like a role or a team would hold what it holds.
  if (sub !== anonymous && !isTypedId(sub, 'user', 'service')) return 'subject_unknown'
  if (dom !== snapshot.domain) return 'organisation_disagrees'
  if (!obj.startsWith('/')) return 'request_incomplete'
  const method = methodOf(request)
  if (isMethod(method)) return undefined
  return takesAction(snapshot.resources, obj, method) ? undefined : 'method_not_allowed'
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
