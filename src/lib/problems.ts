/**
 * The one error table. `code` is stable and documented in README.md (a test compares both ways);
 * `detail` is the vague sentence a caller may see, the exact reason goes to the log.
 */

export interface Answer {
  /** HTTP status code. */
  readonly status: number
  /** One sentence for the caller; names no secret and no inner reason. */
  readonly detail: string
}

export const answers = {
  allowed: { status: 200, detail: 'The request is allowed.' },
  bad_request: { status: 400, detail: 'The request is malformed or can be read in two ways.' },
  invalid_input: { status: 400, detail: 'The input does not have the expected form.' },
  unauthenticated: { status: 401, detail: 'A valid credential is required.' },
  denied: { status: 403, detail: 'You may not do this.' },
  door_forbidden: { status: 403, detail: 'This address is not a configured proxy.' },
  not_found: { status: 404, detail: 'There is nothing here.' },
  method_not_allowed: { status: 405, detail: 'This method is not accepted.' },
  request_timeout: { status: 408, detail: 'The request did not arrive in time.' },
  conflict: { status: 409, detail: 'This is so already, or something else stands in its way.' },
  precondition_failed: { status: 412, detail: 'The record has changed since it was read.' },
  body_too_large: { status: 413, detail: 'The request body is too large.' },
  target_too_long: { status: 414, detail: 'The request target is too long.' },
  idempotency_key_reused: { status: 422, detail: 'This Idempotency-Key came with other input.' },
  precondition_required: { status: 428, detail: 'Send If-Match with the ETag of the record.' },
  too_many_requests: { status: 429, detail: 'Too many attempts. Try again later.' },
  headers_too_large: { status: 431, detail: 'The request headers are too large or too many.' },
  client_gone: { status: 499, detail: 'The client closed the connection.' },
  internal: { status: 500, detail: 'Something went wrong on our side.' },
  upstream_failed: { status: 502, detail: 'The service behind the gateway did not answer.' },
  unavailable: { status: 503, detail: 'No decision can be made now. Try again shortly.' },
  upstream_timeout: { status: 504, detail: 'The service behind the gateway took too long.' },
} as const satisfies Record<string, Answer>

export type Code = keyof typeof answers

/** What `application/problem+json` (RFC 9457) carries in every answer of ours. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: Code
  readonly requestId: string
  readonly decisionId?: string
  /** What is wrong in rules that were sent, each at its line and column, one-based. */
  readonly problems?: readonly {
    readonly line: number
    readonly column: number
    readonly message: string
  }[]
}

/** Builds the problem document for `code`; `decisionId` is present where a decision was made. */
export function problem(code: Code, requestId: string, decisionId?: string): Problem {
  const { status, detail } = answers[code]
  const title = code.replaceAll('_', ' ')
  const base = { type: 'about:blank', title, status, detail, code, requestId }
  return decisionId === undefined ? base : { ...base, decisionId }
}
