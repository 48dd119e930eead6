/** The forwarding half of the gateway on real sockets: every request that arrives was allowed. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { pino } from 'pino'
import type { Method } from '../../src/gateway/canonical.ts'
import type { ExchangeEnd } from '../../src/gateway/exchange.ts'
import { type ForwardContext, forward } from '../../src/gateway/forward.ts'
import { type AllowedRequest, issueTicket, type Ticket } from '../../src/gateway/ticket.ts'
import { createUpgrades, type Upgrades, type UpgradesOptions } from '../../src/gateway/upgrade.ts'
import {
  createUpstreams,
  type Upstreams,
  type UpstreamsOptions,
} from '../../src/gateway/upstreams.ts'
import type { Application } from '../../src/policy/applications.ts'

export interface Forwarding {
  readonly port: number
  readonly upstreams: Upstreams
  readonly upgrades: Upgrades
  /** The clients' connections, as the gateway holds them. */
  readonly clients: Set<Socket>
  /** How exchanges ended, in order. */
  readonly ends: ExchangeEnd[]
  readonly close: () => Promise<void>
}

export interface ForwardingOptions {
  readonly origins: readonly string[]
  readonly application?: Partial<Application>
  readonly upstreams?: Partial<UpstreamsOptions>
  readonly upgrades?: Partial<UpgradesOptions>
  readonly context?: Partial<ForwardContext>
  readonly allowed?: Partial<AllowedRequest>
  /** In place of the allow that every upgrade gets. */
  readonly authorizeUpgrade?: (
    ticket: Ticket,
  ) => ReturnType<Parameters<Upgrades['accept']>[0]['authorize']>
}

export const silentLog = pino({ level: 'silent' })

export function testApplication(
  origins: readonly string[],
  over: Partial<Application> = {},
): Application {
  return {
    id: 'docs',
    host: undefined,
    prefix: '/',
    strip: false,
    upstreams: origins,
    healthPath: undefined,
    timeouts: { connectMs: 1_000, firstByteMs: 5_000, idleMs: 5_000 },
    organisation: { from: 'credential' },
    publicPaths: [],
    operations: [],
    resources: [],
    ...over,
  }
}

/** A ticket for exactly what `req` asks for, as one allow would have issued it. */
function ticketFor(
  req: IncomingMessage,
  application: Application,
  over: Partial<AllowedRequest> = {},
): Ticket {
  const [path = '/', ...query] = (req.url ?? '/').split('?')
  const host = req.headers.host ?? 'docs.test'
  const request = {
    method: req.method as Method,
    host,
    hostname: host,
    path,
    query: query.length === 0 ? '' : `?${query.join('?')}`,
  }
  const headers = [['gatehouse-decision', 'd1']] as const
  const marks = { requestId: 'r1', decisionId: 'd1', credentialed: true }
  return issueTicket({ application, request, path, headers, ...marks, ...over })
}

/** Starts a listener that forwards all it gets to `origins`. */
export async function startForwarding(options: ForwardingOptions): Promise<Forwarding> {
  const application = testApplication(options.origins, options.application)
  const upstreams = createUpstreams({ log: silentLog, ownPorts: [], ...options.upstreams })
  upstreams.update([application])
  const upgrades = createUpgrades({ upstreams, ...options.upgrades })
  const ends: ExchangeEnd[] = []
  const clients = new Set<Socket>()
  const handle = (req: IncomingMessage, res: ServerResponse, expectsContinue: boolean) => {
    const ticket = ticketFor(req, application, options.allowed)
    const onEnd = (end: ExchangeEnd) => ends.push(end)
    forward({ req, res, ticket, upstreams, expectsContinue, onEnd, ...options.context })
  }
  const server = createServer({
    shouldUpgradeCallback: (req) => req.headers.upgrade?.toLowerCase() === 'websocket',
  })
  server.on('connection', (socket) => {
    clients.add(socket)
    socket.on('close', () => clients.delete(socket))
  })
  server.on('request', (req, res) => handle(req, res, false))
  server.on('checkContinue', (req, res) => handle(req, res, true))
  server.on('upgrade', (req, socket, head) => {
    const ticket = ticketFor(req, application, options.allowed)
    const allow = async () =>
      ({ kind: 'allowed', ticket, requestId: 'r1', decisionId: 'd1' }) as const
    const authorize = () => options.authorizeUpgrade?.(ticket) ?? allow()
    upgrades.accept({ req, socket, head, authorize })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    upstreams,
    upgrades,
    clients,
    ends,
    close: async () => {
      for (const socket of clients) socket.destroy()
      await upstreams.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface RawUpstream {
  readonly port: number
  readonly origin: string
  /** Every connection ever made, in order. */
  readonly sockets: Socket[]
  /** How many connections are open now. */
  readonly open: () => number
  /** All bytes received, of all connections, as latin-1 text. */
  readonly received: () => string
  readonly close: () => Promise<void>
}

/** A service made of bytes. `onHead` is called once a connection, when a request head has come. */
export async function startRawUpstream(
  onHead: (socket: Socket, head: string) => void,
  port = 0,
): Promise<RawUpstream> {
  const sockets: Socket[] = []
  const open = new Set<Socket>()
  const texts: string[] = []
  const server = createTcpServer((socket) => {
    const at = sockets.push(socket) - 1
    open.add(socket)
    texts[at] = ''
    let headSeen = false
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    socket.on('data', (chunk: Buffer) => {
      texts[at] += chunk.toString('latin1')
      if (headSeen || !texts[at]?.includes('\r\n\r\n')) return
      headSeen = true
      onHead(socket, texts[at] ?? '')
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const bound = (server.address() as AddressInfo).port
  return {
    port: bound,
    origin: `http://127.0.0.1:${bound}`,
    sockets,
    open: () => open.size,
    received: () => texts.join(''),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const upstream = await startRawUpstream(() => {})
  await upstream.close()
  return upstream.port
}

/** Waits until `holds`, however busy the machine is. */
export async function until(holds: () => boolean, longestMs = 8_000): Promise<void> {
  const end = Date.now() + longestMs
  while (!holds()) {
    if (Date.now() > end) throw new Error(`It never came true: ${holds.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
