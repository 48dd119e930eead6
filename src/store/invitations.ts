/** Open invitations. What became of the others is in the audit. */
import { type Selectable, sql } from 'kysely'
import type { Transaction } from './db.ts'
import type { Tables } from './tables.ts'

export type Invitation = Selectable<Tables['invitations']>

/** Writes an invitation, in the place of an older one of the same member. */
export async function putInvitation(
  trx: Transaction,
  invitation: Omit<Invitation, 'created_at'>,
): Promise<void> {
  const { mailed_hash, copied_hash, sent_at, expires_at } = invitation
  await trx
    .insertInto('invitations')
    .values({ ...invitation, created_at: sent_at })
    .onConflict((conflict) =>
      conflict
        .columns(['organisation', 'subject'])
        .doUpdateSet({ mailed_hash, copied_hash, sent_at, expires_at }),
    )
    .execute()
}

export function findInvitation(
  trx: Transaction,
  organisation: string,
  subject: string,
): Promise<Invitation | undefined> {
  return trx
    .selectFrom('invitations')
    .selectAll()
    .where('organisation', '=', organisation)
    .where('subject', '=', subject)
    .executeTakeFirst()
}

/** The invitation that a link of this hash leads to, while it lasts, and whether the link was mailed. */
export async function findByLink(
  trx: Transaction,
  hash: string,
): Promise<(Invitation & { readonly mailed: boolean }) | undefined> {
  const row = await trx
    .selectFrom('invitations')
    .selectAll()
    .where(({ eb, or }) => or([eb('mailed_hash', '=', hash), eb('copied_hash', '=', hash)]))
    .where(sql<boolean>`expires_at > now()`)
    .executeTakeFirst()
  return row && { ...row, mailed: row.mailed_hash === hash }
}

/** Ends an invitation; `false` when there is none. */
export async function endInvitation(
  trx: Transaction,
  organisation: string,
  subject: string,
): Promise<boolean> {
  const result = await trx
    .deleteFrom('invitations')
    .where('organisation', '=', organisation)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

export interface InvitationQuery {
  /** Bare id. */
  readonly organisation: string
  /** Moment and subject of the invitation before. */
  readonly after?: readonly [string, string] | undefined
  readonly limit: number
}

/** A page of open invitations, expired ones too, oldest first. */
export function listInvitations(
  trx: Transaction,
  { organisation, after, limit }: InvitationQuery,
): Promise<Invitation[]> {
  let query = trx.selectFrom('invitations').selectAll().where('organisation', '=', organisation)
  if (after !== undefined) {
    const [at, subject] = after
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('created_at', 'subject'), '>', tuple(new Date(at), subject)),
    )
  }
  return query.orderBy('created_at').orderBy('subject').limit(limit).execute()
}
