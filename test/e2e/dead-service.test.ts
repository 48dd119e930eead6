/** A service that dies costs nobody time, and is used again when it is back. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Scene, startScene } from '../support/scene.ts'
import { type Service, startService } from '../support/service.ts'
import { fetchAnswer } from '../support/transfer.ts'
import { until } from '../support/until.ts'

/** A refused connection is known at once; the time to connect would be two seconds. */
const FAST_MS = 1_500

let scene: Scene
let service: Service
let other: Service
const start = (port = 0) => startService((_req, res) => void res.end('ok'), port)

beforeAll(async () => {
  service = await start()
  other = await start()
  const applications = { files: [service.origin], other: [other.origin] }
  scene = await startScene({ applications, limits: { upstreamProbeIntervalMs: 500 } })
})
afterAll(async () => {
  await scene?.close()
  await service?.close()
  await other?.close()
})

const statusOf = async (path: string) =>
  (await fetchAnswer({ port: scene.port, path, headers: scene.headers })).status

test('a service that dies is a fast 502, rests, and comes back', async () => {
  expect(await statusOf('/files/one')).toBe(200)
  await service.close()
  const times: number[] = []
  for (let count = 0; count < 20; count += 1) {
    const from = performance.now()
    expect(await statusOf('/files/one')).toBe(502)
    times.push(performance.now() - from)
  }
  expect(Math.max(...times)).toBeLessThan(FAST_MS)
  expect(scene.gatehouse.output()).toContain('an upstream does not answer and rests')
  expect(await statusOf('/other/one')).toBe(200)

  service = await start(service.port)
  await until(async () => (await statusOf('/files/one')) === 200)
})
