/**
 * The one seam to casbin-pg-adapter: load by filter and insert, always on a transaction of ours.
 * Never its own pool (a lost connection would end the process), its migrations (ours own the
 * table), savePolicy (deletes every row) or its removals (too wide by design). hazard 6.
 */
import { newModelFromString } from 'casbin'
import adapterModule from 'casbin-pg-adapter'
import { CompiledQuery } from 'kysely'
import type { Transaction } from './db.ts'
import type { NewRule } from './rule-shape.ts'

const PostgresAdapter = adapterModule.default

/** Only the number of columns matters here: nothing is ever decided with this model. */
const SCRATCH_MODEL = `
[request_definition]
r = sub, dom, obj, act
[policy_definition]
p = sub, dom, obj, act, eft
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = false
`

function openAdapter(trx: Transaction) {
  const client = {
    query: (text: string, values: readonly unknown[] = []) =>
      trx.executeQuery(CompiledQuery.raw(text, [...values])),
  }
  return PostgresAdapter.newAdapter({ migrate: false, dbClient: (run) => run(client) })
}

/** The rules of an organisation as the adapter hands them to casbin, in no order. */
export async function adapterRules(trx: Transaction, organisation: string): Promise<NewRule[]> {
  const adapter = await openAdapter(trx)
  const model = newModelFromString(SCRATCH_MODEL)
  const domain = `org:${organisation}`
  await adapter.loadFilteredPolicy(model, { p: [null, domain], g: [null, null, domain] })
  return ['p', 'g'].flatMap((ptype) => {
    const rows = model.model.get(ptype)?.get(ptype)?.policy ?? []
    return rows.map((values) => ({ ptype, values }))
  })
}

/** Inserts one rule; provenance comes from the transaction's settings. */
export async function insertThroughAdapter(
  trx: Transaction,
  rules: readonly NewRule[],
): Promise<void> {
  const adapter = await openAdapter(trx)
  for (const { ptype, values } of rules) await adapter.addPolicy(ptype, ptype, [...values])
}
