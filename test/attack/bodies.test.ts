import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAnswer } from '../support/raw.ts'
import {
  bytesOf,
  expectForwarded,
  expectRefused,
  type Scene,
  START_MS,
  startScene,
  valuesAt,
} from './scene.ts'

/** Ten megabytes of nothing in some ten kilobytes. */
const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024))
const cacheable = {
  'Cache-Control': 'public, max-age=600',
  'CDN-Cache-Control': 'max-age=600',
  'Surrogate-Control': 'max-age=600',
  'X-Accel-Expires': '600',
  Vary: 'Accept',
}

let scene: Scene
beforeAll(async () => {
  scene = await startScene((req, res) => {
    if (req.url?.endsWith('.gz')) res.setHeader('Content-Encoding', 'gzip').end(bomb)
    else if (req.url?.endsWith('.css')) res.writeHead(200, cacheable).end('private')
    else if (req.url?.endsWith('.mine')) res.setHeader('Cache-Control', 'private').end('private')
    else res.end('seen')
  })
}, START_MS)
afterAll(() => scene.close())

const POST = 'POST /items'
const GET = 'GET /public/a'

describe('A3: bodies are streamed and not inspected', () => {
  const large = `{"role":"admin","padding":"${'x'.repeat(2 * 1024 * 1024)}"}`

  test.each([
    ['with a length', 'content-length', `Content-Length: ${large.length}\r\n`, large],
    [
      'in one chunk',
      'transfer-encoding',
      'Transfer-Encoding: chunked\r\n',
      `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`,
    ],
  ])('A3 71 no rule looks at a body: 2 MB %s arrive whole', async (_, framing, headers, body) => {
    const bytes = bytesOf(scene, 'editor', POST, { headers, body })
    const { received } = await expectForwarded(scene, bytes, POST, [framing])
    expect(received.body === large).toBe(true)
  })

  test.each(['reader', 'anonymous'] as const)(
    'A3 71 2 MB of %s that no rule allows are refused by their head, and nothing leaves',
    async (who) => {
      const headers = `Content-Length: ${large.length}\r\nConnection: close\r\n`
      const code = who === 'reader' ? 'denied' : 'unauthenticated'
      await expectRefused(scene, bytesOf(scene, who, POST, { headers, body: large }), code)
    },
  )

  test('A3 74 no answer is inflated: a bomb passes as the bytes that it is', async () => {
    const bytes = bytesOf(scene, 'reader', 'GET /public/bomb.gz')
    const { answer } = await expectForwarded(scene, bytes, 'GET /public/bomb.gz')
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(answer.headers['content-length']).toBe(String(bomb.length))
    expect(answer.body === bomb.toString('latin1')).toBe(true)
  })

  test('A3 74 no request is inflated either', async () => {
    const headers = `Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n`
    const bytes = bytesOf(scene, 'editor', POST, { headers, body: bomb.toString('latin1') })
    const survivors = ['content-encoding', 'content-length']
    const { received } = await expectForwarded(scene, bytes, POST, survivors)
    expect(received.body === bomb.toString('latin1')).toBe(true)
  })
})

describe('A3: ranges', () => {
  const ranges = (count: number) =>
    Array.from({ length: count }, (_, at) => `${at}-${at}`).join(',')

  test.each([
    ['100 ranges', `Range: bytes=${ranges(100)}\r\n`],
    ['17 ranges', `Range: bytes=${ranges(17)}\r\n`],
    ['two headers', 'Range: bytes=0-0\r\nRange: bytes=1-1\r\n'],
    ['an old spelling', `Request-Range: bytes=${ranges(100)}\r\n`],
  ])('A3 72 %s are dropped, and the whole is asked for', async (_, headers) => {
    await expectForwarded(scene, bytesOf(scene, 'reader', GET, { headers }), GET)
  })

  test.each([1, 16])('A3 72 %i ranges are passed on as they are', async (count) => {
    const headers = `Range: bytes=${ranges(count)}\r\n`
    const bytes = bytesOf(scene, 'reader', GET, { headers })
    const { received } = await expectForwarded(scene, bytes, GET, ['range'])
    expect(valuesAt(received, 'range')).toEqual([`bytes=${ranges(count)}`])
  })
})

describe('A3: cache deception', () => {
  test.each(['/public/account/x.css', '/items/account.css'])(
    'A3 73 an answer for somebody at %s is for no cache, whatever the service says',
    async (path) => {
      const line = `GET ${path}`
      const { answer } = await expectForwarded(scene, bytesOf(scene, 'reader', line), line)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.headers['vary']).toBe('accept, authorization, cookie')
      expect(answer.text).not.toMatch(/max-age|x-accel-expires/i)
    },
  )

  test('A3 73 an answer that the service calls private stays that', async () => {
    const line = 'GET /public/a.mine'
    const { answer } = await expectForwarded(scene, bytesOf(scene, 'reader', line), line)
    expect(answer.headers['cache-control']).toBe('private')
    expect(answer.headers['vary']).toBe('authorization, cookie')
  })

  test('A3 73 an answer for anybody is the service’s to describe', async () => {
    const line = 'GET /public/site.css'
    const { answer } = await expectForwarded(scene, bytesOf(scene, 'anonymous', line), line)
    expect(answer.headers['cache-control']).toBe(cacheable['Cache-Control'])
    expect(parseAnswer(answer.text).headers['vary']).toBe('Accept')
  })

  test.each(['GET /account/x.css', 'GET /public/../account/x.css', 'GET /account/%2e%2e/x.css'])(
    'A3 73 a refusal of %j is for no cache',
    async (line) => {
      await expectRefused(scene, bytesOf(scene, 'anonymous', line), 'unauthenticated')
    },
  )
})
