/**
 * What upstreams learn of the caller. Every header is always set, with an empty value for
 * anonymous, so that none of a client's can be taken for ours (A2 37).
 */
import type { Principal } from '../identity/principal.ts'
import type { Application } from '../policy/applications.ts'
import type { Assertions } from './assertion.ts'
import type { OrganisationView } from './snapshots.ts'

export interface Identity {
  /** Absent: anonymous on a public path. */
  readonly principal: Principal | undefined
  readonly application: Application
  readonly view: OrganisationView
  /** The canonical host of the request, with its port if it named one. */
  readonly host: string
  readonly clientAddress: string
  readonly scheme: 'http' | 'https'
  readonly requestId: string
  readonly decisionId: string
}

/** The addresses that HTML accepts in a form (HTML, "valid e-mail address"), without its length. */
const EMAIL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i

/** Binds the headers to the assertions of this process. */
export function createIdentityHeaders(assertions: Assertions) {
  return async (identity: Identity): Promise<readonly (readonly [string, string])[]> => {
    const { principal, application, view, requestId, decisionId } = identity
    const subject = principal?.subject ?? ''
    const email = view.state.members.get(subject)?.email ?? ''
    const inherited = subject === '' ? [] : view.snapshot.rolesOf(subject)
    const teams = inherited.filter((id) => id.startsWith('team:'))
    const roles = inherited.filter((id) => id.startsWith('role:'))
    const { id: organisation, revision } = view.state
    const claims = { email, teams, roles }
    const assertion =
      subject === ''
        ? ''
        : await assertions.assertionFor({
            subject,
            organisation,
            application: application.id,
            revision,
            claims,
          })
    return [
      ['gatehouse-assertion', assertion],
      ['gatehouse-decision', decisionId],
      ['remote-user', subject],
      ['remote-groups', teams.join(',')],
      ['remote-email', headerEmail(email)],
      ['x-request-id', requestId],
      ['x-forwarded-for', identity.clientAddress],
      ['x-forwarded-host', identity.host],
      ['x-forwarded-proto', identity.scheme],
    ]
  }
}

/**
 * The address as header text, or nothing where a reader could take it for another one: a person
 * typed it, so it may hold a comma, a line break or letters that no header holds. The assertion
 * says it exactly.
 */
function headerEmail(email: string): string {
  return EMAIL.test(email) ? email : ''
}
