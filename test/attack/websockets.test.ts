import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { removeKey } from '../../src/store/keys.ts'
import { raiseRevision, setMemberState } from '../../src/store/organisations.ts'
import { type RawUpstream, startRawUpstream } from '../support/forwarding.ts'
import { answersIn, ask, exchange, open, parseAnswer } from '../support/raw.ts'
import {
  bytesOf,
  expectProblem,
  HOST,
  type Scene,
  START_MS,
  startScene,
  type Who,
} from './scene.ts'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const ACCEPT = createHash('sha1')
  .update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  .digest('base64')
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
const HANDSHAKE = `${UPGRADE}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n`
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\n'
const switching = `${SWITCHED}${UPGRADE}Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`

/** How the service answers a handshake, by the end of its path; `undefined` is not yet. */
const replies: Readonly<Record<string, string | undefined>> = {
  echo: switching,
  late: undefined,
  ok: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno',
  forbidden: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno',
  impostor: switching.replace(ACCEPT, ACCEPT.toLowerCase()),
  silent: switching.replace(/Sec-WebSocket-Accept.*\r\n/, ''),
  other: switching.replace('Upgrade: websocket', 'Upgrade: h2c'),
}

let scene: Scene
let live: RawUpstream
/** Of this test: what came on each connection to the service, and the connection itself. */
let arrivals: { text: string; readonly socket: Socket }[] = []
const received = () => arrivals.map(({ text }) => text).join('\n')

beforeAll(async () => {
  live = await startRawUpstream((socket, head) => {
    const arrival = { text: head, socket }
    arrivals.push(arrival)
    socket.on('data', (chunk: Buffer) => {
      arrival.text += chunk.toString('latin1')
    })
    const reply = replies[/^GET \S*\/(\w+)/.exec(head)?.[1] ?? '']
    if (reply !== undefined) socket.write(reply)
  })
  const applications = `
  - { id: ws, match: { prefix: /live }, upstreams: ['${live.origin}'], organisation: credential }
`
  const rules = ['p, role:reader, *, /ws/live/*, GET, allow', 'p, *, *, /ws/live/admin/*, *, deny']
  scene = await startScene(undefined, { applications, rules })
}, START_MS)
afterAll(async () => {
  await scene.close()
  await live.close()
})
beforeEach(() => {
  arrivals = []
})

const handshake = (path: string, headers = HANDSHAKE, who: Who = 'reader') =>
  bytesOf(scene, who, `GET ${path}`, { headers })

/** A text frame as a client sends it: masked (RFC 6455 section 5.3). */
function frame(text: string): string {
  const mask = [1, 2, 3, 4]
  const payload = Buffer.from(text).map((octet, at) => octet ^ (mask[at % 4] ?? 0))
  return Buffer.from([0x81, 0x80 | payload.length, ...mask, ...payload]).toString('latin1')
}

interface Client {
  readonly socket: Socket
  readonly text: () => string
  readonly ended: () => boolean
  readonly send: (bytes: string) => void
}

async function connectTo(bytes: string): Promise<Client> {
  const socket = await open(scene.port)
  let text = ''
  let ended = false
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  socket.on('close', () => {
    ended = true
  })
  socket.on('error', () => {})
  const send = (more: string) => void socket.write(Buffer.from(more, 'latin1'))
  send(bytes)
  return { socket, text: () => text, ended: () => ended, send }
}

/** Opens a tunnel to the service and proves that frames flow. */
async function openTunnel(bytes: string): Promise<Client> {
  const client = await connectTo(bytes)
  await expect.poll(client.text).toContain('Sec-WebSocket-Accept')
  client.send(frame('before'))
  await expect.poll(received).toContain(frame('before'))
  return client
}

describe('A3: bytes after a handshake', () => {
  const early = frame('early') + bytesOfSmuggled()

  test.each(['with the handshake', 'after it'])(
    'A3 61 sent %s they are held until the service has switched',
    async (when) => {
      const together = when === 'with the handshake'
      const client = await connectTo(handshake('/live/late') + (together ? early : ''))
      await expect.poll(() => arrivals.length).toBe(1)
      if (!together) client.send(early)
      const forbidden = await ask(scene.port, handshake('/live/forbidden'))
      expect(forbidden.status).toBe(403)
      expect(received()).not.toContain('smuggled')
      arrivals[0]?.socket.write(switching)
      await expect.poll(received).toContain(early)
      await expect.poll(client.text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
      client.socket.destroy()
    },
  )

  test.each([
    ['ok', 200],
    ['forbidden', 403],
    ['impostor', 502],
    ['silent', 502],
    ['other', 502],
  ])(
    'A3 61, 62 a service that answers %j has switched nothing: %i, and no tunnel',
    async (path, status) => {
      const answer = await exchange(scene.port, handshake(`/live/${path}`) + early)
      expect(answersIn(answer.text).map((one) => one.status)).toEqual([status])
      expect(answer.headers['connection']).toBe('close')
      expect(answer.text).not.toContain('101')
      const seen = received()
      expect(seen).toMatch(new RegExp(`^GET /live/${path} HTTP/1\\.1\\r\\n`))
      expect(seen.match(/\r\n\r\n/g)).toHaveLength(1)
      expect(seen).not.toContain('smuggled')
    },
  )

  test('A3 62 what is sent after a refused upgrade reaches nobody', async () => {
    const client = await connectTo(handshake('/live/ok'))
    await expect.poll(client.text).toContain('no')
    client.send(early)
    await expect.poll(client.ended).toBe(true)
    expect(received()).not.toContain('smuggled')
  })

  function bytesOfSmuggled(): string {
    return `GET /live/smuggled HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`
  }
})

describe('A3: a handshake is a request like any other', () => {
  test.each([
    ['63 a body', `${HANDSHAKE}Content-Length: 5\r\n`],
    ['63 an empty body', `${HANDSHAKE}Content-Length: 0\r\n`],
    ['63 a chunked body', `${HANDSHAKE}Transfer-Encoding: chunked\r\n`],
    ['63 no key', UPGRADE],
    ['63 two keys', `${HANDSHAKE}Sec-WebSocket-Key: ${KEY}\r\n`],
    ['63 a malformed key', `${UPGRADE}Sec-WebSocket-Key: short\r\n`],
  ])('A3 %s in a handshake is 400 and nothing leaves', async (_, headers) => {
    const answer = await ask(scene.port, `${handshake('/live/echo', headers)}abcde`)
    expectProblem(answer, 'bad_request')
    expect(arrivals).toEqual([])
  })

  test.each(['POST', 'HEAD', 'DELETE'])('A3 63 a handshake with %s is 400', async (method) => {
    const line = `${method} /live/echo`
    const answer = await ask(scene.port, bytesOf(scene, 'reader', line, { headers: HANDSHAKE }))
    expect(answer.status).toBe(400)
    expect(arrivals).toEqual([])
  })

  test.each([
    ['anonymous', '/live/echo', 'unauthenticated'],
    ['reader', '/live/admin/echo', 'denied'],
    ['reader', '/live/x/../admin/%65cho', 'denied'],
    ['reader', '/live/..%2fadmin/echo', 'bad_request'],
    ['editor', '/live/echo', 'denied'],
  ] as const)('A3 62 as %s, a handshake for %j is %s', async (who, path, code) => {
    expectProblem(await ask(scene.port, handshake(path, HANDSHAKE, who)), code)
    expect(arrivals).toEqual([])
  })

  test('A3 61 an allowed one leaves in its canonical form, with our headers and nobody else’s', async () => {
    const forged = 'Remote-User: forged\r\nRemote_User: forged\r\nSec-WebSocket-Protocol: chat\r\n'
    const client = await openTunnel(handshake('/live//x/../%65cho?q', HANDSHAKE + forged))
    const head = arrivals[0]?.text ?? ''
    expect(head.startsWith('GET /live/echo?q HTTP/1.1\r\n')).toBe(true)
    expect(head.match(/^remote[-_]user: .*$/gim)).toEqual(['remote-user: user:rita'])
    expect(head).toMatch(/^sec-websocket-protocol: chat$/im)
    expect(head).not.toMatch(/forged|authorization/i)
    client.socket.destroy()
  })
})

describe('A3: cross-site WebSocket', () => {
  const cookie = 'Cookie: theme=dark\r\n'

  test.each([
    `Origin: https://evil.test\r\n`,
    `Origin: null\r\n`,
    `Origin: http://${HOST}.evil.test\r\n`,
    `Origin: http://${HOST}:8080\r\n`,
    `Origin: ${HOST}\r\n`,
    `Origin: http://${HOST}\r\nOrigin: https://evil.test\r\n`,
    `Origin:\r\n`,
  ])('A3 65 with a cookie, %j is 403 and nothing leaves', async (origin) => {
    const answer = await ask(scene.port, handshake('/live/echo', HANDSHAKE + cookie + origin))
    expectProblem(answer, 'denied')
    expect(arrivals).toEqual([])
  })

  test.each([
    ['the page of the host itself', `${cookie}Origin: http://${HOST}\r\n`],
    ['the page of the host over TLS', `${cookie}Origin: https://${HOST}\r\n`],
    ['no page', cookie],
    ['another page without a cookie', 'Origin: https://evil.test\r\n'],
  ])('A3 65 from %s it is opened', async (_, headers) => {
    const client = await openTunnel(handshake('/live/echo', HANDSHAKE + headers))
    client.socket.destroy()
  })
})

describe('A3: the session ends while a socket lives', () => {
  const end = {
    'the key is removed': async (key: string) => {
      const [, id = ''] = key.split('_')
      await inTransaction((trx) => removeKey(trx, 'acme', id))
    },
    'the member is suspended': async () => {
      await inTransaction((trx) => setMemberState(trx, 'acme', 'user:wes', 'suspended'))
    },
  }
  type Transaction = Parameters<typeof raiseRevision>[0]
  const inTransaction = (change: (trx: Transaction) => Promise<unknown>) =>
    scene.gateway.running.db.transaction('seed', async (trx) => {
      await change(trx)
      await raiseRevision(trx, 'acme')
    })

  test.each([
    ['the key is removed', 'user:una'],
    ['the member is suspended', 'user:wes'],
  ] as const)(
    'A3 66 %s: the tunnel closes with 1008 and carries nothing more',
    async (how, subject) => {
      const key = await scene.gateway.member(subject, { holds: ['role:reader'] })
      const headers = `${HANDSHAKE}Authorization: Bearer ${key}\r\n`
      const client = await openTunnel(handshake('/live/echo', headers, 'anonymous'))
      const staying = await openTunnel(handshake('/live/echo'))
      await end[how](key)
      await expect.poll(client.ended, { timeout: 5_000 }).toBe(true)
      expect(client.text().endsWith('\x88\x02\x03\xf0')).toBe(true)
      client.send(frame('after'))
      await expect.poll(() => arrivals[0]?.socket.destroyed).toBe(true)
      expect(received()).not.toContain(frame('after'))
      const again = await ask(scene.port, handshake('/live/echo', headers, 'anonymous'))
      expect([401, 403]).toContain(parseAnswer(again.text).status)
      staying.send(frame('still'))
      await expect.poll(received).toContain(frame('still'))
      staying.socket.destroy()
    },
  )
})
