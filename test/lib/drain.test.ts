import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type DrainTimes, prepareDrain } from '../../src/lib/drain.ts'
import { open } from '../support/raw.ts'
import { until } from '../support/until.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(respond: RequestListener) {
  const server = createServer(respond)
  const drain = prepareDrain(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.closeAllConnections())
  const state = { port: (server.address() as AddressInfo).port, done: false, server }
  const begin = (times: Partial<DrainTimes>) => {
    const over = drain({ graceMs: 0, timeoutMs: 60_000, ...times })
    void over.then(() => {
      state.done = true
    })
    return over
  }
  return { state, begin }
}

async function client(port: number) {
  const socket = await open(port)
  const heard = { text: '', closed: false }
  closing.push(() => socket.destroy())
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    heard.text += chunk.toString('latin1')
  })
  socket.on('close', () => {
    heard.closed = true
  })
  const ask = (path = '/') => socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  return { heard, ask, socket }
}

/** How many answers have begun. */
const answers = (text: string) => text.match(/HTTP\/1\.1 200 OK/g)?.length ?? 0

test('a request that comes during the grace is answered, and told that its connection ends', async () => {
  const { state, begin } = await start((_req, res) => void res.end('whole'))
  const first = await client(state.port)
  const over = begin({ graceMs: 300 })
  first.ask()
  const second = await client(state.port)
  second.ask()
  await until(() => [first, second].every(({ heard }) => heard.text.endsWith('whole')))
  for (const { heard } of [first, second]) expect(heard.text).toContain('Connection: close')
  expect(state.done).toBe(false)
  await over
})

test('a request that was under way is told as well, and ends in its time', async () => {
  let finish = () => {}
  const { state, begin } = await start((_req, res) => {
    finish = () => void res.end('whole')
  })
  const { ask, heard } = await client(state.port)
  const before = finish
  ask()
  await until(() => finish !== before)
  const over = begin({})
  finish()
  await over
  await until(() => heard.closed)
  expect(heard.text).toMatch(/Connection: close.*whole$/s)
})

test('after an answer that could not be told, the next one on its connection is', async () => {
  let finish: (() => void) | undefined
  const { state, begin } = await start((req, res) => {
    if (req.url === '/second') return void res.end('second')
    res.write('first')
    finish = () => void res.end()
  })
  const { ask, heard } = await client(state.port)
  ask()
  await until(() => heard.text.includes('first'))
  const over = begin({})
  await until(() => !state.server.listening)
  finish?.()
  await until(() => heard.text.endsWith('0\r\n\r\n'))
  expect(heard.text).not.toContain('Connection: close')
  ask('/second')
  await over
  await until(() => heard.closed)
  expect(answers(heard.text)).toBe(2)
  expect(heard.text).toMatch(/Connection: close.*second$/s)
})

test('a connection that was not told does not hold it up when nothing more comes', async () => {
  let finish: (() => void) | undefined
  const { state, begin } = await start((_req, res) => {
    res.write('first')
    finish = () => void res.end()
  })
  const { ask, heard } = await client(state.port)
  ask()
  await until(() => heard.text.includes('first'))
  void begin({})
  await until(() => !state.server.listening)
  finish?.()
  await until(() => state.done)
})

test('a connection that rests or never spoke does not hold it up', async () => {
  const { state, begin } = await start((_req, res) => void res.end('whole'))
  const resting = await client(state.port)
  resting.ask()
  const silent = await client(state.port)
  await until(() => resting.heard.text.endsWith('whole'))
  await begin({})
  await until(() => resting.heard.closed && silent.heard.closed)
})

test('what goes on for longer than it waits is cut, upgraded connections included', async () => {
  const { state, begin } = await start((_req, res) => void res.write('begun'))
  state.server.on('upgrade', (_req, socket) => {
    socket.on('error', () => undefined).resume()
    socket.write('switched')
  })
  const slow = await client(state.port)
  slow.ask()
  const tunnel = await client(state.port)
  tunnel.socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
  const half = await client(state.port)
  half.socket.write('GET / HTTP')
  await until(() => slow.heard.text.includes('begun') && tunnel.heard.text === 'switched')
  await begin({ timeoutMs: 200 })
  await until(() => [slow, tunnel, half].every(({ heard }) => heard.closed))
})

test('an expectation is left to Node where the server does not answer it itself', async () => {
  const { state } = await start((_req, res) => void res.end('whole'))
  const { socket, heard } = await client(state.port)
  const fields = ['Host: a', 'Expect: 100-continue', 'Content-Length: 2']
  socket.write(`POST / HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`)
  await until(() => heard.text.includes('100 Continue'))
  socket.write('hi')
  await until(() => heard.text.endsWith('whole'))
})
