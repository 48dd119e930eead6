/**
 * How PostgreSQL reads the statements that run all the time. On few rows it would read whole tables
 * rightly, so it is told to do that only where no index leads to them.
 */
import { CompiledQuery, type KyselyPlugin, sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listAudit } from '../../src/store/audit.ts'
import { type Db, openDatabase, type Transaction } from '../../src/store/db.ts'
import { listLinks } from '../../src/store/links.ts'
import { listMemberRecords, membersOf } from '../../src/store/members.ts'
import { listOrganisations } from '../../src/store/organisation-records.ts'
import { loadRuleChange, loadRules, nextExpiry, removeRulesOf } from '../../src/store/rules.ts'
import { postgresUrl, silentLog } from '../support/databases.ts'

const organisation = 'acme'
const page = { organisation, limit: 51 } as const
const audit = { ...page, order: 'newest' } as const

/** Enough that one index is better than another: most of it belongs to others. */
const some = `generate_series(1, 4000) as n,
  lateral (select case n % 4 when 0 then 'acme' else 'beta' end as org) as o`
const rows = [
  "insert into organisations (id, name, slug) values ('acme', 'Acme', 'acme'), ('beta', 'Beta', 'beta')",
  `insert into accounts (subject, email, email_key)
    select 'user:p' || n, n || '@example.com', n || '@example.com' from ${some}`,
  `insert into members (organisation, subject, state) select org, 'user:p' || n, 'active' from ${some}`,
  `insert into casbin (ptype, rule, author, revision)
    select 'g', jsonb_build_array('user:p' || n, 'team:t' || n % 100, 'org:' || org), 'gatehouse', n
    from ${some}`,
  `insert into casbin (ptype, rule, author, revision)
    select 'p', jsonb_build_array('role:r', 'org:' || org, '/docs/' || n, 'GET', 'allow'), 'gatehouse', n
    from ${some}`,
  `insert into audit (organisation, revision, at, actor, request_id, operation, object, previous, hash)
    select org, n, to_timestamp(n), 'user:p' || n % 9, 'r', 'createTeam', '/o/' || n % 50,
      repeat('0', 64), repeat('0', 64)
    from ${some}`,
  'vacuum analyze',
]

let db: Db
beforeAll(async () => {
  const databaseUrl = await postgresUrl('migrated')
  db = await openDatabase({ databaseUrl, dataDir: '', log: silentLog })
  for (const statement of rows) await sql.raw(statement).execute(db.query)
})
afterAll(() => db?.close())

/** The plans of every statement that `work` runs. */
async function plansOf(work: (trx: Transaction) => Promise<unknown>): Promise<string> {
  return await db.query.transaction().execute(async (trx) => {
    await sql`set local enable_seqscan = off`.execute(trx)
    const asked: CompiledQuery[] = []
    const watch: KyselyPlugin = {
      transformQuery: ({ node, queryId }) => {
        asked.push(trx.getExecutor().compileQuery(node, queryId))
        return node
      },
      transformResult: ({ result }) => Promise.resolve(result),
    }
    await work(trx.withPlugin(watch))
    const plans: string[] = []
    for (const { sql: text, parameters } of asked) {
      // With its own parameters, so planned as it is when it runs.
      const explain = CompiledQuery.raw(`explain ${text}`, [...parameters])
      const { rows: lines } = await trx.executeQuery<Record<string, string>>(explain)
      plans.push(text, ...lines.map((line) => line['QUERY PLAN'] ?? ''))
    }
    return plans.join('\n')
  })
}

/** A page of it: a statement that is not ours passes through no plugin. */
function readAsAdapter(trx: Transaction): Promise<unknown> {
  return sql`with casbin as (select ptype, rule from casbin where id > 1000 and id <= 1250)
    select ptype, rule from casbin where (ptype = ${'p'} and (rule->>1 = ${'org:acme'}))
      or (ptype = ${'g'} and (rule->>2 = ${'org:acme'}))`.execute(trx)
}

type Read = readonly [index: string, work: (trx: Transaction) => Promise<unknown>]

const pages: Readonly<Record<string, Read>> = {
  organisations: ['organisations_by_name', (trx) => listOrganisations(trx, { limit: 1 })],
  members: [
    'members_by_time',
    (trx) => listMemberRecords(trx, { ...page, kind: 'user', states: ['active'] }),
  ],
  assignments: ['casbin_roles_held', (trx) => listLinks(trx, { ...page, of: 'role' })],
  'members of a team': [
    'casbin_by_group',
    (trx) => listLinks(trx, { ...page, of: 'team', group: 'team:t4' }),
  ],
  'ends of rules': ['casbin_by_end', (trx) => nextExpiry(trx, organisation)],
}

test.each(Object.entries(pages))('%s come in the order of an index', async (_, [index, work]) => {
  const plans = await plansOf(work)
  expect(plans).toContain(index)
  expect(plans).not.toMatch(/Seq Scan|Sort/)
})

const others: Readonly<Record<string, Read>> = {
  'each account of a page of members': [
    'Index Cond: ((subject)::text = (members.subject)::text)',
    (trx) => membersOf(trx, organisation).execute(),
  ],
  rules: ['casbin_pkey', (trx) => loadRules(trx, organisation)],
  'rules as the adapter reads them': ['casbin_by_domain', readAsAdapter],
  'links as the adapter reads them': ['casbin_by_object', readAsAdapter],
  'what changed in the rules': [
    'casbin_by_revision',
    (trx) => loadRuleChange(trx, organisation, { revision: 3_990, rules: [] }),
  ],
  'the rules of a subject': [
    'casbin_by_subject',
    (trx) => removeRulesOf(trx, organisation, 'user:p4'),
  ],
  'the audit of an object': [
    'audit_by_object',
    (trx) => listAudit(trx, { ...audit, object: '/o/4' }),
  ],
  'the audit of some time': [
    'audit_by_time',
    (trx) => listAudit(trx, { ...audit, since: new Date(9_000), until: new Date(30_000) }),
  ],
}

test.each(Object.entries(others))('an index leads to %s', async (_, [index, work]) => {
  const plans = await plansOf(work)
  expect(plans).toContain(index)
  expect(plans).not.toContain('Seq Scan')
})

test('what no index leads to is seen', async () => {
  const all = (trx: Transaction) => trx.selectFrom('members').selectAll().execute()
  expect(await plansOf(all)).toContain('Seq Scan')
})
