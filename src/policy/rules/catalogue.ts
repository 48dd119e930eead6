/**
 * The permission catalogue: what custom roles and the scopes of keys name, and the rules' objects and
 * methods that a name stands for. A name outlives what it named, and then stands for nothing.
 */
import type { Application } from '../applications.ts'
import { everything, managementId } from './grammar.ts'
import { nearest } from './nearest.ts'

/** What a rule's object and method columns say. */
export interface Access {
  /** An object pattern, as in `/docs/items/:id`. */
  readonly object: string
  /** HTTP method or `*`. */
  readonly method: string
}

export interface ListedPermission {
  /** `teams:write`, `docs:read-item` or `docs:*`. */
  readonly name: string
  /** One sentence for whoever chooses it. */
  readonly description: string
  readonly allows: readonly Access[]
}

/** The resources of the management API, as its objects name them, and what each holds. */
const managed = {
  organisation: 'the organisation itself',
  members: 'members and invitations',
  teams: 'teams and who is in them',
  roles: 'custom roles',
  assignments: 'which roles are assigned to whom',
  policies: 'rules and their revisions',
  decisions: 'the log of decisions and questions about them',
  attributes: 'attributes of members and resources',
  keys: 'API keys',
  'service-accounts': 'service accounts',
  sessions: 'sessions',
  idps: 'identity providers',
  billing: 'billing',
  usage: 'usage',
  audit: 'the audit trail',
} as const

const resources: readonly ListedPermission[] = Object.entries(managed).flatMap(
  ([resource, what]) => {
    const object = `/${managementId}/${resource}`
    const on = (method: string) => [object, `${object}/*`].map((one) => ({ object: one, method }))
    return [
      { name: `${resource}:read`, description: `Read ${what}.`, allows: on('GET') },
      {
        name: `${resource}:write`,
        description: `Read and change ${what}.`,
        allows: on(everything),
      },
    ]
  },
)

/** What a point of enforcement asks for others, which it does by POST alone. */
const questions: readonly ListedPermission[] = [
  {
    name: 'authzen:evaluate',
    description: 'Ask by AuthZEN whether somebody may do something.',
    allows: [{ object: `/${managementId}/authzen/evaluation`, method: 'POST' }],
  },
  {
    name: 'authzen:search',
    description: 'Search by AuthZEN for who may do what.',
    allows: [{ object: `/${managementId}/authzen/search`, method: 'POST' }],
  },
]

/** Whoever writes roles and keys has to know what there is to name. */
const catalogue: ListedPermission = {
  name: 'permissions:read',
  description: 'Read the catalogue of permissions.',
  allows: [{ object: `/${managementId}/permissions`, method: 'GET' }],
}

const management = [...resources, ...questions, catalogue]
const managementByName = new Map(management.map((one) => [one.name, one]))

/** Whether a name is the management API's, whatever applications there are. */
export function isManagementPermission(name: string): boolean {
  return managementByName.has(name)
}

type Catalogue = ReadonlyMap<string, ListedPermission>

/** Applications are read once with their files, so each catalogue is made once. */
const catalogues = new WeakMap<readonly Application[], Catalogue>()

/** Every permission there is, those of the management API first, then application by application. */
export function listPermissions(applications: readonly Application[]): readonly ListedPermission[] {
  return [...catalogueOf(applications).values()]
}

/** What a permission allows; nothing for a name that is not declared, or not any more. */
export function expand(name: string, applications: readonly Application[]): readonly Access[] {
  return catalogueOf(applications).get(name)?.allows ?? []
}

/**
 * What is wrong with a name, and what would be right: `"teams:wrte" is no permission; did you mean
 * "teams:write"?` `undefined` for one that is declared.
 */
export function nearestPermission(
  name: string,
  applications: readonly Application[],
): string | undefined {
  const catalogue = catalogueOf(applications)
  if (catalogue.has(name)) return undefined
  return `"${name}" is no permission; ${nearest(name, [...catalogue.keys()])}`
}

function catalogueOf(applications: readonly Application[]): Catalogue {
  const known = catalogues.get(applications)
  if (known !== undefined) return known
  const made = new Map(managementByName)
  for (const one of applications.flatMap(permissionsOf)) {
    // An application must not change what a name of the management API stands for.
    if (!managementByName.has(one.name)) made.set(one.name, one)
  }
  catalogues.set(applications, made)
  return made
}

function permissionsOf({ id, operations }: Application): ListedPermission[] {
  return [
    ...operations.map((operation) => ({
      name: `${id}:${operation.id}`,
      description: `${operation.method} ${operation.path} of ${id}.`,
      allows: [{ object: `/${id}${operation.path}`, method: operation.method }],
    })),
    {
      name: `${id}:${everything}`,
      description: `Everything of ${id}.`,
      allows: [{ object: `/${id}/*`, method: everything }],
    },
  ]
}
