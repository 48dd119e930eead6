/** Refusals of the management API as problem documents (RFC 9457). */
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { answers, problem } from '../lib/problems.ts'
import { type Reason, reasons } from '../lib/reasons.ts'

export type Env = { Bindings: HttpBindings; Variables: { requestId: string } }

/** The problem document for `reason`; its status follows from the error table. */
export function refuse(context: Context<Env>, reason: Reason): Response {
  const code = reasons[reason]
  const { status } = answers[code]
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' }
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer realm="gatehouse"'
  return new Response(JSON.stringify(problem(code, context.get('requestId'))), { status, headers })
}

/** A 400 that says what is wrong with which input, and what would be right. */
export function refuseInput(context: Context<Env>, detail: string): Response {
  const document = { ...problem('invalid_input', context.get('requestId')), detail }
  const headers = { 'Content-Type': 'application/problem+json' }
  return new Response(JSON.stringify(document), { status: document.status, headers })
}
