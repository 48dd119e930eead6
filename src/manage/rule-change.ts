/**
 * What every change of rules and roles has in common: nobody gives what they do not hold (I11), an
 * organisation keeps an owner who can run it (I12), what cannot be served is not written, and a change of `p` rules
 * is kept so that it can be taken back.
 */
import { limits } from '../lib/limits.ts'
import { inTurns, type Steps } from '../lib/turns.ts'
import { describeProblem, PolicyError } from '../policy/problem.ts'
import { keepsOwner } from '../policy/questions/keeps-owner.ts'
import { findExcess } from '../policy/questions/may-grant.ts'
import type { Rule } from '../policy/rule.ts'
import { expand } from '../policy/rules/catalogue.ts'
import type { CustomRole } from '../policy/rules/custom-roles.ts'
import { buildSnapshot, type Snapshot, updateSnapshot } from '../policy/snapshot.ts'
import { recordRuleRevision } from '../store/policy-revisions.ts'
import type { NewRule } from '../store/rule-shape.ts'
import { addRules, RuleRefusedError, removeRules } from '../store/rules.ts'
import type { Change } from './runner/operation.ts'
import { Refusal } from './runner/refusal.ts'

export interface RuleChange {
  readonly added?: readonly NewRule[]
  /** Rules of the organisation's own, as `view.state.rules` holds them. */
  readonly removed?: readonly Rule[]
  /** The organisation's custom roles as they will be; the caller writes them. */
  readonly roles?: readonly CustomRole[]
  /** When what is added ends by itself. */
  readonly expiresAt?: Date | undefined
  /** Who gives it, `user:…`, where that is somebody else than who does the last step. */
  readonly giver?: string
  /** Why, where `p` rules change for their own sake. */
  readonly message?: string
}

type AnyChange = Change<unknown, unknown, unknown>

/**
 * Writes a change of rules within a change, and answers the policy as it is then; throws a `Refusal`
 * where it must not be.
 */
export async function changeRules(change: AnyChange, asked: RuleChange): Promise<Snapshot> {
  const { trx, organisation, actor, revision, view } = change
  const { added = [], removed = [], roles = view.state.roles } = asked
  const { expiresAt, giver = actor.subject } = asked
  const nothing = added.length === 0 && removed.length === 0 && asked.roles === undefined
  if (nothing) return view.snapshot
  await inTurns(refuseKnown(change, added))
  const after = await rehearse(change, { added, removed, roles })
  await refuseExcess(change, view.snapshot, after, giver)
  await refuseLockOut(change, after)
  await removeRules(
    trx,
    organisation,
    removed.flatMap(({ source }) => (source.kind === 'organisation' ? [source.id] : [])),
  )
  const by = { author: actor.subject, revision, ...(expiresAt !== undefined && { expiresAt }) }
  try {
    await addRules(trx, organisation, added, by)
  } catch (error) {
    if (error instanceof RuleRefusedError) throw new Refusal('conflict', `${error.message}.`)
    throw error
  }
  await keep(change, asked)
  return after
}

/** Keeps what a rollback has to take back, whatever operation did it. */
async function keep({ trx, organisation, revision }: AnyChange, asked: RuleChange): Promise<void> {
  const { message = 'What was removed went with what it named.' } = asked
  const added = (asked.added ?? []).filter(isPolicy).map(columnsOf)
  const removed = (asked.removed ?? []).filter(isPolicy).map(columnsOf)
  if (added.length + removed.length === 0) return
  await recordRuleRevision(trx, organisation, { revision, message, added, removed })
}

/** A rule that says who may do what, rather than who belongs to what. */
export function isPolicy({ ptype }: NewRule): boolean {
  return ptype === 'p'
}

/** The rule as a list, the type first. */
export function columnsOf({ ptype, values }: NewRule): string[] {
  return [ptype, ...values]
}

function* refuseKnown({ view }: AnyChange, added: readonly NewRule[]): Steps<void> {
  // A text is made of those rules alone that begin alike: most of a large policy do not.
  const asked = new Map<string, Set<string>>()
  for (const [at, rule] of added.entries()) {
    if (at % limits.turnRules === 0) yield
    const [first = ''] = rule.values
    const alike = asked.get(first) ?? new Set()
    asked.set(first, alike.add(keyOf(rule)))
  }
  for (const [at, rule] of view.state.rules.entries()) {
    if (at % limits.turnRules === 0) yield
    if (asked.get(rule.values[0] ?? '')?.has(keyOf(rule)) !== true) continue
    throw new Refusal('conflict', `"${columnsOf(rule).join(', ')}" is there already.`)
  }
}

/** The same for two rules of the same columns, and for no others. */
export function keyOf(rule: NewRule): string {
  return JSON.stringify(columnsOf(rule))
}

/** The rule of these very columns among `rules`. */
export function findRule(
  rules: readonly Rule[],
  ptype: string,
  values: readonly string[],
): Rule | undefined {
  return rules.find(
    (rule) => rule.ptype === ptype && rule.values.every((value, at) => value === values[at]),
  )
}

/** The policy as it would be; throws a `Refusal` that names every rule in the way. */
async function rehearse(
  { view, tools }: AnyChange,
  { added: written, removed, roles }: Required<Pick<RuleChange, 'added' | 'removed' | 'roles'>>,
): Promise<Snapshot> {
  const { snapshot, state } = view
  const { id } = state
  const files = tools.files()
  const source = { kind: 'organisation', id: '0', author: '', at: '', revision: 0 } as const
  const added = written.map((rule): Rule => ({ ...rule, source }))
  const same = { files, roles, revision: state.revision + 1, known: state }
  const updated = updateSnapshot(snapshot, { added, removed, ...same })
  if (updated !== undefined) return updated
  const gone = new Set(removed)
  const rules = [...state.rules.filter((rule) => !gone.has(rule)), ...added]
  try {
    return await buildSnapshot({ organisation: id, rules, ...same })
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    throw new Refusal('invalid_input', error.problems.map(describeProblem).join('\n'))
  }
}

/** Nobody gives what they do not hold. */
async function refuseExcess(
  { actor, tools }: AnyChange,
  before: Snapshot,
  after: Snapshot,
  giver: string,
): Promise<void> {
  const { applications } = tools.files()
  const within = actor.scopes?.flatMap((name) => expand(name, applications))
  const found = await inTurns(findExcess(before, after, giver, within))
  if (found.kind === 'none') return
  if (found.kind === 'unsupported') throw new Refusal('denied', found.because)
  const { path, method, who } = found.excess
  throw new Refusal(
    'denied',
    `This would give ${who} ${method} on ${path}, which you do not hold yourself.`,
  )
}

/**
 * Throws a `Refusal` where somebody who comes back would hold what the actor does not: whoever lets
 * them back in gives it to them.
 */
export async function refuseReturn(change: AnyChange, subject: string): Promise<void> {
  const { snapshot, state } = change.view
  const removed = rulesNaming(state.rules, subject)
  const away = { added: [], removed, files: change.tools.files(), revision: state.revision }
  const without = updateSnapshot(snapshot, { ...away, known: state })
  if (without === undefined) throw new Refusal('denied', 'What they hold cannot be compared.')
  await refuseExcess(change, without, snapshot, change.actor.subject)
}

/** The rules that name somebody, as a subject or as a member. */
export function rulesNaming(rules: readonly Rule[], subject: string): readonly Rule[] {
  return rules.filter(({ values }) => values[0] === subject)
}

/** Rules that went with something else, as the audit tells of them. */
export function listRules(rules: readonly Rule[]) {
  const listed = rules.slice(0, limits.rulesAudited)
  return { count: rules.length, rules: listed.map(({ ptype, values }) => [ptype, ...values]) }
}

/** Somebody must be left who can undo whatever was done; what was so before, this did not do. */
async function refuseLockOut({ view, actor }: AnyChange, after: Snapshot): Promise<void> {
  const members = [...view.state.members.values()].filter(({ state }) => state === 'active')
  const active = members.map(({ subject }) => subject)
  // Mostly it is whoever makes the change.
  const subjects = active.includes(actor.subject) ? [actor.subject, ...active] : active
  if (await inTurns(keepsOwner(after, subjects))) return
  if (!(await inTurns(keepsOwner(view.snapshot, subjects)))) return
  throw new Refusal(
    'conflict',
    'No active owner could publish rules and assign roles any more: leave somebody who can.',
  )
}

export const ownerRole = 'role:owner'

/**
 * Throws a `Refusal` where a change would take the last owner: an active person who is named owner
 * directly. `without` are those who will not be active any more.
 */
export function keepOwner(
  { view }: Pick<AnyChange, 'view'>,
  removed: readonly Rule[],
  without?: string,
): void {
  const gone = new Set(removed)
  const owners = view.state.rules.filter(
    (rule) => rule.ptype === 'g' && rule.values[1] === ownerRole && !gone.has(rule),
  )
  const left = owners.some(({ values: [subject = ''] }) => {
    const active = view.state.members.get(subject)?.state === 'active'
    return subject !== without && subject.startsWith('user:') && active
  })
  if (left) return
  throw new Refusal('conflict', 'An organisation has an owner: make somebody else owner first.')
}

/** Throws a `Refusal` where somebody who is no owner would take away an owner's standing. */
export function refuseUnlessOwner(
  { view, actor }: Pick<AnyChange, 'view' | 'actor'>,
  subject: string,
): void {
  const { rolesOf } = view.snapshot
  if (!rolesOf(subject).includes(ownerRole) || rolesOf(actor.subject).includes(ownerRole)) return
  throw new Refusal('denied', 'Only an owner takes something from an owner.')
}
