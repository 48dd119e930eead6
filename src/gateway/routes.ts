/**
 * Which application a canonical request belongs to. A sorted list for each host is exact here where
 * a router of patterns would not be: a prefix is data, not a pattern, and the longest wins.
 */
import type { Application } from '../policy/applications.ts'
import { canonicalPath } from '../policy/patterns/canonical-path.ts'
import { matchPath } from '../policy/patterns/pattern.ts'
import type { CanonicalRequest } from './canonical.ts'

/** Applications by host, each list with its longest prefix first. Immutable. */
export interface Routes {
  readonly byHost: ReadonlyMap<string, readonly Application[]>
  /** By the parent of `<organisation>.<parent>`. */
  readonly byParent: ReadonlyMap<string, readonly Application[]>
  readonly anyHost: readonly Application[]
}

export interface Route {
  readonly application: Application
  /** What is decided and forwarded: canonical, after the prefix was stripped where that is asked. */
  readonly path: string
}

/** Sorts the declared applications; of two with the same host and prefix the first declared wins. */
export function buildRoutes(applications: readonly Application[]): Routes {
  const sorted = applications.toSorted((a, b) => b.prefix.length - a.prefix.length)
  const named = sorted.filter(({ host }) => host !== undefined)
  const unnamed = sorted.filter(({ host }) => host === undefined)
  const shared = unnamed.filter(({ organisation }) => organisation.from !== 'subdomain')
  const parented = unnamed.filter(({ organisation }) => organisation.from === 'subdomain')
  return {
    byHost: Map.groupBy(named, ({ host }) => host ?? ''),
    byParent: Map.groupBy(parented, ({ organisation }) =>
      organisation.from === 'subdomain' ? organisation.parent : '',
    ),
    anyHost: shared,
  }
}

/**
 * The application of `request`: of its exact host, else of its parent domain, else of any host; in
 * each the longest prefix. `undefined` when there is none.
 */
export function matchApplication(
  { byHost, byParent, anyHost }: Routes,
  { hostname, path }: Pick<CanonicalRequest, 'hostname' | 'path'>,
): Route | undefined {
  const covers = (application: Application) => isUnder(application.prefix, path)
  const application =
    byHost.get(hostname)?.find(covers) ??
    byParent.get(parentOf(hostname))?.find(covers) ??
    anyHost.find(covers)
  if (application === undefined) return undefined
  return application.strip ? strip(application, path) : { application, path }
}

/** Whether a request without a credential may be decided at all, as the subject `anonymous`. */
export function isPublic({ publicPaths }: Application, path: string): boolean {
  return publicPaths.some((pattern) => matchPath(pattern, path))
}

/** Ends at a segment: `/docs` covers `/docs` and `/docs/a`, never `/docs-old` (A1 19). */
function isUnder(prefix: string, path: string): boolean {
  if (!path.startsWith(prefix)) return false
  return prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/'
}

/** What is left is read anew: a rewritten path is decided as it leaves (A1 27). */
function strip(application: Application, path: string): Route | undefined {
  const { prefix } = application
  const rest = path.slice(prefix.endsWith('/') ? prefix.length - 1 : prefix.length)
  const canonical = canonicalPath(rest === '' ? '/' : rest)
  return canonical.ok ? { application, path: canonical.path } : undefined
}

/** `docs.example.com` of `acme.docs.example.com`; empty for a name without a dot. */
function parentOf(hostname: string): string {
  const dot = hostname.indexOf('.')
  return dot < 0 ? '' : hostname.slice(dot + 1)
}
