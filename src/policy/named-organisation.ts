/** Whose request a path is, where it says so itself: nobody decides about another organisation's. */
import { isBareId } from '../lib/ids.ts'
import type { Reason } from '../lib/reasons.ts'
import type { Application } from './applications.ts'
import { pathParameter } from './patterns/pattern.ts'

/**
 * Why a request for `path` of an application is none of `organisation` (bare id); `undefined` where it
 * may be one. What a host or a credential says, no path tells.
 */
export function whyElsewhere(
  { organisation: source }: Pick<Application, 'organisation'>,
  path: string,
  organisation: string,
): Reason | undefined {
  if (source.from !== 'path') return undefined
  const named = pathParameter(source.pattern, path, 'org')
  if (named === undefined || !isBareId(named)) return 'organisation_missing'
  return named === organisation ? undefined : 'organisation_disagrees'
}
