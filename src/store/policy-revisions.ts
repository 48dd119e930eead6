/** What each change of an organisation's `p` rules added and removed, and why. */
import { sql } from 'kysely'
import type { Transaction } from './db.ts'

/** A rule as its columns, the type first: `['p', 'role:editor', 'org:acme', …]`. */
export type Columns = readonly string[]

export interface RuleRevision {
  readonly revision: number
  readonly message: string
  readonly added: readonly Columns[]
  readonly removed: readonly Columns[]
}

/** Records a change; a second one of the same revision is put behind the first. */
export async function recordRuleRevision(
  trx: Transaction,
  organisation: string,
  { revision, message, added, removed }: RuleRevision,
): Promise<void> {
  await trx
    .insertInto('policy_revisions')
    .values({
      organisation,
      revision,
      message,
      added: JSON.stringify(added),
      removed: JSON.stringify(removed),
    })
    .onConflict((conflict) =>
      conflict.columns(['organisation', 'revision']).doUpdateSet({
        added: sql`policy_revisions.added || excluded.added`,
        removed: sql`policy_revisions.removed || excluded.removed`,
      }),
    )
    .execute()
}

export interface RevisionQuery {
  /** Bare id. */
  readonly organisation: string
  /** Older revisions than this. */
  readonly olderThan?: number | undefined
  readonly limit: number
}

/** A page of the revisions without their rules, newest first, each with who made it and when. */
export function listRuleRevisions(
  trx: Transaction,
  { organisation, olderThan, limit }: RevisionQuery,
) {
  let query = describedRevisions(trx, organisation)
  if (olderThan !== undefined) query = query.where('policy_revisions.revision', '<', olderThan)
  return query.orderBy('policy_revisions.revision', 'desc').limit(limit).execute()
}

export type DescribedRevision = Awaited<ReturnType<typeof listRuleRevisions>>[number]

/** One revision with its rules, who made it and when; `undefined` where no rule was changed by it. */
export function findRuleRevision(trx: Transaction, organisation: string, revision: number) {
  return describedRevisions(trx, organisation)
    .select(['policy_revisions.added', 'policy_revisions.removed'])
    .where('policy_revisions.revision', '=', revision)
    .executeTakeFirst()
}

/** The audit knows author and time: it has a row of each revision. */
function describedRevisions(trx: Transaction, organisation: string) {
  return trx
    .selectFrom('policy_revisions')
    .innerJoin('audit', (join) =>
      join
        .onRef('audit.organisation', '=', 'policy_revisions.organisation')
        .onRef('audit.revision', '=', 'policy_revisions.revision'),
    )
    .select(['policy_revisions.revision', 'policy_revisions.message', 'audit.actor', 'audit.at'])
    .select([
      sql<number>`jsonb_array_length(added)`.as('addedCount'),
      sql<number>`jsonb_array_length(removed)`.as('removedCount'),
    ])
    .where('policy_revisions.organisation', '=', organisation)
}

/** The newest change after `newerThan` and before `olderThan`: one alone, for it may be megabytes. */
export function lastRuleRevision(
  trx: Transaction,
  organisation: string,
  { newerThan, olderThan }: { readonly newerThan: number; readonly olderThan: number },
): Promise<RuleRevision | undefined> {
  return trx
    .selectFrom('policy_revisions')
    .select(['revision', 'message', 'added', 'removed'])
    .where('organisation', '=', organisation)
    .where('revision', '>', newerThan)
    .where('revision', '<', olderThan)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirst()
}
