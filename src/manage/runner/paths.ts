/** The paths of operations: what their parts may be, and the object that a rule names for them. */
import { isBareId, isTypedId, type Prefix } from '../../lib/ids.ts'

interface Part {
  readonly accepts: (text: string) => boolean
  readonly example: string
}

const typed = (example: string, ...prefixes: readonly Prefix[]): Part => ({
  accepts: (text) => isTypedId(text, ...prefixes),
  example,
})
const plain = (example: string): Part => ({
  accepts: (text) => /^[a-z0-9]{1,64}$/.test(text),
  example,
})
const number = (example: string): Part => ({
  accepts: (text) => /^[1-9]\d{0,14}$/.test(text),
  example,
})

/** What may stand for each name in braces; what cannot is a record that does not exist. */
export const parts = {
  org: { accepts: isBareId, example: 'acme' },
  member: typed('user:ann', 'user'),
  team: typed('team:writers', 'team'),
  role: typed('role:editor', 'role'),
  service: typed('service:robot', 'service'),
  subject: typed('user:ann', 'user', 'service'),
  key: plain('8f3k0v2m5q9x'),
  session: plain('8f3k0v2m5q9x'),
  assignment: number('42'),
  revision: number('7'),
} as const satisfies Record<string, Part>

export type PartName = keyof typeof parts

/** The names in braces, in their order. */
export function partsOf(path: string): readonly PartName[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    if (isPartName(name)) return name
    throw new Error(`${path}: "${name}" is not described in src/manage/runner/paths.ts`)
  })
}

function isPartName(name: string): name is PartName {
  return Object.hasOwn(parts, name)
}

const ORGANISATION = '/orgs/{org}'

/**
 * What a rule of the organisation names: `/gatehouse/` and the path below the organisation's, so that
 * `/orgs/{org}/teams/{team}` is `/gatehouse/teams/team:writers`. The organisation itself is
 * `/gatehouse/organisation`.
 */
export function objectOf(path: string, params: Readonly<Record<string, string>>): string {
  if (path === ORGANISATION) return '/gatehouse/organisation'
  const below = path.startsWith(ORGANISATION) ? path.slice(ORGANISATION.length) : path
  return platformObjectOf(below, params)
}

/** What a rule of the platform names: `/gatehouse/` and the whole path. */
export function platformObjectOf(path: string, params: Readonly<Record<string, string>>): string {
  return `/gatehouse${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '')}`
}
