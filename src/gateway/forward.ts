/** Sends an allowed request to its upstream, exactly as its ticket names it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { limits } from '../lib/limits.ts'
import type { Reason } from '../lib/reasons.ts'
import { writeProblem } from './answers.ts'
import { Exchange, type ExchangeEnd } from './exchange.ts'
import { requestHeaders } from './headers.ts'
import { hasBody, streamBody } from './request-body.ts'
import type { AllowedRequest, Ticket } from './ticket.ts'
import type { UpstreamRequest } from './upstream.ts'
import type { Upstreams } from './upstreams.ts'

export interface ForwardContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly ticket: Ticket
  readonly upstreams: Upstreams
  /** The client waits for `100 Continue`; it gets one when an upstream is there to take the body. */
  readonly expectsContinue: boolean
  readonly requestIdleMs?: number
  readonly answerIdleMs?: number
  /** Called once, when all is over. */
  readonly onEnd?: (end: ExchangeEnd) => void
}

/** Takes the ticket and answers on `res`; never throws for what a client or an upstream does. */
export function forward(context: ForwardContext): void {
  const { req, res, upstreams, onEnd } = context
  const allowed = context.ticket.take()
  const body = hasBody(req) ? bodyOf(context, () => exchange.fail('body_slow')) : null
  const request = outgoing(req, allowed, body, null)
  if (typeof request === 'string') {
    refuse(context, allowed, request)
    return
  }
  const exchange = new Exchange({
    req,
    res,
    allowed,
    upstreams,
    request,
    answerIdleMs: context.answerIdleMs ?? limits.answerIdleTimeoutMs,
    ...(onEnd && { onEnd }),
  })
  exchange.begin()
}

/**
 * The request as it leaves. Method, host, path and query are the ticket's; nothing of the raw
 * request line is used again (I1). A reason where the client's headers cannot be sent.
 */
export function outgoing(
  { rawHeaders }: IncomingMessage,
  { request, path, headers, application }: AllowedRequest,
  body: Readable | null,
  upgrade: string | null,
): UpstreamRequest | Reason {
  const sent = requestHeaders(rawHeaders, [['host', request.host], ...headers])
  if (typeof sent === 'string') return sent
  // undici would read anything else as an absolute URL.
  if (!path.startsWith('/')) return 'internal'
  return {
    path: path + request.query,
    method: request.method,
    headers: sent,
    body,
    upgrade,
    headersTimeout: application.timeouts.firstByteMs,
    bodyTimeout: application.timeouts.idleMs,
  }
}

function bodyOf(context: ForwardContext, onStall: () => void): Readable {
  const { req, res, expectsContinue } = context
  return streamBody(req, {
    idleMs: context.requestIdleMs ?? limits.requestIdleTimeoutMs,
    onStall,
    onFirstRead: () => {
      if (expectsContinue && !res.headersSent) res.writeContinue()
    },
  })
}

function refuse({ req, res, onEnd }: ForwardContext, allowed: AllowedRequest, reason: Reason) {
  const { requestId, decisionId } = allowed
  res.once('close', () => onEnd?.({ status: res.statusCode, reason }))
  writeProblem(req, res, { reason, requestId, decisionId })
}
