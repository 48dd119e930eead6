import type { AddressInfo } from 'node:net'
import { Hono } from 'hono'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { createManageServer } from '../../../src/manage/listener.ts'
import type { Env } from '../../../src/manage/runner/answers.ts'
import { type Streamed, streaming, type Tools } from '../../../src/manage/runner/operation.ts'
import type { View } from '../../../src/manage/runner/permit.ts'
import { mount, type RunnerOptions } from '../../../src/manage/runner/run.ts'
import { exchange, open, readAll } from '../../support/raw.ts'
import { until } from '../../support/until.ts'

const PIECE = 'x'.repeat(65_536)

/** The pieces that a test names, how many of them were made, and whether their making has ended. */
let source: () => Streamed['pieces']
let made = 0
let ended = false
function answerWith(pieces: () => Streamed['pieces']): void {
  source = pieces
  made = 0
  ended = false
}
async function* followed(): Streamed['pieces'] {
  try {
    for await (const piece of source()) {
      made += 1
      yield piece
    }
  } finally {
    ended = true
  }
}
async function* endless(): Streamed['pieces'] {
  for (;;) yield PIECE
}
async function* breaking(after: number, error: Error): Streamed['pieces'] {
  for (let count = 0; count < after; count += 1) yield PIECE
  throw error
}
async function* of(...texts: readonly string[]): Streamed['pieces'] {
  yield* texts
}
const outage = () => Object.assign(new Error('the database stops'), { code: '57P01' })

const operation = streaming({
  id: 'stream',
  method: 'GET',
  path: '/stream',
  access: 'anyone',
  summary: 'Stream',
  types: { 'text/plain': 'Text.' },
  run: () => ({ type: 'text/plain', filename: 'a.txt', pieces: followed() }),
})

interface Line {
  readonly msg: string
  readonly end: string
  readonly error?: string
}
const lines: Line[] = []
const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) })
const view = { state: { id: 'platform', revision: 7 } } as unknown as View
const app = new Hono<Env>()
mount(app, [operation], {
  find: () => ({ kind: 'found', view }),
  tools: { log } as unknown as Tools,
} as unknown as RunnerOptions)
const server = createManageServer(app)
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const ask = (init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}/api/v1/stream`, init)
const get = (version: string) => `GET /api/v1/stream HTTP/${version}\r\nHost: a\r\n\r\n`
const lastLine = () => lines.at(-1)

/** How a connection on which nothing is read any more comes to its end. */
function endOf(bytes: string): Promise<{ text: string; end: string }> {
  return open(port).then((socket) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    socket.write(bytes)
    return new Promise((resolve) => {
      socket.once('end', () => resolve({ text, end: 'in order' }))
      socket.removeAllListeners('error')
      socket.once('error', (error) => resolve({ text, end: String(error) }))
    })
  })
}

describe('a streamed answer', () => {
  test('has all its pieces, a type, a name for the file and the revision that it is of', async () => {
    answerWith(() => of('a', 'b', PIECE, 'ä'))
    const answer = await ask()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="a.txt"')
    expect(answer.headers.get('gatehouse-revision')).toBe('platform:7')
    expect(await answer.text()).toBe(`ab${PIECE}ä`)
    expect(ended).toBe(true)
    expect(lastLine()).toMatchObject({ msg: 'an answer was streamed', end: 'whole' })
  })

  test('may be empty', async () => {
    answerWith(() => of())
    const answer = await ask()
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  })

  test('is not made for a HEAD, beyond what says that it could be', async () => {
    answerWith(endless)
    const answer = await ask({ method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain'])
    expect([made, ended]).toEqual([1, true])
  })

  test('leaves its connection to the next request', async () => {
    answerWith(() => of('one'))
    const { text } = await exchange(port, get('1.1').repeat(2))
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
  })
})

describe('what fails', () => {
  test('before anything is sent is an answer like any other', async () => {
    answerWith(() => breaking(0, outage()))
    const answer = await ask()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      503,
      'application/problem+json',
    ])
    expect(await answer.json()).toMatchObject({ code: 'unavailable' })
  })

  test.each([1, 2, 3, 20])(
    'after %i pieces breaks the connection and is in the log alone',
    async (after) => {
      answerWith(() => breaking(after, outage()))
      await expect(ask().then((answer) => answer.text())).rejects.toThrow()
      expect(lastLine()).toMatchObject({ end: 'broken', error: 'Error: the database stops' })
    },
  )

  test.each(['1.0', '1.1'])('resets the connection of a client of HTTP/%s', async (version) => {
    answerWith(() => breaking(20, outage()))
    const { text, end } = await endOf(get(version))
    expect(end).toContain('ECONNRESET')
    expect(text).not.toContain('the database stops')
    expect(text).not.toMatch(/0\r\n\r\n$/)
  })
})

describe('a client', () => {
  test('that goes away ends the work', async () => {
    answerWith(endless)
    const leave = new AbortController()
    const answer = await ask({ signal: leave.signal })
    const reader = answer.body?.getReader()
    await reader?.read()
    const failed = expect(reader?.read().then(() => reader.read())).rejects.toThrow()
    leave.abort()
    await failed
    await until(() => ended)
    expect(lastLine()).toMatchObject({ msg: 'an answer was streamed', end: 'left' })
  })

  test('that takes nothing has little made for it, and loses its connection', async () => {
    const { answerIdleTimeoutMs } = limits
    onTestFinished(() => void Object.assign(limits, { answerIdleTimeoutMs }))
    Object.assign(limits, { answerIdleTimeoutMs: 300 })
    answerWith(endless)
    const socket = await open(port)
    socket.write(get('1.1'))
    await until(() => ended)
    expect(lastLine()).toMatchObject({ end: 'left' })
    // What the kernel's buffers of both sides take, which is some megabytes.
    expect(made).toBeLessThan(1_000)
    expect(await readAll(socket)).not.toMatch(/0\r\n\r\n$/)
  })
})
