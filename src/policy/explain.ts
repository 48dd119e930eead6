/** Why a request is allowed or denied, from the decision itself: for people, in two sentences. */
import { limits } from '../lib/limits.ts'
import { type Decision, type DecisionRequest, decide, methodOf } from './decide.ts'
import { everything } from './grammar.ts'
import { matchPath } from './pattern.ts'
import { describeSource, type Rule } from './rule.ts'
import type { Snapshot } from './snapshot.ts'

/** A rule that allows the subject something, and which fields of this request it does not cover. */
export interface Candidate {
  readonly rule: Rule
  readonly unmatched: readonly ('domain' | 'object' | 'action')[]
}

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
}

/** Explains `request` by the same decision that the gateway makes; never throws for a request. */
export function explain(snapshot: Snapshot, request: DecisionRequest): Explanation {
  const decision = decide(snapshot, request)
  const { rule, reason } = decision
  if (rule !== undefined) {
    const rolePath = pathTo(snapshot, request.sub, rule)
    const sentences = [sentenceOf(request, rule), describePath(rolePath, rule)] as const
    return { decision, sentences, rolePath, rule, candidates: [] }
  }
  if (reason !== 'denied_by_default') {
    return { decision, sentences: refusal(request, decision), rolePath: [], candidates: [] }
  }
  const candidates = findCandidates(snapshot, request)
  const first = `No rule allows ${phrase(request)}, and what no rule allows is denied.`
  return {
    decision,
    sentences: [first, nearestMiss(snapshot, request, candidates)],
    rolePath: [],
    candidates,
  }
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

function findCandidates({ rules, rolesOf }: Snapshot, request: DecisionRequest): Candidate[] {
  const held = new Set([everything, request.sub, ...rolesOf(request.sub)])
  const candidates = rules
    .filter(
      ({ ptype, values }) => ptype === 'p' && held.has(values[0] ?? '') && values[4] === 'allow',
    )
    .map((rule) => ({ rule, unmatched: unmatchedFields(rule, request) }))
  return candidates
    .toSorted((left, right) => left.unmatched.length - right.unmatched.length)
    .slice(0, limits.explainedCandidates)
}

function unmatchedFields({ values }: Rule, request: DecisionRequest): Candidate['unmatched'] {
  const [, domain = '', object = '', method = ''] = values
  const matches = {
    domain: domain === everything || domain === request.dom,
    object: matchPath(object, request.obj),
    action: method === everything || method === methodOf(request),
  }
  return (['domain', 'object', 'action'] as const).filter((field) => !matches[field])
}

function nearestMiss(
  snapshot: Snapshot,
  request: DecisionRequest,
  candidates: readonly Candidate[],
): string {
  const [nearest] = candidates
  if (nearest === undefined) {
    const held = snapshot.rolesOf(request.sub)
    const what = held.length === 0 ? 'no team and no role' : held.join(', ')
    return `No allow names ${request.sub}, which holds ${what}.`
  }
  const { rule, unmatched } = nearest
  const [, , object = '', method = ''] = rule.values
  const covers = `${method === everything ? 'every method' : method} on ${object}`
  return `The nearest rule allows ${covers} (${describeSource(rule.source)}); the ${unmatched.join(' and the ')} of the request differs.`
}
