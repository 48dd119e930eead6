/** SIGTERM: what was sent is answered, what was decided is recorded, and the process ends with 0. */
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { startLoad } from '../support/load.ts'
import { open } from '../support/raw.ts'
import { type Scene, type SceneOptions, startScene } from '../support/scene.ts'
import { startService } from '../support/service.ts'
import { fetchAnswer } from '../support/transfer.ts'
import { until } from '../support/until.ts'

const CLIENTS = 16
/** Longer than the grace, so that it ends when nobody is accepted any more. */
const SLOW_MS = 4_000
const TEXT = 'a whole answer '.repeat(200)

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A service with a fast answer, one that is late, and one whose head comes at once. */
async function start(over: Partial<SceneOptions> = {}) {
  const slow = new Set<string>()
  const service = await startService((req, res) => {
    if (req.url === '/files/fast') return void res.end(TEXT)
    slow.add(req.url ?? '')
    if (req.url === '/files/streamed') res.write(TEXT)
    setTimeout(() => res.end(TEXT), SLOW_MS)
  })
  service.server.on('upgrade', (req, socket: Socket) => accept(socket, req.headers))
  closing.push(service.close)
  const scene = await startScene({ applications: { files: [service.origin] }, ...over })
  closing.push(scene.close)
  return { scene, slow }
}

/** RFC 6455 section 4.2.2. */
function accept(socket: Socket, headers: NodeJS.Dict<string | string[]>): void {
  const text = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const key = createHash('sha1').update(text).digest('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.on('error', () => undefined).resume()
  socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`)
}

/** A connection on which `bytes` were sent, and all that came back. */
async function say(port: number, bytes: string) {
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
  socket.write(bytes)
  return heard
}

const ask = ({ port, headers }: Scene, path: string) => fetchAnswer({ port, path, headers })
const readiness = async ({ adminPort }: Scene) =>
  (await fetchAnswer({ port: adminPort, path: '/readyz' })).status

async function recorded({ db }: Scene): Promise<number> {
  const rows = db.query
    .selectFrom('decisions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
  return (await rows.executeTakeFirstOrThrow()).count
}

describe.each([1, 2])('SIGTERM under load, with %i workers,', { timeout: 60_000 }, (workers) => {
  test('loses no answer and no record, lets slow answers end, and exits with 0', async () => {
    // A busy machine may not let a client speak for a second; no record is written before the end.
    const limits = { drainGraceMs: 2_000, decisionFlushMs: 60_000 }
    const { scene, slow } = await start({ env: { WORKERS: String(workers) }, limits })
    const load = startLoad(scene, CLIENTS, '/files/fast', TEXT)
    await until(() => load.answered() > 20 * CLIENTS, 30_000)
    const late = ask(scene, '/files/late')
    const streamed = ask(scene, '/files/streamed')
    await until(() => slow.size === 2)
    expect(await readiness(scene)).toBe(200)

    const ended = scene.gatehouse.end('SIGTERM')
    await until(async () => (await readiness(scene)) === 503)
    // A second one changes nothing.
    scene.gatehouse.child.kill('SIGTERM')
    await load.ended
    expect(load.lost()).toEqual([])
    expect(await late).toMatchObject({ status: 200, text: TEXT, headers: { connection: 'close' } })
    expect(await streamed).toMatchObject({ status: 200, text: TEXT + TEXT })
    expect(await ended).toBe(0)
    expect(await recorded(scene)).toBe(load.sent() + slow.size)
  })
})

describe('SIGTERM', { timeout: 45_000 }, () => {
  test('is not held up by connections that rest or never spoke', async () => {
    const { scene } = await start()
    const request = `GET /files/fast HTTP/1.1\r\nHost: a\r\nAuthorization: ${scene.headers.authorization}\r\n\r\n`
    const resting = await say(scene.port, request)
    await until(() => resting.text.includes('a whole answer'))
    const silent = await Promise.all([say(scene.port, ''), say(scene.adminPort, '')])
    const health = await say(scene.adminPort, 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => health.text.includes('alive'))

    const from = performance.now()
    expect(await scene.gatehouse.end('SIGTERM')).toBe(0)
    // The real time to drain is half a minute; this is a second of grace and what closing takes.
    expect(performance.now() - from).toBeLessThan(10_000)
    await until(() => [resting, ...silent, health].every(({ closed }) => closed))
  })

  test('ends with 0 and every record although clients go on for longer than it waits', async () => {
    const { scene, slow } = await start({ limits: { drainTimeoutMs: 1_500 } })
    const started = ask(scene, '/files/streamed').catch((error: Error) => error)
    const half = await say(scene.port, 'GET /files/fast HTTP/1.1\r\nHost:')
    await until(() => slow.size === 1)
    expect(await scene.gatehouse.end('SIGTERM')).toBe(0)
    expect(await started).toBeInstanceOf(Error)
    await until(() => half.closed)
    expect(await recorded(scene)).toBe(1)
  })

  test('tells a WebSocket 1001, and waits no longer for one that does not answer', async () => {
    const { scene } = await start({ limits: { upgradeDrainMs: 1_500, drainTimeoutMs: 4_000 } })
    const { authorization } = scene.headers
    const fields = ['Host: a', 'Connection: Upgrade', 'Upgrade: websocket']
    fields.push('Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')
    fields.push(`Authorization: ${authorization}`)
    const head = `GET /files/chat HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`
    const tunnel = await say(scene.port, head)
    await until(() => tunnel.text.includes('\r\n\r\n'))
    expect(tunnel.text).toMatch(/^HTTP\/1\.1 101 /)
    const ended = scene.gatehouse.end('SIGTERM')
    // Status 1001 is 0x03e9 (RFC 6455 section 7.4.1).
    await until(() => tunnel.text.endsWith('\x88\x02\x03\xe9'))
    expect(await ended).toBe(0)
    expect(await recorded(scene)).toBe(1)
  })
})
