/**
 * `members/invitations`: people who were asked and have not answered. Two links lead to an invitation:
 * the one that is mailed proves the address, the one that an administrator may copy does not.
 */
import { z } from 'zod'
import { mintId, randomText } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import { sha256 } from '../lib/secrets.ts'
import { createAccount, findAccountByKey } from '../store/accounts.ts'
import { inSnapshot } from '../store/db.ts'
import {
  findInvitation,
  type Invitation,
  type InvitationQuery,
  listInvitations,
  putInvitation,
} from '../store/invitations.ts'
import { enterMember } from '../store/members.ts'
import { findOrganisationRecord } from '../store/organisation-records.ts'
import {
  giveGroups,
  member,
  removeEntirely,
  rolesField,
  showEntered,
  teamsField,
} from './members.ts'
import { decodeCursor, isMoment, pageOf } from './runner/cursor.ts'
import { emailField, moment, pageOfItems } from './runner/fields.ts'
import { type Change, changing, type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery } from './runner/query.ts'
import { Refusal } from './runner/refusal.ts'

type AnyChange = Change<unknown, unknown, unknown>

const TOKEN_CHARS = 52

const invitation = z
  .object({
    member: z.string().meta({ example: 'user:8f3k0v2m5q9x7d1c3b5n' }),
    email: z.string(),
    invitedBy: z.string().meta({ example: 'user:ann' }),
    createdAt: moment,
    sentAt: moment,
    expiresAt: moment,
  })
  .meta({ id: 'Invitation' })

function show({ subject, email, invited_by, created_at, sent_at, expires_at }: Invitation) {
  return {
    member: subject,
    email,
    invitedBy: invited_by,
    createdAt: created_at.toISOString(),
    sentAt: sent_at.toISOString(),
    expiresAt: expires_at.toISOString(),
  } satisfies z.output<typeof invitation>
}

const withLink = {
  link: z.string().optional().meta({ description: 'Shown once, for you to copy.' }),
}

const list = reading({
  id: 'listInvitations',
  method: 'GET',
  path: '/orgs/{org}/members/invitations',
  summary: 'List open invitations, and those that expired unanswered',
  query: { limit: limitInQuery, cursor: textInQuery },
  answer: pageOfItems(invitation),
  run: async ({ tools, organisation, query: { limit, cursor } }) => {
    const after = decodeCursor(cursor, 2, [isMoment]) as InvitationQuery['after']
    const asked = { organisation, after, limit: limit + 1 }
    const rows = await inSnapshot(tools.db, (trx) => listInvitations(trx, asked))
    return pageOf(rows, limit, show, ({ created_at, subject }) => [
      created_at.toISOString(),
      subject,
    ])
  },
})

const invite = changing({
  id: 'inviteMember',
  method: 'POST',
  path: '/orgs/{org}/members/invitations',
  summary: 'Invite somebody by email, with the teams and roles they will have',
  body: z.strictObject({ email: emailField, teams: teamsField, roles: rolesField }),
  answer: z.object({ ...member.shape, ...withLink }),
  status: 201,
  codes: ['conflict'],
  run: async (change) => {
    const { trx, organisation, body, now } = change
    const { email } = body
    const subject = await subjectFor(change, email)
    const entering = { subject, state: 'invited', email: email.email, now } as const
    if (!(await enterMember(trx, organisation, entering))) {
      throw new Refusal('conflict', 'email: this address is invited already, or a member.')
    }
    await giveGroups(change, subject, body)
    const link = await send(change, subject, email.email)
    const entered = await showEntered(change, subject, body)
    return {
      ...entered,
      answer: { ...entered.answer, link },
      repeated: entered.answer,
      mailed: true,
    }
  },
})

/** Whoever has the address, or an account that waits for somebody to take it. */
async function subjectFor(
  { trx, organisation }: AnyChange,
  email: z.output<typeof emailField>,
): Promise<string> {
  const known = await findAccountByKey(trx, email.key)
  if (known !== undefined) return known.subject
  const subject = mintId('user')
  const nobody = { firstName: null, lastName: null, password: null, mustChangePassword: false }
  const made = await createAccount(trx, { subject, email, ...nobody, createdBy: organisation })
  if (made) return subject
  // Another organisation invited the same address at this very moment.
  const other = await findAccountByKey(trx, email.key)
  if (other === undefined) throw new Error('an account that was in the way is not there')
  return other.subject
}

/** Makes new links, mails the one and returns the other. Links that were sent before are worth nothing. */
async function send(change: AnyChange, subject: string, email: string): Promise<string> {
  const { trx, organisation, tools, actor, now } = change
  const [mailed, copied] = [randomText(TOKEN_CHARS), randomText(TOKEN_CHARS)]
  const until = new Date(now.getTime() + limits.invitationMs)
  await putInvitation(trx, {
    organisation,
    subject,
    email,
    mailed_hash: sha256(mailed),
    copied_hash: sha256(copied),
    invited_by: actor.subject,
    sent_at: now,
    expires_at: until,
  })
  const named = await findOrganisationRecord(trx, organisation)
  await tools.mail.queue(trx, {
    to: email,
    subject: `You are invited to ${named?.name ?? organisation}`,
    text: [
      `You are invited to join ${named?.name ?? organisation}.`,
      '',
      `Accept or decline until ${until.toUTCString()}:`,
      linkTo(tools.adminUrl, mailed),
      '',
      'If you do not know what this is about, do nothing: the link expires by itself.',
      '',
    ].join('\n'),
  })
  return linkTo(tools.adminUrl, copied)
}

/** Behind the #, where it reaches no server and no log. */
function linkTo(adminUrl: string, token: string): string {
  return `${adminUrl}/invitation#${token}`
}

async function findShown({ trx, organisation, params }: Change<never, never, never>) {
  const row = await findInvitation(trx, organisation, params['member'] ?? '')
  return row && show(row)
}

const resend = changing({
  id: 'resendInvitation',
  method: 'POST',
  path: '/orgs/{org}/members/invitations/{member}/resend',
  summary: 'Send an invitation again, with a new link and a new time',
  answer: z.object({ ...invitation.shape, ...withLink }),
  find: findShown,
  run: async (change, before) => {
    const link = await send(change, before.member, before.email)
    const row = await findInvitation(change.trx, change.organisation, before.member)
    if (row === undefined) throw new Error('an invitation that was written is not there')
    const after = show(row)
    return { answer: { ...after, link }, repeated: after, after, mailed: true }
  },
})

const revoke = changing({
  id: 'revokeInvitation',
  method: 'DELETE',
  path: '/orgs/{org}/members/invitations/{member}',
  summary: 'Take an invitation back',
  codes: ['conflict'],
  find: findShown,
  run: async (change, before) => {
    await removeEntirely(change, before.member)
    return { answer: undefined }
  },
})

export const invitationOperations: readonly Operation[] = [list, invite, resend, revoke]
