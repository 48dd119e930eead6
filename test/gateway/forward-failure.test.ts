import { request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Application } from '../../src/policy/applications.ts'
import {
  type Forwarding,
  type ForwardingOptions,
  freePort,
  type RawUpstream,
  startForwarding,
  startRawUpstream,
  until,
} from '../support/forwarding.ts'
import { exchange, open, readAll } from '../support/raw.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function gateway(options: ForwardingOptions): Promise<Forwarding> {
  const forwarding = await startForwarding(options)
  closing.push(forwarding.close)
  return forwarding
}

async function service(onHead: (socket: Socket, head: string) => void): Promise<RawUpstream> {
  const upstream = await startRawUpstream(onHead)
  closing.push(upstream.close)
  return upstream
}

async function both(
  onHead: (socket: Socket, head: string) => void,
  over: Partial<ForwardingOptions> = {},
) {
  const upstream = await service(onHead)
  return { upstream, forwarding: await gateway({ origins: [upstream.origin], ...over }) }
}

async function endsOf({ ends }: Forwarding) {
  await until(() => ends.length > 0)
  return ends
}

const timeouts = (over: Partial<Application['timeouts']>) => ({
  timeouts: { connectMs: 1_000, firstByteMs: 5_000, idleMs: 5_000, ...over },
})
const GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const silent = () => {}

describe('an upstream that fails before its answer', () => {
  test.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.9\r\n'],
    [
      'both length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok'],
    ['a header name with a blank', 'HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 2\r\n\r\nok'],
    ['a control byte in a header', 'HTTP/1.1 200 OK\r\nX-Y: a\x00b\r\nContent-Length: 2\r\n\r\nok'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok'],
    [
      'a switch that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    ],
    ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['nothing', ''],
  ])('that sends %s is a 502 problem', async (_name, bytes) => {
    const { forwarding } = await both((socket) => socket.end(bytes, 'latin1'))
    const answer = await exchange(forwarding.port, GET)
    expect(answer.status).toBe(502)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'upstream_failed',
      requestId: 'r1',
      decisionId: 'd1',
    })
    expect(await endsOf(forwarding)).toEqual([{ status: 502, reason: 'upstream_broken' }])
  })

  test('that resets is a 502', async () => {
    const { forwarding } = await both((socket) => socket.resetAndDestroy())
    expect((await exchange(forwarding.port, GET)).status).toBe(502)
  })

  test('that does not listen is a 502', async () => {
    const forwarding = await gateway({ origins: [`http://127.0.0.1:${await freePort()}`] })
    expect((await exchange(forwarding.port, GET)).status).toBe(502)
    expect(await endsOf(forwarding)).toEqual([{ status: 502, reason: 'upstream_refused' }])
  })

  test('that says nothing is a 504 after the first-byte time-out', async () => {
    const { upstream, forwarding } = await both(silent, {
      application: timeouts({ firstByteMs: 100 }),
    })
    const answer = await exchange(forwarding.port, GET)
    expect(answer.status).toBe(504)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'upstream_timeout' })
    expect(await endsOf(forwarding)).toEqual([{ status: 504, reason: 'upstream_slow' }])
    await until(() => upstream.open() === 0)
  })

  test('that drips its head byte by byte is a 504 all the same', async () => {
    const { forwarding } = await both(
      (socket) => {
        const timer = setInterval(() => socket.write('X'), 20)
        socket.write('HTTP/1.1 200 OK\r\nX-Y: ')
        socket.on('close', () => clearInterval(timer))
      },
      { application: timeouts({ firstByteMs: 150 }) },
    )
    expect((await exchange(forwarding.port, GET)).status).toBe(504)
  })

  test('that never completes the connection is a 504 after the connect time-out', async () => {
    // TEST-NET-1 (RFC 5737) answers nobody; where it is unreachable at once, that is a 502.
    const forwarding = await gateway({
      origins: ['http://192.0.2.1:9'],
      application: timeouts({ connectMs: 100 }),
    })
    expect([502, 504]).toContain((await exchange(forwarding.port, GET)).status)
  })

  test('with no connection left is waited for only so long', async () => {
    const { upstream, forwarding } = await both(
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'),
      {
        application: timeouts({ connectMs: 100, firstByteMs: 100 }),
        upstreams: { connections: 1 },
      },
    )
    const first = await open(forwarding.port)
    first.write(GET)
    await until(() => upstream.received().includes('GET /'))
    expect((await exchange(forwarding.port, GET)).status).toBe(504)
    expect(upstream.received().match(/GET/g)).toHaveLength(1)
    first.destroy()
  })

  test('with a full line refuses at once instead of keeping more', async () => {
    const { forwarding } = await both(silent, { upstreams: { connections: 1, waiting: 1 } })
    const held = [await open(forwarding.port), await open(forwarding.port)]
    for (const socket of held) socket.write(GET)
    const answer = await retry(
      () => exchange(forwarding.port, GET),
      ({ status }) => status === 503,
    )
    expect(answer.headers['retry-after']).toBe('1')
    for (const socket of held) socket.destroy()
  })
})

describe('an upstream that fails in the middle of its answer', () => {
  const cases: [string, string, (socket: Socket) => void][] = [
    ['a length', 'Content-Length: 10\r\n\r\nhello', (socket) => socket.end()],
    ['a length', 'Content-Length: 10\r\n\r\nhello', (socket) => socket.resetAndDestroy()],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', (socket) => socket.end()],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', (s) => s.resetAndDestroy()],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n', () => {}],
    ['its close', 'Connection: close\r\n\r\nhello', (socket) => socket.resetAndDestroy()],
  ]
  test.each(cases)('framed by %s (%j) never looks whole to the client', async (_f, rest, end) => {
    const { forwarding } = await both((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${rest}`)
      setTimeout(() => end(socket), 50)
    })
    const seen = await fetchAll(forwarding.port)
    expect(seen).toMatchObject({ status: 200, whole: false })
    expect(await endsOf(forwarding)).toEqual([{ status: 200, reason: 'upstream_broken' }])
  })

  test('is a reset for a client of HTTP/1.0, to whom a close would be the end', async () => {
    const { forwarding } = await both((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')
      setTimeout(() => socket.end(), 50)
    })
    const socket = await open(forwarding.port)
    const failed = new Promise<string | undefined>((resolve) => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      socket.on('end', () => resolve('a clean end'))
    })
    socket.resume().write('GET / HTTP/1.0\r\nHost: a\r\n\r\n')
    expect(await failed).toBe('ECONNRESET')
  })

  test('by falling silent is cut after the idle time-out', async () => {
    const { upstream, forwarding } = await both(
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'),
      { application: timeouts({ idleMs: 100 }) },
    )
    expect(await fetchAll(forwarding.port)).toMatchObject({ status: 200, whole: false })
    expect(await endsOf(forwarding)).toEqual([{ status: 200, reason: 'upstream_slow' }])
    await until(() => upstream.open() === 0)
  })

  test('a dripping body is not a silent one', async () => {
    const { forwarding } = await both(
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n')
        const timer = setInterval(() => socket.write('x'), 25)
        socket.on('close', () => clearInterval(timer))
      },
      { application: timeouts({ idleMs: 300 }) },
    )
    expect(await fetchAll(forwarding.port)).toMatchObject({ whole: true, body: 'x'.repeat(20) })
  })
})

describe('a client that leaves', () => {
  test('before the answer frees the upstream', async () => {
    const { upstream, forwarding } = await both(silent)
    const socket = await open(forwarding.port)
    socket.write(GET)
    await until(() => upstream.received().includes('GET /'))
    socket.destroy()
    await until(() => upstream.open() === 0)
    expect(await endsOf(forwarding)).toEqual([{ status: 499, reason: 'client_gone' }])
  })

  test('in the middle of the answer frees the upstream', async () => {
    const { upstream, forwarding } = await both((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')
    })
    const socket = await open(forwarding.port)
    socket.write(GET)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
    await until(() => upstream.open() === 0)
    expect(await endsOf(forwarding)).toEqual([{ status: 200, reason: 'client_gone' }])
  })

  test('while it waits in line is never sent on', async () => {
    const { upstream, forwarding } = await both(silent, { upstreams: { connections: 1 } })
    const first = await open(forwarding.port)
    first.write(GET)
    await until(() => upstream.received().includes('GET / '))
    const second = await open(forwarding.port)
    second.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 50))
    second.destroy()
    await until(() => forwarding.ends.length === 1)
    upstream.sockets[0]?.write(OK)
    await until(() => forwarding.ends.length === 2)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(upstream.received()).not.toContain('/never')
  })

  test('many times over leaves nothing behind', async () => {
    const { upstream, forwarding } = await both(silent)
    for (let n = 0; n < 100; n += 1) {
      const socket = await open(forwarding.port)
      socket.write(GET)
      await until(() => upstream.sockets.length > n)
      socket.destroy()
    }
    await until(() => upstream.open() === 0 && forwarding.ends.length === 100)
  })

  test('an answer that its reader does not take is given up, and frees the upstream', async () => {
    const { upstream, forwarding } = await both(
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n')
        socket.write(Buffer.alloc(20_000_000))
      },
      { context: { answerIdleMs: 200 } },
    )
    const socket = await open(forwarding.port)
    socket
      .on('error', () => {})
      .pause()
      .write(GET)
    expect(await endsOf(forwarding)).toEqual([{ status: 200, reason: 'client_gone' }])
    await until(() => upstream.open() === 0)
    socket.destroy()
  })
})

describe('a client that stalls', () => {
  test('in the middle of its body gets a 408 and the upstream is freed (A3 68)', async () => {
    const { upstream, forwarding } = await both(silent, { context: { requestIdleMs: 100 } })
    const socket = await open(forwarding.port)
    const text = readAll(socket)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello')
    expect(await text).toMatch(/^HTTP\/1\.1 408 .*\r\nConnection: close\r\n/s)
    expect(await text).toContain('"code":"request_timeout"')
    expect(await endsOf(forwarding)).toEqual([{ status: 408, reason: 'body_slow' }])
    await until(() => upstream.open() === 0)
    expect(upstream.received()).toContain('hello')
  })

  test('before the first byte of its body gets a 408, and the upstream saw nothing', async () => {
    const { upstream, forwarding } = await both(silent, { context: { requestIdleMs: 100 } })
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10'
    expect((await exchange(forwarding.port, `${head}\r\n\r\n`)).status).toBe(408)
    expect(upstream.received()).toBe('')
  })

  test('dripping its body goes on', async () => {
    const { forwarding } = await both(
      (socket) => socket.on('data', (chunk) => chunk.includes('!') && socket.end(OK)),
      { context: { requestIdleMs: 300 } },
    )
    const socket = await open(forwarding.port)
    const text = readAll(socket)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n')
    for (let n = 0; n < 20; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 25))
      socket.write(n === 19 ? '!' : 'x')
    }
    expect(await text).toMatch(/^HTTP\/1\.1 200 OK/)
  })

  test('is not the one to blame when the upstream takes nothing', async () => {
    const { forwarding } = await both((socket) => socket.pause(), {
      context: { requestIdleMs: 100 },
      application: timeouts({ firstByteMs: 800 }),
    })
    const socket = await open(forwarding.port)
    const text = readAll(socket)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n')
    socket.write(Buffer.alloc(50_000_000))
    expect(await endsOf(forwarding)).toMatchObject([{ reason: 'upstream_slow' }])
    socket.destroy()
    await text
  })
})

interface Seen {
  readonly status: number
  readonly body: string
  /** Whether the client library took the body for complete. */
  readonly whole: boolean
}

/** A GET by Node's client, which knows when a body is not whole. */
function fetchAll(port: number): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const req = httpRequest({ port, host: '127.0.0.1', agent: false }, (res) => {
      let body = ''
      const end = () => resolve({ status: res.statusCode ?? 0, body, whole: res.complete })
      res
        .on('data', (chunk) => (body += chunk))
        .on('end', end)
        .on('error', end)
    })
    req.on('error', reject).end()
  })
}

async function retry<T>(ask: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  for (let n = 0; n < 20; n += 1) {
    const value = await ask()
    if (good(value)) return value
  }
  throw new Error('It never came true.')
}
