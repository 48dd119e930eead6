/**
 * What Node's parser refuses (A3 52 to 57, 68, 69). The refusal is written onto the bare socket, so
 * it must neither run into an answer that has begun nor be taken for one that is still due: a client
 * reads answers in the order of its requests.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Reason } from '../lib/reasons.ts'
import { writeSocketProblem } from './answers.ts'

export interface ParserErrors {
  /** A request was read as far as its head; `res` will be its answer. */
  readonly begin: (req: IncomingMessage, res: ServerResponse) => void
  /** What came next on the connection is no HTTP, or came too slowly. */
  readonly refuse: (error: NodeJS.ErrnoException, socket: Duplex) => void
}

interface Newest {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

export function createParserErrors(): ParserErrors {
  const newest = new WeakMap<Duplex, Newest>()
  const ending = new WeakSet<Duplex>()
  return {
    begin: (req, res) => newest.set(req.socket, { req, res }),
    refuse: (error, socket) => {
      if (ending.has(socket)) return
      const { req, res } = newest.get(socket) ?? {}
      const due = req !== undefined && res !== undefined && !res.writableFinished
      if (due && req.complete) {
        ending.add(socket)
        res.shouldKeepAlive = false
        res.once('close', () => socket.end(() => socket.destroy()))
      } else if (due && (res.headersSent || res.socket === null)) {
        socket.destroy()
      } else {
        writeSocketProblem(socket, { reason: reasonOf(error) })
      }
    },
  }
}

function reasonOf({ code }: NodeJS.ErrnoException): Reason {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_many'
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'head_slow' : 'body_framing'
}
