import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { acceptsHandshake, handshakeProblem } from '../../src/gateway/handshake.ts'
import {
  type Forwarding,
  type ForwardingOptions,
  type RawUpstream,
  startForwarding,
  startRawUpstream,
  until,
} from '../support/forwarding.ts'
import { exchange, open, parseAnswer, readAll } from '../support/raw.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
/** RFC 6455 section 1.3 gives this pair. */
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const SWITCH = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${ACCEPT}`,
]

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function handshake(...lines: string[]): string {
  const fields = [
    'GET /chat?room=1 HTTP/1.1',
    'Host: docs.test',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
  ]
  return `${[...fields, ...lines].join('\r\n')}\r\n\r\n`
}

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`
const switching = (socket: Socket) => void socket.write(head(...SWITCH))

interface Setting {
  readonly upstream: RawUpstream
  readonly gateway: Forwarding
}

async function setting(
  onHead: (socket: Socket, head: string) => void = switching,
  over: Partial<ForwardingOptions> = {},
): Promise<Setting> {
  const upstream = await startRawUpstream(onHead)
  const gateway = await startForwarding({ origins: [upstream.origin], ...over })
  closing.push(upstream.close, gateway.close)
  return { upstream, gateway }
}

/** A client whose tunnel is open, and all it has received since. */
async function tunnel({ gateway }: Setting, bytes = handshake()) {
  const socket = await open(gateway.port)
  const client = { socket, text: '', closed: false }
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => (client.text += chunk.toString('latin1')))
  socket.on('close', () => (client.closed = true))
  socket.write(bytes, 'latin1')
  await until(() => client.text.includes('\r\n\r\n'))
  return client
}

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

describe('what is no handshake', () => {
  const request = (over: { method?: string; version?: string; fields?: string[] }) => {
    const { method = 'GET', version = '1.1', fields = [] } = over
    const rawHeaders = fields.flatMap((field) => field.split(/: (.*)/s).slice(0, 2))
    return { method, httpVersion: version, headers: {}, rawHeaders }
  }
  const good = [
    'Host: docs.test',
    'Connection: keep-alive, Upgrade',
    'Upgrade: WebSocket',
    `Sec-WebSocket-Key: ${KEY}`,
  ]
  const cases: [string, Parameters<typeof request>[0], string | undefined][] = [
    ['the plain one passes', { fields: good }, undefined],
    ['a POST', { method: 'POST', fields: good }, 'upgrade_malformed'],
    ['HTTP/1.0', { version: '1.0', fields: good }, 'upgrade_malformed'],
    [
      'a length, even of nothing (A3 63)',
      { fields: [...good, 'Content-Length: 0'] },
      'upgrade_malformed',
    ],
    ['chunks (A3 63)', { fields: [...good, 'Transfer-Encoding: chunked'] }, 'upgrade_malformed'],
    [
      'h2c (A3 64)',
      { fields: [...good.slice(0, 2), 'Upgrade: h2c', ...good.slice(3)] },
      'upgrade_malformed',
    ],
    ['two protocols', { fields: [...good, 'Upgrade: h2c'] }, 'upgrade_malformed'],
    [
      'no nomination',
      { fields: good.filter((field) => !field.startsWith('Conn')) },
      'upgrade_malformed',
    ],
    ['no key', { fields: good.slice(0, 3) }, 'upgrade_malformed'],
    ['two keys', { fields: [...good, `Sec-WebSocket-Key: ${KEY}`] }, 'upgrade_malformed'],
    [
      'a short key',
      { fields: [...good.slice(0, 3), 'Sec-WebSocket-Key: AAAA'] },
      'upgrade_malformed',
    ],
    [
      'a foreign page with a cookie (A3 65)',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://evil.test'] },
      'origin_mismatch',
    ],
    [
      'a sandboxed page with a cookie',
      { fields: [...good, 'Cookie: a=1', 'Origin: null'] },
      'origin_mismatch',
    ],
    [
      'two origins with a cookie',
      {
        fields: [...good, 'Cookie: a=1', 'Origin: https://docs.test', 'Origin: https://docs.test'],
      },
      'origin_mismatch',
    ],
    [
      'another port with a cookie',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://docs.test:8443'] },
      'origin_mismatch',
    ],
    [
      'a longer host with a cookie',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://docs.test.evil.test'] },
      'origin_mismatch',
    ],
    [
      'userinfo in the origin',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://docs.test@evil.test'] },
      'origin_mismatch',
    ],
    [
      'our own page with a cookie',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://DOCS.test'] },
      undefined,
    ],
    [
      'our own page, default port',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://docs.test:443'] },
      undefined,
    ],
    [
      'a foreign page without a cookie',
      { fields: [...good, 'Origin: https://evil.test'] },
      undefined,
    ],
    ['a program with a cookie', { fields: [...good, 'Cookie: a=1'] }, undefined],
  ]
  test.each(cases)('%s', (_name, over, problem) => {
    expect(handshakeProblem(request(over))).toBe(problem)
  })

  test.each([
    ['Content-Length: 5', 400],
    ['Cookie: a=1\r\nOrigin: https://evil.test', 403],
  ])('is refused before anything is asked: %s', async (line, status) => {
    let asked = 0
    const { upstream, gateway } = await setting(switching, {
      authorizeUpgrade: () => {
        asked += 1
        throw new Error('not to be asked')
      },
    })
    const answer = await exchange(gateway.port, handshake(line))
    expect(answer.status).toBe(status)
    expect(answer.headers['connection']).toBe('close')
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(asked).toBe(0)
    expect(upstream.sockets).toHaveLength(0)
  })

  test('h2c is dropped: the request is an ordinary one', async () => {
    const { upstream, gateway } = await setting((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    const bytes = head('GET / HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: h2c')
    expect((await exchange(gateway.port, bytes)).body).toBe('ok')
    expect(upstream.received()).not.toMatch(/upgrade/i)
  })

  test('the accept is that of RFC 6455', () => {
    const accept = createHash('sha1')
      .update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    expect(accept).toBe(ACCEPT)
    const asked = request({ fields: good })
    const answer = ['upgrade', 'websocket', 'Sec-WebSocket-Accept', ACCEPT]
    expect(acceptsHandshake(asked, answer)).toBe(true)
    expect(acceptsHandshake(asked, [...answer, 'Sec-WebSocket-Accept', ACCEPT])).toBe(false)
  })
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

describe('an open tunnel', () => {
  test.each(['end', 'destroy'] as const)('goes with its client (%s)', async (how) => {
    const made = await setting((socket) => {
      switching(socket)
      socket.on('end', () => socket.end())
    })
    const client = await tunnel(made)
    client.socket[how]()
    await until(() => made.upstream.open() === 0 && made.gateway.upgrades.size() === 0)
  })

  test.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'goes with its upstream (%s)',
    async (how) => {
      const made = await setting()
      const client = await tunnel(made)
      client.socket.on('end', () => client.socket.end())
      made.upstream.sockets[0]?.[how]()
      await until(() => client.closed && made.gateway.upgrades.size() === 0)
    },
  )

  test('carries much in both directions, whole, past a reader that pauses', async () => {
    const size = 20_000_000
    const made = await setting((socket) => {
      switching(socket)
      socket.write(Buffer.alloc(size, 'd'))
    })
    const client = await tunnel(made)
    client.socket.pause().write(Buffer.alloc(size, 'u'))
    await until(() => made.upstream.received().length > size)
    for (const socket of made.gateway.clients) {
      expect(socket.writableLength).toBeLessThanOrEqual(256 * 1_024)
    }
    client.socket.resume()
    await until(() => client.text.length > size)
    expect(client.text.slice(-1)).toBe('d')
    expect(made.upstream.received().slice(-1)).toBe('u')
  })

  test('that is not allowed any more is closed with 1008, others stay (A3 66)', async () => {
    const made = await setting()
    const [kept, revoked] = [await tunnel(made), await tunnel(made, handshake('X-User: mallory'))]
    await until(() => made.gateway.upgrades.size() === 2)
    await made.gateway.upgrades.recheck(({ req, allowed }) => {
      expect(allowed.path).toBe('/chat')
      return !req.rawHeaders.includes('mallory')
    })
    await until(() => revoked.text.endsWith('\x88\x02\x03\xf0'))
    await until(() => made.upstream.open() === 1)
    revoked.socket.write('too late')
    kept.socket.write('still here')
    await until(() => made.upstream.received().includes('still here'))
    expect(made.upstream.received()).not.toContain('too late')
    expect(made.gateway.upgrades.size()).toBeGreaterThanOrEqual(1)
    expect(kept.closed).toBe(false)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['says no later', async () => false],
  ])('is closed when judging it again %s', async (_name, allows) => {
    const made = await setting()
    const client = await tunnel(made)
    await made.gateway.upgrades.recheck(allows)
    await until(() => client.closed)
    await until(() => made.gateway.upgrades.size() === 0)
  })

  test('is never given a Close frame in the middle of a message', async () => {
    const made = await setting((socket) => {
      switching(socket)
      // A frame of five bytes, of which three have come.
      socket.write('\x82\x05abc', 'latin1')
    })
    const client = await tunnel(made)
    await until(() => client.text.endsWith('abc'))
    await made.gateway.upgrades.recheck(() => false)
    await until(() => client.closed)
    expect(client.text.endsWith('abc')).toBe(true)
  })
})

describe('a drain', () => {
  test('refuses new ones, tells the open ones 1001 after a while, and ends with the last', async () => {
    const made = await setting(switching, { upgrades: { drainMs: 150 } })
    const client = await tunnel(made)
    let drained = false
    const drain = made.gateway.upgrades.drain().then(() => (drained = true))
    const refused = await exchange(made.gateway.port, handshake())
    expect(refused.status).toBe(503)
    expect(refused.headers['retry-after']).toBe('1')
    expect(drained).toBe(false)
    await drain
    expect(client.text.endsWith('\x88\x02\x03\xe9')).toBe(true)
    expect(made.gateway.upgrades.size()).toBe(0)
  })

  test('with nothing open is over at once', async () => {
    const { gateway } = await setting(switching, { upgrades: { drainMs: 60_000 } })
    await gateway.upgrades.drain()
  })

  test('is over as soon as the last client leaves', async () => {
    const made = await setting(switching, { upgrades: { drainMs: 60_000 } })
    const client = await tunnel(made)
    const drain = made.gateway.upgrades.drain()
    client.socket.destroy()
    await drain
  })
})

test('more tunnels than allowed are refused by a 503', async () => {
  const made = await setting(switching, { upgrades: { most: 1 } })
  const client = await tunnel(made)
  expect(parseAnswer(client.text).status).toBe(101)
  expect((await exchange(made.gateway.port, handshake())).status).toBe(503)
  client.socket.destroy()
  await until(() => made.gateway.upgrades.size() === 0)
  expect(parseAnswer((await tunnel(made)).text).status).toBe(101)
})

test('idle tunnels cost little', async () => {
  const most = 300
  const made = await setting(switching)
  await tunnel(made)
  const before = process.memoryUsage().heapUsed
  for (let n = 0; n < most; n += 1) await tunnel(made)
  const each = (process.memoryUsage().heapUsed - before) / most
  // The client and the upstream of the test are in here too: four sockets in all for each tunnel.
  expect(each).toBeLessThan(120 * 1_024)
})
