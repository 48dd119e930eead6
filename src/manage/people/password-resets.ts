/** `password-resets`: a new password for whoever reads the mail of an account. */
import { z } from 'zod'
import { limits } from '../../lib/limits.ts'
import { sha256 } from '../../lib/secrets.ts'
import {
  type Account,
  findAccount,
  findAccountByKey,
  setPassword,
  verifyAddress,
} from '../../store/accounts.ts'
import { forgetAttempts } from '../../store/attempts.ts'
import { findToken, putToken, takeToken } from '../../store/one-time-tokens.ts'
import { removeSessions } from '../../store/sessions.ts'
import { emailField, passwordField, tokenField } from '../runner/fields.ts'
import { type Call, changing, type Operation } from '../runner/operation.ts'
import { Refusal } from '../runner/refusal.ts'
import { hashNew, linkTo, makeToken } from './credentials.ts'
import { countAttempt, guesses } from './throttle.ts'

const PURPOSE = 'password-reset'

const request = changing({
  id: 'requestPasswordReset',
  method: 'POST',
  path: '/password-resets',
  access: 'anyone',
  secret: true,
  summary: 'Have a link mailed with which to choose a new password',
  description: 'The answer is the same whether or not the address has an account.',
  body: z.strictObject({ email: emailField }),
  answer: z.object({}),
  status: 202,
  codes: ['too_many_requests'],
  prepare: (call) => countAttempt(call, guesses.reset(call.body.email.key)),
  run: async ({ trx, tools, body: { email } }) => {
    // Somebody without an account gets the same rows, addressed to nobody (I24).
    const account = await findAccountByKey(trx, email.key)
    const { text, hash } = makeToken()
    const lifetimeMs = limits.passwordResetMs
    await putToken(trx, { hash, purpose: PURPOSE, subject: account?.subject ?? null, lifetimeMs })
    const mail = letter(linkTo(tools.adminUrl, 'password', text))
    await tools.mail.queue(trx, account === undefined ? mail : { to: account.email, ...mail })
    return { answer: {}, mailed: true }
  },
})

/** Says nothing that its reader has not asked for, and what to do if they did not. */
function letter(link: string) {
  return {
    subject: 'Choose a new password',
    text: [
      'Somebody asked for a new password for your account. If it was you, open this within an hour:',
      `  ${link}`,
      'If it was not, do nothing: your password stays as it is.',
    ].join('\n\n'),
  }
}

const complete = changing({
  id: 'completePasswordReset',
  method: 'POST',
  path: '/password-resets/complete',
  access: 'anyone',
  secret: true,
  summary: 'Choose a new password with the token of a mailed link',
  description: 'The link works once, for an hour. Every session of the account ends.',
  body: z.strictObject({ token: tokenField, password: passwordField }),
  prepare: async ({ tools, body: { token, password } }) => {
    // A hash costs something, so it is made for an open token alone.
    const account = await accountOf(tools, sha256(token))
    const { email, first_name: firstName, last_name: lastName } = account
    return { account, hash: await hashNew(tools, password, { email, firstName, lastName }) }
  },
  run: async ({ trx, body: { token }, prepared: { account, hash } }) => {
    const { subject, email_key: key } = account
    const taken = await takeToken(trx, sha256(token), PURPOSE)
    if (taken?.subject !== subject) throw spent()
    await setPassword(trx, subject, { hash, mustChange: false })
    await removeSessions(trx, subject)
    await verifyAddress(trx, subject, key)
    await forgetAttempts(trx, guesses.password(key))
    return { answer: undefined, after: { subject } }
  },
})

async function accountOf({ db }: Call<unknown, unknown>['tools'], hash: string): Promise<Account> {
  const token = await findToken(db.query, hash, PURPOSE)
  const subject = token?.subject ?? undefined
  const account = subject === undefined ? undefined : await findAccount(db.query, subject)
  if (account === undefined) throw spent()
  return account
}

function spent(): Refusal {
  return new Refusal(
    'denied',
    'token: The link was used, is over or was never made. Ask for another.',
  )
}

export const passwordResetOperations: readonly Operation[] = [request, complete]
