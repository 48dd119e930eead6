/**
 * The one place that writes `application/problem+json` (RFC 9457), onto a Node response or onto a
 * bare socket whose request never became one.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { limits } from '../lib/limits.ts'
import { answers, problem } from '../lib/problems.ts'
import { type Reason, reasons } from '../lib/reasons.ts'
import { hasUnreadBody } from './request-body.ts'

/** Answers a request by itself. */
export type Page = (req: IncomingMessage, res: ServerResponse) => Promise<void>

export interface Refusal {
  readonly reason: Reason
  /** Empty or absent: a new one is made, so that the caller always has one to quote. */
  readonly requestId?: string
  readonly decisionId?: string
  /** What is wrong with an input, for whoever sent it; instead of the table's sentence. */
  readonly detail?: string
  /** Instead of the reason's own status, for a proxy that understands only some. */
  readonly status?: number
  /** Further header fields, such as `Allow`. */
  readonly headers?: readonly (readonly [string, string])[]
}

interface Written {
  readonly status: number
  readonly headers: string[]
  readonly body: string
}

/** Writes the problem of `refusal`; when the head is out already, the connection is cut instead. */
export function writeProblem(req: IncomingMessage, res: ServerResponse, refusal: Refusal): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  const { status, headers, body } = render(refusal)
  // Bytes of a body that nobody reads would be parsed as the next request, and where a body ends in
  // two places so does the request after it.
  if (hasUnreadBody(req) || refusal.reason === 'body_framing') headers.push('Connection', 'close')
  res.writeHead(status, headers)
  res.write(body)
  finish(req, res)
}

/** Writes the problem of `refusal` onto a socket that has no response object, and closes it. */
export function writeSocketProblem(socket: Duplex, refusal: Refusal): void {
  socket.on('error', () => socket.destroy())
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { status, headers, body } = render(refusal)
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`]
  headers.push('Date', new Date().toUTCString(), 'Connection', 'close')
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`)
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

/**
 * Ends a response whose body is written. While the client still sends, a close would reach it as a
 * reset and could destroy the answer on its way; so a bounded part of the rest is thrown away first.
 */
export function finish(req: IncomingMessage, res: ServerResponse): void {
  if (!hasUnreadBody(req)) {
    res.end()
    return
  }
  let left = limits.lingerBytes
  const end = () => {
    clearTimeout(late)
    req.off('data', count).off('end', end)
    res.end()
  }
  const count = (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) end()
  }
  const late = setTimeout(end, limits.lingerMs)
  req.on('data', count).on('end', end).resume()
  res.once('close', end)
}

/** Writes a whole answer of ours; Node leaves the body of an answer to HEAD out, and its length in. */
export function writeJson(
  req: IncomingMessage,
  res: ServerResponse,
  document: object,
  headers: readonly (readonly [string, string])[],
): void {
  const body = JSON.stringify(document)
  if (hasUnreadBody(req)) res.setHeader('Connection', 'close')
  res.writeHead(200, [...headers.flat(), 'Content-Length', String(Buffer.byteLength(body))])
  res.write(body)
  finish(req, res)
}

function render(refusal: Refusal): Written {
  const { reason, requestId, decisionId, status, detail, headers = [] } = refusal
  const code = reasons[reason]
  const id = requestId || randomUUID()
  const document = problem(code, id, decisionId)
  const sent = status ?? answers[code].status
  const body = JSON.stringify({ ...document, status: sent, ...(detail && { detail }) })
  const list = [
    'Content-Type',
    'application/problem+json',
    'Content-Length',
    String(Buffer.byteLength(body)),
    'Cache-Control',
    'no-store',
    'X-Request-Id',
    id,
    ...headers.flat(),
  ]
  if (sent === 401) list.push('WWW-Authenticate', 'Bearer realm="gatehouse"')
  if (sent === 503) list.push('Retry-After', String(limits.retryAfterSeconds))
  return { status: sent, headers: list, body }
}
