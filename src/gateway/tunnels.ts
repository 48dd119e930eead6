/** The tunnels that are open, so that they can be judged again, and closed. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { AllowedRequest } from './ticket.ts'
import type { Tunnel } from './tunnel.ts'

/** A tunnel as it was allowed, with the request that can be judged again. */
export interface LiveTunnel {
  readonly req: IncomingMessage
  readonly allowed: AllowedRequest
}

/** Whether a tunnel may go on. What it throws counts as a no. */
export type StillAllows = (tunnel: LiveTunnel) => boolean | Promise<boolean>

export interface Tunnels {
  readonly size: () => number
  readonly add: (tunnel: Tunnel, client: Socket, about: LiveTunnel) => void
  readonly recheck: (allows: StillAllows) => Promise<void>
  readonly closeAll: () => void
}

/** Statuses of RFC 6455 section 7.4.1. */
const GOING_AWAY = 1001
const POLICY_VIOLATION = 1008

export function createTunnels(): Tunnels {
  const live = new Map<Tunnel, LiveTunnel>()
  return {
    size: () => live.size,
    add: (tunnel, client, about) => {
      live.set(tunnel, about)
      client.once('close', () => live.delete(tunnel))
    },
    recheck: async (allows) => {
      for (const [tunnel, about] of live) {
        if (!(await stillAllowed(about, allows))) tunnel.close(POLICY_VIOLATION)
      }
    },
    closeAll: () => {
      for (const tunnel of live.keys()) tunnel.close(GOING_AWAY)
    },
  }
}

async function stillAllowed(about: LiveTunnel, allows: StillAllows): Promise<boolean> {
  try {
    return await allows(about)
  } catch {
    return false
  }
}
