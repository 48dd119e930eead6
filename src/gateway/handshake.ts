/** The WebSocket handshake (RFC 6455 section 4), as far as a gateway must understand it. Pure. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { limits } from '../lib/limits.ts'
import type { Reason } from '../lib/reasons.ts'
import { listOf, pairs, valuesOf } from './header-names.ts'
import { responseHeaders } from './response-headers.ts'
import type { AllowedRequest } from './ticket.ts'

/** Sixteen bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

type Handshake = Pick<IncomingMessage, 'method' | 'httpVersion' | 'headers' | 'rawHeaders'>

/** Why the request is no handshake that may go on, or `undefined`. */
export function handshakeProblem(req: Handshake): Reason | undefined {
  const { method, httpVersion, rawHeaders } = req
  if (rawHeaders.length > 2 * limits.requestHeaderCount) return 'headers_too_many'
  if (method !== 'GET' || httpVersion !== '1.1') return 'upgrade_malformed'
  if (valuesOf(rawHeaders, 'upgrade').join().toLowerCase() !== 'websocket') {
    return 'upgrade_malformed'
  }
  if (!listOf(rawHeaders, 'connection').includes('upgrade')) return 'upgrade_malformed'
  // Two readers would disagree where the body ends and the tunnel begins (A3 63).
  const body = [
    ...valuesOf(rawHeaders, 'content-length'),
    ...valuesOf(rawHeaders, 'transfer-encoding'),
  ]
  if (body.length > 0) return 'upgrade_malformed'
  if (!KEY.test(valuesOf(rawHeaders, 'sec-websocket-key').join())) return 'upgrade_malformed'
  return isForeign(rawHeaders) ? 'origin_mismatch' : undefined
}

/** Whether the upstream's 101 is the answer to exactly this WebSocket handshake. */
export function acceptsHandshake({ rawHeaders }: Handshake, answer: readonly string[]): boolean {
  const key = valuesOf(rawHeaders, 'sec-websocket-key').join()
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64')
  const protocol = valuesOf(answer, 'upgrade').join().toLowerCase()
  return protocol === 'websocket' && valuesOf(answer, 'sec-websocket-accept').join() === accept
}

/** The head of the 101 for the client; hop-by-hop headers are ours. */
export function switchingHead(answer: readonly string[], allowed: AllowedRequest): string {
  const { credentialed, requestId } = allowed
  const headers = responseHeaders(answer, { credentialed, requestId })
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  for (const [name, value] of pairs(headers)) lines.push(`${name}: ${value}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

/**
 * A browser sends cookies along with a handshake from any page, and no same-origin rule protects
 * the answer (A3 65): with a cookie, the page must be of the host that is asked.
 */
function isForeign(rawHeaders: readonly string[]): boolean {
  const [origin, ...more] = valuesOf(rawHeaders, 'origin')
  if (origin === undefined || valuesOf(rawHeaders, 'cookie').length === 0) return false
  if (more.length > 0 || !URL.canParse(origin)) return true
  const { protocol, host } = new URL(origin)
  const asked = `${protocol}//${valuesOf(rawHeaders, 'host').join()}`
  return host === '' || !URL.canParse(asked) || new URL(asked).host !== host
}
