/**
 * An explanation as users read it: the decision, its sentences and the rules as they would be
 * written, without what the engine keeps beside them.
 */
import type { Reason } from '../lib/reasons.ts'
import type { Steps } from '../lib/turns.ts'
import type { Application } from '../policy/applications.ts'
import { explain } from '../policy/questions/explain.ts'
import { describeSource, type Rule } from '../policy/rule.ts'
import { whyNotReached } from './reach.ts'
import type { View } from './runner/permit.ts'

export interface Question {
  readonly sub: string
  readonly obj: string
  readonly act: string
}

interface ShownRule {
  /** As in a policy file: `p, role:editor, *, /docs/*, GET, allow`. */
  readonly rule: string
  /** File and line, or author, time and revision. */
  readonly from: string
}

export interface ShownExplanation {
  readonly organisation: string
  /** The revision of the organisation and the hash of the policy files: the policy asked. */
  readonly revision: number
  readonly files: string
  readonly request: Question
  readonly allow: boolean
  readonly reason: Reason
  readonly sentences: readonly string[]
  readonly rolePath: readonly string[]
  readonly rule?: ShownRule
  /** For a deny by default: the rules that come nearest, and which fields they do not cover. */
  readonly candidates: readonly (ShownRule & { readonly unmatched: readonly string[] })[]
  /** What would allow a denied request, each by itself; the smallest first, each tried. */
  readonly changes: readonly { readonly add: string; readonly phrase: string }[]
  /** Why no single change would, where none does. */
  readonly unchangeable?: string
}

/** Explains what the gateway answers to `question`, an absent standing included. */
export function* showExplanation(
  { state, snapshot }: View,
  question: Question,
  applications: readonly Application[],
): Steps<ShownExplanation> {
  const { id: organisation, revision } = state
  const asked = { organisation, revision, files: snapshot.files, request: question }
  const missing = whyNotReached(question, state, applications)
  if (missing !== undefined) {
    const sentences = [
      'The request is denied before any rule is looked at.',
      why(question, missing),
    ]
    return {
      ...asked,
      allow: false,
      reason: missing,
      sentences,
      rolePath: [],
      candidates: [],
      changes: [],
    }
  }
  const explained = yield* explain(
    snapshot,
    { ...question, dom: `org:${organisation}` },
    applications,
  )
  const { decision, sentences, rolePath, rule, candidates, changes, unchangeable } = explained
  return {
    ...asked,
    allow: decision.allow,
    reason: decision.reason,
    sentences,
    rolePath,
    ...(rule && { rule: showRule(rule) }),
    candidates: candidates.map(({ rule: near, unmatched }) => ({ ...showRule(near), unmatched })),
    changes: changes.map(({ ptype, values, phrase }) => ({
      add: [ptype, ...values].join(', '),
      phrase,
    })),
    ...(unchangeable !== undefined && { unchangeable }),
  }
}

function why({ sub, obj }: Question, missing: Reason): string {
  switch (missing) {
    case 'no_application':
      return `No application is declared for ${obj}.`
    case 'credential_missing':
      return 'The path is not declared public, so nobody reaches it without a credential.'
    case 'organisation_missing':
    case 'organisation_disagrees':
      return `The organisation of ${obj} is named by its path, and is another one or none.`
    case 'member_suspended':
      return `The membership of ${sub} is suspended.`
    default:
      return `${sub} is no active member of the organisation.`
  }
}

export function showRule({ ptype, values, source }: Rule): ShownRule {
  return { rule: [ptype, ...values].join(', '), from: describeSource(source) }
}
