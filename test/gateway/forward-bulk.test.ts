/** Large bodies and slow readers: what the gateway holds does not grow with what passes (I21). */
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, expect, test } from 'vitest'
import { type Forwarding, startForwarding, until } from '../support/forwarding.ts'
import { open } from '../support/raw.ts'

const MIB = 1_048_576
/** The end-to-end suite raises both numbers; the bounds stay. */
const BODY_BYTES = 256 * MIB
/** For the client, the gateway and the service together: they share this process. */
const GROWTH_BYTES = 120 * MIB
/** Each fills megabytes of kernel buffers first, which is what takes the time here. */
const SLOW_READERS = 80
/** THREATS B, "Slow reader". */
const BUFFER_BYTES = 256 * 1_024
const CHUNK = Buffer.alloc(64 * 1_024, 'gatehouse')

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** The same chunk again and again, without holding more than one. */
function generate(bytes: number): Readable {
  let left = bytes
  return new Readable({
    read() {
      const chunk = left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left)
      left -= chunk.length
      this.push(chunk.length === 0 ? null : chunk)
    },
  })
}

async function count(stream: Readable, onChunk: () => void): Promise<number> {
  let bytes = 0
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length
    onChunk()
  }
  return bytes
}

async function start(server: Server): Promise<Forwarding> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  const forwarding = await startForwarding({ origins: [`http://127.0.0.1:${port}`] })
  closing.push(forwarding.close)
  return forwarding
}

/** Follows how far the memory of this process rises above where it was. */
function memory() {
  const before = process.memoryUsage.rss()
  let most = before
  return {
    look: () => {
      most = Math.max(most, process.memoryUsage.rss())
    },
    growth: () => most - before,
  }
}

function answerTo(
  port: number,
  method: string,
  body: Readable | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'transfer-encoding': 'chunked' }
    const req = request({ port, host: '127.0.0.1', method, headers, agent: false }, resolve)
    req.on('error', reject)
    if (body === undefined) req.end()
    else pipeline(body, req).catch(reject)
  })
}

test('a large download passes in constant memory', async () => {
  const { port } = await start(
    createServer((_req, res) => {
      res.setHeader('content-length', BODY_BYTES)
      void pipeline(generate(BODY_BYTES), res)
    }),
  )
  const { look, growth } = memory()
  expect(await count(await answerTo(port, 'GET', undefined), look)).toBe(BODY_BYTES)
  expect(growth()).toBeLessThan(GROWTH_BYTES)
}, 60_000)

test('a large upload passes in constant memory', async () => {
  const { look, growth } = memory()
  const { port } = await start(
    createServer((req, res) => {
      void count(req, look).then((bytes) => res.end(String(bytes)))
    }),
  )
  const answer = await answerTo(port, 'POST', generate(BODY_BYTES))
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  expect(text).toBe(String(BODY_BYTES))
  expect(growth()).toBeLessThan(GROWTH_BYTES)
}, 60_000)

test('slow readers hold a bounded buffer each, and others are served', async () => {
  const forwarding = await start(
    createServer((req, res) => {
      if (req.url === '/small') res.end('ok')
      else pipeline(generate(BODY_BYTES), res).catch(() => {})
    }),
  )
  const { look, growth } = memory()
  const readers: Socket[] = []
  closing.push(() => readers.map((reader) => reader.destroy()))
  for (let n = 0; n < SLOW_READERS; n += 1) {
    const reader = await open(forwarding.port)
    readers.push(reader)
    reader.pause().write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n')
  }
  const blocked = () => [...forwarding.clients].filter((socket) => socket.writableNeedDrain)
  await until(() => blocked().length === SLOW_READERS, 30_000)
  for (let n = 0; n < 20; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    look()
    for (const socket of forwarding.clients) {
      expect(socket.writableLength).toBeLessThanOrEqual(BUFFER_BYTES)
    }
  }
  const answer = await answerTo(forwarding.port, 'GET', undefined)
  answer.destroy()
  expect(answer.statusCode).toBe(200)
  expect(growth()).toBeLessThan(GROWTH_BYTES)
}, 60_000)
