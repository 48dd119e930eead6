import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type Refusal, writeProblem, writeSocketProblem } from '../../src/gateway/answers.ts'
import { limits } from '../../src/lib/limits.ts'
import { answers } from '../../src/lib/problems.ts'
import { type Reason, reasons } from '../../src/lib/reasons.ts'
import { until } from '../support/forwarding.ts'
import { exchange, open, readAll } from '../support/raw.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function listen(
  answer: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<{ port: number; open: Set<Socket> }> {
  const server = createServer(answer).on('checkContinue', answer)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return { port: (server.address() as AddressInfo).port, open: sockets }
}

const refusing = (refusal: Refusal) => listen((req, res) => writeProblem(req, res, refusal))
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const refusals = (Object.keys(reasons) as Reason[]).filter(
  (reason) => reasons[reason] !== 'allowed',
)

describe('writeProblem', () => {
  test.each(refusals)(
    'answers %s by its code and status, and does not say the reason',
    async (reason) => {
      const { port } = await refusing({ reason, requestId: 'r1', decisionId: 'd1' })
      const answer = await exchange(port, `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
      const code = reasons[reason]
      expect(answer.status).toBe(answers[code].status)
      expect(JSON.parse(answer.body)).toEqual({
        type: 'about:blank',
        title: code.replaceAll('_', ' '),
        status: answers[code].status,
        detail: answers[code].detail,
        code,
        requestId: 'r1',
        decisionId: 'd1',
      })
      expect(answer.headers).toMatchObject({
        'content-type': 'application/problem+json',
        'content-length': String(answer.body.length),
        'cache-control': 'no-store',
        'x-request-id': 'r1',
      })
    },
  )

  test('a 401 says how to authenticate, a 503 when to come back, and nothing else does', async () => {
    const of = async (reason: Reason) =>
      (await exchange((await refusing({ reason })).port, GET)).headers
    expect(await of('credential_missing')).toMatchObject({
      'www-authenticate': 'Bearer realm="gatehouse"',
    })
    expect(await of('policy_stale')).toMatchObject({ 'retry-after': '1' })
    const denied = await of('denied_by_rule')
    expect(denied['www-authenticate']).toBeUndefined()
    expect(denied['retry-after']).toBeUndefined()
  })

  test('another status stands in the head and in the document', async () => {
    const { port } = await refusing({ reason: 'no_application', status: 403 })
    const answer = await exchange(port, GET)
    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.body)).toMatchObject({ status: 403, code: 'not_found' })
  })

  test('an empty request id is replaced, the same in head and document', async () => {
    const { port } = await refusing({ reason: 'denied_by_rule', requestId: '' })
    const answer = await exchange(port, GET)
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(JSON.parse(answer.body).requestId).toBe(answer.headers['x-request-id'])
    expect(JSON.parse(answer.body)).not.toHaveProperty('decisionId')
  })

  test('further headers are written', async () => {
    const { port } = await refusing({ reason: 'method_not_allowed', headers: [['Allow', 'GET']] })
    expect((await exchange(port, GET)).headers['allow']).toBe('GET')
  })

  test('a HEAD gets the length and no body, and the connection stays usable', async () => {
    const { port } = await refusing({ reason: 'denied_by_rule', requestId: 'r1' })
    const head = 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n'
    const { text, headers } = await exchange(port, head + head)
    expect(Number(headers['content-length'])).toBeGreaterThan(100)
    expect(text.match(/HTTP\/1\.1 403/g)).toHaveLength(2)
    expect(text).not.toContain('{')
  })

  test('a head that is out already is followed by no problem, but by the end of the connection', async () => {
    const { port } = await listen((req, res) => {
      res.writeHead(200, { 'content-length': 10 })
      res.write('hello')
      setTimeout(() => writeProblem(req, res, { reason: 'internal' }), 50)
    })
    const { text } = await exchange(port, GET)
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(text).not.toContain('problem')
  })
})

describe('a body that nobody reads', () => {
  test.each([
    ['a length', 'Content-Length: 50\r\n\r\n'],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n32\r\n'],
  ])('framed by %s is never parsed as the next request', async (_name, framing) => {
    const { port } = await refusing({ reason: 'denied_by_rule' })
    const { text, headers } = await exchange(port, `POST / HTTP/1.1\r\nHost: a\r\n${framing}${GET}`)
    expect(headers['connection']).toBe('close')
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })

  test('a request without a body keeps its connection', async () => {
    const { port } = await refusing({ reason: 'denied_by_rule' })
    const { text } = await exchange(port, GET + GET)
    expect(text.match(/HTTP\/1\.1 403/g)).toHaveLength(2)
  })

  test('a client that sends all before it reads still gets the answer', async () => {
    const { port } = await refusing({ reason: 'denied_by_rule' })
    const pieces = 10
    const piece = Buffer.alloc(Math.floor(limits.lingerBytes / pieces) - 1)
    const socket = await open(port)
    const errors: Error[] = []
    socket.on('error', (error) => errors.push(error)).pause()
    const length = pieces * piece.length
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`)
    for (let n = 0; n < pieces; n += 1) {
      socket.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(errors).toEqual([])
    const text = readAll(socket)
    socket.resume()
    expect(await text).toMatch(/^HTTP\/1\.1 403 .*"code":"denied"/s)
  })

  test('though it has come whole does not keep the next request from being read', async () => {
    const { port } = await listen((req, res) => {
      req.once('data', () => {
        req.pause()
        const timer = setInterval(() => {
          if (!req.complete) return
          clearInterval(timer)
          writeProblem(req, res, { reason: 'denied_by_rule' })
        }, 5)
      })
    })
    const socket = await open(port)
    const text = readAll(socket, 500)
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 131020\r\n\r\n'
    // Two reads of a socket, the second of which fills what a paused request holds.
    const one = head.padEnd(131_072, 'x')
    expect(one.length - head.length).toBe(131_020)
    socket.write(one)
    await new Promise((resolve) => setTimeout(resolve, 300))
    socket.write(one)
    expect((await text).match(/HTTP\/1\.1 403/g)).toHaveLength(2)
  })

  test('is thrown away up to a bound of bytes only', async () => {
    const { port, open: connections } = await refusing({ reason: 'denied_by_rule' })
    const socket = await open(port)
    socket.on('error', () => {}).resume()
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000\r\n\r\n')
    const chunk = Buffer.alloc(65_536)
    const send = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', send)
    send()
    await until(() => socket.destroyed && connections.size === 0)
    // What the kernel holds comes on top; all that fits into a second would be far more.
    expect(socket.bytesWritten).toBeLessThan(40_000_000)
  })

  test('and that never comes is waited for a bounded time only', async () => {
    const { port, open: connections } = await refusing({ reason: 'denied_by_rule' })
    const socket = await open(port)
    socket.on('error', () => {}).resume()
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n')
    await until(() => connections.size === 1)
    await until(() => connections.size === 0)
  })

  test('and that waits for 100 Continue is not asked for (A3 67)', async () => {
    const { port } = await refusing({ reason: 'denied_by_rule' })
    const head = 'PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10'
    const { text } = await exchange(port, `${head}\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 403 /)
    expect(text).not.toContain('100 Continue')
  })
})

describe('writeSocketProblem', () => {
  async function bare(onSocket: (socket: Socket) => void) {
    const server = createTcpServer(onSocket)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => server.close())
    return (server.address() as AddressInfo).port
  }

  test('writes a whole answer and closes', async () => {
    const port = await bare((socket) => {
      writeSocketProblem(socket, { reason: 'body_framing', requestId: 'r1' })
    })
    const answer = await exchange(port, 'nonsense')
    expect(answer.status).toBe(400)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'content-length': String(answer.body.length),
      'cache-control': 'no-store',
      connection: 'close',
    })
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'bad_request', requestId: 'r1' })
  })

  test('on a socket that is gone already does nothing', async () => {
    let done = false
    const port = await bare((socket) => {
      socket.on('close', () => {
        writeSocketProblem(socket, { reason: 'internal' })
        done = true
      })
    })
    const socket = await open(port)
    socket.destroy()
    await until(() => done)
  })
})
