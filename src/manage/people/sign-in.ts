/** `sign-in`, `sign-out`: a password becomes a session, and a session ends. */
import { z } from 'zod'
import { isBareId } from '../../lib/ids.ts'
import {
  type Account,
  findAccount,
  findAccountByKey,
  rehashPassword,
} from '../../store/accounts.ts'
import type { Transaction } from '../../store/db.ts'
import { findMemberRecord } from '../../store/members.ts'
import { resolveOrganisation } from '../../store/organisation-records.ts'
import { removeSession } from '../../store/sessions.ts'
import { emailField, passwordField } from '../runner/fields.ts'
import { type Call, changing, type Operation } from '../runner/operation.ts'
import { Refusal } from '../runner/refusal.ts'
import { sessionOf } from './credentials.ts'
import { noSession, signedIn, startSession } from './session-start.ts'
import { countAttempt, forgiveAttempt, guesses } from './throttle.ts'

interface Proven {
  readonly account: Account & { readonly password: string }
  /** The same password hashed with today's parameters, where it was with others. */
  readonly rehashed: string | undefined
}

const body = z.strictObject({
  email: emailField,
  password: passwordField,
  organisation: z
    .string('is a text')
    .refine(isBareId, 'is the id or the slug of an organisation, as in acme')
    .optional(),
})

const signIn = changing({
  id: 'signIn',
  method: 'POST',
  path: '/sign-in',
  access: 'anyone',
  secret: true,
  summary: 'Sign in with an address and a password',
  description:
    'Sets the cookie of the console; a program sends the session as a bearer token. While `mustChangePassword` it is good for `PUT /me/password` alone. With `organisation` it is valid there only, and names that organisation to applications that find it by the credential.',
  body,
  answer: signedIn,
  codes: ['unauthenticated', 'too_many_requests'],
  prepare: prove,
  run: async (change) => {
    const { trx, prepared, body } = change
    const { account, rehashed } = prepared
    const { subject, password: before } = account
    // What was proven outside of this transaction holds if the password is still that one.
    const now = await findAccount(trx, subject)
    if (now?.password !== before) throw wrong()
    if (rehashed !== undefined) await rehashPassword(trx, subject, { before, hash: rehashed })
    const only = await findOwn(trx, subject, body.organisation)
    const started = await startSession(change, subject, now.must_change_password, only)
    return { ...started, after: { subject } }
  },
})

/** The organisation that a session is asked for: one that is not theirs is as wrong as a password. */
async function findOwn(
  trx: Transaction,
  subject: string,
  named: string | undefined,
): Promise<string | undefined> {
  if (named === undefined) return undefined
  const id = await resolveOrganisation(trx, named)
  const own = id === undefined ? undefined : await findMemberRecord(trx, id, subject)
  if (own?.state !== 'active') throw wrong()
  return id
}

/** The work and the answer are the same for whatever is wrong (I24). */
async function prove(call: Call<unknown, z.output<typeof body>>): Promise<Proven> {
  const { tools, body } = call
  const { email, password } = body
  const about = guesses.password(email.key)
  await countAttempt(call, about)
  const account = await findAccountByKey(tools.db.query, email.key)
  const verified = await tools.passwords.verify(password, account?.password)
  if (!verified.right || account === undefined || account.password === null) throw wrong()
  await forgiveAttempt(call, about)
  const rehashed = verified.stale ? await tools.passwords.hash(password) : undefined
  return { account: { ...account, password: account.password }, rehashed }
}

function wrong(): Refusal {
  return new Refusal(
    'unauthenticated',
    'The email address, the password or the organisation is wrong.',
  )
}

const signOut = changing({
  id: 'signOut',
  method: 'POST',
  path: '/sign-out',
  access: 'person',
  whilePasswordPending: true,
  summary: 'End the session that asks',
  codes: ['conflict'],
  run: async ({ trx, tools, actor }) => {
    const session = sessionOf(actor)
    if (session === undefined) {
      throw new Refusal('conflict', 'You are not here by a session, so there is none to end.')
    }
    await removeSession(trx, actor.subject, session)
    return { answer: undefined, cookie: noSession(tools) }
  },
})

export const signInOperations: readonly Operation[] = [signIn, signOut]
