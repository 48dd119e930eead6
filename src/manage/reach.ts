/** What the gateway refuses before it looks at any rule; without it no answer of ours would be its. */
import { checkStanding } from '../identity/standing.ts'
import type { Reason } from '../lib/reasons.ts'
import type { Application } from '../policy/applications.ts'
import { whyElsewhere } from '../policy/named-organisation.ts'
import { matchPath } from '../policy/patterns/pattern.ts'
import { anonymous, managementId } from '../policy/rules/grammar.ts'
import type { OrganisationState } from '../store/organisation-state.ts'

/** Why `sub` does not get as far as the rules about `obj`, or `undefined` when they decide. */
export function whyNotReached(
  { sub, obj }: { readonly sub: string; readonly obj: string },
  state: OrganisationState,
  applications: readonly Application[],
): Reason | undefined {
  const [, id = '', ...segments] = obj.split('/')
  const application = applications.find((declared) => declared.id === id)
  if (application === undefined && id !== managementId) return 'no_application'
  const path = `/${segments.join('/')}`
  const elsewhere = application && whyElsewhere(application, path, state.id)
  if (elsewhere !== undefined) return elsewhere
  if (sub !== anonymous) return checkStanding(sub, state)
  const open = application?.publicPaths.some((pattern) => matchPath(pattern, path)) ?? false
  return open ? undefined : 'credential_missing'
}
