/**
 * What every change of rules and roles has in common: nobody gives what they do not hold (I11), an organisation
 * keeps an owner (I12), and what cannot be served is not written.
 */
import { limits } from '../lib/limits.ts'
import { inTurns } from '../lib/turns.ts'
import { describeProblem, PolicyError } from '../policy/problem.ts'
import { findExcess } from '../policy/questions/may-grant.ts'
import type { Rule } from '../policy/rule.ts'
import { expand } from '../policy/rules/catalogue.ts'
import type { CustomRole } from '../policy/rules/custom-roles.ts'
import { type Policy, propose } from '../policy/rules/proposal.ts'
import { type Snapshot, updateSnapshot } from '../policy/snapshot.ts'
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
}

type AnyChange = Change<unknown, unknown, unknown>

/** Writes a change of rules within a change; throws a `Refusal` where it must not be. */
export async function changeRules(change: AnyChange, asked: RuleChange): Promise<void> {
  const { trx, organisation, actor, revision, view } = change
  const { added = [], removed = [], roles = view.state.roles } = asked
  const { expiresAt, giver = actor.subject } = asked
  if (added.length === 0 && removed.length === 0 && asked.roles === undefined) return
  refuseKnown(change, added)
  const after = await rehearse(change, { added, removed, roles })
  await refuseExcess(change, view.snapshot, after, giver)
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
}

function refuseKnown({ view }: AnyChange, added: readonly NewRule[]): void {
  for (const { ptype, values } of added) {
    const same = findRule(view.state.rules, ptype, values)
    if (same !== undefined) {
      throw new Refusal('conflict', `"${[ptype, ...values].join(', ')}" is there already.`)
    }
  }
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
): Promise<Policy> {
  const { snapshot, state } = view
  const files = tools.files()
  const source = { kind: 'organisation', id: '0', author: '', at: '', revision: 0 } as const
  const added = written.map((rule): Rule => ({ ...rule, source }))
  const small = { added, removed, files, revision: state.revision + 1, roles, known: state }
  const updated = updateSnapshot(snapshot, small)
  if (updated !== undefined) return updated
  const gone = new Set(removed)
  const own = [...state.rules.filter((rule) => !gone.has(rule)), ...added]
  try {
    return await inTurns(propose(snapshot, own, files.applications, roles))
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    throw new Refusal('invalid_input', error.problems.map(describeProblem).join('\n'))
  }
}

/** Nobody gives what they do not hold. */
async function refuseExcess(
  { actor, tools }: AnyChange,
  before: Snapshot,
  after: Policy,
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
