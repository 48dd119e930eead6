/** The tunnels that are open, so that they can be judged again, and closed. */

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
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
const RECHECKED_AT_ONCE = 100

export function createTunnels(): Tunnels {
  const live = new Map<Tunnel, LiveTunnel>()
  return {
    size: () => live.size,
    add: (tunnel, client, about) => {
      live.set(tunnel, about)
      client.once('close', () => live.delete(tunnel))
    },
    recheck: async (allows) => {
      let judged = 0
      for (const [tunnel, about] of live) {
        // Judging warm tunnels is all microtasks: others must have their turn in between.
        judged += 1
        if (judged % RECHECKED_AT_ONCE === 0) await setImmediate()
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
