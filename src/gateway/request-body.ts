/** The client's request body, on its way to an upstream. */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/** Whether the head of `req` announces a body that is not empty (RFC 9112 section 6). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Whether the request has a body of which some has not arrived yet. */
export function hasUnreadBody(req: IncomingMessage): boolean {
  return hasBody(req) && !req.complete
}

export interface BodyOptions {
  /** Called once, before the first byte is asked for: the time to answer `100 Continue`. */
  readonly onFirstRead: () => void
  /** The client sent nothing for `idleMs` although it was asked to. */
  readonly onStall: () => void
  readonly idleMs: number
}

/**
 * A stream of the body of `req` that asks the client for no more than its reader takes. It is not
 * `req` itself because whoever destroys that closes the client's connection, and the client is still
 * to be answered. It ends only when the whole body has come; a body that breaks off is an error.
 */
export function streamBody(req: IncomingMessage, options: BodyOptions): Readable {
  let started = false
  let idle: NodeJS.Timeout | undefined
  const onData = (chunk: Buffer) => {
    if (!body.push(chunk)) pause()
  }
  const onEnd = () => {
    pause()
    body.push(null)
  }
  const onClose = () => {
    if (!req.complete) body.destroy(new Error('The client broke off its request.'))
  }
  const pause = () => {
    req.pause()
    clearTimeout(idle)
  }
  const start = () => {
    started = true
    options.onFirstRead()
    req.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose)
  }
  const body = new Readable({
    read() {
      if (!started) start()
      clearTimeout(idle)
      idle = setTimeout(options.onStall, options.idleMs)
      req.resume()
    },
    destroy(error, callback) {
      clearTimeout(idle)
      req.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose)
      callback(error)
    },
  })
  // The exchange learns of the end from the response; this only keeps the error from being fatal.
  return body.on('error', () => {})
}
