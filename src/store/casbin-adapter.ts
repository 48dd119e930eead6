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
 * Some rules of an organisation as the adapter hands them to casbin, in no order: those whose ids come
 * after one and up to another, or those of these ids. It parses a line for each and holds the event
 * loop all the while, so it is given no more than a page at a time.
 */
export function adapterRules(
  trx: Transaction,
  organisation: string,
  which: { readonly after: number; readonly upTo: number | undefined } | readonly number[],
): Promise<NewRule[]> {
  const domain = `org:${organisation}`
  // Of all organisations: whose a rule is, the adapter finds by itself.
  const page = `with casbin as (select ptype, rule from casbin where ${conditionOf(which)}) `
  return read(trx, { p: [null, domain], g: [null, null, domain] }, page)
}

function conditionOf(which: Parameters<typeof adapterRules>[2]): string {
  if (!('after' in which)) return `id = any ('{${which.join(',')}}')`
  const { after, upTo } = which
  return upTo === undefined ? `id > ${after}` : `id > ${after} and id <= ${upTo}`
}

async function read(
  trx: Transaction,
  filter: Readonly<Record<string, (string | null)[]>>,
  page: string,
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
