/** `me/password`: who knows their password chooses another. */
import { z } from 'zod'
import { normalisePassword } from '../../identity/passwords.ts'
import { findAccount, setPassword } from '../../store/accounts.ts'
import { removeTokens } from '../../store/one-time-tokens.ts'
import { removeSessions } from '../../store/sessions.ts'
import { passwordField } from '../runner/fields.ts'
import { type Call, changing, type Operation } from '../runner/operation.ts'
import { Refusal } from '../runner/refusal.ts'
import { hashNew } from './credentials.ts'
import { signedIn, startSession } from './session-start.ts'
import { countAttempt, forgiveAttempt, guesses } from './throttle.ts'

const body = z.strictObject({ current: passwordField, password: passwordField })

const change = changing({
  id: 'changeMyPassword',
  method: 'PUT',
  path: '/me/password',
  access: 'person',
  whilePasswordPending: true,
  secret: true,
  summary: 'Change your own password',
  description: 'All your sessions end, and another one begins for whoever asks.',
  body,
  answer: signedIn,
  codes: ['not_found', 'conflict', 'too_many_requests'],
  prepare: prove,
  run: async (asked) => {
    const { trx, actor, prepared } = asked
    const { subject } = actor
    const account = await findAccount(trx, subject)
    if (account?.password !== prepared.before) {
      throw new Refusal('conflict', 'Your password was changed meanwhile. Start again.')
    }
    await setPassword(trx, subject, { hash: prepared.hash, mustChange: false })
    await removeTokens(trx, 'password-reset', subject)
    // Whoever got hold of a session before has none any more, and this one has another id (A4 85).
    await removeSessions(trx, subject)
    return { ...(await startSession(asked, subject)), after: { subject } }
  },
})

/** Somebody at an unlocked screen has a session, and not the password. */
async function prove(call: Call<unknown, z.output<typeof body>>) {
  const { tools, actor, body } = call
  const { current, password } = body
  const account = await findAccount(tools.db.query, actor.subject)
  if (account === undefined) throw new Refusal('not_found', 'You have no account here.')
  const about = guesses.password(account.email_key)
  await countAttempt(call, about)
  if (!(await tools.passwords.verify(current, account.password)).right) {
    throw new Refusal('invalid_input', 'current: is not the password that you have now.')
  }
  await forgiveAttempt(call, about)
  if (normalisePassword(current) === normalisePassword(password)) {
    throw new Refusal('invalid_input', 'password: is the one that you have now.')
  }
  const { email, first_name: firstName, last_name: lastName } = account
  const hash = await hashNew(tools, password, { email, firstName, lastName })
  return { before: account.password, hash }
}

export const ownPasswordOperations: readonly Operation[] = [change]
