/**
 * `keys`: API keys of members and service accounts. The text of a key is in one answer and nowhere
 * else: not in the audit, not in what a repeated request is answered with.
 */
import { BlockList } from 'node:net'
import { z } from 'zod'
import { makeKey } from '../identity/api-keys.ts'
import { limits } from '../lib/limits.ts'
import { addNetwork } from '../lib/networks.ts'
import { inSnapshot, type Transaction } from '../store/db.ts'
import {
  addKey,
  findKeyListed,
  type KeyListed,
  type KeyQuery,
  type KeySettings,
  listKeys,
  removeKey,
  updateKey,
  writeKeySettings,
} from '../store/keys.ts'
import { refuseKey } from './key-grants.ts'
import { checkPermissions, permissionNames } from './permission-names.ts'
import { decodeCursor, isMoment, pageOf } from './runner/cursor.ts'
import { moment, nameField, pageOfItems, subjectField } from './runner/fields.ts'
import { type Change, changing, type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery } from './runner/query.ts'
import { Refusal } from './runner/refusal.ts'

const apiKey = z
  .object({
    id: z.string().meta({ example: '8f3k0v2m5q9x' }),
    subject: z.string().meta({ example: 'service:robot' }),
    label: z.string(),
    scopes: z.array(z.string()).nullable(),
    networks: z.array(z.string()).nullable(),
    createdBy: z.string().nullable(),
    createdAt: moment,
    expiresAt: moment.nullable(),
    usedAt: moment.nullable(),
  })
  .meta({ id: 'ApiKey' })
const newKey = apiKey
  .extend({
    key: z
      .string()
      .nullable()
      .meta({ description: 'Shown this once: null in the answer to a repeated request.' }),
  })
  .meta({ id: 'NewApiKey' })

type Shown = z.output<typeof apiKey>

function show(row: KeyListed): Shown {
  const { id, subject, label, scopes, networks } = row
  return {
    ...{ id, subject, label, scopes, networks },
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    usedAt: row.used_at?.toISOString() ?? null,
  }
}

const network = z
  .string('is a text')
  .max(50)
  .refine(
    (text) => addNetwork(new BlockList(), text),
    'is an address or a network, as in 10.1.0.0/16, and not everybody',
  )
const scopesField = permissionNames
  .refine((names) => names.length > 0, 'name one permission, or null to narrow nothing')
  .nullable()
const networksField = z
  .array(network, 'is a list of networks')
  .min(1, 'name one network, or null for everywhere')
  .max(limits.networksPerKey, `has at most ${limits.networksPerKey} networks`)
  .nullable()
const endField = z.iso.datetime('is a moment in UTC, as in 2026-01-31T12:00:00Z').nullable()

const list = reading({
  id: 'listKeys',
  method: 'GET',
  path: '/orgs/{org}/keys',
  summary: 'List the API keys of an organisation, the newest first',
  query: { subject: subjectField.optional(), limit: limitInQuery, cursor: textInQuery },
  answer: pageOfItems(apiKey),
  run: async ({ tools, organisation, query: { subject, limit, cursor } }) => {
    const after = decodeCursor(cursor, 2, [isMoment]) as KeyQuery['after']
    const asked = { subject, after, limit: limit + 1 }
    const rows = await inSnapshot(tools.db, (trx) => listKeys(trx, organisation, asked))
    return pageOf(rows, limit, show, ({ created_at, id }) => [created_at.toISOString(), id])
  },
})

const create = changing({
  id: 'createKey',
  method: 'POST',
  path: '/orgs/{org}/keys',
  summary: 'Make an API key for yourself, or for a service account that holds no more than you',
  description:
    'Scopes and networks narrow what the key is worth, whatever its holder may do. A key makes no key ' +
    'that reaches further, or lasts longer, than itself.',
  body: z.strictObject({
    subject: subjectField,
    label: nameField,
    scopes: scopesField.default(null),
    networks: networksField.default(null),
    expiresAt: endField.default(null),
  }),
  answer: newKey,
  status: 201,
  codes: ['conflict'],
  run: async (change) => {
    const { view, body } = change
    const { subject, label, scopes, networks, expiresAt } = body
    if (!view.state.members.has(subject)) {
      throw new Refusal('invalid_input', `subject: the organisation has no member ${subject}.`)
    }
    const settings = { label, scopes, networks, expires_at: readEnd(change, expiresAt) }
    checkPermissions(change, scopes ?? [])
    await refuseKey(change, subject, settings)
    const { shown, text } = await make(change, subject, settings)
    return {
      answer: { ...shown, key: text },
      repeated: { ...shown, key: null },
      after: shown,
      made: `keys/${shown.id}`,
    }
  },
})

function readEnd({ now }: Pick<Change<unknown, unknown>, 'now'>, end: string | null): Date | null {
  const at = end === null ? null : new Date(end)
  if (at === null || at > now) return at
  throw new Refusal('invalid_input', 'expiresAt is in the past.')
}

async function make(
  { trx, organisation, actor }: Change<unknown, unknown, unknown>,
  subject: string,
  settings: KeySettings,
): Promise<{ readonly shown: Shown; readonly text: string }> {
  const most = limits.keysPerSubject
  if ((await listKeys(trx, organisation, { subject, limit: most })).length === most) {
    throw new Refusal('conflict', `${subject} has ${most} keys, which is the most; delete one.`)
  }
  const { id, text, hash } = makeKey()
  const row = { id, hash, organisation, subject, created_by: actor.subject }
  await addKey(trx, { ...row, ...writeKeySettings(settings) })
  return { shown: await read(trx, organisation, id), text }
}

async function read(trx: Transaction, organisation: string, id: string): Promise<Shown> {
  const row = await findKeyListed(trx, organisation, id)
  if (row === undefined) throw new Error('a key that was written is not there')
  return show(row)
}

const get = reading({
  id: 'getKey',
  method: 'GET',
  path: '/orgs/{org}/keys/{key}',
  summary: 'Read what an API key is for, and when it was used last',
  answer: apiKey,
  run: async ({ tools, organisation, params }) => {
    const id = params['key'] ?? ''
    const row = await inSnapshot(tools.db, (trx) => findKeyListed(trx, organisation, id))
    return row && show(row)
  },
})

const update = changing({
  id: 'updateKey',
  method: 'PATCH',
  path: '/orgs/{org}/keys/{key}',
  summary: 'Change what an API key that you could make is confined to',
  body: z
    .strictObject({
      label: nameField.exactOptional(),
      scopes: scopesField.exactOptional(),
      networks: networksField.exactOptional(),
      expiresAt: endField.exactOptional(),
    })
    .refine((body) => Object.keys(body).length > 0, 'something to change is needed'),
  answer: apiKey,
  find: findShown,
  run: async (change, before) => {
    const { trx, organisation, body } = change
    checkPermissions(change, body.scopes ?? [], before.scopes ?? [])
    const settings = { ...settingsOf(before), ...body }
    const expires_at =
      body.expiresAt === undefined ? settings.expires_at : readEnd(change, body.expiresAt)
    await refuseKey(change, before.subject, { ...settings, expires_at })
    await updateKey(trx, organisation, before.id, { ...settings, expires_at })
    const after = await read(trx, organisation, before.id)
    return { answer: after, after }
  },
})

function settingsOf({ label, scopes, networks, expiresAt }: Shown): KeySettings {
  return { label, scopes, networks, expires_at: expiresAt === null ? null : new Date(expiresAt) }
}

const rotate = changing({
  id: 'rotateKey',
  method: 'POST',
  path: '/orgs/{org}/keys/{key}/rotate',
  summary: 'Replace an API key by a new one, and let the old one go on for a while',
  body: z.strictObject({
    overlapSeconds: z
      .int('is a whole number of seconds')
      .min(0, 'is 0 or more')
      .max(limits.keyOverlapSeconds, `is at most ${limits.keyOverlapSeconds}, which is a week`),
  }),
  answer: z.object({ made: newKey, replaced: apiKey }),
  codes: ['conflict'],
  find: findShown,
  run: async (change, before) => {
    const { trx, organisation, body, now } = change
    const settings = settingsOf(before)
    const { expires_at } = settings
    if (expires_at !== null && expires_at <= now) {
      throw new Refusal('conflict', 'The key has expired; make another one.')
    }
    await refuseKey(change, before.subject, settings)
    const { shown, text } = await make(change, before.subject, settings)
    const end = now.getTime() + body.overlapSeconds * 1_000
    const ends = new Date(Math.min(end, expires_at?.getTime() ?? end))
    await updateKey(trx, organisation, before.id, { ...settings, expires_at: ends })
    const replaced = await read(trx, organisation, before.id)
    return {
      answer: { made: { ...shown, key: text }, replaced },
      repeated: { made: { ...shown, key: null }, replaced },
      after: { made: shown, replaced },
    }
  },
})

const remove = changing({
  id: 'deleteKey',
  method: 'DELETE',
  path: '/orgs/{org}/keys/{key}',
  summary: 'Revoke an API key, at once and everywhere',
  find: findShown,
  run: async ({ trx, organisation }, { id }) => {
    await removeKey(trx, organisation, id)
    return { answer: undefined }
  },
})

export const keyOperations: readonly Operation[] = [list, create, get, update, rotate, remove]

async function findShown({ trx, organisation, params }: Change<never, never>) {
  const row = await findKeyListed(trx, organisation, params['key'] ?? '')
  return row && show(row)
}
