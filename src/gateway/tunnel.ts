/** Two sockets joined after a WebSocket handshake; each takes the other along when it goes. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { limits } from '../lib/limits.ts'
import { closeFrame, createFrameBoundary } from './frames.ts'

export interface Tunnel {
  /** Stops the flow at once and tells the client why, with a status of RFC 6455 section 7.4.1. */
  readonly close: (status: number) => void
}

/** Joins the two. The client hears nothing more than what the upstream says, until `close`. */
export function openTunnel(client: Socket, upstream: Duplex): Tunnel {
  const frames = createFrameBoundary()
  let late: NodeJS.Timeout | undefined
  const destroy = () => {
    clearTimeout(late)
    client.destroy()
    upstream.destroy()
  }
  // Half of a tunnel is of use for the last words only.
  const expectEnd = () => {
    late ??= setTimeout(destroy, limits.tunnelHalfOpenMs)
  }
  client.on('error', destroy).on('close', destroy).once('end', expectEnd)
  upstream.on('error', destroy).on('close', destroy).once('end', expectEnd)
  client.setNoDelay(true).setKeepAlive(true, limits.requestIdleTimeoutMs)
  upstream.on('data', frames.push)
  upstream.pipe(client)
  client.pipe(upstream)
  return {
    close: (status) => {
      client.unpipe(upstream)
      upstream.off('close', destroy).unpipe(client)
      upstream.destroy()
      if (!frames.atBoundary() || !client.writable) return destroy()
      expectEnd()
      // What the client still sends is thrown away, or the close would reach it as a reset.
      client.resume()
      client.end(closeFrame(status))
      client.once('end', destroy)
    },
  }
}
