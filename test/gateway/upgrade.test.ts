import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { until } from '../support/forwarding.ts'
import { exchange, open, readAll } from '../support/raw.ts'
import {
  ACCEPT,
  handshake,
  head,
  SWITCH,
  setting,
  switching,
  tunnel,
} from '../support/websocket.ts'

describe('a handshake', () => {
  test('is passed on with its WebSocket headers, and the tunnel carries bytes both ways', async () => {
    const made = await setting((socket) => {
      switching(socket)
      socket.write('\x81\x02hi', 'latin1')
    })
    const protocol = 'Sec-WebSocket-Protocol: chat'
    const client = await tunnel(made, handshake(protocol, 'Gatehouse-Decision: forged', 'TE: x'))
    expect(client.text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
    expect(client.text).toContain(`Sec-WebSocket-Accept: ${ACCEPT}\r\n`)
    expect(client.text.match(/^(?:upgrade|connection):/gim)).toHaveLength(2)
    await until(() => client.text.endsWith('\x81\x02hi'))
    client.socket.write('\x81\x82\0\0\0\0yo', 'latin1')
    await until(() => made.upstream.received().endsWith('yo'))
    const sent = made.upstream.received()
    expect(sent).toMatch(/^GET \/chat\?room=1 HTTP\/1\.1\r\n/)
    expect(sent).toContain(protocol)
    expect(sent).toMatch(/gatehouse-decision: d1/)
    expect(sent).not.toMatch(/forged|^te:/im)
    expect(made.gateway.upgrades.size()).toBe(1)
  })

  test('holds back what follows its head until the upstream has switched (A3 61)', async () => {
    let upstreamSocket: Socket | undefined
    const { upstream, gateway } = await setting((socket) => {
      upstreamSocket = socket
    })
    const socket = await open(gateway.port)
    const text = readAll(socket, 300)
    socket.write(`${handshake()}EARLY1`)
    await until(() => upstreamSocket !== undefined)
    socket.write('EARLY2')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(upstream.received()).not.toContain('EARLY')
    upstreamSocket?.write(head(...SWITCH))
    await until(() => upstream.received().endsWith('EARLY1EARLY2'))
    await text
  })

  test('that the upstream refuses stays HTTP, and what follows it reaches nobody (A3 62)', async () => {
    const { upstream, gateway } = await setting((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello')
    })
    const answer = await exchange(
      gateway.port,
      `${handshake()}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`,
    )
    expect(answer).toMatchObject({ status: 200, body: 'hello' })
    expect(answer.headers['connection']).toBe('close')
    expect(upstream.received()).not.toContain('smuggled')
    expect(gateway.upgrades.size()).toBe(0)
  })

  test.each([
    [
      'the upstream',
      (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
      handshake(),
    ],
    ['us', switching, handshake('Content-Length: 1')],
  ])('that %s refused ends its connection', async (_who, onHead, bytes) => {
    const { gateway } = await setting(onHead)
    const socket = await open(gateway.port)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.resume().write(bytes)
    await closed
  })

  test('that is refused with a large answer streams it whole', async () => {
    const size = 5_000_000
    const { gateway } = await setting((socket) => {
      socket.write(`HTTP/1.1 426 Upgrade Required\r\nContent-Length: ${size}\r\n\r\n`)
      socket.end(Buffer.alloc(size, 'x'))
    })
    const answer = await exchange(gateway.port, handshake())
    expect(answer.status).toBe(426)
    expect(answer.body.length).toBe(size)
  })

  test.each([
    ['without an accept', SWITCH.slice(0, 3)],
    ['with the accept of another key', [...SWITCH.slice(0, 3), 'Sec-WebSocket-Accept: AAAA']],
    ['to another protocol', [SWITCH[0], 'Upgrade: h2c', SWITCH[2], SWITCH[3]]],
  ])('answered by a 101 %s opens no tunnel', async (_name, lines) => {
    const { upstream, gateway } = await setting((socket) => {
      socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    })
    const answer = await exchange(gateway.port, `${handshake()}EARLY`)
    expect(answer.status).toBe(502)
    await until(() => upstream.open() === 0)
    expect(upstream.received()).not.toContain('EARLY')
  })

  test.each([
    ['resets', (socket: Socket) => socket.resetAndDestroy(), 502],
    ['closes', (socket: Socket) => socket.end(), 502],
    ['hangs', () => {}, 504],
  ])('to an upstream that %s is answered by a problem', async (_name, onHead, status) => {
    const { gateway } = await setting(onHead, {
      application: { timeouts: { connectMs: 500, firstByteMs: 100, idleMs: 100 } },
    })
    expect((await exchange(gateway.port, handshake())).status).toBe(status)
  })

  test.each(['destroy', 'end'] as const)(
    'whose client leaves (%s) frees the upstream',
    async (how) => {
      const { upstream, gateway } = await setting(() => {})
      const socket = await open(gateway.port)
      socket.on('error', () => {}).write(handshake())
      await until(() => upstream.received().includes('GET /chat'))
      socket[how]()
      await until(() => upstream.open() === 0)
      socket.destroy()
    },
  )
})

describe('authorization', () => {
  test.each([
    [
      'a deny',
      async () =>
        ({
          kind: 'refused',
          reason: 'denied_by_default',
          requestId: 'r9',
          decisionId: 'd9',
        }) as const,
      403,
    ],
    [
      'a missing credential',
      async () =>
        ({
          kind: 'refused',
          reason: 'credential_missing',
          requestId: 'r9',
          decisionId: 'd9',
        }) as const,
      401,
    ],
    [
      'an outcome that is none',
      async () => ({ kind: 'server-wide', requestId: 'r9', decisionId: 'd9' }) as const,
      400,
    ],
    ['an exception', () => Promise.reject(new Error('broken')), 500],
  ])('that ends in %s opens nothing', async (_name, authorizeUpgrade, status) => {
    const { upstream, gateway } = await setting(switching, { authorizeUpgrade })
    const answer = await exchange(gateway.port, `${handshake()}EARLY`)
    expect(answer.status).toBe(status)
    if (status < 500) expect(JSON.parse(answer.body)).toMatchObject({ requestId: 'r9' })
    expect(upstream.sockets).toHaveLength(0)
  })

  test('of a client that has left reaches nobody', async () => {
    let decide = () => {}
    const { upstream, gateway } = await setting(switching, {
      authorizeUpgrade: (ticket) =>
        new Promise((resolve) => {
          decide = () => resolve({ kind: 'allowed', ticket, requestId: 'r', decisionId: 'd' })
        }),
    })
    const socket = await open(gateway.port)
    socket.write(handshake())
    await until(() => gateway.clients.size === 1)
    socket.destroy()
    await until(() => gateway.clients.size === 0)
    decide()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(upstream.sockets).toHaveLength(0)
  })
})
