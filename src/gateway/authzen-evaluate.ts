/**
 * AuthZEN evaluations: who is named must stand in the organisation, as at every other door, and then
 * the rules decide. All items of a batch are decided by one policy.
 */
import { randomUUID } from 'node:crypto'
import { checkStanding } from '../identity/standing.ts'
import type { Clock } from '../lib/clock.ts'
import type { Reason } from '../lib/reasons.ts'
import type { Turns } from '../lib/turns.ts'
import type { Application } from '../policy/applications.ts'
import { decide } from '../policy/decide.ts'
import type { Rule } from '../policy/rule.ts'
import { type NameSubject, nameResource } from './authzen-names.ts'
import type { Batch, Question, Read, Semantic } from './authzen-request.ts'
import type { DecisionLog } from './decision-log.ts'
import type { OrganisationView } from './snapshots.ts'

/** One call, by a caller who may ask, and the policy that answers it. */
export interface Call {
  readonly view: OrganisationView
  /** Those of the policy files that `view` was built with. */
  readonly applications: readonly Application[]
  readonly nameSubject: NameSubject
  readonly caller: string
  readonly requestId: string
  readonly turns: Turns
}

export interface RecordOptions {
  readonly log: DecisionLog
  readonly clock: Clock
}

/** As AuthZEN spells it. */
export interface ShownDecision {
  readonly decision: boolean
  readonly context: Readonly<Record<string, unknown>>
}

/** How far a question came. */
interface Judged {
  readonly allow: boolean
  readonly reason: Reason
  readonly subject?: string
  readonly object?: string
  readonly action?: string
  readonly rule?: Rule | undefined
}

/** Decides one question and records the decision. */
export async function evaluate(
  options: RecordOptions,
  call: Call,
  question: Question,
): Promise<ShownDecision> {
  const judged = await judge(call, question)
  const decisionId = randomUUID()
  record(options, call, judged, decisionId)
  return {
    decision: judged.allow,
    context: {
      evaluation_id: decisionId,
      reason: judged.reason,
      policy_revision: call.view.state.revision,
    },
  }
}

/** Decides the items in their order, as far as the semantic goes; the last one is what ended it. */
export async function evaluateBatch(
  options: RecordOptions,
  call: Call,
  { semantic, items }: Batch,
): Promise<readonly ShownDecision[]> {
  const shown: ShownDecision[] = []
  for (const item of items) {
    if (call.turns.over()) await call.turns.next()
    const decision = await evaluateItem(options, call, item)
    shown.push(decision)
    if (settles(semantic, decision)) break
  }
  return shown
}

/** What cannot be read is denied in its place, and says why. */
async function evaluateItem(
  options: RecordOptions,
  call: Call,
  item: Read<Question>,
): Promise<ShownDecision> {
  if (item.kind === 'read') return evaluate(options, call, item.value)
  return { decision: false, context: { error: { status: 400, message: item.message } } }
}

function settles(semantic: Semantic, { decision }: ShownDecision): boolean {
  if (semantic === 'execute_all') return false
  return decision === (semantic === 'permit_on_first_permit')
}

async function judge(call: Call, { subject, action, resource }: Question): Promise<Judged> {
  const { view, applications, nameSubject } = call
  const named = nameResource(resource, view.snapshot, applications)
  const sub = await nameSubject(subject)
  const known = sub === undefined ? {} : { subject: sub }
  if (named.kind === 'unknown') return { ...known, allow: false, reason: named.reason }
  const { object, actions } = named
  if (!actions.includes(action)) {
    return { ...known, object, allow: false, reason: 'action_unknown' }
  }
  const asked = { ...known, object, action }
  const missing = checkStanding(sub, view.state)
  if (missing !== undefined || sub === undefined) {
    return { ...asked, allow: false, reason: missing ?? 'subject_unknown' }
  }
  const { organisation } = view.snapshot
  const request = { sub, dom: `org:${organisation}`, obj: object, act: action }
  const { allow, reason, rule } = decide(view.snapshot, { ...request, sent: resource.properties })
  return { ...asked, allow, reason, rule }
}

function record(
  { log, clock }: RecordOptions,
  { view, requestId, caller }: Call,
  { allow, reason, subject, object = '', action = '', rule }: Judged,
  decisionId: string,
): void {
  log.record({
    decisionId,
    requestId,
    door: 'authzen',
    at: clock.now(),
    reason,
    allow,
    method: action,
    object,
    organisation: view.state.id,
    subject,
    revision: view.state.revision,
    rule,
    caller,
  })
}
