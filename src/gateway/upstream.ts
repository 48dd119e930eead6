/** One upstream: its connections, how many requests it has, and whether it is well. */
import type { Readable } from 'node:stream'
import { Client, type Dispatcher, Pool } from 'undici'
import { limits } from '../lib/limits.ts'
import { createDial, type Dial, type DialOptions } from './dial.ts'
import { createHealth } from './health.ts'

export type Handler = Dispatcher.DispatchHandler
export type Controller = Dispatcher.DispatchController

export interface UpstreamRequest {
  /** Path and query, exactly as they are sent. */
  readonly path: string
  readonly method: string
  /** Flat names and values. */
  readonly headers: string[]
  readonly body: Readable | null
  readonly upgrade: string | null
  readonly headersTimeout: number
  readonly bodyTimeout: number
}

/** How a dispatch ended: with an answer, without a connection, or otherwise. */
export type Settled = 'answered' | 'unreachable' | 'failed'

export interface Upstream {
  readonly origin: string
  readonly usable: () => boolean
  /** Whether so many wait for a connection that another one must not. */
  readonly isFull: () => boolean
  /** Sends. Whoever calls also calls `settle`, once. */
  readonly dispatch: (request: UpstreamRequest, handler: Handler) => void
  readonly settle: (how: Settled) => void
  /** Takes nothing more; resolves when what runs has ended. */
  readonly close: () => Promise<void>
  readonly destroy: () => Promise<void>
}

export interface UpstreamOptions extends DialOptions {
  readonly healthPath: string | undefined
  readonly connections: number
  readonly waiting: number
  readonly probeIntervalMs: number
  readonly failuresBeforeRest: number
  readonly onChange: (origin: string, usable: boolean) => void
}

/** Opens no connection yet. */
export function createUpstream(origin: string, options: UpstreamOptions): Upstream {
  const { healthPath, connections, waiting, connectMs } = options
  const connect = createDial(origin, options)
  const pool = new Pool(origin, { ...connectionOptions, connect, connections })
  const health = createHealth({
    probe: () =>
      healthPath === undefined
        ? canConnect(origin, connect)
        : isHealthy(origin, connect, healthPath, connectMs + limits.upstreamProbeTimeoutMs),
    always: healthPath !== undefined,
    intervalMs: options.probeIntervalMs,
    failuresBeforeRest: options.failuresBeforeRest,
    onChange: (usable) => options.onChange(origin, usable),
  })
  const { protocol, hostname } = new URL(origin)
  // undici would take the name from the Host header and reconnect whenever a client changes it.
  const tls = protocol === 'https:' ? { servername: hostname } : undefined
  let running = 0
  return {
    origin,
    usable: health.usable,
    isFull: () => running >= connections + waiting,
    dispatch: (request, handler) => {
      running += 1
      pool.dispatch(tls === undefined ? request : { ...request, ...tls }, handler)
    },
    settle: (how) => {
      running -= 1
      if (how !== 'failed') health[how]()
    },
    close: () => {
      health.close()
      return pool.close()
    },
    destroy: () => {
      health.close()
      return pool.destroy()
    },
  }
}

const connectionOptions = {
  // A second request on a connection that still answers the first could get the wrong answer.
  pipelining: 1,
  allowH2: false,
  keepAliveTimeout: limits.upstreamKeepAliveMs,
  maxHeaderSize: limits.upstreamHeadBytes,
} as const

function canConnect(origin: string, dial: Dial): Promise<boolean> {
  const { protocol, hostname, host, port } = new URL(origin)
  const bare = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve) => {
    dial({ protocol, hostname: bare, host, port }, (error, socket) => {
      socket?.destroy()
      resolve(error === null)
    })
  })
}

/** On a connection of its own: a busy pool must not look like a sick upstream. */
async function isHealthy(origin: string, connect: Dial, path: string, timeoutMs: number) {
  const client = new Client(origin, { ...connectionOptions, connect })
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const { statusCode } = await client.request({ path, method: 'GET', signal })
    return statusCode >= 200 && statusCode < 300
  } catch {
    return false
  } finally {
    await client.destroy()
  }
}
