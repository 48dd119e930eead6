import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { finish } from '../../src/gateway/answers.ts'
import { type JsonBody, readJsonBody } from '../../src/gateway/json-body.ts'
import { limits } from '../../src/lib/limits.ts'
import { ask, exchange, open } from '../support/raw.ts'
import { until } from '../support/until.ts'

const MOST = 200
const read: JsonBody[] = []
const server = createServer()
beforeAll(async () => {
  const handle = async (req: IncomingMessage, res: ServerResponse) => {
    const body = await readJsonBody(req, res, MOST)
    read.push(body)
    res.writeHead(200, { 'Content-Length': 2 })
    res.write('ok')
    finish(req, res)
  }
  server.on('request', handle).on('checkContinue', handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const port = () => (server.address() as AddressInfo).port

function post(body: string | Buffer, headers = '', type = 'application/json'): string {
  const bytes = Buffer.from(body).toString('latin1')
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\n${headers}`
  return `${head}Content-Length: ${bytes.length}\r\n\r\n${bytes}`
}

async function readOf(bytes: string): Promise<JsonBody | undefined> {
  const before = read.length
  await ask(port(), bytes)
  return read[before]
}

const chunked = (...chunks: string[]) =>
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunks
    .map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
    .join('')}0\r\n\r\n`

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

describe('a body', () => {
  test.each([
    ['as it is', post('{"a":"ä","b":[1,{"c":null}]}')],
    ['in pieces', chunked('{"a":"', '\u00c3', '\u00a4","b":[1,', '{"c":null}]}')],
    [
      'with a type in another spelling',
      post('{"a":"ä","b":[1,{"c":null}]}', '', 'Application/JSON; charset=utf-8'),
    ],
  ])('is read %s', async (_title, bytes) => {
    expect(await readOf(bytes)).toEqual({
      kind: 'object',
      value: { a: 'ä', b: [1, { c: null }] },
    })
  })

  test.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['a text', '"a"'],
    ['half an object', '{"a":1'],
    ['two objects', '{}{}'],
    ['A4 81: a member twice', '{"a":1,"a":2}'],
    ['a member twice, spelt in two ways', '{"a":1,"\\u0061":2}'],
    ['a member twice further in', '{"x":[{"a":1,"a":2}]}'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a byte-order mark', '\ufeff{}'],
  ])('is refused for %s', async (_title, body) => {
    expect(await readOf(post(body))).toEqual({
      kind: 'refused',
      reason: 'input_malformed',
      detail: 'The body is one JSON object in UTF-8 that names no member twice.',
    })
  })

  test.each(['text/plain', 'application/jsonx', 'application/x-www-form-urlencoded', ''])(
    'of the type %j is not read',
    async (type) => {
      expect(await readOf(post('{}', '', type))).toMatchObject({
        reason: 'input_malformed',
        detail: 'Content-Type is application/json.',
      })
    },
  )

  test('nests no deeper than it may', async () => {
    expect(await readOf(post(nested(32)))).toMatchObject({ kind: 'object' })
    expect(await readOf(post(nested(33)))).toMatchObject({
      detail: `The body nests at most ${limits.jsonDepth} levels.`,
    })
    expect(await readOf(post(`{"a":${'['.repeat(60)}${']'.repeat(60)}}`))).toMatchObject({
      kind: 'refused',
    })
  })

  test('that is too large is refused by what it announces, and by what comes', async () => {
    const large = `{"a":"${'x'.repeat(MOST)}"}`
    expect(await readOf(post(large))).toEqual({ kind: 'refused', reason: 'body_too_large' })
    expect(await readOf(chunked(large.slice(0, 150), large.slice(150)))).toEqual({
      kind: 'refused',
      reason: 'body_too_large',
    })
  })

  test('that never ends was never sent', async () => {
    const before = read.length
    const socket = await open(port())
    socket.write(post('{"a":1}').slice(0, -2))
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
    await until(() => read.length > before)
    expect(read[before]).toEqual({ kind: 'refused', reason: 'client_gone' })
  })
})

test('A3 67: who waits for 100 Continue gets it when the body is wanted', async () => {
  const head = post('{"a":1}', 'Expect: 100-continue\r\n')
  expect((await exchange(port(), head)).text).toMatch(
    /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/,
  )
  const unwanted = post('{}', 'Expect: 100-continue\r\n', 'text/plain')
  expect((await exchange(port(), unwanted)).text).toMatch(/^HTTP\/1\.1 200/)
  const large = post(`{"a":"${'x'.repeat(MOST)}"}`, 'Expect: 100-continue\r\n')
  expect((await exchange(port(), large)).text).toMatch(/^HTTP\/1\.1 200/)
})

test('HTTP/1.0 has no interim answers: nobody gets one there, whatever is expected', async () => {
  for (const expected of ['100-continue', 'something else']) {
    const bytes = post('{"a":1}', `Expect: ${expected}\r\n`).replace('HTTP/1.1', 'HTTP/1.0')
    expect((await exchange(port(), bytes)).text).toMatch(/^HTTP\/1\.1 200/)
  }
})

test('A3 68: that comes byte by byte is not waited for', async () => {
  const { requestIdleTimeoutMs } = limits
  onTestFinished(() => void Object.assign(limits, { requestIdleTimeoutMs }))
  Object.assign(limits, { requestIdleTimeoutMs: 400 })
  const before = read.length
  const socket = await open(port())
  socket.on('error', () => {})
  socket.write(post(' '.repeat(MOST)).slice(0, -MOST))
  const dribble = setInterval(() => socket.write(' '), 100)
  onTestFinished(() => clearInterval(dribble))
  await until(() => read.length > before)
  expect(read[before]).toEqual({ kind: 'refused', reason: 'body_slow' })
  socket.destroy()
})
