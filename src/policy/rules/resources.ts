/**
 * Resources beside paths: types that an application declares, each with actions of its own. One of
 * them is the object `/<application>/<type>/<id>`, so that rules name it like any other.
 */
import { limits } from '../../lib/limits.ts'
import type { Reason } from '../../lib/reasons.ts'
import type { Application } from '../applications.ts'
import { canonicalPath } from '../patterns/canonical-path.ts'
import { compilePattern } from '../patterns/pattern.ts'
import { everything } from './grammar.ts'

/** A type, and which application declares it. */
export interface DeclaredType {
  readonly application: string
  readonly type: string
  readonly actions: readonly string[]
}

/** Every declared type by its name, which is unique over all applications. */
export type Resources = ReadonlyMap<string, DeclaredType>

export function readResources(applications: readonly Application[]): Resources {
  return new Map(
    applications.flatMap(({ id: application, resources }) =>
      resources.map(({ type, actions }) => [type, { application, type, actions }] as const),
    ),
  )
}

/** A resource as its object names it. */
export interface Resource {
  readonly declared: DeclaredType
  readonly id: string
}

/** The resource that an object names in its one spelling; `undefined` for what is none. */
export function resourceOf(resources: Resources, object: string): Resource | undefined {
  const [, application, type = '', segment = '', ...more] = object.split('/')
  const declared = resources.get(type)
  if (declared === undefined || segment === '' || more.length > 0) return undefined
  if (declared.application !== application) return undefined
  const id = decode(segment)
  return id === undefined ? undefined : { declared, id }
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    // No canonical object, so nobody is ever asked about it.
    return undefined
  }
}

/** Whether an object is a resource that takes an action. No HTTP method is one. */
export function takesAction(resources: Resources, object: string, action: string): boolean {
  return resourceOf(resources, object)?.declared.actions.includes(action) ?? false
}

export type FoundObject =
  | { readonly kind: 'object'; readonly object: string }
  | { readonly kind: 'refused'; readonly reason: Reason }

/** The object of a resource, its id as one canonical segment, or why it has none. */
export function objectOf({ application, type }: DeclaredType, id: string): FoundObject {
  // Half of a pair of surrogates is no text, and `encodeURIComponent` throws on it.
  if (!id.isWellFormed()) return refuse('target_not_utf8')
  const below = `/${application}/${type}/`
  const found = canonicalObject(`${below}${encodeURIComponent(id)}`)
  if (found.kind === 'refused') return found
  // The ids "." and ".." would name what stands above; an encoded slash is refused already.
  const inside = found.object.startsWith(below) && found.object !== below
  return inside ? found : refuse('target_malformed')
}

/** An object in its one spelling, or why it has none. */
export function canonicalObject(object: string): FoundObject {
  if (object.length > limits.targetBytes) return refuse('target_too_long')
  const canonical = canonicalPath(object)
  return canonical.ok ? { kind: 'object', object: canonical.path } : refuse(canonical.reason)
}

function refuse(reason: Reason): FoundObject {
  return { kind: 'refused', reason }
}

/** The one object that a rule's pattern matches; `undefined` for a pattern of many. */
export function literalObject(pattern: string): string | undefined {
  const segments = compilePattern(pattern)
  return segments.every((segment) => typeof segment === 'string')
    ? `/${segments.join('/')}`
    : undefined
}

/**
 * The actions that a rule about `pattern` may name: those of the type, or of every type of the
 * application where the pattern leaves the type open.
 */
export function actionsUnder(
  pattern: string,
  applications: readonly Application[],
): readonly string[] {
  const [, application, type = everything] = pattern.split('/')
  const declared = applications.find(({ id }) => id === application)?.resources ?? []
  const open = type === everything || type.startsWith(':')
  return declared.filter((one) => open || one.type === type).flatMap(({ actions }) => actions)
}
