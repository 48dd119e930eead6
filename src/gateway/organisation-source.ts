/** Which organisation a request names, before anybody has shown to belong to it. */
import { isBareId } from '../lib/ids.ts'
import type { Application } from '../policy/applications.ts'
import { pathParameter } from '../policy/patterns/pattern.ts'
import type { CanonicalRequest } from './canonical.ts'

export type NamedOrganisation =
  | { readonly kind: 'named' /** Bare id. */; readonly id: string }
  /** The credential alone says it. */
  | { readonly kind: 'credential' }
  /** The place that has to name one names none, or something that is no id. */
  | { readonly kind: 'missing' }

/**
 * Reads the organisation where `application` says it stands. `path` is the path that is decided and
 * forwarded, so that both mean the same organisation.
 */
export function organisationOf(
  { organisation }: Pick<Application, 'organisation'>,
  { hostname }: Pick<CanonicalRequest, 'hostname'>,
  path: string,
): NamedOrganisation {
  switch (organisation.from) {
    case 'credential':
      return { kind: 'credential' }
    case 'path':
      return named(pathParameter(organisation.pattern, path, 'org'))
    case 'subdomain':
      return named(labelOf(organisation.parent, hostname))
  }
}

function named(id: string | undefined): NamedOrganisation {
  return id !== undefined && isBareId(id) ? { kind: 'named', id } : { kind: 'missing' }
}

/** The one label before the parent: `acme` of `acme.docs.example.com`. */
function labelOf(parent: string, hostname: string): string | undefined {
  const end = hostname.length - parent.length - 1
  return hostname.endsWith(`.${parent}`) ? hostname.slice(0, end) : undefined
}
