/**
 * `/orgs/{org}/attributes`: what an application tells about members and about its resources, for the
 * conditions of rules to compare.
 */
import { z } from 'zod'
import { isTypedId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import type { Application } from '../policy/applications.ts'
import { type Attributes, checkAttributes } from '../policy/attributes.ts'
import { objectOf, readResources, resourceOf } from '../policy/rules/resources.ts'
import {
  type Described,
  putAttributes,
  removeAttributes,
  TooManyAttributesError,
} from '../store/attributes.ts'
import { changing, type Operation, reading } from './runner/operation.ts'
import { textNeededInQuery } from './runner/query.ts'
import { Refusal } from './runner/refusal.ts'

const ENTITY = 'user: or service: and an id, or /<application>/<type>/<id> of a declared type'
/** What may be stored: also of a type that is declared no more, so that it can be taken away. */
const RESOURCE = /^(?:\/[A-Za-z0-9._~!$&'()*+,=:@%-]+){3}$/
const PATH = '/orgs/{org}/attributes'
const entityQuery = {
  entity: textNeededInQuery('user:ann').refine(
    (entity) => isSubject(entity) || RESOURCE.test(entity),
    `is ${ENTITY}`,
  ),
}
const told = { entity: 'user:ann', attributes: { department: 'Sales' } }
/** What a member of the list is for readers of the document; `readItem` says of a wrong one what is wrong. */
const itemShape = {
  type: 'object',
  properties: {
    entity: { type: 'string' },
    attributes: { type: 'object', additionalProperties: {} },
  },
  required: ['entity', 'attributes'],
  additionalProperties: false,
  example: told,
}
const items = z
  .array(z.unknown().meta(itemShape), 'is a list, as in [{"entity": "user:ann", "attributes": {}}]')
  .min(1, 'is empty')
  .max(
    limits.attributesWritten,
    `has at most ${limits.attributesWritten} members; send more in the next request`,
  )

const get = reading({
  id: 'getAttributes',
  method: 'GET',
  path: PATH,
  summary: 'Read what is told about a member or a resource',
  query: entityQuery,
  answer: z
    .object({ entity: z.string(), attributes: z.record(z.string(), z.unknown()) })
    .meta({ id: 'Described', example: told }),
  objects: ({ query }) => [objectOfEntity(query.entity)],
  run: async ({ view, query: { entity } }) => {
    const attributes = view.state.attributes.get(entity)
    return attributes && { entity, attributes }
  },
})

const put = changing({
  id: 'putAttributes',
  method: 'PUT',
  path: PATH,
  summary: 'Tell about members and resources',
  description: 'Replaces all that was told about each entity. One request changes all or nothing.',
  body: z.strictObject({ items }),
  bodyBytes: limits.attributesBodyBytes,
  objects: ({ body }) => body.items.flatMap(entityOf).map(objectOfEntity),
  // After the permission: what is wrong with an item is only for those who may tell of it.
  prepare: async ({ body, tools }) => readItems(body.items, tools.files().applications),
  run: async ({ trx, organisation, view, prepared }) => {
    const before = prepared.flatMap(({ entity }) => {
      const attributes = view.state.attributes.get(entity)
      return attributes === undefined ? [] : [{ entity, attributes }]
    })
    try {
      await putAttributes(trx, organisation, prepared)
    } catch (error) {
      if (!(error instanceof TooManyAttributesError)) throw error
      const most = limits.attributesPerOrganisation
      throw new Refusal('invalid_input', `An organisation describes at most ${most} entities.`)
    }
    return { answer: undefined, before: { items: before }, after: { items: prepared } }
  },
})

const remove = changing({
  id: 'deleteAttributes',
  method: 'DELETE',
  path: PATH,
  summary: 'Take back all that is told about a member or a resource',
  description: 'Nothing told is nothing to take back, and no mistake.',
  query: entityQuery,
  objects: ({ query }) => [objectOfEntity(query.entity)],
  run: async ({ trx, organisation, view, query: { entity } }) => {
    await removeAttributes(trx, organisation, entity)
    const attributes = view.state.attributes.get(entity)
    return { answer: undefined, before: attributes && { items: [{ entity, attributes }] } }
  },
})

export const attributeOperations: readonly Operation[] = [get, put, remove]

/**
 * Whoever tells of an entity decides what the conditions of rules about it come to. So each entity is
 * an object of its own, and one application tells nothing of another's.
 */
function objectOfEntity(entity: string): string {
  return `/gatehouse/attributes${entity.startsWith('/') ? '' : '/'}${entity}`
}

/** What names no entity is refused as an item. */
function entityOf(item: unknown): readonly string[] {
  const entity = typeof item === 'object' && item !== null && 'entity' in item && item.entity
  return typeof entity === 'string' ? [entity] : []
}

/** Throws a `Refusal` that names the first mistake and its item. */
function readItems(
  items: readonly unknown[],
  applications: readonly Application[],
): readonly Described[] {
  const described: Described[] = []
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const read = readItem(item, applications)
    const mistake =
      typeof read === 'string' ? read : seen.has(read.entity) && `${read.entity} is given twice`
    if (typeof read === 'string' || mistake !== false) {
      throw new Refusal('invalid_input', `items[${index}]: ${mistake}.`)
    }
    seen.add(read.entity)
    described.push(read)
  }
  return described
}

function readItem(item: unknown, applications: readonly Application[]): Described | string {
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item)
  if (!isObject || Object.keys(item).toSorted().join() !== 'attributes,entity') {
    return 'write entity and attributes, and nothing else'
  }
  const { entity, attributes } = item as { entity: unknown; attributes: unknown }
  if (typeof entity !== 'string') return `entity is ${ENTITY}`
  const subject = isSubject(entity)
  const wrong = subject ? undefined : checkResource(entity, applications)
  const mistake = wrong ?? checkAttributes(attributes, subject ? 'who' : 'res')
  return mistake ?? { entity, attributes: attributes as Attributes }
}

function isSubject(entity: string): boolean {
  return isTypedId(entity, 'user', 'service')
}

/** In another spelling it would describe what is never asked about. */
function checkResource(entity: string, applications: readonly Application[]): string | undefined {
  const resource = resourceOf(readResources(applications), entity)
  const canonical = resource && objectOf(resource.declared, resource.id)
  const same = canonical?.kind === 'object' && canonical.object === entity
  return same ? undefined : `entity is ${ENTITY}, in its canonical spelling`
}
