/** The audit of an organisation, as whoever has the database reads it. */
import { type ChainedEntry, verifyChain as verify } from '../../src/lib/audit-chain.ts'
import { listAudit } from '../../src/store/audit.ts'
import type { Db } from '../../src/store/db.ts'

/** Every entry, oldest first. */
export function auditOf(db: Db, organisation: string): Promise<ChainedEntry[]> {
  const asked = { organisation, order: 'oldest', limit: 10_000 } as const
  return db.query.transaction().execute((trx) => listAudit(trx, asked))
}

/** Throws unless the audit is one unbroken chain. */
export async function verifyChain(db: Db, organisation: string): Promise<void> {
  const entries = await auditOf(db, organisation)
  const { previous } = entries[0] ?? {}
  const verified = verify(entries, previous)
  if (entries.length === 0 || verified.kind === 'broken') {
    throw new Error(`the audit of ${organisation}: ${JSON.stringify(verified)}`)
  }
}
