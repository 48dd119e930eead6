/** `orgs`: organisations themselves. Whoever creates one owns it. */
import { z } from 'zod'
import { randomText } from '../lib/ids.ts'
import { inSnapshot, sqlState } from '../store/db.ts'
import {
  findOrganisationRecord,
  listOrganisations,
  type OrganisationQuery,
  type OrganisationRecord,
  resolveOrganisation,
  takeSlug,
  updateOrganisation,
} from '../store/organisation-records.ts'
import {
  addMember,
  createOrganisation,
  findOrganisation,
  setOrganisationState,
} from '../store/organisations.ts'
import { addRules } from '../store/rules.ts'
import { alsoChange } from './also-change.ts'
import { ownerRole } from './rule-change.ts'
import { decodeCursor, pageOf } from './runner/cursor.ts'
import { descriptionField, moment, nameField, pageOfItems, slugField } from './runner/fields.ts'
import { type Change, changing, type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery, wordsInQuery } from './runner/query.ts'
import { Refusal } from './runner/refusal.ts'

const ID_CHARS = 16
/** A new id has this form, so that no slug can look like one. */
const LIKE_AN_ID = /^[0-9a-hjkmnp-tv-z]{16}$/

const settings = z
  .strictObject({
    description: descriptionField.exactOptional(),
    contactEmail: z.email('is an address, as in it@acme.example').max(320).exactOptional(),
  })
  .meta({ id: 'OrganisationSettings' })

export const organisation = z
  .object({
    id: z.string().meta({ example: '8f3k0v2m5q9x7d1c' }),
    name: z.string(),
    slug: z.string().meta({ example: 'acme' }),
    state: z.enum(['active', 'suspended']),
    settings: z.record(z.string(), z.unknown()),
    createdAt: moment,
  })
  .meta({ id: 'Organisation' })

function showOrganisation(row: OrganisationRecord): z.output<typeof organisation> {
  const { id, name, slug, state, settings, created_at } = row
  return { id, name, slug, state, settings, createdAt: created_at.toISOString() }
}

export const slug = slugField.refine(
  (text) => !LIKE_AN_ID.test(text),
  'looks like an id; choose another',
)

const list = reading({
  id: 'listOrganisations',
  method: 'GET',
  path: '/orgs',
  access: 'platform',
  summary: 'List and search all organisations',
  query: { q: wordsInQuery, limit: limitInQuery, cursor: textInQuery },
  answer: pageOfItems(organisation),
  run: async ({ tools, query: { q, limit, cursor } }) => {
    const after = decodeCursor(cursor, 2) as OrganisationQuery['after']
    const asked = { words: q, after, limit: limit + 1 }
    const rows = await inSnapshot(tools.db, (trx) => listOrganisations(trx, asked))
    return pageOf(rows, limit, showOrganisation, ({ id, name }) => [name, id])
  },
})

const create = changing({
  id: 'createOrganisation',
  method: 'POST',
  path: '/orgs',
  access: ({ orgCreation }) => (orgCreation === 'anyone' ? 'person' : 'platform'),
  summary: 'Create an organisation and own it',
  body: z.strictObject({ name: nameField, slug }),
  answer: organisation,
  status: 201,
  codes: ['conflict'],
  run: async (change) => {
    const { actor } = change
    if (!actor.subject.startsWith('user:')) {
      throw new Refusal('denied', 'An organisation is created, and owned, by a person.')
    }
    const made = await makeOrganisation(change, actor.subject)
    return { answer: made, after: made, made: `orgs/${made.id}` }
  },
})

/** Makes an organisation that `owner` (`user:…`) owns, within a change of the platform's. */
export async function makeOrganisation(
  change: Change<unknown, { readonly name: string; readonly slug: string }, unknown>,
  owner: string,
): Promise<z.output<typeof organisation>> {
  const { trx, body } = change
  const id = randomText(ID_CHARS)
  if (await isTaken(trx, body.slug)) throw taken(body.slug)
  try {
    await createOrganisation(trx, { id, ...body })
  } catch (error) {
    // Another organisation is just taking it in place of its own.
    if (sqlState(error) === '23505') throw taken(body.slug)
    throw error
  }
  const record = await findOrganisationRecord(trx, id)
  if (record === undefined) throw new Error('an organisation that was written is not there')
  const after = showOrganisation(record)
  await alsoChange(change, {
    organisation: id,
    operation: 'createOrganisation',
    object: '/gatehouse/organisation',
    after: { ...after, owner },
    write: async (revision) => {
      await addMember(trx, id, { subject: owner, state: 'active' })
      const rule = { ptype: 'g', values: [owner, ownerRole, `org:${id}`] }
      await addRules(trx, id, [rule], { author: owner, revision })
    },
  })
  return after
}

async function isTaken(trx: Change<unknown, unknown>['trx'], slug: string): Promise<boolean> {
  return (await resolveOrganisation(trx, slug)) !== undefined
}

function taken(slug: string): Refusal {
  return new Refusal('conflict', `slug: "${slug}" is taken; a slug is never used again.`)
}

const get = reading({
  id: 'getOrganisation',
  method: 'GET',
  path: '/orgs/{org}',
  summary: 'Read an organisation',
  answer: organisation,
  run: async ({ tools, organisation: id }) => {
    const row = await inSnapshot(tools.db, (trx) => findOrganisationRecord(trx, id))
    return row && showOrganisation(row)
  },
})

const update = changing({
  id: 'updateOrganisation',
  method: 'PATCH',
  path: '/orgs/{org}',
  summary: 'Rename an organisation or change its settings',
  description: 'A slug that is given up still leads here, and is never used by another.',
  body: z
    .strictObject({
      name: nameField.exactOptional(),
      slug: slug.exactOptional(),
      settings: settings.exactOptional(),
    })
    .refine((body) => Object.keys(body).length > 0, 'name, slug or settings is needed'),
  answer: organisation,
  codes: ['conflict'],
  find: ({ trx, organisation: id }: Change<never, never>) => findShown(trx, id),
  run: async ({ trx, organisation: id, body }, before) => {
    const after = { ...before, ...body }
    if (after.slug !== before.slug) {
      const others = await findOrganisation(trx, after.slug)
      if ((others !== undefined && others.id !== id) || !(await takeSlug(trx, id, after.slug))) {
        throw taken(after.slug)
      }
    }
    const { name, slug, settings } = after
    await updateOrganisation(trx, id, { name, slug, settings })
    return { answer: after, after }
  },
})

async function findShown(trx: Change<unknown, unknown>['trx'], id: string) {
  const row = await findOrganisationRecord(trx, id)
  return row && showOrganisation(row)
}

function stateOperation(id: string, verb: string, state: 'active' | 'suspended', summary: string) {
  return changing({
    id,
    method: 'POST',
    path: `/orgs/{org}/${verb}`,
    access: 'platform',
    summary,
    answer: organisation,
    codes: ['conflict'],
    find: async ({ trx, params }: Change<never, never>) => {
      const named = await resolveOrganisation(trx, params['org'] ?? '')
      return named === undefined ? undefined : findShown(trx, named)
    },
    run: async (change, before) => {
      const { trx } = change
      if (before.id === 'platform') throw new Refusal('conflict', 'The platform is always active.')
      if (before.state === state) throw new Refusal('conflict', `The organisation is ${state}.`)
      const after = { ...before, state }
      await alsoChange(change, {
        organisation: before.id,
        operation: id,
        object: '/gatehouse/organisation',
        before,
        after,
        write: async () => void (await setOrganisationState(trx, before.id, state)),
      })
      return { answer: after, after, made: `orgs/${before.id}` }
    },
  })
}

const suspend = stateOperation(
  'suspendOrganisation',
  'suspend',
  'suspended',
  'Suspend an organisation: nobody gets through in its name',
)
const resume = stateOperation(
  'resumeOrganisation',
  'resume',
  'active',
  'Let a suspended organisation go on',
)

export const organisationOperations: readonly Operation[] = [
  list,
  create,
  get,
  update,
  suspend,
  resume,
]
