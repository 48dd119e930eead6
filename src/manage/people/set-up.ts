/** `setup`: whoever has the link becomes the first platform administrator. */
import { z } from 'zod'
import { sha256 } from '../../lib/secrets.ts'
import { findToken, takeToken } from '../../store/one-time-tokens.ts'
import { makeOrganisation, organisation, slug } from '../organisations.ts'
import {
  emailField,
  firstNameField,
  lastNameField,
  nameField,
  passwordField,
  tokenField,
} from '../runner/fields.ts'
import { changing, type Operation } from '../runner/operation.ts'
import { Refusal } from '../runner/refusal.ts'
import { hashNew } from './credentials.ts'
import { isSetUp, makeOwner, newOwner } from './first-owner.ts'
import { signedIn, startSession } from './session-start.ts'

const PURPOSE = 'setup'

const setUp = changing({
  id: 'setUp',
  method: 'POST',
  path: '/setup',
  access: 'anyone',
  secret: true,
  summary: 'Become the first platform administrator, with the token of the set-up link',
  description:
    'Makes your account and, where it is given, an organisation that you own. Signs you in.',
  body: z.strictObject({
    token: tokenField,
    email: emailField,
    password: passwordField,
    firstName: firstNameField,
    lastName: lastNameField,
    organisation: z.strictObject({ name: nameField, slug }).exactOptional(),
  }),
  answer: signedIn.extend({ organisation: organisation.optional() }).meta({ id: 'SetUp' }),
  status: 201,
  codes: ['conflict'],
  prepare: async ({ tools, body }) => {
    const { token, email, password, firstName, lastName } = body
    if ((await findToken(tools.db.query, sha256(token), PURPOSE)) === undefined) throw spent()
    const name = { firstName, lastName }
    const hash = await hashNew(tools, password, { email: email.email, ...name })
    return newOwner({ email, password: hash, ...name })
  },
  run: async (change) => {
    const { trx, actor, body, revision, prepared: account } = change
    const { subject } = account
    const taken = await takeToken(trx, sha256(body.token), PURPOSE)
    // A link that was made before there was an owner is worth nothing beside one.
    if (taken === undefined || (await isSetUp(trx))) throw spent()
    if (!(await makeOwner(trx, account, revision))) {
      throw new Refusal('conflict', 'email: has an account already; use another address.')
    }
    const started = await startSession(change, subject)
    const asOwner = { ...change, actor: { ...actor, subject } }
    const made =
      body.organisation &&
      (await makeOrganisation({ ...asOwner, body: body.organisation }, subject))
    const after = { subject, ...(made && { organisation: made }) }
    return { ...started, answer: { ...started.answer, ...after }, after }
  },
})

function spent(): Refusal {
  return new Refusal(
    'denied',
    'token: The link was used or replaced. Where nobody owns the platform, a restart makes another.',
  )
}

export const setUpOperations: readonly Operation[] = [setUp]
