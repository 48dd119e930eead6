/**
 * WebSocket upgrades, the only ones there are. The request is authorized like any other, nothing
 * after its head reaches the upstream before the upstream has switched (A3 61), and a tunnel lives
 * only as long as its request would still be allowed (A3 66).
 */
import { type IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { limits } from '../lib/limits.ts'
import type { Reason } from '../lib/reasons.ts'
import { writeProblem } from './answers.ts'
import type { Outcome } from './authorize.ts'
import { Exchange } from './exchange.ts'
import { outgoing } from './forward.ts'
import { acceptsHandshake, handshakeProblem, switchingHead } from './handshake.ts'
import type { AllowedRequest } from './ticket.ts'
import { openTunnel, type Tunnel } from './tunnel.ts'
import type { Upstreams } from './upstreams.ts'

export interface UpgradeRequest {
  readonly req: IncomingMessage
  readonly socket: Duplex
  /** What came after the head of the request. */
  readonly head: Buffer
  readonly authorize: () => Promise<Outcome>
}

/** A tunnel as it was allowed, with the request that can be judged again. */
export interface LiveTunnel {
  readonly req: IncomingMessage
  readonly allowed: AllowedRequest
}

export interface Upgrades {
  readonly accept: (upgrade: UpgradeRequest) => void
  readonly size: () => number
  /** Closes, with status 1008, every tunnel that is not allowed any more or cannot be judged. */
  readonly recheck: (allows: (tunnel: LiveTunnel) => boolean | Promise<boolean>) => Promise<void>
  /** Takes no more; closes what is left, with status 1001, after its time; resolves at the last. */
  readonly drain: () => Promise<void>
}

export interface UpgradesOptions {
  readonly upstreams: Upstreams
  readonly drainMs?: number
  readonly most?: number
}

const GOING_AWAY = 1001
const POLICY_VIOLATION = 1008

export function createUpgrades(options: UpgradesOptions): Upgrades {
  const { upstreams, drainMs = limits.upgradeDrainMs, most = limits.tunnels } = options
  const live = new Map<Tunnel, LiveTunnel>()
  let open = 0
  let draining = false
  let onLast = () => {}

  const refusal = (req: IncomingMessage): Reason | undefined => {
    if (draining) return 'draining'
    return open > most ? 'upstream_busy' : handshakeProblem(req)
  }
  const join = (tunnel: Tunnel, socket: Socket, about: LiveTunnel) => {
    live.set(tunnel, about)
    socket.once('close', () => live.delete(tunnel))
  }
  return {
    size: () => live.size,
    accept: ({ req, socket, head, authorize }) => {
      if (!(socket instanceof Socket)) return void socket.destroy()
      open += 1
      socket.once('close', () => {
        open -= 1
        if (open === 0) onLast()
      })
      const { res, detach } = responseOn(req, socket)
      const reason = refusal(req)
      if (reason !== undefined) return writeProblem(req, res, { reason })
      void judge(authorize).then((outcome) => {
        if (socket.destroyed) return
        if ('reason' in outcome) return writeProblem(req, res, outcome)
        const { allowed } = outcome
        const onTunnel = (tunnel: Tunnel) => join(tunnel, socket, { req, allowed })
        connect({ req, res, detach, socket, head, allowed, upstreams, onTunnel })
      })
    },
    recheck: async (allows) => {
      for (const [tunnel, about] of live) {
        const stays = await Promise.resolve(about)
          .then(allows)
          .catch(() => false)
        if (!stays) tunnel.close(POLICY_VIOLATION)
      }
    },
    drain: async () => {
      draining = true
      if (open === 0) return
      const closeAll = () => {
        for (const tunnel of live.keys()) tunnel.close(GOING_AWAY)
      }
      const timer = setTimeout(closeAll, drainMs)
      await new Promise<void>((resolve) => {
        onLast = resolve
      })
      clearTimeout(timer)
    },
  }
}

type Judged =
  | { readonly allowed: AllowedRequest }
  | { readonly reason: Reason; readonly requestId?: string; readonly decisionId?: string }

/** Asks, and takes every other outcome than an allow for a refusal. */
async function judge(authorize: () => Promise<Outcome>): Promise<Judged> {
  try {
    const outcome = await authorize()
    if (outcome.kind === 'allowed') return { allowed: outcome.ticket.take() }
    const { requestId, decisionId } = outcome
    const reason = outcome.kind === 'refused' ? outcome.reason : 'upgrade_malformed'
    return { reason, requestId, decisionId }
  } catch {
    return { reason: 'internal' }
  }
}

interface Connection {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly detach: () => void
  readonly socket: Socket
  readonly head: Buffer
  readonly allowed: AllowedRequest
  readonly upstreams: Upstreams
  readonly onTunnel: (tunnel: Tunnel) => void
}

function connect({
  req,
  res,
  detach,
  socket,
  head,
  allowed,
  upstreams,
  onTunnel,
}: Connection): void {
  const request = outgoing(req, allowed, null, 'websocket')
  if (typeof request === 'string') {
    writeProblem(req, res, { reason: request })
    return
  }
  const onSwitch = (rawHeaders: string[], upstream: Duplex): boolean => {
    if (!acceptsHandshake(req, rawHeaders)) return false
    detach()
    socket.write(switchingHead(rawHeaders, allowed), 'latin1')
    upstream.write(head)
    onTunnel(openTunnel(socket, upstream))
    return true
  }
  const answerIdleMs = limits.answerIdleTimeoutMs
  new Exchange({ req, res, allowed, upstreams, request, answerIdleMs, onSwitch }).begin()
}

/**
 * An ordinary response on the socket of an upgrade: for refusals of ours and for an upstream that
 * did not switch, whose answer stays HTTP and ends the connection (A3 62).
 */
function responseOn(req: IncomingMessage, socket: Socket) {
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  res.assignSocket(socket)
  const destroy = () => socket.destroy()
  const drain = () => res.emit('drain')
  // Node has taken its own listeners away from the socket by now.
  socket.on('error', destroy).on('end', destroy).on('timeout', destroy).on('drain', drain)
  socket.setTimeout(0)
  res.once('finish', () => socket.destroySoon())
  const detach = () => {
    res.detachSocket(socket)
    socket.off('end', destroy).off('timeout', destroy).off('drain', drain).setTimeout(0)
  }
  return { res, detach }
}
