/** A client that leaves frees what was held for it: the service sees its connection close. */
import { type ClientRequest, request } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Scene, startScene } from '../support/scene.ts'
import { type Service, startService } from '../support/service.ts'
import { generate, MIB } from '../support/transfer.ts'
import { until } from '../support/until.ts'

/** 100 ms is what we hold; a machine that runs other tests may be busy for longer than that. */
const FREED_MS = 2_000
const BODY_BYTES = 1_024 * MIB
const ROUNDS = 5

let scene: Scene
let service: Service
let arrived = 0

beforeAll(async () => {
  service = await startService((req, res) => {
    arrived += 1
    if (req.method === 'POST') req.resume()
    else if (req.url === '/files/large') pipeline(generate(BODY_BYTES), res).catch(() => undefined)
    else if (req.url === '/files/small') res.end('small')
  })
  scene = await startScene({ applications: { files: [service.origin] } })
})
afterAll(async () => {
  await scene?.close()
  await service?.close()
})

function ask(path: string, method = 'GET'): ClientRequest {
  const to = { host: '127.0.0.1', port: scene.port, path, method, headers: scene.headers }
  const req = request({ ...to, agent: false })
  req.on('error', () => undefined)
  return req
}

const abandoned: readonly (readonly [string, () => ClientRequest, () => Promise<unknown>])[] = [
  ['while it waits for the first byte', () => ask('/files/silent').end(), async () => undefined],
  [
    'in the middle of a download',
    () => ask('/files/large').end(),
    async () => until(() => [...service.open].some((socket) => socket.bytesWritten > MIB)),
  ],
  [
    'in the middle of an upload',
    () => {
      const req = ask('/files/all', 'POST')
      pipeline(generate(BODY_BYTES), req).catch(() => undefined)
      return req
    },
    async () => until(() => [...service.open].some((socket) => socket.bytesRead > MIB)),
  ],
]

test.each(abandoned)(
  'a client that leaves %s frees the connection to the service',
  async (_, begin, under) => {
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = arrived
      const req = begin()
      req.on('response', (answer) => answer.on('error', () => undefined).resume())
      await until(() => arrived > before)
      await under()
      const sockets = [...service.open]
      expect(sockets).toHaveLength(1)
      const closed = new Promise((resolve) => sockets[0]?.once('close', resolve))
      const from = performance.now()
      req.destroy()
      await closed
      times.push(performance.now() - from)
    }
    expect(Math.max(...times)).toBeLessThan(FREED_MS)
    expect(scene.gatehouse.child.exitCode).toBeNull()
  },
)
