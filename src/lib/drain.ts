/**
 * How a listener stops without losing a request that was sent to it. While the balancer notices that
 * we are not ready, every answer tells its client that the connection ends; then nobody is accepted
 * any more, and what runs may finish in its time.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from './limits.ts'

export interface DrainTimes {
  /** For so long connections are still accepted. */
  readonly graceMs: number
  /** After so long, counted from the start, what still runs is cut. */
  readonly timeoutMs: number
}

/**
 * Follows the connections of `server`, whose own listeners must be there already. Returns what
 * drains it, upgraded connections included, and resolves when the last connection is closed.
 */
export function prepareDrain(server: Server): (times: DrainTimes) => Promise<void> {
  const sockets = new Set<Socket>()
  const running = new Set<ServerResponse>()
  let draining = false
  const begin = (_req: IncomingMessage, res: ServerResponse) => {
    if (draining) return announce(res)
    running.add(res)
    res.once('close', () => running.delete(res))
  }
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.prependListener('request', begin)
  // Who listens for this event answers it: it must not be heard where nobody does.
  if (server.listenerCount('checkContinue') > 0) server.prependListener('checkContinue', begin)

  return async ({ graceMs, timeoutMs }) => {
    draining = true
    // An answer whose head is out already ends on a connection that looks reusable: it stays for a
    // moment, and the next answer on it is the last.
    server.keepAliveTimeout = limits.drainGraceMs
    for (const res of running) announce(res)
    const cut = () => {
      for (const socket of sockets) socket.destroy()
    }
    const late = setTimeout(cut, timeoutMs)
    await sleep(graceMs)
    const closed = new Promise((resolve) => server.close(resolve))
    // Node takes a connection on which nothing was ever sent for a busy one, and stops its clock.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    await closed
    clearTimeout(late)
  }
}

function announce(res: ServerResponse): void {
  if (!res.headersSent) res.setHeader('Connection', 'close')
}
