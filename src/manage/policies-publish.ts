/** `policies/publish` and `policies/rollback`: the two ways to change an organisation's own rules. */
import { z } from 'zod'
import { limits } from '../lib/limits.ts'
import { inTurns, type Steps } from '../lib/turns.ts'
import { stopOn } from '../policy/problem.ts'
import { findVoids } from '../policy/questions/voids.ts'
import type { Rule } from '../policy/rule.ts'
import { lintInSteps } from '../policy/rules/lint.ts'
import { type Columns, lastRuleRevision } from '../store/policy-revisions.ts'
import { columns, ruleOf } from './candidate.ts'
import { changeRules, columnsOf, isPolicy, keyOf } from './rule-change.ts'
import { messageField } from './runner/fields.ts'
import { type Change, changing, type Done, type Operation } from './runner/operation.ts'
import { Refusal } from './runner/refusal.ts'
import { describeVoid } from './void-rules.ts'

const most = `at most ${limits.publishedRules} rules are published at once; send them in parts`

const shown = {
  message: z.string(),
  addedCount: z.int(),
  removedCount: z.int(),
  added: z.array(columns).meta({ description: `The first ${limits.pageRows} of them.` }),
  removed: z.array(columns).meta({ description: `The first ${limits.pageRows} of them.` }),
}

const published = z
  .object({
    revision: z.int(),
    ...shown,
    void: z
      .array(z.object({ rule: columns, because: z.string() }))
      .meta({ description: 'Added rules that allow nothing, because all of it is denied.' }),
    voidCount: z.int(),
  })
  .meta({ id: 'Published' })

interface RuleSets {
  readonly added: readonly Rule[]
  readonly removed: readonly Rule[]
}

type AnyChange<Body> = Change<unknown, Body>

const ruleList = z.array(columns, 'is a list of rules').max(limits.publishedRules, most)
const idList = z
  .array(z.string('is a text').regex(/^[1-9]\d{0,14}$/, 'is the id of a rule'), 'is a list of ids')
  .max(limits.publishedRules, most)

const publishBody = z
  .strictObject({
    message: messageField,
    add: ruleList.exactOptional(),
    remove: idList.exactOptional(),
    rules: ruleList.exactOptional(),
  })
  .refine(
    ({ add, remove, rules }) => (rules === undefined) === ((add ?? remove) !== undefined),
    'Send either rules, the whole new set, or add and remove',
  )

const publish = changing({
  id: 'publishRules',
  method: 'POST',
  path: '/orgs/{org}/policies/publish',
  longestMs: limits.publishTimeoutMs,
  summary: "Change the organisation's own rules",
  description:
    'Either `add` (rules) and `remove` (ids of rules), or `rules`: the whole new set. All of it takes ' +
    `effect at once or nothing does; ${most}. \`g\` lines are not published: who is in which team ` +
    'and holds which role is changed there.',
  body: publishBody,
  bodyBytes: limits.publishBodyBytes,
  answer: published,
  codes: ['conflict'],
  run: async (change) => {
    const { body } = change
    const { message, add = [], remove = [], rules } = body
    const sent = (rules ?? add).map(ruleOf)
    await inTurns(refuseFaults(change, sent))
    const sets =
      rules === undefined
        ? { added: sent, removed: await inTurns(findRemoved(change, remove)) }
        : await inTurns(compareSets(change, sent))
    return await write(change, message, sets)
  },
})

/** Mistakes are named at their position in the list that was sent. */
function* refuseFaults({ view, tools }: AnyChange<unknown>, sent: readonly Rule[]): Steps<void> {
  const link = sent.findIndex(({ ptype }) => ptype === 'g')
  if (link >= 0) {
    const why = 'who is in a team or holds a role is changed in teams and assignments'
    throw new Refusal('invalid_input', `Rule ${link + 1} is a g line: ${why}.`)
  }
  const { model, organisation } = view.snapshot
  const { applications } = tools.files()
  stopOn(yield* lintInSteps(sent, { model, applications, scope: { organisation } }))
}

/** Another organisation's rule is one that does not exist. */
function* findRemoved(
  { view }: AnyChange<unknown>,
  ids: readonly string[],
): Steps<readonly Rule[]> {
  const wanted = new Set(ids)
  const removed: Rule[] = []
  for (const [at, rule] of view.state.rules.entries()) {
    if (at % limits.turnRules === 0) yield
    if (rule.source.kind !== 'organisation' || !wanted.delete(rule.source.id)) continue
    if (isPolicy(rule)) removed.push(rule)
    else throw new Refusal('invalid_input', `remove: ${rule.source.id} is no p rule.`)
  }
  const [missing] = wanted
  if (missing === undefined) return removed
  throw new Refusal('not_found', `remove: the organisation has no rule ${missing}.`)
}

/** What has to be added and removed so that `wanted` are the rules of type `p`. */
function* compareSets({ view }: AnyChange<unknown>, wanted: readonly Rule[]): Steps<RuleSets> {
  const missing = new Map<string, Rule>()
  for (const [at, rule] of wanted.entries()) {
    if (at % limits.turnRules === 0) yield
    missing.set(keyOf(rule), rule)
  }
  const removed: Rule[] = []
  for (const [at, rule] of view.state.rules.entries()) {
    if (at % limits.turnRules === 0) yield
    if (isPolicy(rule) && !missing.delete(keyOf(rule))) removed.push(rule)
  }
  return { added: [...missing.values()], removed }
}

async function write(
  change: AnyChange<unknown>,
  message: string,
  { added, removed }: RuleSets,
): Promise<Done<z.input<typeof published>>> {
  const { revision } = change
  if (added.length + removed.length === 0) {
    throw new Refusal('invalid_input', 'This would change nothing: the rules are so already.')
  }
  if (added.length + removed.length > limits.publishedRules) {
    throw new Refusal('invalid_input', `${added.length + removed.length} rules differ: ${most}.`)
  }
  const policy = await changeRules(change, { added, removed, message })
  const voids = await inTurns(findVoids(policy, added))
  const after = {
    message,
    addedCount: added.length,
    removedCount: removed.length,
    added: some(added.map(columnsOf)),
    removed: some(removed.map(columnsOf)),
  }
  const described = some(voids).map((found) => {
    return { rule: columnsOf(found.rule), because: describeVoid(found) }
  })
  const answer = { revision, ...after, void: described, voidCount: voids.length }
  return { answer, after, made: `policies/revisions/${revision}` }
}

/** So many as fit a page: all of them are in the revision. */
function some<T>(list: readonly T[]): T[] {
  return list.slice(0, limits.pageRows)
}

const rollback = changing({
  id: 'rollbackRules',
  method: 'POST',
  path: '/orgs/{org}/policies/rollback',
  longestMs: limits.publishTimeoutMs,
  summary: "Bring the organisation's own rules back to what they were after a revision",
  description:
    'A new revision: what came later stays in the list of revisions, and can be brought back as well. ' +
    'It is a publish, so it gives nobody what you do not hold.',
  body: z.strictObject({
    revision: z.int('is a number').min(1, 'is 1 or more'),
    message: messageField,
  }),
  answer: published,
  codes: ['conflict'],
  run: async (change) => {
    const { body, view } = change
    const { revision: newest } = view.state
    if (body.revision > newest) {
      throw new Refusal('invalid_input', `revision: the newest is ${newest}.`)
    }
    const sets = await rulesBack(change, body.revision)
    await inTurns(refuseUnserved(change, body.revision, sets.added))
    return await write(change, body.message, sets)
  },
})

/** Takes back one revision after the other, the newest first. */
async function rulesBack(
  { trx, organisation, revision, view }: AnyChange<unknown>,
  newerThan: number,
): Promise<RuleSets> {
  const now = new Map<string, Rule>()
  await inTurns(collect(now, view.state.rules.filter(isPolicy)))
  const then = new Map(now)
  let olderThan = revision
  for (let undone = 0; ; undone += 1) {
    const last = await lastRuleRevision(trx, organisation, { newerThan, olderThan })
    if (last === undefined) break
    if (undone >= limits.revisionsUndone) {
      const why = `at most ${limits.revisionsUndone} revisions are taken back at once`
      throw new Refusal('conflict', `revision: ${why}; publish the rules that you want.`)
    }
    await inTurns(takeBack(then, last.added, last.removed))
    olderThan = last.revision
  }
  const added = [...then].flatMap(([key, rule]) => (now.has(key) ? [] : [rule]))
  const removed = [...now].flatMap(([key, rule]) => (then.has(key) ? [] : [rule]))
  return { added, removed }
}

function* collect(into: Map<string, Rule>, rules: readonly Rule[]): Steps<void> {
  for (const [at, rule] of rules.entries()) {
    if (at % limits.turnRules === 0) yield
    into.set(keyOf(rule), rule)
  }
}

function* takeBack(
  rules: Map<string, Rule>,
  added: readonly Columns[],
  removed: readonly Columns[],
): Steps<void> {
  for (const [at, of] of added.entries()) {
    if (at % limits.turnRules === 0) yield
    rules.delete(keyOf(ruleOf(of)))
  }
  yield* collect(rules, removed.map(ruleOf))
}

function* refuseUnserved(
  { view, tools }: AnyChange<unknown>,
  revision: number,
  rules: readonly Rule[],
): Steps<void> {
  const { model, organisation } = view.snapshot
  const { applications } = tools.files()
  const problems = yield* lintInSteps(rules, { model, applications, scope: { organisation } })
  const [first] = problems
  if (first === undefined) return
  const text = columnsOf(rules[first.line - 1] ?? ruleOf([])).join(', ')
  const why = `"${text}" cannot be served any more: ${first.message}`
  throw new Refusal('conflict', `Revision ${revision} had ${problems.length} such rules: ${why}`)
}

export const publishOperations: readonly Operation[] = [publish, rollback]
