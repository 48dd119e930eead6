/**
 * What an AuthZEN question names, in the words of the rules: who is the subject, which object is the
 * resource, which actions it takes. What names nothing that we know is a reason to deny.
 */
import type { JsonObject } from '../identity/strict-json.ts'
import { isBareId, isTypedId } from '../lib/ids.ts'
import type { Reason } from '../lib/reasons.ts'
import type { Application } from '../policy/applications.ts'
import type { Issuer } from '../policy/issuers.ts'
import { whyElsewhere } from '../policy/named-organisation.ts'
import { methods } from '../policy/rules/grammar.ts'
import { canonicalObject, objectOf } from '../policy/rules/resources.ts'
import type { Snapshot } from '../policy/snapshot.ts'
import type { Entity } from './authzen-request.ts'

/** A resource of this type is a path of an application, `/<application><path>`. */
export const ROUTE = 'route'
const HEAD = 'HEAD'
/** As the identities' table holds it. */
const SUB_CHARS = 255

export type Named<T> = T | { readonly kind: 'unknown'; readonly reason: Reason }

export interface NamedResource {
  readonly kind: 'resource'
  readonly object: string
  readonly actions: readonly string[]
}

/** The subjects that a `sub` stands for by one of these issuers. */
export type FindSubjects = (sub: string, issuers: readonly string[]) => Promise<string[]>

export type NameSubject = (subject: Entity) => Promise<string | undefined>

/**
 * Names subjects in one organisation: `user` and `service` by our id, else, as `identity` always, by
 * the `sub` of a token, by which exactly one subject of that type must be meant. Each `sub` is looked
 * for once.
 */
export function createNaming(
  find: FindSubjects,
  issuers: readonly Issuer[],
  organisation: string,
): NameSubject {
  // An organisation's own issuer names nobody anywhere else.
  const speaking = issuers
    .filter((one) => one.organisation === undefined || one.organisation === organisation)
    .map(({ issuer }) => issuer)
  const known = new Map<string, Promise<string[]>>()
  const bySub = (sub: string, properties: JsonObject) => {
    const asked = Object.hasOwn(properties, 'issuer') ? properties['issuer'] : undefined
    const from = asked === undefined ? speaking : speaking.filter((issuer) => issuer === asked)
    const key = JSON.stringify([sub, from])
    const found = known.get(key) ?? find(sub, from)
    known.set(key, found)
    return found
  }
  return async ({ type, id, properties }) => {
    if (type !== 'user' && type !== 'service' && type !== 'identity') return undefined
    if (type !== 'identity' && isBareId(id)) return `${type}:${id}`
    if (id.length > SUB_CHARS || !id.isWellFormed() || id.includes('\0')) return undefined
    const [subject, ...more] = await bySub(id, properties)
    // Two people whom two issuers call the same: which one is meant is not for us to guess.
    if (subject === undefined || more.length > 0) return undefined
    return type === 'identity' || isTypedId(subject, type) ? subject : undefined
  }
}

/** The object of a resource, in the one spelling that rules are asked about. */
export function nameResource(
  { type, id }: Pick<Entity, 'type' | 'id'>,
  { resources, organisation }: Pick<Snapshot, 'resources' | 'organisation'>,
  applications: readonly Application[],
): Named<NamedResource> {
  const declared = resources.get(type)
  if (type !== ROUTE && declared === undefined) return unknown('resource_unknown')
  const found =
    declared === undefined ? routeObject(id, organisation, applications) : objectOf(declared, id)

  if (found.kind !== 'object') return unknown(found.reason)
  return { kind: 'resource', object: found.object, actions: declared?.actions ?? routeActions }
}

const routeActions = [...methods, HEAD]

/** The actions that a search lists: a HEAD is decided as the GET that it abbreviates. */
export function actionsOf({ actions }: NamedResource): readonly string[] {
  return actions.filter((action) => action !== HEAD)
}

/** `/docs` alone means `/docs/`; a template's brackets stand for themselves. */
function routeObject(id: string, organisation: string, applications: readonly Application[]) {
  const escaped = id.replaceAll('{', '%7B').replaceAll('}', '%7D')
  const canonical = canonicalObject(escaped)
  if (canonical.kind === 'refused') return canonical
  const [, named, ...rest] = canonical.object.split('/')
  // What no application answers to is not routed, whatever the rules say.
  const application = applications.find(({ id: known }) => known === named)
  if (application === undefined) return unknown('no_application')
  const elsewhere = whyElsewhere(application, `/${rest.join('/')}`, organisation)
  if (elsewhere !== undefined) return unknown(elsewhere)
  const object = rest.length === 0 ? `${canonical.object}/` : canonical.object
  return { kind: 'object', object } as const
}

function unknown(reason: Reason) {
  return { kind: 'unknown', reason } as const
}
