/**
 * One allowed request and its answer: out to an upstream, back onto the client's response, with
 * back-pressure both ways. Whatever ends it, it ends once, and takes the other side along.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Reason } from '../lib/reasons.ts'
import { finish, writeProblem } from './answers.ts'
import { hasUnreadBody } from './request-body.ts'
import { responseHeaders } from './response-headers.ts'
import type { AllowedRequest } from './ticket.ts'
import type { Controller, Handler, Upstream, UpstreamRequest } from './upstream.ts'
import type { Upstreams } from './upstreams.ts'

export interface ExchangeEnd {
  /** What the client saw, or 499 when it left before it saw anything. */
  readonly status: number
  /** Why forwarding failed, where it did. */
  readonly reason?: Reason
}

export interface ExchangeOptions {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly allowed: AllowedRequest
  readonly upstreams: Upstreams
  readonly request: UpstreamRequest
  /** How long a client may take nothing of an answer that waits for it. */
  readonly answerIdleMs: number
  /** Takes the connection after a 101 with these raw headers; false when it is not acceptable. */
  readonly onSwitch?: (rawHeaders: string[], upstream: Duplex) => boolean
  /** Called once, when the response is closed. Never called after a switch. */
  readonly onEnd?: (end: ExchangeEnd) => void
}

/** Safe to send again to somebody else when nobody has seen it (RFC 9110 section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

export class Exchange implements Handler {
  readonly #options: ExchangeOptions
  readonly #tried = new Set<Upstream>()
  #upstream: Upstream | undefined
  #controller: Controller | undefined
  #waiting: NodeJS.Timeout | undefined
  #answered = false
  #held = false
  #over = false
  #reason: Reason | undefined

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  begin(): void {
    const { res, allowed } = this.#options
    const { connectMs, firstByteMs } = allowed.application.timeouts
    res.once('close', () => this.#closed())
    // Covers the line for a connection as well, of which undici knows no bound.
    this.#waiting = setTimeout(() => this.fail('upstream_slow'), connectMs + firstByteMs)
    this.#attempt('upstream_resting')
  }

  /** Ends the exchange for `reason`: as a problem, or where an answer has begun by cutting it. */
  fail(reason: Reason): void {
    if (this.#over) return
    const { req, res, allowed } = this.#options
    this.#reason = reason
    this.#release()
    const { requestId, decisionId } = allowed
    if (res.headersSent) cut(req, res)
    else writeProblem(req, res, { reason, requestId, decisionId })
  }

  onRequestStart(controller: Controller): void {
    clearTimeout(this.#waiting)
    this.#controller = controller
    if (this.#over) controller.abort(new Error('The exchange is over.'))
  }

  onResponseStart(controller: Controller, status: number): void {
    // A 1xx is about the connection to the upstream, and is not passed on.
    if (status < 200 || this.#over) return
    const { req, res } = this.#options
    this.#answered = true
    const headers = this.#responseHead(controller, status)
    // The rest of a body that the upstream did not wait for would be read as the next request.
    if (hasUnreadBody(req)) headers.push('Connection', 'close')
    try {
      res.writeHead(status, headers)
    } catch {
      this.fail('upstream_broken')
    }
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#over || this.#options.res.write(chunk)) return
    controller.pause()
    this.#expectDrain()
  }

  onResponseEnd(): void {
    this.#settle()
    if (this.#over) return
    const { req, res } = this.#options
    this.#over = true
    if (res.writableNeedDrain) this.#expectDrain()
    finish(req, res)
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    const sent = this.#controller !== undefined
    const reason = reasonOf(error, sent)
    this.#settle(reason)
    if (this.#over) return
    const { body, method } = this.#options.request
    const again = reason !== 'header_malformed' && body === null && IDEMPOTENT.has(method)
    if (!sent && again && this.#tried.size === 1) this.#attempt(reason)
    else this.fail(reason)
  }

  onRequestUpgrade(controller: Controller, _status: number, _headers: unknown, up: Duplex): void {
    this.#answered = true
    this.#settle()
    // From here on the connection is its taker's; `res` has lost it and will not close.
    if (!this.#over && this.#options.onSwitch?.(rawHeadersOf(controller), up)) {
      this.#over = true
      return
    }
    up.destroy()
    this.fail('upstream_upgrade_refused')
  }

  #attempt(otherwise: Reason): void {
    const { upstreams, allowed, request } = this.#options
    const upstream = upstreams.choose(allowed.application, this.#tried)
    if (upstream === undefined) {
      this.fail(otherwise)
    } else if (upstream.isFull()) {
      this.fail('upstream_busy')
    } else {
      this.#tried.add(upstream)
      this.#upstream = upstream
      upstream.dispatch(request, this)
    }
  }

  #settle(reason?: Reason): void {
    const refused = reason === 'upstream_refused' || reason === 'upstream_slow'
    const unreachable = refused && this.#controller === undefined
    this.#upstream?.settle(this.#answered ? 'answered' : unreachable ? 'unreachable' : 'failed')
    this.#upstream = undefined
    this.#controller = undefined
  }

  #responseHead(controller: Controller, status: number): string[] {
    const { credentialed, requestId } = this.#options.allowed
    const headers = responseHeaders(rawHeadersOf(controller), { credentialed, requestId })
    // RFC 9110 section 8.6: a 204 has no length.
    return status === 204 ? without(headers, 'content-length') : headers
  }

  /** Node destroys a socket that takes nothing for the time given here. */
  #expectDrain(): void {
    const { res, answerIdleMs } = this.#options
    res.socket?.setTimeout(answerIdleMs)
    if (this.#held) return
    this.#held = true
    res.on('drain', () => {
      res.socket?.setTimeout(0)
      this.#controller?.resume()
    })
  }

  #closed(): void {
    const { res, onEnd } = this.#options
    if (!res.writableFinished) this.#reason ??= 'client_gone'
    this.#release()
    const status = res.headersSent ? res.statusCode : 499
    onEnd?.({ status, ...(this.#reason && { reason: this.#reason }) })
  }

  /** Frees the upstream at once, whatever it is doing. */
  #release(): void {
    this.#over = true
    clearTimeout(this.#waiting)
    this.#options.request.body?.destroy()
    this.#controller?.abort(new Error('The exchange is over.'))
  }
}

/** Ends an answer so that its client sees that it is not whole. */
function cut(req: IncomingMessage, res: ServerResponse): void {
  // Without a length or chunks a plain close would be a clean end.
  if (req.httpVersion === '1.0') res.socket?.resetAndDestroy()
  else res.destroy()
}

function reasonOf(error: Error, sent: boolean): Reason {
  switch ('code' in error ? error.code : undefined) {
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'upstream_slow'
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return 'header_malformed'
    case 'UND_ERR_CLOSED':
    case 'UND_ERR_DESTROYED':
      return 'upstream_resting'
    default:
      return sent ? 'upstream_broken' : 'upstream_refused'
  }
}

/** undici hands out the bytes of each name and value. */
function rawHeadersOf({ rawHeaders }: Controller): string[] {
  if (!Array.isArray(rawHeaders)) return []
  return rawHeaders.map((part) => (typeof part === 'string' ? part : part.toString('latin1')))
}

function without(flat: readonly string[], name: string): string[] {
  return flat.filter((_, at) => flat[at - (at % 2)]?.toLowerCase() !== name)
}
