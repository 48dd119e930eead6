/** The first platform administrator, who comes by a link shown once or by settings. */
import { readFileSync } from 'node:fs'
import { checkPassword } from '../../identity/password-rules.ts'
import type { Passwords } from '../../identity/passwords.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Email } from '../../lib/email.ts'
import { mintId } from '../../lib/ids.ts'
import { createAccount, type NewAccount } from '../../store/accounts.ts'
import { appendAudit } from '../../store/audit.ts'
import type { Db, Transaction } from '../../store/db.ts'
import { isHeldByPerson } from '../../store/memberships.ts'
import { putToken } from '../../store/one-time-tokens.ts'
import { addMember, raiseRevision } from '../../store/organisations.ts'
import { addRules } from '../../store/rules.ts'
import { ownerRole } from '../rule-change.ts'
import { platform } from '../runner/permit.ts'
import { linkTo, makeToken } from './credentials.ts'

/** Set-up by settings cannot be done; the message is for the operator, whole. */
export class SetupError extends Error {}

export interface SetupOptions {
  readonly db: Db
  readonly clock: Clock
  readonly passwords: Pick<Passwords, 'hash'>
  readonly adminUrl: string
  readonly setup: { readonly email: Email; readonly passwordFile: string } | undefined
}

/** Whether an active person owns the platform. */
export function isSetUp(query: Transaction | Db['query']): Promise<boolean> {
  return isHeldByPerson(query, platform, ownerRole)
}

/**
 * At start: makes the administrator that the settings name or, without settings, a link by which
 * somebody becomes it. The link before, if any, ends: its text is not kept. `undefined` where the
 * platform has an owner. Throws a `SetupError` for settings that cannot be used.
 */
export async function prepareSetup(options: SetupOptions): Promise<string | undefined> {
  const { db, adminUrl, setup } = options
  if (await isSetUp(db.query)) return undefined
  const owner = setup && (await readOwner(options, setup))
  return db.transaction('setup', async (trx) => {
    // Another replica may have been first.
    if (await isSetUp(trx)) return undefined
    if (owner !== undefined) {
      await makeUnattended(trx, owner, options.clock)
      return undefined
    }
    const { text, hash } = makeToken()
    await putToken(trx, { hash, purpose: 'setup', subject: null, lifetimeMs: undefined })
    return linkTo(adminUrl, 'setup', text)
  })
}

/** The account, ready to be written; the hash takes too long for a transaction. */
async function readOwner(
  { passwords }: SetupOptions,
  { email, passwordFile }: NonNullable<SetupOptions['setup']>,
): Promise<NewAccount> {
  const [password = ''] = readFileSync(passwordFile, 'utf8').split(/\r?\n/)
  const problem = await checkPassword(password, { email: email.email })
  if (problem !== undefined) {
    throw new SetupError(`SETUP_PASSWORD_FILE is "${passwordFile}": ${problem}`)
  }
  return newOwner({ email, password: await passwords.hash(password) })
}

export interface Owner {
  readonly email: Email
  /** Argon2id in PHC form. */
  readonly password: string
  readonly firstName?: string
  readonly lastName?: string
}

/** An account with an id of its own. */
export function newOwner({ email, password, firstName, lastName }: Owner): NewAccount {
  const name = { firstName: firstName ?? null, lastName: lastName ?? null }
  const own = { mustChangePassword: false, createdBy: null }
  return { subject: mintId('user'), email, password, ...name, ...own }
}

/**
 * Writes the account and makes its person owner of the platform, whose revision the caller has raised;
 * `false` where the address has an account already.
 */
export async function makeOwner(
  trx: Transaction,
  account: NewAccount,
  revision: number,
): Promise<boolean> {
  if (!(await createAccount(trx, account))) return false
  const { subject } = account
  await addMember(trx, platform, { subject, state: 'active' })
  const rule = { ptype: 'g', values: [subject, ownerRole, `org:${platform}`] }
  await addRules(trx, platform, [rule], { author: subject, revision })
  return true
}

async function makeUnattended(trx: Transaction, account: NewAccount, clock: Clock): Promise<void> {
  const revision = await raiseRevision(trx, platform)
  if (!(await makeOwner(trx, account, revision))) {
    // Whoever chose the password of that account must not come to own the platform by it.
    throw new SetupError('SETUP_EMAIL has an account already, and no owner: use another address.')
  }
  await appendAudit(trx, {
    organisation: platform,
    revision,
    at: new Date(clock.now()).toISOString(),
    actor: 'gatehouse',
    credential: null,
    address: null,
    requestId: 'set-up',
    operation: 'setUp',
    object: '/gatehouse/setup',
    before: null,
    after: { subject: account.subject },
  })
}
