/** Refusals of the management API as problem documents (RFC 9457). */
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { limits } from '../../lib/limits.ts'
import { answers, type Code, type Problem, problem } from '../../lib/problems.ts'
import { type Reason, reasons } from '../../lib/reasons.ts'
import { describeProblem, type PolicyProblem } from '../../policy/problem.ts'

export type Env = {
  Bindings: HttpBindings
  Variables: {
    requestId: string
    /** Why the request was refused, for the log. */
    refusal?: string
  }
}

/**
 * The problem document for `reason`; its status follows from the error table. `exact` is what the
 * log learns where the caller may not.
 */
export function refuse(context: Context<Env>, reason: Reason, exact = reason): Response {
  context.set('refusal', exact)
  return documentOf(problem(reasons[reason], context.get('requestId')))
}

/** A refusal that says what is in the way. */
export function refuseCode(context: Context<Env>, code: Code, detail: string): Response {
  context.set('refusal', detail)
  const response = documentOf({ ...problem(code, context.get('requestId')), detail })
  // The rest of a body that is too large is not read, so nothing may follow it on this connection.
  if (code === 'body_too_large') response.headers.set('Connection', 'close')
  return response
}

/** A 400 that names what is wrong in rules that were sent, each mistake at its line and column. */
export function refuseRules(context: Context<Env>, found: readonly PolicyProblem[]): Response {
  const problems = found.slice(0, limits.problemsShown).map(({ line, column, message }) => {
    return { line, column, message }
  })
  const [first] = found
  const detail = first === undefined ? answers.invalid_input.detail : describeProblem(first)
  context.set('refusal', detail)
  const document = problem('invalid_input', context.get('requestId'))
  return documentOf({ ...document, detail, problems })
}

/** A 405; `allow` says what the resource accepts, by default that it can only be read. */
export function refuseMethod(context: Context<Env>, allow = 'GET, HEAD'): Response {
  const response = refuse(context, 'method_not_allowed')
  response.headers.set('Allow', allow)
  return response
}

/** A problem document as an answer. */
export function documentOf(document: Problem): Response {
  const { status } = answers[document.code]
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' }
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer realm="gatehouse"'
  if (status === 503) headers['Retry-After'] = String(limits.retryAfterSeconds)
  return new Response(JSON.stringify(document), { status, headers })
}
