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
import { type Refusal, writeProblem } from './answers.ts'
import type { Outcome } from './authorize.ts'
import { Exchange } from './exchange.ts'
import { outgoing } from './forward.ts'
import { acceptsHandshake, handshakeProblem, switchingHead } from './handshake.ts'
import type { AllowedRequest } from './ticket.ts'
import { openTunnel } from './tunnel.ts'
import { createTunnels, type StillAllows, type Tunnels } from './tunnels.ts'
import type { Upstreams } from './upstreams.ts'

export interface UpgradeRequest {
  readonly req: IncomingMessage
  readonly socket: Duplex
  /** What came after the head of the request. */
  readonly head: Buffer
  readonly authorize: () => Promise<Outcome>
}

export interface Upgrades {
  readonly accept: (upgrade: UpgradeRequest) => void
  /** How many tunnels are open. */
  readonly size: () => number
  /** Closes, with status 1008, every tunnel that is not allowed any more or cannot be judged. */
  readonly recheck: (allows: StillAllows) => Promise<void>
  /** Takes no more; closes what is left, with status 1001, after its time; resolves at the last. */
  readonly drain: () => Promise<void>
}

export interface UpgradesOptions {
  readonly upstreams: Upstreams
  readonly drainMs?: number
  /** How many tunnels and handshakes there may be at once. */
  readonly most?: number
}

/** The client's side of a handshake. */
interface Handshake {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly socket: Socket
  readonly head: Buffer
  /** Takes the socket away from `res`. */
  readonly detach: () => void
}

export function createUpgrades(options: UpgradesOptions): Upgrades {
  const { upstreams, drainMs = limits.upgradeDrainMs, most = limits.tunnels } = options
  const tunnels = createTunnels()
  let open = 0
  let draining = false
  let onLast = () => {}

  const refusalOf = (req: IncomingMessage): Reason | undefined => {
    if (draining) return 'draining'
    return open > most ? 'upstream_busy' : handshakeProblem(req)
  }
  const drain = async () => {
    draining = true
    if (open === 0) return
    const last = new Promise<void>((resolve) => {
      onLast = resolve
    })
    const timer = setTimeout(tunnels.closeAll, drainMs)
    await last
    clearTimeout(timer)
  }
  const accept = ({ req, socket, head, authorize }: UpgradeRequest) => {
    if (!(socket instanceof Socket)) return void socket.destroy()
    open += 1
    socket.once('close', () => {
      open -= 1
      if (open === 0) onLast()
    })
    const handshake = { req, socket, head, ...responseOn(req, socket) }
    const reason = refusalOf(req)
    if (reason !== undefined) return writeProblem(req, handshake.res, { reason })
    void judge(authorize).then((judged) => {
      if (socket.destroyed) return
      if ('reason' in judged) writeProblem(req, handshake.res, judged)
      else shake(handshake, judged, upstreams, tunnels)
    })
  }
  return { accept, size: tunnels.size, recheck: tunnels.recheck, drain }
}

/** Asks, and takes every other outcome than an allow for a refusal. */
async function judge(authorize: () => Promise<Outcome>): Promise<AllowedRequest | Refusal> {
  try {
    const outcome = await authorize()
    if (outcome.kind === 'allowed') return outcome.ticket.take()
    const { requestId, decisionId } = outcome
    const reason = outcome.kind === 'refused' ? outcome.reason : 'upgrade_malformed'
    return { reason, requestId, decisionId }
  } catch {
    return { reason: 'internal' }
  }
}

/** Asks the upstream to switch, and joins the two when it does. */
function shake(
  { req, res, socket, head, detach }: Handshake,
  allowed: AllowedRequest,
  upstreams: Upstreams,
  tunnels: Tunnels,
): void {
  const request = outgoing(req, allowed, null, 'websocket')
  if (typeof request === 'string') {
    const { requestId, decisionId } = allowed
    writeProblem(req, res, { reason: request, requestId, decisionId })
    return
  }
  const onSwitch = (rawHeaders: string[], upstream: Duplex): boolean => {
    if (!acceptsHandshake(req, rawHeaders)) return false
    detach()
    socket.write(switchingHead(rawHeaders, allowed), 'latin1')
    upstream.write(head)
    tunnels.add(openTunnel(socket, upstream), socket, { req, allowed })
    return true
  }
  const answerIdleMs = limits.answerIdleTimeoutMs
  new Exchange({ req, res, allowed, upstreams, request, answerIdleMs, onSwitch }).begin()
}

/**
 * An ordinary response on the socket of an upgrade: for refusals of ours and for an upstream that
 * did not switch, whose answer stays HTTP and ends the connection (A3 62).
 */
function responseOn(req: IncomingMessage, socket: Socket): Pick<Handshake, 'res' | 'detach'> {
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  res.assignSocket(socket)
  res.once('finish', () => socket.destroySoon())
  const destroy = () => socket.destroy()
  const drain = () => res.emit('drain')
  // Node has taken its own listeners away from the socket by now.
  socket.on('error', destroy).on('end', destroy).on('timeout', destroy).on('drain', drain)
  socket.setTimeout(0)
  const detach = () => {
    res.detachSocket(socket)
    socket.off('end', destroy).off('timeout', destroy).off('drain', drain).setTimeout(0)
  }
  return { res, detach }
}
