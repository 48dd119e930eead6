/** The rules of an organisation: written through casbin's adapter, believed only when proved. */
import { sql } from 'kysely'
import { isBareId, isTypedId } from '../lib/ids.ts'
import type { Rule } from '../policy/rule.ts'
import { adapterRules, insertThroughAdapter } from './casbin-adapter.ts'
import { sqlState, type Transaction } from './db.ts'
import { type NewRule, ruleFault } from './rule-shape.ts'

const UNIQUE_VIOLATION = '23505'

/** Who publishes, with which revision, and when the grant ends by itself. */
export interface Provenance {
  /** `user:…`, `service:…`, or `gatehouse` for what the product writes by itself. */
  readonly author: string
  readonly revision: number
  readonly expiresAt?: Date
}

/** A rule that must not be written. Nothing of its batch is. */
export class RuleRefusedError extends Error {
  override readonly name = 'RuleRefusedError'
}

/** Stored rules that cannot be trusted. No snapshot may be built from them. */
export class RulesDamagedError extends Error {
  override readonly name = 'RulesDamagedError'
}

/**
 * The rules in force of an organisation (bare id), in the order they were written. Reads them twice
 * in `trx`, which must be a snapshot: by our own query and through casbin's adapter. Throws
 * `RulesDamagedError` when the two differ or a row is not one that we would have written.
 */
export async function loadRules(trx: Transaction, organisation: string): Promise<Rule[]> {
  if (!isBareId(organisation)) throw new RulesDamagedError('the organisation is not an id')
  const rows = await trx
    .selectFrom('casbin')
    .select(['id', 'ptype', 'rule', 'author', 'created_at', 'revision'])
    .select(sql<boolean | null>`expires_at <= now()`.as('expired'))
    .where('organisation', '=', organisation)
    .orderBy('id')
    .execute()
  for (const { id, ptype, rule } of rows) {
    const fault = ruleFault(ptype, rule, organisation)
    if (fault !== undefined) throw new RulesDamagedError(`rule ${id} of ${organisation}: ${fault}`)
  }
  const ours = rows.map(({ ptype, rule }) => ({ ptype, values: rule }))
  const difference = ruleDifference(ours, await adapterRules(trx, organisation))
  if (difference !== undefined) {
    throw new RulesDamagedError(`rules of ${organisation}: ${difference}`)
  }
  return rows
    .filter(({ expired }) => expired !== true)
    .map(({ id, ptype, rule, author, created_at, revision }) => {
      const at = created_at.toISOString()
      const source = { kind: 'organisation', id: String(id), author, at, revision } as const
      return { ptype, values: rule, source }
    })
}

/**
 * The first rule that two lists do not hold equally often, in words, or `undefined` when they are
 * the same multiset.
 */
export function ruleDifference(
  ours: readonly NewRule[],
  theirs: readonly NewRule[],
): string | undefined {
  const counts = new Map<string, number>()
  const add = (rules: readonly NewRule[], step: number) => {
    for (const { ptype, values } of rules) {
      const key = JSON.stringify([ptype, ...values])
      counts.set(key, (counts.get(key) ?? 0) + step)
    }
  }
  add(ours, 1)
  add(theirs, -1)
  for (const [key, count] of counts) {
    if (count !== 0) return `${key} is ${count > 0 ? 'unknown to' : 'seen only by'} the adapter`
  }
  return undefined
}

/**
 * Adds rules to an organisation within its publish. Throws `RuleRefusedError`, before anything is
 * written, for a rule out of shape; and for a rule that is there already, after which `trx` must be
 * rolled back.
 */
export async function addRules(
  trx: Transaction,
  organisation: string,
  rules: readonly NewRule[],
  by: Provenance,
): Promise<void> {
  for (const { ptype, values } of rules) {
    const fault = ruleFault(ptype, values, organisation)
    if (fault !== undefined) throw new RuleRefusedError(`the rule is refused: ${fault}`)
  }
  const { author, revision, expiresAt } = by
  if (author !== 'gatehouse' && !isTypedId(author, 'user', 'service')) {
    throw new RuleRefusedError('the author is not a subject')
  }
  await setProvenance(trx, author, String(revision), expiresAt?.toISOString() ?? '')
  try {
    await insertThroughAdapter(trx, rules)
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error
    throw new RuleRefusedError('one of the rules is there already', { cause: error })
  }
  // A later statement of the same transaction must not write in this author's name.
  await setProvenance(trx, '', '', '')
}

async function setProvenance(
  trx: Transaction,
  author: string,
  revision: string,
  expiresAt: string,
): Promise<void> {
  await sql`select set_config('gatehouse.author', ${author}, true),
    set_config('gatehouse.revision', ${revision}, true),
    set_config('gatehouse.expires_at', ${expiresAt}, true)`.execute(trx)
}

/** Removes rules of an organisation by their ids; returns how many there were. */
export async function removeRules(
  trx: Transaction,
  organisation: string,
  ids: readonly string[],
): Promise<number> {
  const numbers = ids.map(Number).filter(Number.isSafeInteger)
  if (numbers.length === 0) return 0
  const result = await trx
    .deleteFrom('casbin')
    .where('organisation', '=', organisation)
    .where('id', 'in', numbers)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** When the next rule of an organisation ends by itself; `undefined` when none will. */
export async function nextExpiry(
  trx: Transaction,
  organisation: string,
): Promise<Date | undefined> {
  const row = await trx
    .selectFrom('casbin')
    .select(({ fn }) => fn.min('expires_at').as('at'))
    .where('organisation', '=', organisation)
    .where(sql<boolean>`expires_at > now()`)
    .executeTakeFirst()
  return row?.at ?? undefined
}
