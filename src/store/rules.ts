/** The rules of an organisation: written through casbin's adapter, believed only when proved. */
import { sql } from 'kysely'
import { isBareId, isTypedId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import { createTurns } from '../lib/turns.ts'
import type { Rule } from '../policy/rule.ts'
import type { RuleChange } from '../policy/rule-list.ts'
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
 * The rules in force of an organisation (bare id), in the order they were written, frozen. Reads them
 * twice in `trx`, which must be a snapshot: by our own query and through casbin's adapter, a page at a
 * time. Throws `RulesDamagedError` when the two differ or a row is not one that we would have written.
 */
export async function loadRules(trx: Transaction, organisation: string): Promise<Rule[]> {
  if (!isBareId(organisation)) throw new RulesDamagedError('the organisation is not an id')
  const all: Rule[] = []
  const share = createSharing()
  for (let last = 0; ; ) {
    const rows = await rowsOf(trx, organisation)
      .where('id', '>', last)
      .orderBy('id')
      .limit(limits.rulesRead)
      .execute()
    refuseFaults(organisation, rows)
    const upTo = rows.length < limits.rulesRead ? undefined : rows.at(-1)?.id
    const theirs = await adapterRules(trx, organisation, { after: last, upTo })
    refuseDifference(organisation, rows, theirs)
    for (const row of rows) if (row.expired !== true) all.push(ruleOf(row, share))
    if (upTo === undefined) return all
    last = upTo
  }
}

/** No row is believed that we would not have written; one from around the constraints is any JSON. */
function refuseFaults(organisation: string, rows: readonly RuleRow[]): void {
  for (const { id, ptype, rule } of rows) {
    const fault = ruleFault(ptype, rule, organisation)
    if (fault !== undefined) throw new RulesDamagedError(`rule ${id} of ${organisation}: ${fault}`)
  }
}

function refuseDifference(
  organisation: string,
  rows: readonly RuleRow[],
  theirs: readonly NewRule[],
): void {
  const ours = rows.map(({ ptype, rule }) => ({ ptype, values: rule }))
  const difference = ruleDifference(ours, theirs)
  if (difference !== undefined) {
    throw new RulesDamagedError(`rules of ${organisation}: ${difference}`)
  }
}

/**
 * What changed in the rules in force since `before` was loaded, found without reading those that
 * stayed; `undefined` where that is too much to look at one by one, and `loadRules` has to. Throws as
 * `loadRules` does.
 */
export async function loadRuleChange(
  trx: Transaction,
  organisation: string,
  before: { readonly revision: number; readonly rules: readonly Rule[] },
): Promise<RuleChange | undefined> {
  const rows = await rowsOf(trx, organisation)
    .where('revision', '>', before.revision)
    .where(inForce)
    .orderBy('id')
    .limit(limits.changeRows + 1)
    .execute()
  if (rows.length > limits.changeRows) return undefined
  refuseFaults(organisation, rows)
  if (rows.length > 0) {
    const ids = rows.map(({ id }) => id)
    refuseDifference(organisation, rows, await adapterRules(trx, organisation, ids))
  }
  const gone = before.rules.length + rows.length - (await countRules(trx, organisation))
  const removed = gone === 0 ? [] : await rulesGone(trx, organisation, before.rules)
  // Something else happened, such as a row that came back; only all the rows can tell.
  if (removed.length !== gone || gone > limits.changeRows) return undefined
  const share = createSharing()
  return { added: rows.map((row) => ruleOf(row, share)), removed }
}

/** Both numbers come out of indexes alone. */
async function countRules(trx: Transaction, organisation: string): Promise<number> {
  const { rules } = await trx
    .selectNoFrom((from) => {
      const all = from.selectFrom('casbin').where('organisation', '=', organisation)
      const over = all.where(sql<boolean>`expires_at <= now()`)
      const count = sql<number>`count(*)`.as('count')
      return sql<number>`${all.select(count)} - ${over.select(count)}`.as('rules')
    })
    .executeTakeFirstOrThrow()
  return rules
}

/** Reads the ids alone, many in one text: a row for each would cost several times as much. */
async function rulesGone(
  trx: Transaction,
  organisation: string,
  before: readonly Rule[],
): Promise<Rule[]> {
  const left = new Set<string>()
  for (let last = 0; ; ) {
    const { ids, upTo, count } = await trx
      .selectFrom((from) =>
        from
          .selectFrom('casbin')
          .select('id')
          .where('organisation', '=', organisation)
          .where(inForce)
          .where('id', '>', last)
          .orderBy('id')
          .limit(limits.ruleIdsRead)
          .as('page'),
      )
      .select(sql<string | null>`string_agg(id::text, ' ')`.as('ids'))
      .select(({ fn }) => [fn.max('id').as('upTo'), fn.countAll<number>().as('count')])
      .executeTakeFirstOrThrow()
    for (const id of ids?.split(' ') ?? []) left.add(id)
    if (count < limits.ruleIdsRead) break
    last = upTo
  }
  return before.filter(({ source }) => source.kind !== 'organisation' || !left.has(source.id))
}

const inForce = sql<boolean>`(expires_at is null or expires_at > now())`

function rowsOf(trx: Transaction, organisation: string) {
  return trx
    .selectFrom('casbin')
    .select(['id', 'ptype', 'rule', 'author', 'created_at', 'revision'])
    .select(sql<boolean | null>`expires_at <= now()`.as('expired'))
    .where('organisation', '=', organisation)
}

type RuleRow = Awaited<ReturnType<ReturnType<typeof rowsOf>['execute']>>[number]

function ruleOf({ id, ptype, rule, author, created_at, revision }: RuleRow, share: Share): Rule {
  const at = share(created_at.toISOString())
  const source = {
    kind: 'organisation',
    id: String(id),
    author: share(author),
    at,
    revision,
  } as const
  return Object.freeze({
    ptype: share(ptype),
    values: Object.freeze(rule.map(share)),
    source: Object.freeze(source),
  })
}

type Share = (text: string) => string

/** Each row brings texts of its own; most are the same few subjects, domains, methods and authors. */
function createSharing(): Share {
  const known = new Map<string, string>()
  return (text) => {
    const before = known.get(text)
    if (before === undefined) known.set(text, text)
    return before ?? text
  }
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
  const turns = createTurns()
  for (const { ptype, values } of rules) {
    const fault = ruleFault(ptype, values, organisation)
    if (fault !== undefined) throw new RuleRefusedError(`the rule is refused: ${fault}`)
    if (turns.over()) await turns.next()
  }
  await dropExpired(trx, organisation)
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

/** What ended by itself would stand in the way of the same grant anew. */
async function dropExpired(trx: Transaction, organisation: string): Promise<void> {
  const ended = trx.deleteFrom('casbin').where('organisation', '=', organisation)
  await ended.where(sql<boolean>`expires_at <= now()`).execute()
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
  let removed = 0
  for (let at = 0; at < numbers.length; at += limits.rulesWritten) {
    const result = await trx
      .deleteFrom('casbin')
      .where('organisation', '=', organisation)
      .where('id', 'in', numbers.slice(at, at + limits.rulesWritten))
      .executeTakeFirst()
    removed += Number(result.numDeletedRows)
  }
  return removed
}

/** Removes every rule that names somebody as its subject or member; returns how many there were. */
export async function removeRulesOf(
  trx: Transaction,
  organisation: string,
  subject: string,
): Promise<number> {
  const result = await trx
    .deleteFrom('casbin')
    .where('organisation', '=', organisation)
    .where(sql<boolean>`rule->>0 = ${subject}`)
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
