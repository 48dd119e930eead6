import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalise } from '../../src/gateway/canonical.ts'
import { type RawUpstream, startRawUpstream } from '../support/forwarding.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { ask, open, readAll } from '../support/raw.ts'
import { type RecordingUpstream, startUpstream } from '../support/upstream.ts'

/** One message of llhttp's own suite; a character of `raw` is one byte. */
interface Message {
  readonly id: string
  readonly kind: 'request' | 'response'
  readonly title: string
  readonly meta: { readonly type: string }
  readonly raw: string
  readonly error: { readonly reason: string } | null
  readonly messages: number
}

/** What came of it here: the statuses of the answers, and what reached the service whole. */
interface Outcome {
  readonly id: string
  /** As it is, and with a Host in its first head. */
  readonly bare: Result
  readonly hosted: Result
}

interface Result {
  readonly statuses: readonly number[]
  readonly arrived: readonly string[]
}

function lines<Line>(file: string): Line[] {
  const text = readFileSync(new URL(`data/${file}`, import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line))
}

const messages = lines<Message>('http-llhttp.jsonl')
/** The classification, message by message; to change a line is to change what we accept. */
const outcomes = lines<Outcome>('http-llhttp-outcomes.jsonl')

let gateway: TestGateway
let upstream: RecordingUpstream
/** Answers with the bytes that it is told to. */
let scripted: RawUpstream
let script = ''
/** Node's strict parser alone, and by the client's port what it took for whole. */
let control: Server
const taken = new Map<number, string[]>()

beforeAll(async () => {
  upstream = await startUpstream()
  scripted = await startRawUpstream((socket) => socket.end(Buffer.from(script, 'latin1')))
  const shared = 'organisation: credential, public: [/*]'
  gateway = await startGateway({
    applications: `
  - { id: any, upstreams: ['${upstream.origin}'], ${shared} }
  - { id: scripted, match: { host: scripted.test }, upstreams: ['${scripted.origin}'], ${shared} }
`,
    rules: ['p, anonymous, *, /any/*, *, allow', 'p, anonymous, *, /scripted/*, GET, allow'],
    patience: { requestHeadTimeoutMs: 100, requestIdleTimeoutMs: 100 },
  })
  await gateway.organisation('platform')
  control = createServer({ requireHostHeader: false }, (req, res) => {
    const { remotePort = 0 } = req.socket
    req.on('end', () => {
      taken.set(remotePort, [...(taken.get(remotePort) ?? []), canonicalLine(req)].flat())
      res.end()
    })
    req.resume()
  })
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve))
}, 90_000)
afterAll(async () => {
  await gateway.stop()
  await upstream.close()
  await scripted.close()
  control.closeAllConnections()
  control.close()
})

const HOST = 'Host: any.test\r\n'
const LAST = `GET /last HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`

/** The same message with a Host of ours in its first head, in place of its own. */
function hosted(raw: string): string {
  const [, before = '', rest = ''] = /^((?:\r\n)*[^\r\n]*\r\n)(.*)$/s.exec(raw) ?? []
  return before + HOST + rest.replace(/^host:[^\r\n]*\r\n/im, '')
}

/** What our own rules make of a request that Node took: one line, or none. */
function canonicalLine({ method = '', url: target = '', httpVersion }: IncomingMessage): string[] {
  const read = canonicalise({ method, target, httpVersion, hosts: ['any.test'] })
  return read.ok ? [`${method} ${read.request.path}${read.request.query}`] : []
}

/** Sends the message, then a good request that asks for the end of the connection. */
async function replay(raw: string): Promise<Result> {
  const before = upstream.received.length
  const socket = await open(gateway.port)
  const answered = readAll(socket, 2_500)
  socket.write(Buffer.from(raw + LAST, 'latin1'))
  const text = await answered
  const arrived = upstream.received.slice(before)
  return {
    statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
    arrived: arrived.map(({ method, target }) => `${method} ${target}`),
  }
}

/** What Node alone, and then our rules, would have let through. */
async function takenAlone(raw: string): Promise<readonly string[]> {
  const socket = await open((control.address() as AddressInfo).port)
  const { localPort = 0 } = socket
  const answered = readAll(socket, 1_000, 1_500)
  socket.write(Buffer.from(raw + LAST, 'latin1'))
  await answered
  return taken.get(localPort) ?? []
}

function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let at = 0
  for (const one of all) if (one === some[at]) at += 1
  return at === some.length
}

describe('what llhttp’s own suite sends', () => {
  test('every message is classified, in its order', () => {
    expect(messages).toHaveLength(179)
    expect(outcomes.map(({ id }) => id)).toEqual(messages.map(({ id }) => id))
  })

  test.each(messages.map((message, at) => ({ ...message, outcome: outcomes[at] })))(
    '$id, $title: is answered and forwarded as classified, and the gateway goes on',
    async ({ raw, outcome }) => {
      expect(await replay(raw)).toEqual(outcome?.bare)
      expect(await replay(hosted(raw))).toEqual(outcome?.hosted)
      expect((await ask(gateway.port, LAST)).status).toBe(200)
    },
  )

  test('nothing is forwarded that Node’s strict parser or our rules refuse', async () => {
    const pairs = outcomes.flatMap(({ bare, hosted: named }, at) => {
      const { id, raw } = messages[at] ?? { id: '', raw: '' }
      return [
        { id, raw, arrived: bare.arrived },
        { id, raw: hosted(raw), arrived: named.arrived },
      ]
    })
    const strays = await Promise.all(
      pairs.map(async ({ id, raw, arrived }) =>
        isSubsequence(arrived, await takenAlone(raw)) ? [] : [id],
      ),
    )
    expect(strays.flat()).toEqual([])
  })

  test('a message that llhttp refuses sends nothing on, but for the whole request before it', () => {
    const refused = messages.filter(({ error, messages: whole }) => error !== null && whole === 0)
    const forwarded = outcomes.filter(
      ({ id, bare, hosted: named }) =>
        refused.some((message) => message.id === id) &&
        [...bare.arrived, ...named.arrived].length > 0,
    )
    expect(refused.length).toBeGreaterThan(40)
    // A request with a length, whole; what follows its four bytes is no header.
    expect(forwarded.map(({ id }) => id)).toEqual(['ll-124'])
  })

  test('the suite exercises acceptance as well as refusal', () => {
    const all = outcomes.flatMap(({ bare, hosted: named }) => [bare, named])
    const accepted = all.filter(({ arrived }) => arrived.some((line) => line !== 'GET /last'))
    const cut = all.filter(({ arrived }) => arrived.length === 0)
    expect([accepted.length > 40, cut.length > 150]).toEqual([true, true])
  })
})

describe('what llhttp’s suite holds of responses, as the answer of a service', () => {
  test.each(messages.filter(({ kind }) => kind === 'response'))(
    '$id, $title: comes as an answer, as a problem of ours or cut, and the gateway goes on',
    async ({ raw, error }) => {
      script = raw
      const answer = await ask(
        gateway.port,
        'GET /x HTTP/1.1\r\nHost: scripted.test\r\nConnection: close\r\n\r\n',
      )
      const said = Number(/^HTTP\/\d\.\d (\d{3})/.exec(raw)?.[1] ?? 0)
      // A body that breaks off takes its answer along, perhaps before the first byte has left.
      if (error !== null && answer.text === '') return
      expect([said, 502]).toContain(answer.status)
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
      expect((await ask(gateway.port, LAST)).status).toBe(200)
    },
  )
})
