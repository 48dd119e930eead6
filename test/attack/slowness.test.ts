import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersIn, open, parseAnswer, readAll } from '../support/raw.ts'
import { bytesOf, expectProblem, HOST, type Scene, START_MS, startScene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  const patience = { requestHeadTimeoutMs: 300, requestIdleTimeoutMs: 300 }
  scene = await startScene(undefined, { patience })
}, START_MS)
afterAll(() => scene.close())

/** Longer than every time-out here. */
const QUIET_MS = 4_000

/** Writes `bytes`, then one of `drops` at a time until the connection is closed. */
async function dribble(bytes: string, drops = ''): Promise<string> {
  const socket = await open(scene.port)
  const received = readAll(socket, QUIET_MS)
  socket.write(bytes)
  const drip = setInterval(() => {
    const drop = drops.slice(0, 1)
    drops = drops.slice(1)
    if (drop !== '') socket.write(drop)
  }, 50)
  return received.finally(() => clearInterval(drip))
}

// All at once, each with a path of its own: what they do most is wait.
describe.concurrent('A3: a client that is slow', () => {
  test.each([
    ['a head that stops', `GET /public/stop HTTP/1.1\r\nHost: ${HOST}\r\n`, ''],
    ['a head that drips', `GET /public/drip HTTP/1.1\r\nHost: ${HOST}\r\nX-A: `, 'x'.repeat(200)],
    ['a request line that drips', 'GET /public/line', 'a'.repeat(200)],
    ['a last line that does not end', `GET /public/last HTTP/1.1\r\nHost: ${HOST}\r\n\r`, ''],
  ])('A3 68 %s is 408 and closed, and nothing leaves', async (_, bytes, drops) => {
    const answer = parseAnswer(await dribble(bytes, drops))
    expectProblem(answer, 'request_timeout')
    expect(answer.headers['connection']).toBe('close')
    expect(begunOf(bytes)).toEqual([])
  })

  test('A3 68 a connection on which nothing is said is closed', async () => {
    expect(parseAnswer(await dribble('')).status).not.toBe(200)
  })

  test.each([
    ['with a length', 'POST /items/f', 'Content-Length: 10\r\n', 'abc'],
    ['with a length and nothing of it', 'POST /items/g', 'Content-Length: 10\r\n', ''],
    ['in chunks', 'POST /items/h', 'Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n'],
    ['in a chunk', 'POST /items/i', 'Transfer-Encoding: chunked\r\n', 'ff\r\nabc'],
    ['before its end', 'POST /items/j', 'Transfer-Encoding: chunked\r\n', '3\r\nabc\r\n0\r\n'],
  ])('A3 68 a body that stops, %s, is 408 and never whole', async (_, line, headers, body) => {
    const text = await dribble(bytesOf(scene, 'editor', line, { headers, body }))
    const answer = parseAnswer(text)
    expectProblem(answer, 'request_timeout')
    expect(answer.headers['connection']).toBe('close')
    const whole = scene.upstream.received.map(({ method, target }) => `${method} ${target}`)
    expect(whole).not.toContain(line)
  })

  test.each([
    ['denied', 'reader', 403],
    ['unauthenticated', 'anonymous', 401],
  ] as const)('A3 68 a slow body that is %s is not waited for', async (_, who, status) => {
    const headers = 'Content-Length: 10\r\n'
    const text = await dribble(bytesOf(scene, who, 'POST /items/k', { headers, body: 'abc' }))
    expect(answersIn(text).map((answer) => answer.status)).toEqual([status])
    expect(begunOf('POST /items/k')).toEqual([])
  })

  test('A3 68 the second request on a connection has the time of the first', async () => {
    const first = bytesOf(scene, 'reader', 'GET /public/l')
    const text = await dribble(`${first}GET /public/m`, 'a'.repeat(200))
    expect(answersIn(text).map(({ status }) => status)).toEqual([200, 408])
    expect(begunOf('GET /public/l')).toEqual(['GET /public/l'])
    expect(begunOf('GET /public/m')).toEqual([])
  })
})

/** The requests at the service that begin like the request line of `bytes`. */
function begunOf(bytes: string): string[] {
  const [method = '', target = ''] = bytes.split(' ')
  return scene.upstream.begun.filter((line) => line.startsWith(`${method} ${target}`))
}
