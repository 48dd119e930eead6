/** The outbox: mails that wait to be delivered, each sealed, since its text may hold a credential. */
import { sql } from 'kysely'
import { randomText } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import type { Db, Transaction } from './db.ts'

export interface WaitingMail {
  readonly id: string
  readonly sealed: string
  /** How often it was tried before this time. */
  readonly attempts: number
}

const ID_CHARS = 20
const seconds = (ms: number) => sql`make_interval(secs => ${ms / 1_000}::float8)`

/** Puts a sealed mail into the outbox; it is on its way when the transaction commits. */
export async function putMail(trx: Transaction, sealed: string): Promise<void> {
  await trx
    .insertInto('mails')
    .values({ id: randomText(ID_CHARS), sealed })
    .execute()
}

/**
 * Takes mails whose time has come, the oldest first, at most `mailBatchRows`. For `mailClaimMs` no other
 * replica gets them; then, should this one have died, another does.
 */
export async function claimMails(db: Db): Promise<WaitingMail[]> {
  return db.query
    .updateTable('mails')
    .set({
      attempts: sql<number>`attempts + 1`,
      next_at: sql<Date>`now() + ${seconds(limits.mailClaimMs)}`,
    })
    .where('id', 'in', (query) =>
      query
        .selectFrom('mails')
        .select('id')
        .where(sql<boolean>`next_at <= now()`)
        .orderBy('next_at')
        .limit(limits.mailBatchRows)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'sealed', sql<number>`attempts - 1`.as('attempts')])
    .execute()
}

/** Removes a mail that was delivered. */
export async function removeMail(db: Db, id: string): Promise<void> {
  await db.query.deleteFrom('mails').where('id', '=', id).execute()
}

/** Puts a mail off for `pauseMs` after a failure. */
export async function postponeMail(db: Db, id: string, pauseMs: number): Promise<void> {
  await db.query
    .updateTable('mails')
    .set({ next_at: sql<Date>`now() + ${seconds(pauseMs)}` })
    .where('id', '=', id)
    .execute()
}

/** Removes mails that nobody could deliver for `mailLifetimeMs`; returns how many there were. */
export async function dropOldMails(db: Db): Promise<number> {
  const old = db.query
    .deleteFrom('mails')
    .where(sql<boolean>`created_at <= now() - ${seconds(limits.mailLifetimeMs)}`)
  return Number((await old.executeTakeFirst()).numDeletedRows)
}
