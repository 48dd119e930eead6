/** Two sockets joined after a WebSocket handshake; each takes the other along when it goes. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { limits } from '../lib/limits.ts'
import { closeFrame, createFrameBoundary } from './frames.ts'

export interface Tunnel {
  /** Stops the flow at once and tells the client why, with a status of RFC 6455 section 7.4.1. */
  readonly close: (status: number) => void
}

/** Joins the two. An idle tunnel has no timer; TCP's own keep-alive finds a peer that is gone. */
export function openTunnel(client: Socket, upstream: Duplex): Tunnel {
  const frames = createFrameBoundary()
  let late: NodeJS.Timeout | undefined
  const destroy = () => {
    client.destroy()
    upstream.destroy()
  }
  // Half of a tunnel is of use for the last words only.
  const expectEnd = () => {
    late ??= setTimeout(destroy, limits.tunnelHalfOpenMs)
  }
  client.once('end', expectEnd).once('close', () => {
    clearTimeout(late)
    upstream.destroy()
  })
  upstream.once('end', expectEnd).once('close', () => {
    // After a clean end a slow client may still take what was said before it.
    if (upstream.readableEnded) client.resume()
    else client.destroy()
  })
  upstream.on('error', destroy)
  client.setNoDelay(true).setKeepAlive(true, limits.tunnelKeepAliveMs)
  upstream.on('data', frames.push)
  upstream.pipe(client)
  client.pipe(upstream)
  return {
    close: (status) => {
      client.unpipe(upstream)
      upstream.unpipe(client).removeAllListeners('close').destroy()
      if (!frames.atBoundary() || !client.writable) return destroy()
      expectEnd()
      // What the client still sends is thrown away, or the close would reach it as a reset.
      client.resume().end(closeFrame(status))
    },
  }
}
