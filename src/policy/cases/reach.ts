/** What can be asked of a resource at all, before any rule is looked at. */
import type { Application } from '../applications.ts'
import { matchPath } from '../patterns/pattern.ts'
import { anonymous, methods } from '../rules/grammar.ts'
import { type Resources, readResources, resourceOf } from '../rules/resources.ts'

const resourcesKnown = new WeakMap<readonly Application[], Resources>()

/** Applications are read once with their files, so their types are read once as well. */
function resourcesIn(applications: readonly Application[]): Resources {
  const resources = resourcesKnown.get(applications) ?? readResources(applications)
  resourcesKnown.set(applications, resources)
  return resources
}

/** Every action of a resource: the methods, then those of its declared type. */
export function actionsOn(object: string, applications: readonly Application[]): readonly string[] {
  const declared = resourceOf(resourcesIn(applications), object)?.declared.actions
  return declared === undefined ? methods : [...methods, ...declared]
}

/**
 * Why the gateway refuses a request without a credential before it is decided; `undefined` where
 * it is decided, and for whoever has a credential.
 */
export function whyNotPublic(
  subject: string,
  object: string,
  applications: readonly Application[],
): string | undefined {
  if (subject !== anonymous) return undefined
  const [, id = ''] = object.split('/', 2)
  const path = object.slice(id.length + 1)
  const application = applications.find((one) => one.id === id)
  if (application?.publicPaths.some((pattern) => matchPath(pattern, path))) return undefined
  return `Without a credential nobody reaches ${object}: apps.yaml does not declare ${path} public.`
}
