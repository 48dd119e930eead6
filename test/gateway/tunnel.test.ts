import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { openTunnel } from '../../src/gateway/tunnel.ts'
import { until } from '../support/forwarding.ts'
import { open } from '../support/raw.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Both ends of a connection: the gateway's, as an HTTP server holds it, and the client's own. */
async function connection(): Promise<{ held: Socket; own: Socket }> {
  const server = createServer({ allowHalfOpen: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const held = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const own = await open((server.address() as AddressInfo).port)
  own.on('error', () => {})
  closing.push(
    () => server.close(),
    () => own.destroy(),
  )
  return { held: await held, own }
}

test('what an upstream said before its end reaches a client that is slow to read', async () => {
  const { held, own } = await connection()
  own.pause()
  let said = 0
  // Speaks until the client's connection takes no more, then ends with the last words stuck here.
  const upstream = new Duplex({
    allowHalfOpen: false,
    read() {
      if (held.writableLength > 4_096) return void this.push(null)
      said += 1_024
      this.push(Buffer.alloc(1_024, 'x'))
    },
    write: (_chunk, _encoding, callback) => callback(),
  })
  openTunnel(held, upstream)
  await until(() => upstream.closed)
  expect(held.writableLength).toBeGreaterThan(0)
  let heard = 0
  let ended = false
  own.on('data', (chunk: Buffer) => (heard += chunk.length)).on('end', () => (ended = true))
  own.resume()
  await until(() => ended)
  expect(heard).toBe(said)
  await until(() => held.destroyed)
})

test('an upstream that goes without an end takes its client along', async () => {
  const { held, own } = await connection()
  const upstream = new Duplex({ read() {}, write: (_chunk, _encoding, callback) => callback() })
  openTunnel(held, upstream)
  const closed = new Promise((resolve) => own.on('close', resolve))
  own.resume()
  upstream.destroy()
  await closed
  expect(held.destroyed).toBe(true)
})

test('a client that goes takes its upstream along, whatever that still wants to say', async () => {
  const { held, own } = await connection()
  const upstream = new Duplex({
    read() {
      setImmediate(() => this.push('more'))
    },
    write: (_chunk, _encoding, callback) => callback(),
  })
  held.on('error', () => held.destroy())
  openTunnel(held, upstream)
  own.resetAndDestroy()
  await until(() => upstream.destroyed)
})

test('a tunnel that is closed lets nothing more through in either direction', async () => {
  const { held, own } = await connection()
  let received = ''
  const upstream = new Duplex({
    read() {},
    write(chunk, _encoding, callback) {
      received += String(chunk)
      callback()
    },
  })
  const tunnel = openTunnel(held, upstream)
  let heard = ''
  own.on('data', (chunk) => (heard += chunk.toString('latin1')))
  own.write('before')
  await until(() => received === 'before')
  tunnel.close(1008)
  own.write('after')
  upstream.push('after')
  await until(() => heard === '\x88\x02\x03\xf0')
  own.end()
  await until(() => held.destroyed)
  expect(received).toBe('before')
  expect(heard).toBe('\x88\x02\x03\xf0')
  expect(upstream.destroyed).toBe(true)
})
