/** What a client of the management API throws: a refusal with its code, or that nobody answered. */
import type { components } from './api.d.ts'

type Problem = components['schemas']['Problem']

/** The API answered, and refused. `message` is its sentence for the caller. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly status: number
  /** One of the stable codes; `undefined` where somebody in between answered in another way. */
  readonly code: Problem['code'] | undefined
  /** Names the request in the log of the server. */
  readonly requestId: string | undefined
  /** What is wrong in rules that were sent, each at its line and column. */
  readonly problems: NonNullable<Problem['problems']>

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? `The answer is ${status} and says no more.`)
    this.status = status
    this.code = problem.code
    this.requestId = problem.requestId
    this.problems = problem.problems ?? []
  }
}

/** Nobody answered: there is no connection, or it took too long. `cause` is what went wrong. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

/** Reads a refusal (RFC 9457). */
export async function refusalOf(response: Response): Promise<RefusedError> {
  const type = response.headers.get('content-type') ?? ''
  const isProblem = type.startsWith('application/problem+json')
  const problem = isProblem ? await response.json().catch(() => ({})) : {}
  return new RefusedError(response.status, problem as Partial<Problem>)
}
