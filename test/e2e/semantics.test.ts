/** What HTTP offers besides a plain request, through the real process over real sockets. */

import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { type Scene, startScene } from '../support/scene.ts'
import { type Service, startService } from '../support/service.ts'
import { answerTo, fetchAnswer, generate, MIB, sumOf } from '../support/transfer.ts'

const TEXT = 'a document of some length'
const TAG = '"one"'

let scene: Scene
let service: Service
let arrived = 0

/** A small file server: ranges, validators, uploads that it may not want. */
function respond(req: IncomingMessage, res: ServerResponse): void {
  arrived += 1
  res.setHeader('etag', TAG)
  if (req.method === 'PUT') {
    res.writeHead(413, { 'content-type': 'text/plain' }).end('too large')
  } else if (req.method === 'POST') {
    void sumOf(req).then(({ bytes }) => res.end(String(bytes)))
  } else if (req.headers['if-none-match'] === TAG) {
    res.writeHead(304).end()
  } else {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(req.headers.range ?? '') ?? []
    const part = from === undefined ? TEXT : TEXT.slice(Number(from), Number(to) + 1)
    const range = { 'content-range': `bytes ${from}-${to}/${TEXT.length}` }
    res.writeHead(from === undefined ? 200 : 206, from === undefined ? {} : range)
    res.end(part)
  }
}

beforeAll(async () => {
  service = await startService(respond)
  scene = await startScene({ applications: { files: [service.origin] } })
})
afterAll(async () => {
  await scene?.close()
  await service?.close()
})

const to = (method: string, headers = {}) => ({
  port: scene.port,
  path: '/files/one',
  method,
  headers: { ...scene.headers, ...headers },
})

test('a range is a 206 with its part', async () => {
  const answer = await fetchAnswer(to('GET', { range: 'bytes=2-9' }))
  expect(answer).toMatchObject({ status: 206, text: 'document' })
  expect(answer.headers['content-range']).toBe(`bytes 2-9/${TEXT.length}`)
})

test('a HEAD has the head of the answer and no body', async () => {
  const answer = await fetchAnswer(to('HEAD'))
  expect(answer).toMatchObject({ status: 200, text: '' })
  expect(answer.headers.etag).toBe(TAG)
})

test('a validator that still holds is a 304 without a body, and the connection goes on', async () => {
  const answer = await fetchAnswer(to('GET', { 'if-none-match': TAG }))
  expect(answer).toMatchObject({ status: 304, text: '' })
  expect(answer.headers.etag).toBe(TAG)
  expect((await fetchAnswer(to('GET'))).text).toBe(TEXT)
})

describe('an upload that waits for 100 Continue', () => {
  const ask = (headers: object): ClientRequest => {
    const expects = { expect: '100-continue', 'content-length': MIB, ...headers }
    const { port, path } = to('POST')
    return request({
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      headers: expects,
      agent: false,
    })
  }

  test('is told to go on when it is allowed, and arrives whole', async () => {
    const req = ask(scene.headers)
    req.flushHeaders()
    await once(req, 'continue')
    generate(MIB).pipe(req)
    const [answer] = (await once(req, 'response')) as [IncomingMessage]
    expect(await sumOf(answer)).toMatchObject({ bytes: String(MIB).length })
    expect(answer.statusCode).toBe(200)
  })

  test('is refused without being asked for a byte when nobody sent it', async () => {
    const before = arrived
    const req = ask({})
    let told = false
    req.on('continue', () => {
      told = true
    })
    req.flushHeaders()
    const [answer] = (await once(req, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(401)
    expect(told).toBe(false)
    expect(arrived).toBe(before)
    req.destroy()
  })
})

test('an answer that does not wait for the upload reaches its client whole', async () => {
  // Less than is thrown away before the connection closes; the rest of more would meet a reset.
  const length = limits.lingerBytes / 2
  const body = generate(length)
  const answer = await answerTo(to('PUT', { 'content-length': length }), body)
  expect(answer.statusCode).toBe(413)
  expect(answer.headers.connection).toBe('close')
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  expect(text).toBe('too large')
  body.destroy()
})
