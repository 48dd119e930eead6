/**
 * Why a request is allowed or denied, from the decision itself: as data, and for people in two
 * sentences. For a deny also what came nearest and the smallest change that would allow it.
 */
import type { Steps } from '../../lib/turns.ts'
import type { Application } from '../applications.ts'
import { type Decision, type DecisionRequest, decide } from '../decide.ts'
import { describeSource, type Rule } from '../rule.ts'
import { everything } from '../rules/grammar.ts'
import type { Snapshot } from '../snapshot.ts'
import { rulesAbout } from './named-rules.ts'
import { type Candidate, findCandidates, findNearMiss, type NearMiss } from './near-miss.ts'
import { isGroup, namesOf } from './permissions.ts'
import { whyUnreadable } from './product-model.ts'
import type { Change } from './rehearsal.ts'
import { type Advice, suggest } from './suggest.ts'

export interface Explanation {
  readonly decision: Decision
  /** What was decided, and why. */
  readonly sentences: readonly [string, string]
  /** From the subject to what the rule names: `user:ann`, `team:writers`, `role:editor`. */
  readonly rolePath: readonly string[]
  /** The rule that decided. */
  readonly rule?: Rule
  /** For a deny by default: allows that apply to the subject, the nearest first. */
  readonly candidates: readonly Candidate[]
  /** For a deny by default: the rule that came closest, whoever holds it. */
  readonly nearest?: NearMiss
  /** What would allow a denied request, each by itself; the smallest first. */
  readonly changes: readonly Change[]
  /** Why no single change would; absent where one does, and for an allow. */
  readonly unchangeable?: string
}

/**
 * Explains `request` by the same decision that the gateway makes; never throws for a request. With
 * `applications`, no rule is proposed for an application that is not declared.
 */
export function* explain(
  snapshot: Snapshot,
  request: DecisionRequest,
  applications?: readonly Application[],
): Steps<Explanation> {
  const decision = decide(snapshot, request)
  const { rule, reason } = decision
  if (rule !== undefined) return yield* explainRule(snapshot, request, decision, rule)
  if (reason === 'denied_by_default') {
    return yield* explainDefault(snapshot, request, decision, applications)
  }
  const sentences = refusal(request, decision)
  const unchangeable = 'it is denied before any rule is looked at'
  return { decision, sentences, rolePath: [], candidates: [], changes: [], unchangeable }
}

function* explainRule(
  snapshot: Snapshot,
  request: DecisionRequest,
  decision: Decision,
  rule: Rule,
): Steps<Explanation> {
  const rolePath = pathTo(snapshot, request.sub, rule)
  const sentences = [sentenceOf(request, rule), describePath(rolePath, rule)] as const
  const found = { decision, sentences, rolePath, rule, candidates: [], changes: [] }
  if (decision.allow) return found
  const { because } = yield* suggest(snapshot, request)
  return { ...found, ...(because !== undefined && { unchangeable: because }) }
}

function* explainDefault(
  snapshot: Snapshot,
  request: DecisionRequest,
  decision: Decision,
  applications: readonly Application[] | undefined,
): Steps<Explanation> {
  const first = `No rule allows ${phrase(request)}, and what no rule allows is denied.`
  const unreadable = whyUnreadable(snapshot)
  const names = namesOf(snapshot, request.sub)
  const candidates = unreadable === undefined ? findCandidates(snapshot, request, names) : []
  const about = unreadable === undefined ? yield* rulesAbout(snapshot, request) : []
  const nearest = findNearMiss(about, candidates)
  const advice = yield* suggest(snapshot, request, applications, about)
  const second = unreadable ?? `${describeMiss(snapshot, request, nearest)}${describe(advice)}.`
  return {
    decision,
    sentences: [first, second],
    rolePath: [],
    candidates,
    ...(nearest !== undefined && { nearest }),
    changes: advice.changes,
    ...(advice.because !== undefined && { unchangeable: advice.because }),
  }
}

function describe({ changes }: Advice): string {
  const [smallest] = changes
  return smallest === undefined ? '' : `; ${smallest.phrase} would allow it`
}

function phrase({ sub, dom, obj, act }: DecisionRequest): string {
  return `${sub} to ${act} ${obj} in ${dom}`
}

function sentenceOf(request: DecisionRequest, { values, source }: Rule): string {
  const [, , object = '', method = '', effect] = values
  const what = `${method === everything ? 'every method' : method} on ${object}`
  const place = describeSource(source)
  if (effect === 'allow') return `A rule allows ${phrase(request)}: ${what} (${place}).`
  return `A rule forbids ${phrase(request)}, whatever others allow: ${what} (${place}).`
}

function pathTo({ roles }: Snapshot, subject: string, { values }: Rule): readonly string[] {
  const [named = ''] = values
  return named === everything ? [subject] : roles.path(subject, named)
}

function describePath(path: readonly string[], { values }: Rule): string {
  if (values[0] === everything) return 'The rule holds for everybody.'
  if (path.length <= 1) return `The rule names ${values[0]} itself.`
  return `The rule names ${values[0]}, which is held this way: ${path.join(' -> ')}.`
}

function refusal(request: DecisionRequest, { reason }: Decision): readonly [string, string] {
  const why: Readonly<Record<string, string>> = {
    request_incomplete: 'A field is empty, or the object does not begin with "/".',
    subject_unknown:
      'The subject is no user: or service: and not anonymous; roles and teams do not ask.',
    organisation_disagrees: 'The domain is not the organisation of this policy.',
    method_not_allowed: `${request.act} is not a method that is decided.`,
  }
  const sentence = why[reason] ?? 'The decision failed, and what fails is denied.'
  return ['The request is denied before any rule is looked at.', sentence]
}

function describeMiss(
  snapshot: Snapshot,
  { sub }: DecisionRequest,
  nearest: NearMiss | undefined,
): string {
  if (nearest === undefined) {
    const held = snapshot.rolesOf(sub)
    return `No allow names ${sub}, which holds ${held.length === 0 ? 'no team and no role' : held.join(', ')}`
  }
  const { rule, failing } = nearest
  const [name = '', , object = '', method = ''] = rule.values
  const covers = `${method === everything ? 'every method' : method} on ${object}`
  const place = describeSource(rule.source)
  if (failing[0] === 'subject') {
    const lacks = isGroup(name) ? `which ${sub} does not hold` : `not to ${sub}`
    return `The nearest rule allows ${covers} to ${name} (${place}), ${lacks}`
  }
  return `The nearest rule allows ${covers} (${place}); the ${failing.join(' and the ')} of the request differs`
}
