/** An organisation as decisions are made from it: loaded once, then kept up to date by what changed. */
import type { Attributes } from '../policy/attributes.ts'
import type { Rule } from '../policy/rule.ts'
import type { RuleChange } from '../policy/rule-list.ts'
import type { CustomRole } from '../policy/rules/custom-roles.ts'
import { loadAttributes } from './attributes.ts'
import { type Db, inSnapshot, type Transaction } from './db.ts'
import { horizon } from './keyed.ts'
import { loadMembers, type Member } from './members.ts'
import { findOrganisation, type Organisation } from './organisations.ts'
import { loadRoles } from './roles.ts'
import { loadRuleChange, loadRules, nextExpiry } from './rules.ts'

/** Everything of an organisation that decisions are made from, as one moment saw it. */
export interface OrganisationState {
  /** Bare id. */
  readonly id: string
  readonly state: Organisation['state']
  readonly revision: number
  readonly members: ReadonlyMap<string, Member>
  /** By `user:…`, `service:…` or the object of a resource. */
  readonly attributes: ReadonlyMap<string, Attributes>
  /** Those that the organisation made for itself. */
  readonly roles: readonly CustomRole[]
  readonly rules: readonly Rule[]
  /** When the first of `rules` ends by itself, milliseconds since the epoch. */
  readonly nextExpiry: number | undefined
  /** The oldest transaction whose writes may not be in it. */
  readonly horizon: string
}

/** An organisation as it is now and, where few of its rules changed since it was loaded, those. */
export interface ReloadedOrganisation {
  readonly state: OrganisationState
  readonly change: RuleChange | undefined
}

/**
 * Loads an organisation by its bare id in one snapshot; `undefined` when there is none. Throws
 * `RulesDamagedError` when its rules cannot be trusted.
 */
export function loadOrganisation(db: Db, id: string): Promise<OrganisationState | undefined> {
  return inSnapshot(db, async (trx) => {
    const rest = await loadRest(trx, id)
    return rest && { ...rest, rules: await loadRules(trx, id) }
  })
}

/** The same of an organisation that was loaded `before`: what stayed is not read again. */
export function reloadOrganisation(
  db: Db,
  before: OrganisationState,
): Promise<ReloadedOrganisation | undefined> {
  const { id } = before
  return inSnapshot(db, async (trx) => {
    const rest = await loadRest(trx, id, before)
    if (rest === undefined) return undefined
    const change = await loadRuleChange(trx, id, before)
    const rules = change ? changed(before.rules, change) : await loadRules(trx, id)
    return { state: { ...rest, rules }, change }
  })
}

/** Everything but the rules. */
async function loadRest(
  trx: Transaction,
  id: string,
  before?: OrganisationState,
): Promise<Omit<OrganisationState, 'rules'> | undefined> {
  const organisation = await findOrganisation(trx, id)
  if (organisation === undefined) return undefined
  const { state, revision } = organisation
  const now = await trx.selectNoFrom(horizon.as('horizon')).executeTakeFirstOrThrow()
  // In a database that was brought back from a copy transactions are counted from elsewhere.
  const kept = before && BigInt(before.horizon) <= BigInt(now.horizon) ? before : undefined
  return {
    id,
    state,
    revision,
    members: await loadMembers(trx, id, kept),
    attributes: await loadAttributes(trx, id, kept),
    roles: await loadRoles(trx, id),
    nextExpiry: (await nextExpiry(trx, id))?.getTime(),
    horizon: now.horizon,
  }
}

function changed(rules: readonly Rule[], { added, removed }: RuleChange): readonly Rule[] {
  const gone = new Set(removed)
  const left = gone.size === 0 ? rules : rules.filter((rule) => !gone.has(rule))
  return [...left, ...added]
}
