/**
 * An explanation as users read it: the decision, its sentences and the rules as they would be
 * written, without what the engine keeps beside them.
 */
import { z } from 'zod'
import { type Reason, reasons } from '../lib/reasons.ts'
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

export const shownRule = z.object({
  rule: z.string().meta({
    example: 'p, role:editor, *, /docs/*, GET, allow',
    description: 'As in a policy file.',
  }),
  from: z.string().meta({ description: 'File and line, or author, time and revision.' }),
})
type ShownRule = z.output<typeof shownRule>

const reason = z.enum(Object.keys(reasons) as [Reason, ...Reason[]])

export const explanation = z
  .object({
    organisation: z.string().meta({ example: 'acme' }),
    revision: z.int(),
    files: z.string().meta({ description: 'The hash of the policy files.' }),
    request: z.object({ sub: z.string(), obj: z.string(), act: z.string() }),
    allow: z.boolean(),
    reason,
    sentences: z.array(z.string()),
    rolePath: z.array(z.string()).meta({ example: ['user:ann', 'team:writers', 'role:editor'] }),
    rule: shownRule.optional(),
    candidates: z.array(shownRule.extend({ unmatched: z.array(z.string()) })).meta({
      description: 'For a deny by default: the nearest rules, and which fields they do not cover.',
    }),
    changes: z.array(z.object({ add: z.string(), phrase: z.string() })).meta({
      description: 'What would allow a denied request, each by itself; the smallest first.',
    }),
    unchangeable: z.string().optional().meta({ description: 'Why no single change would.' }),
  })
  .meta({ id: 'Explanation' })
type ShownExplanation = z.output<typeof explanation>

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
    sentences: [...sentences],
    rolePath: [...rolePath],
    ...(rule && { rule: showRule(rule) }),
    candidates: candidates.map(({ rule: near, unmatched }) => {
      return { ...showRule(near), unmatched: [...unmatched] }
    }),
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
