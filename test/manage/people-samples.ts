/** Good requests about oneself, and those that need no credential: whoever asks is made anew for each. */
import { createPasswords } from '../../src/identity/passwords.ts'
import { makeSession } from '../../src/identity/sessions.ts'
import { makeToken } from '../../src/manage/people/credentials.ts'
import type { Transaction } from '../../src/store/db.ts'
import { addIdentity } from '../../src/store/identities.ts'
import { type Purpose, putToken } from '../../src/store/one-time-tokens.ts'
import { addSession } from '../../src/store/sessions.ts'
import { addAccount } from '../store/people-rows.ts'
import { foreignToken, issuer } from '../support/management.ts'
import { tokenIn } from './people.ts'
import { fresh, type Ground, type Make, somebody } from './samples.ts'

export const PASSWORD = 'correct horse battery staple'
export const OTHER = 'five quick zebras jump twice'
const hashed = createPasswords().hash(PASSWORD)

/** Somebody with an account, who is signed in. */
export interface Person {
  readonly subject: string
  readonly email: string
  readonly bearer: string
}

export async function person(ground: Ground): Promise<Person> {
  const name = fresh()
  const email = `${name}@example.com`
  await addAccount(ground.db, name, { password: await hashed, email: { email, key: email } })
  return { subject: `user:${name}`, email, bearer: await session(ground, `user:${name}`) }
}

/** The text of a new session of theirs, all over. */
export async function session({ db }: Ground, subject: string): Promise<string> {
  const { text, ...made } = makeSession()
  const from = { organisations: null, address: null, agent: null }
  await inOne(db, (trx) => addSession(trx, { ...made, subject, ...from }))
  return text
}

/** A token of another issuer for somebody, who is here by no session then. */
export async function foreign({ db }: Ground, subject: string): Promise<string> {
  const sub = fresh()
  await inOne(db, (trx) => addIdentity(trx, { issuer, sub, subject }))
  return foreignToken(sub)
}

/** A member whose password has been changed, signed in, with these roles. */
export async function joined(ground: Ground, ...roles: string[]): Promise<Person> {
  const body = { ...somebody(), roles }
  const subject = String((await ground.made('/members', body))['id'])
  const { db } = ground
  const settled = { must_change_password: false }
  await db.query.updateTable('accounts').set(settled).where('subject', '=', subject).execute()
  return { subject, email: body.email, bearer: await session(ground, subject) }
}

/** An open offer to hand over the organisation by another owner, and whom it is for. */
export async function offered(ground: Ground): Promise<{ from: Person; to: Person }> {
  const [from, to] = [await joined(ground, 'role:owner'), await joined(ground)]
  const asked = { to: to.subject }
  await ground.made('/ownership-transfer', asked, 'POST', from.bearer)
  return { from, to }
}

/** The token of an invitation that an administrator copied. */
export async function invitation({ made }: Ground, email: string): Promise<string> {
  return tokenIn((await made('/members/invitations', { email }))['link'])
}

/** A token that somebody was mailed, or that set-up shows. */
export async function token({ db }: Ground, purpose: Purpose, subject?: string): Promise<string> {
  const { text, hash } = makeToken()
  const whose = subject ?? null
  await inOne(db, (trx) => putToken(trx, { hash, purpose, subject: whose, lifetimeMs: 60_000 }))
  return text
}

/** A set-up link that is open, for nobody owns the platform: whoever did is let in no more. */
export async function setUpToken(ground: Ground): Promise<string> {
  const members = ground.db.query.updateTable('members').set({ state: 'suspended' })
  await members.where('organisation', '=', 'platform').execute()
  return token(ground, 'setup')
}

function inOne<T>({ query }: Ground['db'], work: (trx: Transaction) => Promise<T>): Promise<T> {
  return query.transaction().execute(work)
}

const names = { firstName: 'Dora', lastName: 'Dorn' }

export const peopleSamples: Readonly<Record<string, Make>> = {
  getMe: async (ground) => ({ as: await person(ground) }),
  updateMe: async (ground) => ({ as: await joined(ground), body: names, also: ['acme'] }),
  listMyOrganisations: async (ground) => ({ as: await person(ground), query: '?limit=1' }),
  changeMyPassword: async (ground) => {
    return { as: await person(ground), body: { current: PASSWORD, password: OTHER } }
  },
  listMySessions: async (ground) => ({ as: await person(ground) }),
  endMySession: async (ground) => {
    const as = await person(ground)
    const other = await session(ground, as.subject)
    return { as, params: { session: other.split('_')[1] ?? '' } }
  },
  endMyOtherSessions: async (ground) => ({ as: await person(ground) }),
  signOut: async (ground) => ({ as: await person(ground) }),
  acceptMyInvitation: async (ground) => {
    const as = await person(ground)
    return { as, body: { token: await invitation(ground, as.email) }, also: ['acme'] }
  },
  acceptOwnership: async (ground) => ({ as: (await offered(ground)).to }),
  endOwnershipTransfer: async (ground) => ({ as: (await offered(ground)).to }),
  signIn: async (ground) => ({ body: { email: (await person(ground)).email, password: PASSWORD } }),
  requestPasswordReset: async (ground) => ({ body: { email: (await person(ground)).email } }),
  completePasswordReset: async (ground) => {
    const { subject } = await person(ground)
    return { body: { token: await token(ground, 'password-reset', subject), password: OTHER } }
  },
  readInvitation: async (ground) => {
    return { body: { token: await invitation(ground, somebody().email) } }
  },
  acceptInvitation: async (ground) => {
    const body = { token: await invitation(ground, somebody().email), ...names, password: OTHER }
    return { body, also: ['acme'] }
  },
  declineInvitation: async (ground) => {
    return { body: { token: await invitation(ground, somebody().email) }, also: ['acme'] }
  },
  setUp: async (ground) => ({ body: { ...somebody(), token: await setUpToken(ground) } }),
}
