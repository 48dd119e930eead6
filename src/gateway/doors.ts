/**
 * The forward-auth doors: nginx, Traefik and Caddy, Envoy ask whether a request may pass. What they
 * tell of it goes to the same `authorize` as the proxy's own requests, so that the doors cannot
 * drift; the answer has the form that each understands.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlockList } from 'node:net'
import type { Log } from '../lib/log.ts'
import { answers } from '../lib/problems.ts'
import { type Reason, reasons } from '../lib/reasons.ts'
import { sameSecret } from '../lib/secrets.ts'
import { finish, type Refusal, writeProblem } from './answers.ts'
import type { Authorize } from './authorize.ts'
import { clientOf, isTrustedProxy } from './client.ts'
import { readEnvoy, readForward, readNginx } from './door-request.ts'
import { valuesOf } from './header-names.ts'
import { hasUnreadBody } from './request-body.ts'
import type { AllowedRequest } from './ticket.ts'

export interface DoorOptions {
  readonly authorize: Authorize
  readonly trustedProxies: BlockList
  readonly authzSecret: string | undefined
  readonly log: Pick<Log, 'warn'>
}

type DoorName = keyof typeof readers
type Exchange = (req: IncomingMessage, res: ServerResponse) => Promise<void>

const readers = { nginx: readNginx, forward: readForward, envoy: readEnvoy }
/** The header by which a proxy without a fixed address proves itself. */
const SECRET_HEADER = 'gatehouse-authz-secret'

/** The three doors as plain exchanges over Node's own request and response. */
export function createDoors(options: DoorOptions): Record<DoorName, Exchange> {
  return {
    nginx: (req, res) => answer(options, 'nginx', req, res),
    forward: (req, res) => answer(options, 'forward', req, res),
    envoy: (req, res) => answer(options, 'envoy', req, res),
  }
}

async function answer(
  options: DoorOptions,
  door: DoorName,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { rawHeaders } = req
  const peer = req.socket.remoteAddress ?? ''
  const asked = isKnown(options, peer, rawHeaders) ? readers[door](req) : 'door_not_trusted'
  if (typeof asked === 'string') {
    const requestId = randomUUID()
    options.log.warn({ requestId, door, peer, reason: asked }, 'a door could not be asked')
    return deny(door, { reason: asked, requestId }, req, res)
  }
  // Known by now, by its address or by the secret: it may say whose request it is.
  const client = clientOf(options.trustedProxies, peer, rawHeaders, true)
  const { raw, scheme = client.scheme } = asked
  const clientAddress = client.address
  const outcome = await options.authorize({ door, raw, rawHeaders, clientAddress, scheme })
  if (outcome.kind === 'allowed') return allow(outcome.ticket.take(), req, res)
  // `OPTIONS *` is about the proxy's server, of which we know nothing.
  const reason = outcome.kind === 'refused' ? outcome.reason : 'method_not_allowed'
  const { requestId, decisionId } = outcome
  deny(door, { reason, requestId, decisionId, headers: [['X-Decision-Id', decisionId]] }, req, res)
}

/** Whether the peer may ask at all: anybody else could try credentials and paths out here. */
function isKnown(
  { trustedProxies, authzSecret }: DoorOptions,
  peer: string,
  rawHeaders: readonly string[],
): boolean {
  if (isTrustedProxy(trustedProxies, peer)) return true
  const [secret, ...more] = valuesOf(rawHeaders, SECRET_HEADER)
  if (authzSecret === undefined || secret === undefined || more.length > 0) return false
  return sameSecret(secret, authzSecret)
}

/**
 * 200 and no body: Envoy takes nothing else for an allow. The target is what was decided, so that a
 * proxy that can replace its own forwards that and not the client's spelling of it (I1).
 */
function allow(allowed: AllowedRequest, req: IncomingMessage, res: ServerResponse): void {
  const { headers, path, request } = allowed
  const target = `${path}${request.query}`
  const fields = ['gatehouse-target', target, 'cache-control', 'no-store', 'content-length', '0']
  res.writeHead(200, [...headers.flat(), ...fields])
  res.flushHeaders()
  // Envoy may send the body along, and goes on with the connection when it has come whole.
  res.once('finish', () => hasUnreadBody(req) && req.socket.destroySoon())
  finish(req, res)
}

function deny(door: DoorName, refusal: Refusal, req: IncomingMessage, res: ServerResponse): void {
  const status = door === 'nginx' ? { status: nginxStatus(refusal.reason) } : {}
  writeProblem(req, res, { ...refusal, ...status })
}

/** nginx takes 401 and 403 for an answer and everything else for a fault of ours. */
function nginxStatus(reason: Reason): number {
  const { status } = answers[reasons[reason]]
  return status === 401 || status >= 500 ? status : 403
}
