/** `service-accounts`: members that are machines. They hold roles by assignments and ask by keys. */
import { z } from 'zod'
import { mintId } from '../lib/ids.ts'
import { inSnapshot } from '../store/db.ts'
import { removeKeysOf } from '../store/keys.ts'
import { setMemberState } from '../store/organisations.ts'
import {
  addServiceAccount,
  findServiceAccount,
  listServiceAccounts,
  type ServiceAccount,
  type ServiceAccountQuery,
  updateServiceAccount,
} from '../store/service-accounts.ts'
import { refuseBeyond } from './act-as.ts'
import { changeRules, listRules } from './rule-change.ts'
import { decodeCursor, pageOf } from './runner/cursor.ts'
import { descriptionField, moment, nameField, pageOfItems } from './runner/fields.ts'
import { type Change, changing, type Operation, reading } from './runner/operation.ts'
import { limitInQuery, textInQuery, wordsInQuery } from './runner/query.ts'
import { Refusal } from './runner/refusal.ts'

const serviceAccount = z
  .object({
    id: z.string().meta({ example: 'service:robot' }),
    name: z.string(),
    description: z.string(),
    state: z.enum(['active', 'suspended']),
    createdAt: moment,
  })
  .meta({ id: 'ServiceAccount' })

type Shown = z.output<typeof serviceAccount>

function show({ subject, name, description, state, created_at }: ServiceAccount): Shown {
  return { id: subject, name, description, state, createdAt: created_at.toISOString() }
}

const list = reading({
  id: 'listServiceAccounts',
  method: 'GET',
  path: '/orgs/{org}/service-accounts',
  summary: 'List and search the service accounts of an organisation',
  query: { q: wordsInQuery, limit: limitInQuery, cursor: textInQuery },
  answer: pageOfItems(serviceAccount),
  run: async ({ tools, organisation, query: { q, limit, cursor } }) => {
    const after = decodeCursor(cursor, 2) as ServiceAccountQuery['after']
    const asked = { words: q, after, limit: limit + 1 }
    const rows = await inSnapshot(tools.db, (trx) => listServiceAccounts(trx, organisation, asked))
    return pageOf(rows, limit, show, ({ name, subject }) => [name, subject])
  },
})

const create = changing({
  id: 'createServiceAccount',
  method: 'POST',
  path: '/orgs/{org}/service-accounts',
  summary: 'Create a service account, which holds nothing yet',
  body: z.strictObject({ name: nameField, description: descriptionField.default('') }),
  answer: serviceAccount,
  status: 201,
  run: async (change) => {
    const { trx, organisation, body } = change
    const subject = mintId('service')
    await addServiceAccount(trx, organisation, { subject, ...body })
    const row = await findServiceAccount(trx, organisation, subject)
    if (row === undefined) throw new Error('a service account that was written is not there')
    const after = show(row)
    return { answer: after, after, made: `service-accounts/${subject}` }
  },
})

const get = reading({
  id: 'getServiceAccount',
  method: 'GET',
  path: '/orgs/{org}/service-accounts/{service}',
  summary: 'Read a service account',
  answer: serviceAccount,
  run: async ({ tools, organisation, params }) => {
    const id = params['service'] ?? ''
    const row = await inSnapshot(tools.db, (trx) => findServiceAccount(trx, organisation, id))
    return row && show(row)
  },
})

const update = changing({
  id: 'updateServiceAccount',
  method: 'PATCH',
  path: '/orgs/{org}/service-accounts/{service}',
  summary: 'Rename or describe a service account',
  body: z
    .strictObject({
      name: nameField.exactOptional(),
      description: descriptionField.exactOptional(),
    })
    .refine((body) => Object.keys(body).length > 0, 'name or description is needed'),
  answer: serviceAccount,
  find: findShown,
  run: async ({ trx, organisation, body }, before) => {
    const after = { ...before, ...body }
    const { id: subject, name, description } = after
    await updateServiceAccount(trx, organisation, { subject, name, description })
    return { answer: after, after }
  },
})

function stateOperation(
  id: string,
  verb: string,
  state: Shown['state'],
  summary: string,
  check?: (change: Change<unknown, unknown>, subject: string) => Promise<void>,
): Operation {
  return changing({
    id,
    method: 'POST',
    path: `/orgs/{org}/service-accounts/{service}/${verb}`,
    summary,
    answer: serviceAccount,
    codes: ['conflict'],
    find: findShown,
    run: async (change, before) => {
      const { trx, organisation } = change
      if (before.state === state) {
        throw new Refusal('conflict', `The service account is ${state} already.`)
      }
      await check?.(change, before.id)
      await setMemberState(trx, organisation, before.id, state)
      const after = { ...before, state }
      return { answer: after, after }
    },
  })
}

const suspend = stateOperation(
  'suspendServiceAccount',
  'suspend',
  'suspended',
  'Suspend a service account: its keys are refused until it is resumed',
)
// Rights that rest are given again by whoever wakes them.
const resume = stateOperation(
  'resumeServiceAccount',
  'resume',
  'active',
  'Let a suspended service account go on, which takes all that it holds',
  refuseBeyond,
)

const remove = changing({
  id: 'deleteServiceAccount',
  method: 'DELETE',
  path: '/orgs/{org}/service-accounts/{service}',
  summary: 'Delete a service account, its keys, its assignments and every rule that names it',
  description: 'The audit lists the rules that went with it. Its id is never used again.',
  codes: ['conflict'],
  find: findShown,
  run: async (change, { id }) => {
    const { trx, organisation, view } = change
    const removed = view.state.rules.filter(({ values }) => values.includes(id))
    await changeRules(change, { removed })
    const keys = await removeKeysOf(trx, organisation, id)
    await setMemberState(trx, organisation, id, 'removed')
    return { answer: undefined, after: { removed: { ...listRules(removed), keys } } }
  },
})

export const serviceAccountOperations: readonly Operation[] = [
  ...[list, create, get, update],
  ...[suspend, resume, remove],
]

async function findShown({ trx, organisation, params }: Change<never, never>) {
  const row = await findServiceAccount(trx, organisation, params['service'] ?? '')
  return row && show(row)
}
