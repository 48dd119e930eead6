/** Large bodies through the real process: unchanged, and in memory that does not grow with them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Scene, startScene } from '../support/scene.ts'
import { type Service, startService } from '../support/service.ts'
import {
  answerTo,
  fetchAnswer,
  generate,
  type MemoryWatch,
  MIB,
  type Sum,
  sumOf,
  watchMemory,
} from '../support/transfer.ts'

const BODY_BYTES = 1_024 * MIB
const CHUNKED_BYTES = 256 * MIB
/** What passes is many times more; the first large body alone warms buffers of tens of MiB up. */
const GROWTH_MIB = 150

let scene: Scene
let service: Service
let memory: MemoryWatch

async function respond(req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method === 'POST') {
    res.end(JSON.stringify(await sumOf(req)))
    return
  }
  const bytes = req.url === '/files/chunked' ? CHUNKED_BYTES : BODY_BYTES
  if (bytes === BODY_BYTES) res.setHeader('content-length', bytes)
  await pipeline(generate(bytes), res).catch(() => undefined)
}

beforeAll(async () => {
  service = await startService((req, res) => void respond(req, res))
  scene = await startScene({ applications: { files: [service.origin] } })
  memory = watchMemory(scene.gatehouse.child.pid)
})
afterAll(async () => {
  memory?.stop()
  await scene?.close()
  await service?.close()
})

describe('a body that is larger than all memory we allow', { timeout: 120_000 }, () => {
  const sums = new Map<number, Promise<Sum>>()
  const sumOfGenerated = (bytes: number) => {
    const sum = sums.get(bytes) ?? sumOf(generate(bytes))
    sums.set(bytes, sum)
    return sum
  }

  test('is uploaded unchanged', async () => {
    const headers = { ...scene.headers, 'content-length': BODY_BYTES }
    const to = { port: scene.port, path: '/files/all', method: 'POST', headers }
    const answer = await fetchAnswer(to, generate(BODY_BYTES))
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toEqual(await sumOfGenerated(BODY_BYTES))
    expect(memory.growth()).toBeLessThan(GROWTH_MIB)
  })

  test.each([
    ['with its length', '/files/whole', BODY_BYTES, String(BODY_BYTES)],
    ['in chunks, without a length', '/files/chunked', CHUNKED_BYTES, undefined],
  ])('is downloaded unchanged %s', async (_, path, bytes, length) => {
    const answer = await answerTo({ port: scene.port, path, headers: scene.headers })
    expect(answer.headers['content-length']).toBe(length)
    expect(await sumOf(answer)).toEqual(await sumOfGenerated(bytes))
    expect(memory.growth()).toBeLessThan(GROWTH_MIB)
  })
})
