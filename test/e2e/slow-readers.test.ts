/** A thousand clients that do not read: what is held for them is bounded, and others are served. */

import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { open } from '../support/raw.ts'
import { type Scene, startScene } from '../support/scene.ts'
import { type Service, startService } from '../support/service.ts'
import { fetchAnswer, generate, MIB, watchMemory } from '../support/transfer.ts'
import { until } from '../support/until.ts'

const READERS = 1_000
/** Enough that all readers and others find a connection; see `limits.upstreamConnections`. */
const SERVICES = 5
/** More than the kernel keeps for two connections, so that somebody has to hold back the rest. */
const BODY_BYTES = 4 * MIB
/** The fault "slow reader". */
const GROWTH_MIB = 300

const services: Service[] = []
const readers: Socket[] = []
let begun = 0
let scene: Scene

async function startOne(): Promise<string> {
  const service = await startService((req, res) => {
    if (req.url?.endsWith('/large')) pipeline(generate(BODY_BYTES), res).catch(() => undefined)
    else res.end('small')
  })
  services.push(service)
  return service.origin
}

beforeAll(async () => {
  const origins = await Promise.all(Array.from({ length: SERVICES }, startOne))
  scene = await startScene({ applications: { files: origins, other: [await startOne()] } })
})
afterAll(async () => {
  for (const reader of readers) reader.destroy()
  await scene?.close()
  await Promise.all(services.map(({ close }) => close()))
})

/** Takes the head of the answer and nothing more. */
async function read(): Promise<void> {
  const reader = await open(scene.port)
  readers.push(reader)
  reader.on('error', () => undefined)
  reader.once('data', () => {
    begun += 1
    reader.pause()
  })
  const { authorization } = scene.headers
  reader.write(`GET /files/large HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n\r\n`)
}

test('a thousand readers that stop cost less than 300 MiB, and everybody else is served', {
  timeout: 120_000,
}, async () => {
  const small = async (path: string) =>
    (await fetchAnswer({ port: scene.port, path, headers: scene.headers })).text
  expect(await small('/files/small')).toBe('small')
  const memory = watchMemory(scene.gatehouse.child.pid)
  for (let count = 0; count < READERS; count += 1) await read()
  await until(() => begun === READERS, 90_000)
  for (let round = 0; round < 25; round += 1) {
    expect(await small('/files/small')).toBe('small')
    expect(await small('/other/small')).toBe('small')
  }
  expect(memory.growth()).toBeLessThan(GROWTH_MIB)
  memory.stop()

  for (const reader of readers) reader.destroy()
  await until(() => services.every((service) => service.open.size < 20), 30_000)
})
