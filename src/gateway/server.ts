/**
 * The gateway listener: Node's HTTP server with our bounds, the request handed to our own pages or
 * to the pipeline, and a drain that loses no request.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { BlockList } from 'node:net'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Reason } from '../lib/reasons.ts'
import { writeProblem, writeSocketProblem } from './answers.ts'
import type { Asked, Authorize } from './authorize.ts'
import { clientOf, valuesOf } from './client.ts'
import type { Door } from './decision-log.ts'
import { forward } from './forward.ts'
import type { OwnPages } from './own-pages.ts'
import type { Upgrades } from './upgrade.ts'
import type { Upstreams } from './upstreams.ts'

export interface GatewayOptions {
  readonly authorize: Authorize
  readonly ownPages: OwnPages
  readonly upstreams: Upstreams
  readonly upgrades: Upgrades
  readonly trustedProxies: BlockList
  readonly log: Log
}

export interface Gateway {
  readonly server: Server
  /** Judges every tunnel again and closes those that would not be allowed now (A3 66). */
  readonly recheck: () => Promise<void>
  /** Stops accepting, lets what runs finish, then closes; resolves when all is closed. */
  readonly drain: () => Promise<void>
}

/** Makes the server; the caller listens. */
export function createGateway(options: GatewayOptions): Gateway {
  const { authorize, upgrades, trustedProxies, log } = options
  let draining = false

  const handle = (req: IncomingMessage, res: ServerResponse, expectsContinue: boolean) => {
    if (draining) res.setHeader('Connection', 'close')
    exchange(options, req, res, expectsContinue).catch((error: unknown) => {
      log.error({ error: String(error) }, 'an exchange failed')
      if (res.headersSent) res.destroy()
      else writeProblem(req, res, { reason: 'internal', requestId: '' })
    })
  }

  const server = createServer({
    maxHeaderSize: limits.requestHeadBytes,
    headersTimeout: limits.requestHeadTimeoutMs,
    // A long upload is not a slow one: the body has its own idle time-out in `forward`.
    requestTimeout: 0,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // Answered by the canonical request with a problem document.
    requireHostHeader: false,
    insecureHTTPParser: false,
    // Anything but a WebSocket stays an ordinary request without its Upgrade header (A3 64).
    shouldUpgradeCallback: (req) => req.headers.upgrade?.toLowerCase() === 'websocket',
  })
  // Node's own count drops what is over it in silence; ours is a refusal (A3 69).
  server.maxHeadersCount = 0
  server.on('request', (req, res) => handle(req, res, false))
  server.on('checkContinue', (req, res) => handle(req, res, true))
  server.on('checkExpectation', (req, res) => {
    writeProblem(req, res, { reason: 'header_malformed', requestId: '' })
  })
  server.on('connect', (_req, socket) =>
    writeSocketProblem(socket, { reason: 'method_not_allowed' }),
  )
  server.on('upgrade', (req, socket, head) => {
    const ask = () => authorize(askedOf(req, 'upgrade', trustedProxies))
    upgrades.accept({ req, socket, head, authorize: ask })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    writeSocketProblem(socket, { reason: reasonOf(error) })
  })
  return {
    server,
    recheck: () =>
      upgrades.recheck(async ({ req }) => {
        const asked = askedOf(req, 'upgrade', trustedProxies)
        return (await authorize({ ...asked, again: true })).kind === 'allowed'
      }),
    drain: () => {
      draining = true
      return drain(options, server)
    },
  }
}

async function exchange(
  { authorize, ownPages, upstreams, trustedProxies }: GatewayOptions,
  req: IncomingMessage,
  res: ServerResponse,
  expectsContinue: boolean,
): Promise<void> {
  if (req.rawHeaders.length > 2 * limits.requestHeaderCount) {
    return writeProblem(req, res, { reason: 'headers_too_many', requestId: '' })
  }
  if (ownPages.owns(req.url ?? '')) return ownPages.answer(req, res)
  const outcome = await authorize(askedOf(req, 'proxy', trustedProxies))
  const { requestId, decisionId } = outcome
  switch (outcome.kind) {
    case 'server-wide':
      res.writeHead(204, { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' })
      res.end()
      return
    case 'refused':
      return writeProblem(req, res, { reason: outcome.reason, requestId, decisionId })
    case 'allowed':
      if (res.destroyed) return
      return forward({ req, res, ticket: outcome.ticket, upstreams, expectsContinue })
  }
}

/** The request as this door saw it: from the raw target and the raw headers alone. */
function askedOf(req: IncomingMessage, door: Door, trustedProxies: BlockList): Asked {
  const { rawHeaders, method = '', url: target = '', httpVersion } = req
  const client = clientOf(trustedProxies, req.socket.remoteAddress ?? '', rawHeaders)
  const hosts = valuesOf(rawHeaders, 'host')
  return {
    door,
    raw: { method, target, httpVersion, hosts },
    rawHeaders,
    clientAddress: client.address,
    scheme: client.scheme,
  }
}

function reasonOf({ code }: NodeJS.ErrnoException): Reason {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_many'
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'head_slow' : 'body_framing'
}

/**
 * Answers carry `Connection: close` while the balancer notices that we are not ready; then nobody
 * is accepted, idle connections are closed, and what runs may finish.
 */
async function drain({ upgrades }: GatewayOptions, server: Server): Promise<void> {
  const upgradesDone = upgrades.drain()
  await new Promise((resolve) => setTimeout(resolve, limits.drainGraceMs))
  const closed = new Promise((resolve) => server.close(resolve))
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const late = setTimeout(() => server.closeAllConnections(), limits.drainTimeoutMs)
  await Promise.all([closed, upgradesDone])
  clearInterval(idle)
  clearTimeout(late)
}
