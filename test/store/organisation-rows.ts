/** Rows that the store's tests begin with. */
import { sql } from 'kysely'
import type { Db, Transaction } from '../../src/store/db.ts'
import { addMember, createOrganisation } from '../../src/store/organisations.ts'

/** Adds an active organisation with members `user:ann` and `user:ben`. */
export async function addOrganisation(db: Db, id: string): Promise<void> {
  await db.query.transaction().execute(async (trx) => {
    await createOrganisation(trx, { id, name: `The ${id} company`, slug: id })
    await addMember(trx, id, { subject: 'user:ann', state: 'active', name: 'Ann' })
    await addMember(trx, id, { subject: 'user:ben', state: 'invited', email: 'ben@example.com' })
  })
}

/** Runs `work` in a transaction that is always rolled back, and returns what it returned. */
export async function rolledBack<T>(db: Db, work: (trx: Transaction) => Promise<T>): Promise<T> {
  let outcome: { value: T } | undefined
  const undo = new Error('undo')
  await db.query
    .transaction()
    .execute(async (trx) => {
      outcome = { value: await work(trx) }
      throw undo
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error
    })
  if (outcome === undefined) throw new Error('the work did not end')
  return outcome.value
}

/** Inserts a rule row around the store's own check, with provenance. */
export async function insertRuleRow(
  trx: Transaction,
  ptype: string,
  values: unknown,
): Promise<void> {
  await sql`select set_config('gatehouse.author', 'user:ann', true),
    set_config('gatehouse.revision', '1', true)`.execute(trx)
  const rule = JSON.stringify(values)
  await sql`insert into casbin (ptype, rule) values (${ptype}, ${rule}::jsonb)`.execute(trx)
}

/** The constraints of the casbin table that keep bad rules out, all but its keys. */
export async function dropRuleConstraints(trx: Transaction): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select conname as name from pg_constraint
    where conrelid = 'casbin'::regclass and (contype = 'c' or conname = 'casbin_unique_rule')
  `.execute(trx)
  for (const { name } of rows) {
    await sql`alter table casbin drop constraint ${sql.id(name)}`.execute(trx)
  }
}
