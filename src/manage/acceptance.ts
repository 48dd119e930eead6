/** `invitations`: how somebody who was invited answers, before and after they have an account. */
import { z } from 'zod'
import { checkPassword } from '../identity/password-rules.ts'
import { sha256 } from '../lib/secrets.ts'
import { findAccount, setPassword, setProfile, verifyAddress } from '../store/accounts.ts'
import { inSnapshot, type Transaction } from '../store/db.ts'
import { endInvitation, findByLink } from '../store/invitations.ts'
import { isNewcomer } from '../store/members.ts'
import { findOrganisationRecord } from '../store/organisation-records.ts'
import { setMemberState } from '../store/organisations.ts'
import { removeRulesOf } from '../store/rules.ts'
import { alsoChange } from './also-change.ts'
import { firstNameField, lastNameField, passwordField, tokenField } from './runner/fields.ts'
import { type Change, changing, type Operation, reading } from './runner/operation.ts'
import { Refusal } from './runner/refusal.ts'

type AnyChange = Change<unknown, unknown, unknown>
type Found = NonNullable<Awaited<ReturnType<typeof findByLink>>>

const joined = z
  .object({
    organisation: z.string().meta({ example: 'acme' }),
    member: z.string().meta({ example: 'user:ann' }),
  })
  .meta({ id: 'Joined' })

/** The invitation behind a link. One answer for every link that leads nowhere (I24). */
async function findLinked(trx: Transaction, text: string): Promise<Found> {
  const found = await findByLink(trx, sha256(text))
  if (found !== undefined) return found
  throw new Refusal('not_found', 'The link is not valid any more: ask for a new invitation.')
}

const look = reading({
  id: 'readInvitation',
  method: 'POST',
  path: '/invitations/read',
  access: 'anyone',
  summary: 'See who invites, before you answer',
  body: z.strictObject({ token: tokenField }),
  answer: z.object({
    organisation: z.string(),
    email: z.string(),
    needsAccount: z.boolean(),
    expiresAt: z.iso.datetime(),
  }),
  codes: ['not_found'],
  run: ({ tools, body }) =>
    inSnapshot(tools.db, async (trx) => {
      const { organisation, subject, email, expires_at } = await findLinked(trx, body.token)
      const named = await findOrganisationRecord(trx, organisation)
      return {
        organisation: named?.name ?? organisation,
        email,
        needsAccount: await canMakeAccount(trx, subject),
        expiresAt: expires_at.toISOString(),
      }
    }),
})

async function canMakeAccount(trx: Transaction, subject: string): Promise<boolean> {
  return (await findAccount(trx, subject))?.password === null
}

const accept = changing({
  id: 'acceptInvitation',
  method: 'POST',
  path: '/invitations/accept',
  access: 'anyone',
  summary: 'Accept an invitation with a new account',
  body: z.strictObject({
    token: tokenField,
    firstName: firstNameField,
    lastName: lastNameField,
    password: passwordField,
  }),
  answer: joined,
  codes: ['not_found', 'conflict'],
  // A link that leads nowhere costs no hash.
  prepare: async ({ tools, body }) => {
    const found = await inSnapshot(tools.db, (trx) => findLinked(trx, body.token))
    const problem = await checkPassword(body.password, { ...body, email: found.email })
    if (problem !== undefined) throw new Refusal('invalid_input', `password: ${problem}`)
    return tools.passwords.hash(body.password)
  },
  run: async (change) => {
    const { trx, body, prepared } = change
    const found = await findLinked(trx, body.token)
    await refuseTakeover(trx, found)
    await setProfile(trx, found.subject, body)
    await setPassword(trx, found.subject, { hash: prepared, mustChange: false })
    return join(change, found)
  },
})

/**
 * Whoever sets the password of an account has it. The link that an administrator copied does that only
 * for an account that nobody has used; the mailed one has reached the owner of the address.
 */
async function refuseTakeover(trx: Transaction, { subject, organisation, mailed }: Found) {
  const account = await findAccount(trx, subject)
  if (account?.password !== null) {
    throw new Refusal('conflict', 'This address has an account: sign in, and accept there.')
  }
  const untouched = account.created_by === organisation && account.email_verified_at === null
  if (mailed || (untouched && (await isNewcomer(trx, subject)))) return
  throw new Refusal('conflict', 'Use the link in the mail: this one does not prove the address.')
}

const acceptSignedIn = changing({
  id: 'acceptMyInvitation',
  method: 'POST',
  path: '/me/invitations/accept',
  access: 'person',
  summary: 'Accept an invitation with the account you are signed in with',
  body: z.strictObject({ token: tokenField }),
  answer: joined,
  codes: ['not_found'],
  run: async (change) => {
    const found = await findLinked(change.trx, change.body.token)
    if (found.subject !== change.actor.subject) {
      throw new Refusal('denied', 'The invitation is for another account: sign in with that one.')
    }
    return join(change, found)
  },
})

/** The membership begins; what it holds was given with the invitation. */
async function join(change: AnyChange, { organisation, subject, mailed, email }: Found) {
  const { trx, actor } = change
  const account = await findAccount(trx, subject)
  if (mailed && account?.email === email) await verifyAddress(trx, subject, account.email_key)
  const after = { organisation, member: subject }
  await alsoChange(
    { ...change, actor: { ...actor, subject } },
    {
      organisation,
      operation: 'acceptInvitation',
      object: `/gatehouse/members/${subject}`,
      before: { id: subject, state: 'invited' },
      after: { id: subject, state: 'active' },
      write: async () => {
        await endInvitation(trx, organisation, subject)
        await setMemberState(trx, organisation, subject, 'active')
      },
    },
  )
  return { answer: after, after }
}

const decline = changing({
  id: 'declineInvitation',
  method: 'POST',
  path: '/invitations/decline',
  access: 'anyone',
  summary: 'Decline an invitation',
  body: z.strictObject({ token: tokenField }),
  codes: ['not_found'],
  run: async (change) => {
    const { trx, actor } = change
    const { organisation, subject } = await findLinked(trx, change.body.token)
    await alsoChange(
      { ...change, actor: { ...actor, subject } },
      {
        organisation,
        operation: 'declineInvitation',
        object: `/gatehouse/members/${subject}`,
        before: { id: subject, state: 'invited' },
        after: { id: subject, state: 'removed' },
        write: async () => {
          await endInvitation(trx, organisation, subject)
          await removeRulesOf(trx, organisation, subject)
          await setMemberState(trx, organisation, subject, 'removed')
        },
      },
    )
    return { answer: undefined, after: { organisation } }
  },
})

export const acceptanceOperations: readonly Operation[] = [look, accept, acceptSignedIn, decline]
