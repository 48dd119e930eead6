/**
 * What a decision knows of the subject and of the resource, where the model asks for it. Every door
 * fills it here, from the same moment as the rules.
 */
import { type Attributes, comparable } from './attributes.ts'
import { attributesRead } from './conditions.ts'
import type { PolicyModel } from './model/model.ts'
import { type Resources, resourceOf } from './rules/resources.ts'

/** What an organisation knows, as one moment saw it. */
export interface Known {
  readonly members: ReadonlyMap<string, Membership>
  /** By `user:…`, `service:…` or the object of a resource. */
  readonly attributes: ReadonlyMap<string, Attributes>
}

interface Membership {
  readonly email: string | null
  readonly name: string | null
}

export interface Asked {
  readonly sub: string
  readonly obj: string
  /** What the asker says of the resource; it counts where nothing is stored. */
  readonly sent?: Readonly<Record<string, unknown>> | undefined
}

/** The fields of a request behind the first four; none where the model has no attributes. */
export type FactsOf = (asked: Asked) => readonly unknown[]

const nothing: readonly unknown[] = []

export function createFacts(model: PolicyModel, resources: Resources, known: Known): FactsOf {
  const read = attributesRead(model)
  if (read === undefined) return () => nothing
  return (asked) => [
    pick(read.who, (name) => whoKnows(known, asked, name)),
    pick(read.res, (name) => resourceKnows(known, resources, asked, name)),
  ]
}

/** Only the names that the matcher reads, on an object that inherits nothing. */
function pick(names: readonly string[], known: (name: string) => unknown): object {
  const picked: Record<string, string | number> = Object.create(null)
  for (const name of names) picked[name] = comparable(known(name))
  return picked
}

function whoKnows({ members, attributes }: Known, { sub }: Asked, name: string): unknown {
  switch (name) {
    case 'id':
      return sub.split(':', 2)[1]
    case 'email':
      return members.get(sub)?.email
    case 'name':
      return members.get(sub)?.name
    default:
      return own(attributes.get(sub), name)
  }
}

function resourceKnows(
  { attributes }: Known,
  resources: Resources,
  { obj, sent }: Asked,
  name: string,
): unknown {
  const resource = resourceOf(resources, obj)
  switch (name) {
    case 'type':
      return resource?.declared.type ?? 'route'
    case 'id':
      return resource?.id ?? obj
    default: {
      const stored = attributes.get(obj)
      return stored !== undefined && Object.hasOwn(stored, name) ? stored[name] : own(sent, name)
    }
  }
}

/** Never what an object inherits: `toString` is no attribute of anything. */
function own(attributes: Readonly<Record<string, unknown>> | undefined, name: string): unknown {
  return attributes !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined
}
