/**
 * An explanation as users read it: the decision, two sentences and the rules as they would be
 * written, without what the engine keeps beside them.
 */
import { checkStanding } from '../identity/standing.ts'
import type { Reason } from '../lib/reasons.ts'
import { explain } from '../policy/explain.ts'
import { anonymous } from '../policy/grammar.ts'
import { describeSource, type Rule } from '../policy/rule.ts'
import type { View } from './permit.ts'

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
}

/** Explains what the gateway answers to `question`, an absent standing included. */
export function showExplanation({ state, snapshot }: View, question: Question): ShownExplanation {
  const { id: organisation, revision } = state
  const asked = { organisation, revision, files: snapshot.files, request: question }
  const missing = question.sub === anonymous ? undefined : checkStanding(question.sub, state)
  if (missing !== undefined) {
    const sentences = [
      'The request is denied before any rule is looked at.',
      why(question, missing),
    ]
    return { ...asked, allow: false, reason: missing, sentences, rolePath: [], candidates: [] }
  }
  const explained = explain(snapshot, { ...question, dom: `org:${organisation}` })
  const { decision, sentences, rolePath, rule, candidates } = explained
  return {
    ...asked,
    allow: decision.allow,
    reason: decision.reason,
    sentences,
    rolePath,
    ...(rule && { rule: show(rule) }),
    candidates: candidates.map(({ rule: near, unmatched }) => ({ ...show(near), unmatched })),
  }
}

function why({ sub }: Question, missing: Reason): string {
  return missing === 'member_suspended'
    ? `The membership of ${sub} is suspended.`
    : `${sub} is no active member of the organisation.`
}

function show({ ptype, values, source }: Rule): ShownRule {
  return { rule: [ptype, ...values].join(', '), from: describeSource(source) }
}
