/**
 * The requests of the AuthZEN Authorization API 1.0 as values. What is unknown is ignored, what is
 * needed is named when it is missing, and nothing is read that an object inherits. Pure.
 */
import type { JsonObject } from '../identity/strict-json.ts'
import { limits } from '../lib/limits.ts'

export interface Entity {
  readonly type: string
  readonly id: string
  readonly properties: JsonObject
}

/** An entity that is searched for: its id, if there is one, says nothing. */
export type Kind = Pick<Entity, 'type' | 'properties'>

export interface Question {
  readonly subject: Entity
  readonly action: string
  readonly resource: Entity
}

export type Read<T> =
  | { readonly kind: 'read'; readonly value: T }
  /** A sentence for whoever sent it. */
  | { readonly kind: 'malformed'; readonly message: string }

export const semantics = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const
export type Semantic = (typeof semantics)[number]

export interface Batch {
  readonly semantic: Semantic
  readonly items: readonly Read<Question>[]
}

export interface PageRequest {
  readonly token: string | undefined
  readonly limit: number | undefined
}

const nothing: JsonObject = Object.freeze({})

class MalformedError extends Error {}

/** One evaluation. */
export function readQuestion(body: JsonObject): Read<Question> {
  return attempt(() => questionOf(body))
}

/**
 * The items of a batch, each with the defaults in the place of the members that it lacks, whole; or
 * `undefined` where the request is a single evaluation.
 */
export function readBatch(body: JsonObject): Read<Batch | undefined> {
  return attempt(() => {
    const items = own(body, 'evaluations')
    if (items === undefined) return undefined
    if (!Array.isArray(items)) throw new MalformedError('evaluations is a list.')
    if (items.length === 0) return undefined
    if (items.length > limits.authzenEvaluations) {
      throw new MalformedError(`evaluations has at most ${limits.authzenEvaluations} items.`)
    }
    const semantic = semanticOf(body)
    return {
      semantic,
      items: items.map((item: unknown) => attempt(() => withDefaults(body, item))),
    }
  })
}

function withDefaults(defaults: JsonObject, item: unknown): Question {
  if (!isObject(item)) throw new MalformedError('An item of evaluations is an object.')
  const names = ['subject', 'action', 'resource', 'context'] as const
  // A null of the item's is no member that it lacks: nothing is filled in behind its back.
  const whole = names.map((name) => [name, own(Object.hasOwn(item, name) ? item : defaults, name)])
  return questionOf(Object.fromEntries(whole.filter(([, value]) => value !== undefined)))
}

export interface SubjectSearch {
  readonly subject: Kind
  readonly action: string
  readonly resource: Entity
}

export interface ResourceSearch {
  readonly subject: Entity
  readonly action: string
  readonly resource: Kind
}

export interface ActionSearch {
  readonly subject: Entity
  readonly resource: Entity
}

export const readSearch = {
  subject: (body: JsonObject): Read<SubjectSearch> =>
    attempt(() => ({
      subject: kindOf(body, 'subject'),
      action: actionOf(body),
      resource: entityOf(body, 'resource'),
      context: contextOf(body),
    })),
  resource: (body: JsonObject): Read<ResourceSearch> =>
    attempt(() => ({
      subject: entityOf(body, 'subject'),
      action: actionOf(body),
      resource: kindOf(body, 'resource'),
      context: contextOf(body),
    })),
  action: (body: JsonObject): Read<ActionSearch> =>
    attempt(() => ({
      subject: entityOf(body, 'subject'),
      resource: entityOf(body, 'resource'),
      context: contextOf(body),
    })),
}

/** The page that a search asks for; both members are optional. */
export function readPage(body: JsonObject): Read<PageRequest> {
  return attempt(() => {
    const page = objectIn(body, 'page', 'page')
    const token = own(page, 'token')
    if (token !== undefined && typeof token !== 'string') {
      throw new MalformedError('page.token is a text.')
    }
    const limit = own(page, 'limit')
    if (limit === undefined || isLimit(limit)) return { token: token || undefined, limit }
    throw new MalformedError('page.limit is a whole number, 0 or more.')
  })
}

function isLimit(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function questionOf(body: JsonObject): Question {
  const subject = entityOf(body, 'subject')
  const action = actionOf(body)
  const resource = entityOf(body, 'resource')
  contextOf(body)
  return { subject, action, resource }
}

function entityOf(body: JsonObject, name: 'subject' | 'resource'): Entity {
  const entity = neededObject(body, name)
  return { ...kindOf(body, name), id: neededText(entity, 'id', name) }
}

function kindOf(body: JsonObject, name: 'subject' | 'resource'): Kind {
  const entity = neededObject(body, name)
  const type = neededText(entity, 'type', name)
  return { type, properties: objectIn(entity, 'properties', `${name}.properties`) }
}

function actionOf(body: JsonObject): string {
  const action = neededObject(body, 'action')
  objectIn(action, 'properties', 'action.properties')
  return neededText(action, 'name', 'action')
}

/** Nothing is decided by it, but what is none tells of a mistake. */
function contextOf(body: JsonObject): JsonObject {
  return objectIn(body, 'context', 'context')
}

function semanticOf(body: JsonObject): Semantic {
  const asked = own(objectIn(body, 'options', 'options'), 'evaluations_semantic')
  if (asked === undefined) return 'execute_all'
  const known = semantics.find((one) => one === asked)
  if (known !== undefined) return known
  throw new MalformedError(`options.evaluations_semantic is one of ${semantics.join(', ')}.`)
}

function neededObject(body: JsonObject, name: string): JsonObject {
  const value = own(body, name)
  if (value === undefined) throw new MalformedError(`${name} is missing.`)
  if (!isObject(value)) throw new MalformedError(`${name} is an object.`)
  return value
}

function neededText(entity: JsonObject, key: string, of: string): string {
  const value = own(entity, key)
  if (value === undefined) throw new MalformedError(`${of}.${key} is missing.`)
  if (typeof value === 'string' && value !== '') return value
  throw new MalformedError(`${of}.${key} is a text that is not empty.`)
}

function objectIn(body: JsonObject, name: string, shown: string): JsonObject {
  const value = own(body, name)
  if (value === undefined) return nothing
  if (!isObject(value)) throw new MalformedError(`${shown} is an object.`)
  return value
}

function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function attempt<T>(read: () => T): Read<T> {
  try {
    return { kind: 'read', value: read() }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return { kind: 'malformed', message: error.message }
  }
}
