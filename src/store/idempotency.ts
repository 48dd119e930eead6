/** First answers, so that a request that is repeated is done once. */
import { sql } from 'kysely'
import { limits } from '../lib/limits.ts'
import type { Db, Transaction } from './db.ts'

export interface Remembered {
  /** SHA-256 of what was asked, hexadecimal. */
  readonly request_hash: string
  readonly status: number
  /** The body as it was sent. */
  readonly answer: string
  readonly revision: number | null
}

export interface RequestKey {
  /** Bare id. */
  readonly organisation: string
  /** Subject and credential: a key is one caller's own. */
  readonly caller: string
  readonly key: string
}

/** The first answer to a request, while it is young enough. */
export function findAnswer(trx: Transaction, asked: RequestKey): Promise<Remembered | undefined> {
  return trx
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'status', 'answer', 'revision'])
    .where('organisation', '=', asked.organisation)
    .where('caller', '=', asked.caller)
    .where('key', '=', asked.key)
    .where(young)
    .executeTakeFirst()
}

/** Remembers an answer in the transaction of what it answers. */
export async function rememberAnswer(
  trx: Transaction,
  asked: RequestKey,
  answer: Remembered,
): Promise<void> {
  const values = { ...asked, ...answer, created_at: sql<Date>`now()` }
  await trx
    .insertInto('idempotency_keys')
    .values(values)
    // Only one that is too old to be found can stand there.
    .onConflict((conflict) =>
      conflict.columns(['organisation', 'caller', 'key']).doUpdateSet(values),
    )
    .execute()
}

/** Forgets what is too old to be found; returns how many there were. */
export async function dropOldAnswers(db: Db): Promise<number> {
  const old = db.query.deleteFrom('idempotency_keys').where(sql<boolean>`not (${young})`)
  return Number((await old.executeTakeFirst()).numDeletedRows)
}

const young = sql<boolean>`created_at > now() - make_interval(secs => ${limits.idempotencyMs / 1_000})`
