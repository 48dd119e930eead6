/**
 * The one seam to casbin-pg-adapter: load by filter and insert, always on a transaction of ours.
 * Never its own pool (a lost connection would end the process), its migrations (ours own the
 * table), savePolicy (deletes every row) or its removals (too wide by design). hazard 6.
 */
import { newModelFromString } from 'casbin'
import adapterModule from 'casbin-pg-adapter'
import { CasbinRepository } from 'casbin-pg-adapter/lib/repository.js'
import { CompiledQuery } from 'kysely'
import { limits } from '../lib/limits.ts'
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

/** `page` is put before each query of the adapter, where it stands for the table. */
function optionsFor(trx: Transaction, page = '') {
  const client = {
    query: (text: string, values: readonly unknown[] = []) =>
      trx.executeQuery(CompiledQuery.raw(page + text, [...values])),
  }
  return { migrate: false, dbClient: <T>(run: (of: typeof client) => Promise<T>) => run(client) }
}

/**
 * The rules of an organisation whose ids come after one and up to another, as the adapter hands them
 * to casbin, in no order. It parses a line for each and holds the event loop all the while, so it is
 * given no more than a page at a time.
 */
export function adapterRules(
  trx: Transaction,
  organisation: string,
  { after, upTo }: { readonly after: number; readonly upTo: number | undefined },
): Promise<NewRule[]> {
  const domain = `org:${organisation}`
  // Of all organisations: whose a rule is, the adapter finds by itself.
  const end = upTo === undefined ? '' : ` and id <= ${upTo}`
  const page = `with casbin as (select ptype, rule from casbin where id > ${after}${end}) `
  return read(trx, { p: [null, domain], g: [null, null, domain] }, page)
}

/** The rules of these very columns as the adapter sees them. */
export function adapterRule(
  trx: Transaction,
  ptype: string,
  values: readonly string[],
): Promise<NewRule[]> {
  return read(trx, { [ptype]: [...values] })
}

async function read(
  trx: Transaction,
  filter: Readonly<Record<string, (string | null)[]>>,
  page = '',
): Promise<NewRule[]> {
  const adapter = await PostgresAdapter.newAdapter(optionsFor(trx, page))
  const model = newModelFromString(SCRATCH_MODEL)
  await adapter.loadFilteredPolicy(model, filter)
  return ['p', 'g'].flatMap((ptype) => {
    const rows = model.model.get(ptype)?.get(ptype)?.policy ?? []
    return rows.map((values) => ({ ptype, values }))
  })
}

/**
 * Inserts rules, many in one statement: the adapter itself writes them one by one, but for
 * `savePolicy`. Provenance comes from the transaction's settings.
 */
export async function insertThroughAdapter(
  trx: Transaction,
  rules: readonly NewRule[],
): Promise<void> {
  const repository = new CasbinRepository(optionsFor(trx))
  for (let at = 0; at < rules.length; at += limits.rulesWritten) {
    const some = rules.slice(at, at + limits.rulesWritten)
    await repository.insertPolicies(some.map(({ ptype, values }) => ({ ptype, rule: [...values] })))
  }
}
