/** What a walk leaves behind: rows of the audit, and rows of everything else. */
import { sql } from 'kysely'
import { type ChainedEntry, hashEntry, verifyChain } from '../../src/lib/audit-chain.ts'
import { operations } from '../../src/manage/operations.ts'
import { codesOf } from '../../src/manage/runner/document.ts'
import { listAudit } from '../../src/store/audit.ts'
import type { Db } from '../../src/store/db.ts'

const tables = [
  ...['members', 'casbin', 'roles', 'teams', 'service_accounts', 'api_keys', 'attributes'],
  ...['invitations', 'ownership_transfers', 'policy_revisions', 'idempotency_keys'],
]

/** One text for all that an organisation has, and for how far it and the platform have come. */
export async function tracesOf(db: Db, organisation: string): Promise<string> {
  const parts = tables.map((name) => {
    // When a key was used last is written a moment later.
    const row = sql`(to_jsonb(one) - 'used_at')::text`
    return sql`select ${sql.lit(name)} as name,
      md5(coalesce(string_agg(${row}, ' ' order by ${row}), '')) as digest
      from ${sql.table(name)} as one where organisation = ${organisation}`
  })
  const both = sql`(${organisation}, 'platform')`
  parts.push(
    sql`select 'revision ' || id, revision::text from organisations where id in ${both}`,
    sql`select 'audit', count(*)::text from audit where organisation in ${both}`,
  )
  const all = sql<{ name: string; digest: string }>`${sql.join(parts, sql` union all `)}`
  const { rows } = await all.execute(db.query)
  const lines = rows.map(({ name, digest }) => `${name} ${digest}`)
  return lines.toSorted().join('\n')
}

/** What the audit of an organisation says of newer revisions than this, oldest first. */
export function auditSince(db: Db, organisation: string, newerThan = 0): Promise<ChainedEntry[]> {
  const asked = { organisation, newerThan, order: 'oldest', limit: 10_000 } as const
  return db.query.transaction().execute((trx) => listAudit(trx, asked))
}

/** Whether this is the whole chain, from where one begins. */
export function isChain(entries: readonly ChainedEntry[]): boolean {
  return verifyChain(entries).kind === 'verified'
}

/**
 * The chains that somebody might make of this one who can write the table and knows how it is hashed:
 * an entry is changed, left out, or changed and hashed again together with the link behind it.
 */
export function forgeriesOf(entries: readonly ChainedEntry[], at: number): ChainedEntry[][] {
  const entry = entries[at]
  const behind = entries[at + 1]
  if (entry === undefined || behind === undefined) return []
  const lies = [
    { actor: 'user:nobody' },
    { operation: 'createNothing' },
    { before: { lie: true } },
    { after: { lie: true } },
  ].map((lie) => ({ ...entry, ...lie }))
  const hashed = lies.map((lie) => ({ ...lie, hash: hashEntry(lie, lie.previous) }))
  return [
    ...lies.map((lie) => entries.with(at, lie)),
    ...hashed.map((lie) => entries.with(at, lie).with(at + 1, { ...behind, previous: lie.hash })),
    entries.toSpliced(at, 1),
  ]
}

/** The codes with which an operation may refuse, `internal` left out: no walk breaks anything. */
export function refusalsOf(id: string): readonly string[] {
  const operation = operations.find((one) => one.id === id)
  if (operation === undefined) throw new Error(`there is no operation ${id}`)
  return codesOf(operation).filter((code) => code !== 'internal')
}
