/** `me`: one's own profile, and the organisations that one is in. */
import { z } from 'zod'
import { type Account, findAccount, setProfile } from '../../store/accounts.ts'
import { inSnapshot, type Transaction } from '../../store/db.ts'
import { listMemberships, type Membership, type MembershipQuery } from '../../store/memberships.ts'
import { alsoChange } from '../also-change.ts'
import { decodeCursor, pageOf } from '../runner/cursor.ts'
import { firstNameField, lastNameField, pageOfItems } from '../runner/fields.ts'
import { type Change, changing, type Operation, reading } from '../runner/operation.ts'
import { platform } from '../runner/permit.ts'
import { limitInQuery, textInQuery } from '../runner/query.ts'

const membership = z
  .object({
    organisation: z.object({
      id: z.string(),
      name: z.string(),
      slug: z.string().meta({ example: 'acme' }),
      state: z.enum(['active', 'suspended']),
    }),
    state: z.enum(['invited', 'active', 'suspended', 'removed']),
    roles: z.array(z.string()).meta({ description: 'Those assigned to the person directly.' }),
  })
  .meta({ id: 'Membership' })

const me = z
  .object({
    subject: z.string().meta({ example: 'user:ann' }),
    /** Null for somebody who signs in elsewhere and has no account here. */
    email: z.string().nullable(),
    emailVerified: z.boolean(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    organisations: z.array(membership),
  })
  .meta({ id: 'Me' })

function showMembership(one: Membership): z.output<typeof membership> {
  const { id, name, slug, state } = one
  return { organisation: { id, name, slug, state }, state: one.membership, roles: [...one.roles] }
}

function show(
  subject: string,
  account: Account | undefined,
  memberships: readonly Membership[],
): z.output<typeof me> {
  return {
    subject,
    email: account?.email ?? null,
    emailVerified: (account?.email_verified_at ?? null) !== null,
    firstName: account?.first_name ?? null,
    lastName: account?.last_name ?? null,
    organisations: memberships.map(showMembership),
  }
}

const get = reading({
  id: 'getMe',
  method: 'GET',
  path: '/me',
  access: 'person',
  summary: 'Read your own profile, and the organisations that you are in',
  answer: me,
  run: ({ tools, actor: { subject } }) =>
    inSnapshot(tools.db, async (trx) => {
      const account = await findAccount(trx, subject)
      return show(subject, account, await listMemberships(trx, { subject }))
    }),
})

const update = changing({
  id: 'updateMe',
  method: 'PATCH',
  path: '/me',
  access: 'person',
  summary: 'Change your own name',
  body: z
    .strictObject({
      firstName: firstNameField.exactOptional(),
      lastName: lastNameField.exactOptional(),
    })
    .refine((body) => Object.keys(body).length > 0, 'firstName or lastName is needed'),
  answer: me,
  find: ({ trx, actor }: Change<never, never>) => findShown(trx, actor.subject),
  run: async (change, before) => {
    const { trx, body } = change
    const after = { ...before, ...body }
    const { subject, firstName, lastName } = after
    await setProfile(trx, subject, { firstName, lastName })
    await tellOrganisations(change, before, after)
    return { answer: after, after }
  },
})

async function findShown(trx: Transaction, subject: string) {
  const account = await findAccount(trx, subject)
  return account && show(subject, account, await listMemberships(trx, { subject }))
}

type Names = Pick<z.output<typeof me>, 'firstName' | 'lastName'>

/** Rules may ask for names, so each organisation that knows them is decided by other ones from now. */
async function tellOrganisations(
  change: Change<unknown, unknown, unknown>,
  before: z.output<typeof me>,
  after: Names,
): Promise<void> {
  const names = ({ firstName, lastName }: Names) => ({ firstName, lastName })
  const ids = before.organisations
    .filter(({ state }) => state !== 'invited')
    .map(({ organisation: { id } }) => id)
    // This change is the platform's own already.
    .filter((id) => id !== platform)
  for (const organisation of ids) {
    await alsoChange(change, {
      organisation,
      operation: 'updateMe',
      object: `/gatehouse/members/${before.subject}`,
      before: names(before),
      after: names(after),
      write: async () => undefined,
    })
  }
}

const organisations = reading({
  id: 'listMyOrganisations',
  method: 'GET',
  path: '/me/organisations',
  access: 'person',
  summary: 'List the organisations that you are in, or are invited to',
  query: { limit: limitInQuery, cursor: textInQuery },
  answer: pageOfItems(membership),
  run: async ({ tools, actor: { subject }, query: { limit, cursor } }) => {
    const after = decodeCursor(cursor, 2) as MembershipQuery['after']
    const rows = await listMemberships(tools.db.query, { subject, after, limit: limit + 1 })
    return pageOf(rows, limit, showMembership, ({ id, name }) => [name, id])
  },
})

export const meOperations: readonly Operation[] = [get, update, organisations]
