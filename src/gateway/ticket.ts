/**
 * The decision ticket (I1): nothing is sent to an upstream but what one allow named. Only
 * `authorize` issues a ticket, only the forwarding code takes it, and it can be taken once.
 */
import type { Application } from '../policy/applications.ts'
import type { CanonicalRequest } from './canonical.ts'

/** Exactly what was allowed; the forwarded request line is made from it and from nothing else. */
export interface AllowedRequest {
  readonly application: Application
  readonly request: CanonicalRequest
  /** The canonical path that was decided, after the prefix was stripped where that is asked for. */
  readonly path: string
  /** Our headers for the upstream, name and value, each once. */
  readonly headers: readonly (readonly [string, string])[]
  readonly requestId: string
  readonly decisionId: string
  /** Whether a credential was presented: such answers must not be cached by others (A3 73). */
  readonly credentialed: boolean
}

export interface Ticket {
  /** Hands out the request once; a second call throws, so that no byte leaves twice. */
  readonly take: () => AllowedRequest
}

/** Issues the ticket of one allow decision. */
export function issueTicket(allowed: AllowedRequest): Ticket {
  let left: AllowedRequest | undefined = Object.freeze({ ...allowed })
  return {
    take: () => {
      if (left === undefined) throw new Error('A decision ticket was used twice.')
      const taken = left
      left = undefined
      return taken
    },
  }
}
