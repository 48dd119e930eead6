/**
 * The forward-auth doors: nginx, Traefik and Caddy, Envoy ask whether a request may pass. Each
 * rebuilds the request from its own headers (one source each, never merged) and hands it to the
 * same `authorize` as the proxy, so that they cannot drift. PROTOCOLS section 2.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlockList } from 'node:net'
import { answers } from '../lib/problems.ts'
import { type Reason, reasons } from '../lib/reasons.ts'
import { sameSecret } from '../lib/secrets.ts'
import { writeProblem } from './answers.ts'
import type { Authorize, Outcome } from './authorize.ts'
import type { RawRequest } from './canonical.ts'
import { clientOf, isTrustedProxy, valuesOf } from './client.ts'
import type { Door } from './decision-log.ts'

export interface DoorOptions {
  readonly authorize: Authorize
  readonly trustedProxies: BlockList
  readonly authzSecret: string | undefined
}

type Read = RawRequest | { readonly reason: Reason }
type Exchange = (req: IncomingMessage, res: ServerResponse) => Promise<void>

/** The header by which a proxy without a fixed address proves itself. */
const SECRET_HEADER = 'gatehouse-authz-secret'
const ENVOY_PREFIX = '/.gatehouse/authz/envoy'

/** The three doors as plain exchanges over Node's own request and response. */
export function createDoors(options: DoorOptions): Record<'nginx' | 'forward' | 'envoy', Exchange> {
  return {
    nginx: (req, res) => answer(options, 'nginx', readNginx, req, res),
    forward: (req, res) => answer(options, 'forward', readForward, req, res),
    envoy: (req, res) => answer(options, 'envoy', readEnvoy, req, res),
  }
}

async function answer(
  { authorize, trustedProxies, authzSecret }: DoorOptions,
  door: Door,
  read: (req: IncomingMessage) => Read,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { rawHeaders } = req
  const peer = req.socket.remoteAddress ?? ''
  const refuse = (reason: Reason) => writeProblem(req, res, { reason, requestId: '' })
  const secrets = valuesOf(rawHeaders, SECRET_HEADER)
  const known =
    isTrustedProxy(trustedProxies, peer) ||
    (authzSecret !== undefined && secrets.length === 1 && sameSecret(secrets.join(), authzSecret))
  if (!known) return refuse('door_not_trusted')
  const raw = read(req)
  if ('reason' in raw) return refuse(raw.reason)
  const client = clientOf(trustedProxies, peer, rawHeaders)
  const outcome = await authorize({
    door,
    raw,
    rawHeaders,
    clientAddress: client.address,
    scheme: client.scheme,
  })
  writeOutcome(door, outcome, req, res)
}

function writeOutcome(
  door: Door,
  outcome: Outcome,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  if (outcome.kind === 'allowed') {
    const { headers } = outcome.ticket.take()
    res.writeHead(200, [...headers.flat(), 'Cache-Control', 'no-store', 'Content-Length', '0'])
    res.end()
    return
  }
  const reason = outcome.kind === 'refused' ? outcome.reason : 'method_not_allowed'
  const { requestId, decisionId } = outcome
  const status = door === 'nginx' ? nginxStatus(reason) : undefined
  writeProblem(req, res, { reason, requestId, decisionId, ...(status && { status }) })
}

/** nginx takes 401 and 403 for an answer and everything else for a fault of ours. */
function nginxStatus(reason: Reason): number {
  const { status } = answers[reasons[reason]]
  return status === 401 || status >= 500 ? status : 403
}

/** The one value of a header, or why there is none. */
function one(req: IncomingMessage, name: string): string | { readonly reason: Reason } {
  const [value, ...more] = valuesOf(req.rawHeaders, name)
  if (value === undefined || value === '') return { reason: 'door_header_missing' }
  return more.length === 0 ? value : { reason: 'door_header_repeated' }
}

/** nginx sends what its configuration says: the method and the whole URL, by convention. */
function readNginx(req: IncomingMessage): Read {
  const method = one(req, 'x-original-method')
  const url = one(req, 'x-original-url')
  if (typeof method !== 'string') return method
  if (typeof url !== 'string') return url
  // Split as text: a URL parser would rewrite the path before it is judged.
  const parts = /^https?:\/\/([^/?#\\]*)(.*)$/.exec(url)
  if (parts === null) return { reason: 'target_malformed' }
  const [, host = '', target = ''] = parts
  return { method, target: target === '' ? '/' : target, httpVersion: '1.1', hosts: [host] }
}

function readForward(req: IncomingMessage): Read {
  const method = one(req, 'x-forwarded-method')
  const target = one(req, 'x-forwarded-uri')
  const host = one(req, 'x-forwarded-host')
  if (typeof method !== 'string') return method
  if (typeof target !== 'string') return target
  if (typeof host !== 'string') return host
  return { method, target, httpVersion: '1.1', hosts: [host] }
}

/** Envoy sends the request itself, its path behind our prefix. */
function readEnvoy(req: IncomingMessage): Read {
  const target = (req.url ?? '').slice(ENVOY_PREFIX.length)
  const hosts = valuesOf(req.rawHeaders, 'host')
  return { method: req.method ?? '', target, httpVersion: req.httpVersion, hosts }
}
