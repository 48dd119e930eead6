/** What the gateway refuses before it looks at any rule; without it no answer of ours would be its. */
import { checkStanding } from '../identity/standing.ts'
import type { Reason } from '../lib/reasons.ts'
import type { Application } from '../policy/applications.ts'
import { anonymous, managementId } from '../policy/grammar.ts'
import { matchPath } from '../policy/pattern.ts'
import type { OrganisationState } from '../store/organisations.ts'

/** Why `sub` does not get as far as the rules about `obj`, or `undefined` when they decide. */
export function whyNotReached(
  { sub, obj }: { readonly sub: string; readonly obj: string },
  state: OrganisationState,
  applications: readonly Application[],
): Reason | undefined {
  const [, id = '', ...segments] = obj.split('/')
  const application = applications.find((declared) => declared.id === id)
  if (application === undefined && id !== managementId) return 'no_application'
  if (sub !== anonymous) return checkStanding(sub, state)
  const path = `/${segments.join('/')}`
  const open = application?.publicPaths.some((pattern) => matchPath(pattern, path)) ?? false
  return open ? undefined : 'credential_missing'
}
