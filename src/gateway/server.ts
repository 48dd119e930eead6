/**
 * The gateway listener: Node's HTTP server with our bounds, the request handed to our own pages or
 * to the pipeline, and a drain that loses no request.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { BlockList } from 'node:net'
import { prepareDrain } from '../lib/drain.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import { writeProblem, writeSocketProblem } from './answers.ts'
import type { Asked, Authorize } from './authorize.ts'
import { clientOf } from './client.ts'
import type { Door } from './decision-log.ts'
import { forward } from './forward.ts'
import { valuesOf } from './header-names.ts'
import type { OwnPages } from './own-pages.ts'
import { createParserErrors } from './parser-errors.ts'
import type { Upgrades } from './upgrade.ts'
import type { Upstreams } from './upstreams.ts'

/** How patient the listener is with a client that dribbles; by default as `limits` says. */
export interface Patience {
  readonly requestHeadTimeoutMs?: number
  readonly requestIdleTimeoutMs?: number
}

export interface GatewayOptions extends Patience {
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
  const { authorize, ownPages, upgrades, trustedProxies, log } = options
  const parserErrors = createParserErrors()

  const handle = (req: IncomingMessage, res: ServerResponse, expectsContinue: boolean) => {
    parserErrors.begin(req, res)
    // After an Upgrade that is not taken Node drops whatever else came in the same segment, and would
    // read the next one as if it began a request (A3 64).
    if (req.headers.upgrade !== undefined) res.shouldKeepAlive = false
    exchange(options, req, res, expectsContinue).catch((error: unknown) => {
      log.error({ error: String(error) }, 'an exchange failed')
      if (res.headersSent) res.destroy()
      else writeProblem(req, res, { reason: 'internal', requestId: '' })
    })
  }

  const server = createServer({
    maxHeaderSize: limits.requestHeadBytes,
    headersTimeout: options.requestHeadTimeoutMs ?? limits.requestHeadTimeoutMs,
    // A long upload is not a slow one: the body has its own idle time-out in `forward`.
    requestTimeout: 0,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // Answered by the canonical request with a problem document.
    requireHostHeader: false,
    insecureHTTPParser: false,
    // Anything but a WebSocket stays an ordinary request without its Upgrade header (A3 64); so does
    // a question to a door that repeats the client's.
    shouldUpgradeCallback: ({ headers, url = '' }) =>
      headers.upgrade?.toLowerCase() === 'websocket' && !ownPages.owns(url),
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
  server.on('clientError', parserErrors.refuse)
  const drainServer = prepareDrain(server)
  return {
    server,
    recheck: () =>
      upgrades.recheck(async ({ req }) => {
        const asked = askedOf(req, 'upgrade', trustedProxies)
        return (await authorize({ ...asked, again: true })).kind === 'allowed'
      }),
    drain: async () => {
      const times = { graceMs: limits.drainGraceMs, timeoutMs: limits.drainTimeoutMs }
      await Promise.all([upgrades.drain(), drainServer(times)])
    },
  }
}

async function exchange(
  {
    authorize,
    ownPages,
    upstreams,
    trustedProxies,
    requestIdleTimeoutMs: requestIdleMs = limits.requestIdleTimeoutMs,
  }: GatewayOptions,
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
      // Meanwhile the client left, or what it sent after its head was refused by the parser.
      if (!req.socket.writable) return
      return forward({
        req,
        res,
        ticket: outcome.ticket,
        upstreams,
        expectsContinue,
        requestIdleMs,
      })
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
