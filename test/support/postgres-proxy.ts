/** A way to a PostgreSQL server that can lose notifications, be slow, or end. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface PostgresProxy {
  /** The address of the same database through the proxy. */
  readonly url: string
  /** How many notifications were kept from this client. */
  readonly lost: () => number
  /** Keeps every notification from now on, or lets them through again. */
  readonly loseNotifications: (lose: boolean) => void
  /** What the server answers arrives so much later. */
  readonly delay: (ms: number) => void
  readonly close: () => Promise<void>
}

/** NotificationResponse, section 54.7 of PostgreSQL's documentation. */
const NOTIFICATION = 'A'.charCodeAt(0)
const HEAD_BYTES = 5

/** Opens a proxy in front of the server of `databaseUrl`, which is asked without TLS. */
export async function openPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const state = { lose: false, delayMs: 0, lost: 0 }
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      // Each query waits for its answer: Nagle's algorithm would add 40 ms to every one.
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream)
    pass(upstream, client, state).catch(() => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(databaseUrl)
  through.hostname = '127.0.0.1'
  through.port = String((server.address() as AddressInfo).port)
  return {
    url: through.href,
    lost: () => state.lost,
    loseNotifications: (lose) => {
      state.lose = lose
    },
    delay: (ms) => {
      state.delayMs = ms
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

interface State {
  lose: boolean
  delayMs: number
  lost: number
}

/** Whole messages of the server, one after another. */
async function pass(upstream: Socket, client: Socket, state: State): Promise<void> {
  let rest = Buffer.alloc(0)
  for await (const chunk of upstream) {
    rest = Buffer.concat([rest, chunk as Buffer])
    if (state.delayMs > 0) await sleep(state.delayMs)
    for (;;) {
      const length = rest.length < HEAD_BYTES ? undefined : 1 + rest.readUInt32BE(1)
      if (length === undefined || rest.length < length) break
      const message = rest.subarray(0, length)
      rest = rest.subarray(length)
      if (state.lose && message[0] === NOTIFICATION) state.lost += 1
      else client.write(message)
    }
  }
}
