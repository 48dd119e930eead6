import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { hasBody, hasUnreadBody, streamBody } from '../../src/gateway/request-body.ts'
import { until } from '../support/forwarding.ts'
import { open } from '../support/raw.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

interface Seen {
  readonly req: IncomingMessage
  readonly body: Readable
  readonly stalls: () => number
  readonly firstReads: () => number
}

/** A request on a real socket, and the stream of its body; nobody reads it yet. */
async function receive(bytes: string, idleMs = 5_000): Promise<{ seen: Seen; client: Socket }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  const arrived = new Promise<Seen>((resolve) => {
    server.on('request', (req) => {
      let stalls = 0
      let reads = 0
      const body = streamBody(req, {
        idleMs,
        onStall: () => (stalls += 1),
        onFirstRead: () => (reads += 1),
      })
      resolve({ req, body, stalls: () => stalls, firstReads: () => reads })
    })
  })
  const client = await open((server.address() as AddressInfo).port)
  client.on('error', () => {}).write(bytes, 'latin1')
  return { seen: await arrived, client }
}

function outcomeOf(body: Readable): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    body.on('data', (chunk) => (text += chunk))
    body.on('end', () => resolve(`end:${text}`)).on('error', () => resolve(`error:${text}`))
  })
}

const CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
const SIZED = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n'

describe('the stream of a body', () => {
  test.each([`${CHUNKED}3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`, `${SIZED}abcdef`])(
    'ends when the whole body has come: %j',
    async (bytes) => {
      const { seen } = await receive(bytes)
      expect(await outcomeOf(seen.body)).toBe('end:abcdef')
      expect(seen.firstReads()).toBe(1)
    },
  )

  test.each([`${CHUNKED}3\r\nabc\r\n`, `${SIZED}abc`])(
    'never ends when the body breaks off, but fails: %j',
    async (bytes) => {
      const { seen, client } = await receive(bytes)
      const outcome = outcomeOf(seen.body)
      await until(() => seen.firstReads() === 1)
      client.destroy()
      expect(await outcome).toBe('error:abc')
    },
  )

  test('asks for nothing before it is read', async () => {
    const { seen } = await receive(`${SIZED}abcdef`)
    await until(() => seen.req.complete)
    expect(seen.firstReads()).toBe(0)
    expect(seen.req.readableFlowing).toBe(null)
  })

  test('takes no more than its reader does', async () => {
    const { seen, client } = await receive(
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n',
    )
    client.write(Buffer.alloc(50_000_000))
    seen.body.read(0)
    await until(() => seen.body.readableLength > 0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(seen.body.readableLength).toBeLessThanOrEqual(256 * 1_024)
    expect(client.writableLength).toBeGreaterThan(0)
  })

  test('tells of a stall while it is read, and not while it is not', async () => {
    const { seen } = await receive(`${SIZED}abc`, 50)
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(seen.stalls()).toBe(0)
    seen.body.resume()
    await until(() => seen.stalls() === 1)
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(seen.stalls()).toBe(1)
  })

  test('destroyed early leaves the client’s connection, and no listener of its own', async () => {
    const { seen, client } = await receive(`${SIZED}abc`, 50)
    const before = seen.req.eventNames().map((name) => seen.req.listenerCount(name))
    seen.body.resume()
    await until(() => seen.firstReads() === 1)
    seen.body.destroy(new Error('enough'))
    await until(() => seen.body.closed)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(seen.req.eventNames().map((name) => seen.req.listenerCount(name))).toEqual(before)
    expect(seen.req.socket.destroyed).toBe(false)
    expect(client.destroyed).toBe(false)
    expect(seen.stalls()).toBe(0)
  })
})

describe('whether there is a body', () => {
  test.each([
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', false],
    ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n', false],
    [`${SIZED}abc`, true],
    [`${CHUNKED}3\r\nabc\r\n`, true],
  ])('is told from the head alone: %j', async (bytes, expected) => {
    const { seen } = await receive(bytes)
    expect(hasBody(seen.req)).toBe(expected)
    expect(hasUnreadBody(seen.req)).toBe(expected)
  })

  test('it is no longer unread when it has come whole', async () => {
    const { seen } = await receive(`${SIZED}abcdef`)
    seen.body.resume()
    await until(() => seen.req.complete)
    expect(hasUnreadBody(seen.req)).toBe(false)
  })
})
