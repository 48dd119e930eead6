/** WebSockets by hand: the handshake as bytes, and services that switch. */
import type { Socket } from 'node:net'
import { afterEach } from 'vitest'
import {
  type Forwarding,
  type ForwardingOptions,
  type RawUpstream,
  startForwarding,
  startRawUpstream,
  until,
} from './forwarding.ts'
import { open } from './raw.ts'

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
/** RFC 6455 section 1.3 gives this pair. */
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
export const SWITCH = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${ACCEPT}`,
]

/** The bytes of a handshake, with further header lines. */
export function handshake(...lines: string[]): string {
  return head(
    'GET /chat?room=1 HTTP/1.1',
    'Host: docs.test',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
    ...lines,
  )
}

export function head(...lines: string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`
}

export function switching(socket: Socket): void {
  socket.write(head(...SWITCH))
}

export interface Setting {
  readonly upstream: RawUpstream
  readonly gateway: Forwarding
}

/** A service and a gateway in front of it; both are closed after the test. */
export async function setting(
  onHead: (socket: Socket, head: string) => void = switching,
  over: Partial<ForwardingOptions> = {},
): Promise<Setting> {
  const upstream = await startRawUpstream(onHead)
  const gateway = await startForwarding({ origins: [upstream.origin], ...over })
  closing.push(upstream.close, gateway.close)
  return { upstream, gateway }
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A client whose tunnel is open, and all it has received since. */
export async function tunnel({ gateway }: Setting, bytes = handshake()) {
  const socket = await open(gateway.port)
  const client = { socket, text: '', closed: false }
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    client.text += chunk.toString('latin1')
  })
  socket.on('close', () => {
    client.closed = true
  })
  socket.write(bytes, 'latin1')
  await until(() => client.text.includes('\r\n\r\n'))
  return client
}
