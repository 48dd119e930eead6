/**
 * A client of the management API, typed by its OpenAPI document. It has no privileges and knows nothing
 * that a client which somebody else generates would not.
 */
import createFetchClient, { type Client as FetchClient } from 'openapi-fetch'
import { limits } from '../lib/limits.ts'
import type { paths } from './api.d.ts'
import { refusalOf, UnreachableError } from './errors.ts'

export interface ClientOptions {
  /** The origin of the management listener, as in `http://127.0.0.1:8081`. */
  readonly url: string
  /** An API key, a session or a token; without one only what anyone may ask is answered. */
  readonly key?: string | undefined
  /** For each attempt, until the answer's head; `limits.clientTimeoutMs` unless it says otherwise. */
  readonly timeoutMs?: number
}

export type Client = FetchClient<paths>

type Verb = 'post' | 'put' | 'patch' | 'delete'
/** The names of the headers that an operation takes; none of what is no operation. */
type HeaderOf<Operation> = Operation extends { parameters: { header?: infer Headers } }
  ? [NonNullable<Headers>] extends [never]
    ? 'none'
    : keyof NonNullable<Headers>
  : 'Idempotency-Key'
/** The methods and paths whose requests may carry no `Idempotency-Key`, as the document has them. */
type Unrepeatable = {
  [P in keyof paths]: {
    [V in Verb]: 'Idempotency-Key' extends HeaderOf<paths[P][V]> ? never : `${Uppercase<V>} ${P}`
  }[Verb]
}[keyof paths]

/** By name, for types are gone when this runs; the compiler demands each and refuses every other. */
const unrepeatable: Readonly<Record<Unrepeatable, true>> = {
  'POST /setup': true,
  'POST /sign-in': true,
  'POST /password-resets': true,
  'POST /password-resets/complete': true,
  'PUT /me/password': true,
  'POST /invitations/read': true,
  'POST /invitations/accept': true,
  'POST /invitations/decline': true,
  'POST /orgs/{org}/policies/check': true,
  'POST /orgs/{org}/policies/diff': true,
}

/**
 * Makes a client. What is refused is thrown as a `RefusedError`; where nobody answers, an
 * `UnreachableError`. A change carries an `Idempotency-Key`, so it is sent once more when the connection
 * breaks, as a read is; one that may carry none is sent once.
 */
export function createClient(options: ClientOptions): Client {
  const { url, key, timeoutMs = limits.clientTimeoutMs } = options
  const once = new WeakSet<Request>()
  const client = createFetchClient<paths>({
    baseUrl: `${url.replace(/\/+$/, '')}/api/v1`,
    // A redirect would carry the credential to wherever it points.
    redirect: 'error',
    fetch: (request) => send(request, timeoutMs, once.has(request) ? 1 : 2),
    ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
  })
  client.use({
    onRequest({ request, schemaPath }) {
      if (request.method === 'GET') return
      if (Object.hasOwn(unrepeatable, `${request.method} ${schemaPath}`)) once.add(request)
      else if (!request.headers.has('idempotency-key')) {
        request.headers.set('idempotency-key', crypto.randomUUID())
      }
    },
    async onResponse({ response }) {
      if (!response.ok && response.status !== 304) throw await refusalOf(response)
    },
  })
  return client
}

/** The answer's data; for operations that have some. */
export async function dataOf<T>(asked: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await asked
  if (data === undefined || data === null) throw new TypeError('This answer has no data.')
  return data
}

async function send(request: Request, timeoutMs: number, attempts: number): Promise<Response> {
  // Bodies of requests are read once.
  const again = attempts > 1 ? request.clone() : undefined
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    return await fetch(request, { signal: AbortSignal.any([timeout, request.signal]) })
  } catch (error) {
    if (request.signal.aborted) throw error
    // Who did not answer in time is not made to do the same twice at once.
    if (again !== undefined && !timeout.aborted) return send(again, timeoutMs, attempts - 1)
    const { origin } = new URL(request.url)
    const why = timeout.aborted ? `did not answer within ${timeoutMs} ms` : 'cannot be reached'
    throw new UnreachableError(`${origin} ${why}.`, { cause: error })
  }
}
