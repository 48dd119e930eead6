/** Which objects requests to an application can have, as patterns. */
import type { Application } from '../applications.ts'
import { canonicalPath } from '../patterns/canonical-path.ts'
import { overlaps, type Pattern, readPattern } from '../patterns/pattern-algebra.ts'
import { intersect } from '../patterns/pattern-meet.ts'
import { managementId } from '../rules/grammar.ts'

/** By application, what its requests can be about; the management API is one of them. */
export type Reach = ReadonlyMap<string, readonly Pattern[]>

export function readReach(applications: readonly Application[]): Reach {
  const reach = new Map(applications.map((one) => [one.id, reachOf(one)] as const))
  return reach.set(managementId, [readPattern(`/${managementId}/*`)])
}

function reachOf({ id, prefix, strip, organisation, resources }: Application): Pattern[] {
  const whole = strip || prefix === '/'
  const paths = whole ? [`/${id}/*`] : [`/${id}${prefix}`, `/${id}${prefix}/*`]
  const below = paths.map(readPattern)
  // A path in which no organisation stands is refused before anything is decided.
  const named =
    organisation.from === 'path'
      ? below.flatMap((one) => intersect(one, readPattern(`/${id}${organisation.pattern}`)))
      : below
  return [...named, ...resources.map(({ type }) => readPattern(`/${id}/${type}/:id`))]
}

/** Whether some request can be about `object`. */
export function isReached(reach: Reach, object: Pattern): boolean {
  const [first] = object.parts
  const near = typeof first === 'string' ? (reach.get(first) ?? []) : [...reach.values()].flat()
  return near.some((one) => overlaps(one, object))
}

/** A segment that no canonical path holds, such as an escape that is not UTF-8. */
export function unsendable({ parts }: Pattern): string | undefined {
  return parts.find((part): part is string => {
    if (typeof part !== 'string' || !part.includes('%')) return false
    const canonical = canonicalPath(`/${part}`)
    return !canonical.ok || canonical.path !== `/${part}`
  })
}
