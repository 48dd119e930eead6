/**
 * `/api/v1/orgs/{org}/attributes`: what an application tells about members and about its resources,
 * for the conditions of rules to compare. A write is a publish.
 */
import { type Context, Hono } from 'hono'
import { isJsonType, type JsonObject, parseStrictObject } from '../identity/strict-json.ts'
import { isTypedId } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Application } from '../policy/applications.ts'
import { type Attributes, checkAttributes } from '../policy/attributes.ts'
import { objectOf, readResources, resourceOf } from '../policy/rules/resources.ts'
import {
  type Described,
  findAttributes,
  putAttributes,
  removeAttributes,
  TooManyAttributesError,
} from '../store/attributes.ts'
import { appendAudit } from '../store/audit.ts'
import type { Db, Transaction } from '../store/db.ts'
import { raiseRevision } from '../store/organisations.ts'
import { type Env, refuse, refuseInput, refuseLarge, refuseMethod } from './runner/answers.ts'
import { readBytes } from './runner/body.ts'
import type { Tools } from './runner/operation.ts'
import { type Permit, type PermitOptions, permitTo } from './runner/permit.ts'
import { type Query, readQuery, textNeededInQuery } from './runner/query.ts'

export interface AttributeRoutesOptions extends PermitOptions {
  readonly db: Db
  readonly log: Log
  readonly tools: Pick<Tools, 'clock'>
  /** Those of the policy files in force: only what they declare can be described. */
  readonly applications: () => readonly Application[]
}

const ENTITY = 'user: or service: and an id, or /<application>/<type>/<id> of a declared type'
/** What may be stored: also of a type that is declared no more, so that it can be taken away. */
const RESOURCE = /^(?:\/[A-Za-z0-9._~!$&'()*+,=:@%-]+){3}$/
const entityQuery = {
  entity: textNeededInQuery('user:ann').refine(
    (entity) => isSubject(entity) || RESOURCE.test(entity),
    `is ${ENTITY}`,
  ),
}

/** Each asks `permit` before it looks at anything of the organisation. */
export function attributeRoutes(options: AttributeRoutesOptions): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/', async (context) => {
    const query = readQuery(context.req.url, entityQuery)
    const permitted = await permitTo(options, context, namedIn(query))
    if (permitted.kind === 'refused') return refuse(context, permitted.shown, permitted.reason)
    if (query.kind === 'refused') return refuseInput(context, query.mistakes)
    const { entity } = query.value
    const attributes = permitted.view.state.attributes.get(entity)
    if (attributes === undefined) return refuse(context, 'no_such_page')
    return context.json({ entity, attributes })
  })
  app.put('/', (context) => put(options, context))
  app.delete('/', async (context) => {
    const query = readQuery(context.req.url, entityQuery)
    const permitted = await permitTo(options, context, namedIn(query), 'DELETE')
    if (permitted.kind === 'refused') return refuse(context, permitted.shown, permitted.reason)
    if (query.kind === 'refused') return refuseInput(context, query.mistakes)
    const { id } = permitted.view.state
    const { entity } = query.value
    return publish(options, context, permitted, {
      operation: 'deleteAttributes',
      entities: [entity],
      after: [],
      write: (trx) => removeAttributes(trx, id, entity),
    })
  })
  app.all('/', (context) => refuseMethod(context, 'GET, HEAD, PUT, DELETE'))
  return app
}

/** Nothing is read of somebody who is no member, and only what the items name says who may tell it. */
async function put(options: AttributeRoutesOptions, context: Context<Env>): Promise<Response> {
  const standing = await permitTo(options, context, [])
  if (standing.kind === 'refused') return refuse(context, standing.shown, standing.reason)
  if (!isJsonType(context.req.header('content-type'))) {
    return refuseInput(context, 'Content-Type is application/json.')
  }
  const bytes = await readBytes(context.req.raw, limits.attributesBodyBytes)
  if (bytes === undefined) return refuseLarge(context)
  const items = listItems(parseStrictObject(bytes))
  if (typeof items === 'string') return refuseInput(context, items)
  const permitted = await permitTo(options, context, namedBy(items), 'PUT')
  if (permitted.kind === 'refused') return refuse(context, permitted.shown, permitted.reason)
  const read = readItems(items, options.applications())
  if (typeof read === 'string') return refuseInput(context, read)
  const { id } = permitted.view.state
  return publish(options, context, permitted, {
    operation: 'putAttributes',
    entities: read.map(({ entity }) => entity),
    after: read,
    write: (trx) => putAttributes(trx, id, read),
  })
}

/**
 * Whoever tells of an entity decides what the conditions of rules about it come to. So each entity is
 * an object of its own, and one application tells nothing of another's.
 */
function objectOfEntity(entity: string): string {
  return `/gatehouse/attributes${entity.startsWith('/') ? '' : '/'}${entity}`
}

function namedIn(query: Query<{ readonly entity: string }>): readonly string[] {
  return query.kind === 'read' ? [objectOfEntity(query.value.entity)] : []
}

/** What names no entity is refused as an item. */
function namedBy(items: readonly unknown[]): readonly string[] {
  const entities = items.flatMap((item) => {
    const entity = typeof item === 'object' && item !== null && 'entity' in item && item.entity
    return typeof entity === 'string' ? [entity] : []
  })
  return entities.map(objectOfEntity)
}

interface Written {
  readonly operation: string
  readonly after: readonly Described[]
  readonly entities: readonly string[]
  readonly write: (trx: Transaction) => Promise<unknown>
}

/** Writes, raises the revision and records who did it in one transaction; the answer names it. */
async function publish(
  { db, log, tools }: AttributeRoutesOptions,
  context: Context<Env>,
  { view, principal }: Extract<Permit, { kind: 'permitted' }>,
  { operation, after, entities, write }: Written,
): Promise<Response> {
  const organisation = view.state.id
  try {
    const revision = await db.query.transaction().execute(async (trx) => {
      // First, since it locks: what two writers count together is what both have written.
      const raised = await raiseRevision(trx, organisation)
      const before = await findAttributes(trx, organisation, entities)
      await write(trx)
      const credential = principal && `${principal.credential.kind}:${principal.credential.id}`
      await appendAudit(trx, {
        organisation,
        revision: raised,
        at: new Date(tools.clock.now()).toISOString(),
        actor: principal?.subject ?? 'anonymous',
        credential: credential ?? null,
        address: context.env.incoming.socket.remoteAddress ?? null,
        requestId: context.get('requestId'),
        operation,
        object: '/gatehouse/attributes',
        before,
        after,
      })
      return raised
    })
    return context.body(null, 204, { 'Gatehouse-Revision': `${organisation}:${revision}` })
  } catch (error) {
    if (error instanceof TooManyAttributesError) {
      const most = limits.attributesPerOrganisation
      return refuseInput(context, `An organisation describes at most ${most} entities.`)
    }
    log.warn({ requestId: context.get('requestId'), error: String(error) }, 'nothing was written')
    return refuse(context, 'database_unavailable')
  }
}

/** The items of a body, or what is wrong with it. */
function listItems(body: JsonObject | undefined): readonly unknown[] | string {
  const items = body !== undefined && Object.hasOwn(body, 'items') ? body['items'] : undefined
  if (!Array.isArray(items) || items.length === 0) {
    return 'The body is JSON: {"items": [{"entity": "user:ann", "attributes": {}}, …]}.'
  }
  if (items.length <= limits.attributesWritten) return items
  return `items has at most ${limits.attributesWritten} members; send more in the next request.`
}

function readItems(
  items: readonly unknown[],
  applications: readonly Application[],
): readonly Described[] | string {
  const described: Described[] = []
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const read = readItem(item, applications)
    if (typeof read === 'string') return `items[${index}]: ${read}.`
    if (seen.has(read.entity)) return `items[${index}]: ${read.entity} is given twice.`
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
