/** The management listener: Node's HTTP server with our bounds, in front of the application. */

import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { limits } from '../lib/limits.ts'
import { problem } from '../lib/problems.ts'
import { documentOf, type Env } from './runner/answers.ts'

/**
 * Makes the server; the caller listens. The Host header decides nothing here, for every link is made
 * of `ADMIN_URL`; one that is missing is as good as any.
 */
export function createManageServer(app: Hono<Env>): Server {
  const listener = getRequestListener(app.fetch, {
    hostname: 'localhost',
    // The lighter Request and Response of this adapter are not for the rest of the process.
    overrideGlobalObjects: false,
    errorHandler: refuseUnread,
  })
  const bounds = {
    maxHeaderSize: limits.requestHeadBytes,
    headersTimeout: limits.requestHeadTimeoutMs,
    requestTimeout: limits.requestIdleTimeoutMs,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requireHostHeader: false,
  }
  return createServer(bounds, (req, res) => void listener(req, res))
}

/** For a Host or a target of which no URL can be made, so that the application never sees the request. */
function refuseUnread(): Response {
  const requestId = randomUUID()
  const response = documentOf(problem('bad_request', requestId))
  response.headers.set('X-Request-Id', requestId)
  response.headers.set('Cache-Control', 'no-store')
  return response
}
