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
/** Passes first, so that what is measured is growth and not a start. */
const WARM_UP_BYTES = 64 * MIB
/** For the client, the gateway and the service together: they share this process. */
const GROWTH_BYTES = 96 * MIB
const SLOW_READERS = 200
/** The fault "slow reader". */
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
  path: string,
  body: Readable | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'transfer-encoding': 'chunked' }
    const req = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, resolve)
    req.on('error', reject)
    if (body === undefined) req.end()
    else pipeline(body, req).catch(reject)
  })
}

test('a large download passes in constant memory', async () => {
  const { port } = await start(
    createServer((req, res) => {
      const bytes = Number(req.url?.slice(1))
      res.setHeader('content-length', bytes)
      void pipeline(generate(bytes), res)
    }),
  )
  const download = async (bytes: number, look: () => void) =>
    count(await answerTo(port, 'GET', `/${bytes}`, undefined), look)
  await download(WARM_UP_BYTES, () => {})
  const { look, growth } = memory()
  expect(await download(BODY_BYTES, look)).toBe(BODY_BYTES)
  expect(growth()).toBeLessThan(GROWTH_BYTES)
}, 60_000)

test('a large upload passes in constant memory', async () => {
  let look = () => {}
  const { port } = await start(
    createServer((req, res) => {
      void count(req, () => look()).then((bytes) => res.end(String(bytes)))
    }),
  )
  const upload = async (bytes: number) => {
    const answer = await answerTo(port, 'POST', '/', generate(bytes))
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    return text
  }
  await upload(WARM_UP_BYTES)
  const measured = memory()
  look = measured.look
  expect(await upload(BODY_BYTES)).toBe(String(BODY_BYTES))
  expect(measured.growth()).toBeLessThan(GROWTH_BYTES)
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
  const answer = await answerTo(forwarding.port, 'GET', '/small', undefined)
  answer.destroy()
  expect(answer.statusCode).toBe(200)
  expect(growth()).toBeLessThan(GROWTH_BYTES)
}, 60_000)
