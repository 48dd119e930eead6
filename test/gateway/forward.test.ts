import { request as httpRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type Forwarding,
  type ForwardingOptions,
  type RawUpstream,
  startForwarding,
  startRawUpstream,
  until,
} from '../support/forwarding.ts'
import { exchange, open, readAll } from '../support/raw.ts'
import { startUpstream } from '../support/upstream.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function gateway(options: ForwardingOptions): Promise<Forwarding> {
  const forwarding = await startForwarding(options)
  closing.push(forwarding.close)
  return forwarding
}

/** An upstream that answers the head of a request with these bytes and then closes. */
async function answering(bytes: string, over: Partial<ForwardingOptions> = {}) {
  const upstream = await startRawUpstream((socket) => socket.end(bytes, 'latin1'))
  closing.push(upstream.close)
  const forwarding = await gateway({ origins: [upstream.origin], ...over })
  return { upstream, forwarding }
}

async function recording(respond?: Parameters<typeof startUpstream>[0]) {
  const upstream = await startUpstream(respond)
  closing.push(upstream.close)
  const forwarding = await gateway({ origins: [upstream.origin] })
  return { upstream, forwarding }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const headOf = (upstream: RawUpstream) => upstream.received().split('\r\n\r\n')[0] ?? ''

describe('the request that leaves', () => {
  test('the request line and the host are those of the ticket, not those that arrived', async () => {
    const request = {
      method: 'GET',
      host: 'docs.example:8443',
      hostname: 'docs.example',
      path: '/api/a',
      query: '?x=%2e&y',
    } as const
    const { upstream, forwarding } = await answering(OK, { allowed: { request, path: '/a%20b' } })
    await exchange(forwarding.port, 'DELETE /evil?z HTTP/1.1\r\nHost: evil.test\r\n\r\n')
    expect(headOf(upstream).split('\r\n')[0]).toBe('GET /a%20b?x=%2e&y HTTP/1.1')
    expect(headOf(upstream).toLowerCase()).toContain('\r\nhost: docs.example:8443\r\n')
    expect(upstream.received()).not.toContain('evil')
  })

  test('a path that is no path reaches nobody', async () => {
    const { upstream, forwarding } = await answering(OK, { allowed: { path: 'http://evil.test/' } })
    const answer = await exchange(forwarding.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(answer.status).toBe(500)
    expect(upstream.sockets).toHaveLength(0)
    await until(() => forwarding.ends.length > 0)
    expect(forwarding.ends).toEqual([{ status: 500, reason: 'internal' }])
  })

  test.each([
    ['Connection: close', 'Keep-Alive: timeout=9', 'TE: trailers', 'Trailer: x'],
    ['Gatehouse-Decision: forged', 'gatehouse_decision: forged', 'Remote-User: forged'],
    ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: forged'],
  ])('headers that end here or imitate ours do not leave: %s', async (...lines) => {
    const { upstream, forwarding } = await answering(OK)
    const head = ['GET /a HTTP/1.1', 'Host: a', 'X-Kept: 1', ...lines].join('\r\n')
    await exchange(forwarding.port, `${head}\r\n\r\n`)
    const sent = headOf(upstream).toLowerCase()
    expect(sent).toContain('x-kept: 1')
    expect(sent).toContain('gatehouse-decision: d1')
    expect(sent).not.toMatch(/forged|h2c|trailer|keep-alive: timeout/)
    expect(sent.match(/^connection:/gm)).toHaveLength(1)
  })

  test('a header that cannot be sent on is a 400 and reaches nobody', async () => {
    const { upstream, forwarding } = await answering(OK)
    const answer = await exchange(
      forwarding.port,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: a b@\r\n\r\n',
    )
    expect(answer.status).toBe(400)
    expect(upstream.sockets).toHaveLength(0)
  })
})

describe('the body of the request', () => {
  test.each([
    ['a length', 'Content-Length: 5\r\n\r\nhello', 'content-length: 5', 'transfer-encoding'],
    [
      'chunks',
      'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      'transfer-encoding: chunked',
      'content-length',
    ],
  ])('%s stays what it was, and never becomes both', async (_name, rest, kept, other) => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
    const upstream = await startRawUpstream((socket) => {
      socket.on('data', () => upstream.received().includes('hello') && socket.end(answer))
      if (upstream.received().includes('hello')) socket.end(answer)
    })
    closing.push(upstream.close)
    const { port } = await gateway({ origins: [upstream.origin] })
    const result = await exchange(port, `POST /a HTTP/1.1\r\nHost: a\r\n${rest}`)
    expect(result.status).toBe(200)
    expect(headOf(upstream).toLowerCase()).toContain(kept)
    expect(headOf(upstream).toLowerCase()).not.toContain(other)
  })

  test.each(['Content-Length: 0\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', '\r\n'])(
    'an empty body arrives as an empty body: %j',
    async (rest) => {
      const { upstream, forwarding } = await recording()
      const answer = await exchange(forwarding.port, `POST /a HTTP/1.1\r\nHost: a\r\n${rest}`)
      expect(answer.body).toBe('POST /a')
      expect(upstream.received).toMatchObject([{ body: '' }])
    },
  )

  test.each(['GET', 'DELETE', 'OPTIONS', 'PATCH'])('a %s may have a body', async (method) => {
    const { upstream, forwarding } = await recording()
    const head = `${method} /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3`
    await exchange(forwarding.port, `${head}\r\n\r\nabc`)
    expect(upstream.received).toMatchObject([{ method, body: 'abc' }])
  })

  test('trailers of the client are dropped', async () => {
    const { upstream, forwarding } = await recording()
    const body = '3\r\nabc\r\n0\r\nRemote-User: forged\r\nX-T: 1\r\n\r\n'
    const head = 'POST /a HTTP/1.1\r\nHost: a\r\nTrailer: X-T\r\nTransfer-Encoding: chunked'
    await exchange(forwarding.port, `${head}\r\n\r\n${body}`)
    expect(upstream.received).toMatchObject([{ body: 'abc', trailers: [] }])
  })

  test('a body that breaks off never ends cleanly at the upstream', async () => {
    const upstream = await startRawUpstream(() => {})
    closing.push(upstream.close)
    const forwarding = await gateway({ origins: [upstream.origin] })
    const socket = await open(forwarding.port)
    socket.write('POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
    await until(() => upstream.received().includes('abc'))
    socket.destroy()
    await until(() => upstream.open() === 0)
    expect(upstream.received()).not.toContain('\r\n0\r\n')
    await until(() => forwarding.ends.length === 1)
    expect(forwarding.ends).toEqual([{ status: 499, reason: 'client_gone' }])
  })

  test('100 Continue comes when an upstream takes the body, and Expect is not passed on', async () => {
    const { upstream, forwarding } = await recording()
    const socket = await open(forwarding.port)
    const text = readAll(socket, 1_000)
    socket.once('data', () => socket.write('abc'))
    socket.write('PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n')
    await until(() => upstream.received.length === 1)
    expect(await text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
    expect(upstream.received[0]?.headers.has('expect')).toBe(false)
  })

  test('without an upstream there is no 100 Continue (A3 67)', async () => {
    const forwarding = await gateway({ origins: ['http://169.254.1.1'] })
    const head = 'PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3'
    const answer = await exchange(forwarding.port, `${head}\r\n\r\n`)
    expect(answer.status).toBe(502)
    expect(answer.headers['connection']).toBe('close')
  })

  test('an answer that comes before the body is taken closes the connection', async () => {
    const { forwarding } = await answering('HTTP/1.1 413 No\r\nContent-Length: 3\r\n\r\nbig')
    const head = 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000'
    const answer = await exchange(forwarding.port, `${head}\r\n\r\n${'x'.repeat(1000)}`)
    expect(answer).toMatchObject({ status: 413, body: 'big' })
    expect(answer.headers['connection']).toBe('close')
  })

  test('an answer that does not wait for the body leaves no connection that hangs', async () => {
    const upstream = await startRawUpstream((socket) => socket.end(OK))
    closing.push(upstream.close)
    const { port } = await gateway({ origins: [upstream.origin] })
    const one = `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n${'x'.repeat(40_000)}`
    const socket = await open(port)
    const text = readAll(socket, 500)
    socket.write(one)
    await until(() => upstream.sockets.length === 1 && upstream.open() === 0)
    socket.write(one)
    const closed = /^connection: close/im.test(await text)
    expect((await text).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(closed ? 1 : 2)
  })
})

describe('the answer that comes back', () => {
  test('redirects are passed on, not followed', async () => {
    const location = 'Location: http://169.254.169.254/'
    const { upstream, forwarding } = await answering(
      `HTTP/1.1 302 Found\r\n${location}\r\nContent-Length: 0\r\n\r\n`,
    )
    const answer = await exchange(forwarding.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(answer.status).toBe(302)
    expect(answer.headers['location']).toBe('http://169.254.169.254/')
    expect(upstream.sockets).toHaveLength(1)
  })

  test('a compressed body passes as it is (A3 74)', async () => {
    const zipped = gzipSync('x'.repeat(10_000))
    const { forwarding } = await recording((_req, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip', 'content-length': zipped.length })
      res.end(zipped)
    })
    const answer = await exchange(forwarding.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(answer.body).toBe(zipped.toString('latin1'))
  })

  test('interim answers and trailers of the upstream are dropped', async () => {
    const { forwarding } = await answering(
      'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n' +
        '2\r\nok\r\n0\r\nX-T: secret\r\n\r\n',
    )
    const { text } = await exchange(forwarding.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(text).toMatch(/2\r\nok\r\n0\r\n\r\n$/)
    expect(text).not.toMatch(/Link|Trailer|secret/i)
  })

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', 200, '9'],
    ['GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', 204, undefined],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', 304, undefined],
    ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 200, undefined],
  ])(
    '%s answered by %j has no body and leaves the connection usable',
    async (method, bytes, status, length) => {
      const { forwarding } = await answering(bytes)
      const one = `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`
      const answer = await exchange(forwarding.port, one + one)
      expect(answer.status).toBe(status)
      expect(answer.headers['content-length']).toBe(length)
      const answers = answer.text.split('\r\n\r\n').filter((part) => part !== '')
      expect(answers).toHaveLength(2)
      for (const part of answers) expect(part).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    },
  )

  test('a body that follows a HEAD is not taken for the answer to the next request', async () => {
    const { forwarding } = await answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil')
    const one = 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n'
    const { text } = await exchange(forwarding.port, one + one)
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    expect(text).not.toContain('evil')
  })

  test('a client of HTTP/1.0 gets a body without chunks, ended by the close', async () => {
    const { forwarding } = await answering(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    )
    const answer = await exchange(forwarding.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n')
    expect(answer).toMatchObject({ status: 200, body: 'ok' })
    expect(answer.headers['transfer-encoding']).toBeUndefined()
  })

  test('repeated headers and odd statuses pass, an upstream’s reason phrase does not', async () => {
    const { forwarding } = await answering(
      'HTTP/1.1 299 Sm\xefle\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n',
    )
    const { text, status } = await exchange(forwarding.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(status).toBe(299)
    expect(text).toMatch(/Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n/i)
    expect(text).not.toContain('Sm')
  })

  test('an answer to a request with a credential is not for shared caches (A3 73)', async () => {
    const { forwarding } = await answering(
      'HTTP/1.1 200 OK\r\nCache-Control: public\r\nContent-Length: 0\r\n\r\n',
    )
    const answer = await exchange(forwarding.port, 'GET /x.css HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('requests on one connection are exchanged one by one, each with its own answer', async () => {
    const { upstream, forwarding } = await recording()
    const ask = (n: number) => `GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`
    const { text } = await exchange(forwarding.port, [1, 2, 3, 4, 5].map(ask).join(''))
    expect(text.match(/GET \/\d/g)).toEqual(['GET /1', 'GET /2', 'GET /3', 'GET /4', 'GET /5'])
    expect(upstream.received).toHaveLength(5)
    expect(forwarding.ends).toEqual(Array(5).fill({ status: 200 }))
  })

  test('an exchange leaves no listener behind on a connection that is used again', async () => {
    const { forwarding } = await recording()
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const socket = await open(forwarding.port)
    const text = readAll(socket, 400)
    const body = 'Content-Length: 3\r\n\r\nabc'
    for (let n = 0; n < 50; n += 1) socket.write(`POST /${n} HTTP/1.1\r\nHost: a\r\n${body}`)
    expect((await text).match(/POST \/\d+/g)).toHaveLength(50)
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})

test('an ordinary client library sees an ordinary server', async () => {
  const { forwarding } = await recording((_req, res, body) => res.end(body.toUpperCase()))
  const text = await new Promise<string>((resolve, reject) => {
    const req = httpRequest({ port: forwarding.port, method: 'POST', path: '/a?b' }, (res) => {
      let received = ''
      res.on('data', (chunk) => (received += chunk)).on('end', () => resolve(received))
    })
    req.on('error', reject).end('hello')
  })
  expect(text).toBe('HELLO')
})
