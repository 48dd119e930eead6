import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersIn, ask, exchange, open, parseAnswer, readAll } from '../support/raw.ts'
import {
  bytesOf,
  expectForwarded,
  expectProblem,
  expectRefused,
  HOST,
  type Scene,
  START_MS,
  startScene,
  valuesAt,
} from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
  // Answers before the body has come, and goes on for as long as it comes.
  scene.upstream.server.prependListener('request', (req, res) => {
    if (req.url === '/early') res.writeHead(200).write('early')
  })
}, START_MS)
afterAll(() => scene.close())

const GET = 'GET /public/a'
const POST = 'POST /items'
/** What an attacker wants to be read as a request of its own. */
const smuggled = `GET /public/smuggled HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`
const asChunk = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`

/** Sends an upload of an editor, and expects one 400, a close, and nothing whole at the service. */
async function expectBroken(headers: string, body: string): Promise<void> {
  const before = scene.upstream.received.length
  const bytes = bytesOf(scene, 'editor', POST, { headers, body })
  const answer = await exchange(scene.port, bytes)
  expectProblem(answer, 'bad_request')
  expect(answer.headers['connection']).toBe('close')
  expect(answersIn(answer.text)).toHaveLength(1)
  expect((await ask(scene.port, bytesOf(scene, 'reader', GET))).status).toBe(200)
  const received = scene.upstream.received.slice(before)
  expect(received.map(({ method, target }) => `${method} ${target}`)).toEqual([GET])
}

/** The same for a head: there is no body yet that could have been let through. */
async function expectBrokenHead(headers: string, body: string): Promise<void> {
  const before = scene.upstream.begun.length
  await expectBroken(headers, body)
  expect(scene.upstream.begun.slice(before)).toEqual([GET])
}

describe('A3: two readings of where a body ends', () => {
  test.each([
    ['52 CL.TE', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`],
    ['52 TE.CL', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', asChunk],
    ['52 CL.0', 'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', asChunk],
    ['52 CL and identity', 'Content-Length: 5\r\nTransfer-Encoding: identity\r\n', smuggled],
    ['52 CL and an odd TE', 'Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n', smuggled],
    ['53 TE.TE', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n', asChunk],
    ['53 TE.TE', 'Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n', asChunk],
    ['53 TE.TE', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', asChunk],
    ['53 odd TE', 'Transfer-Encoding: gzip, chunked\r\n', asChunk],
    ['53 odd TE', 'Transfer-Encoding: chunked, identity\r\n', asChunk],
    ['53 odd TE', 'Transfer-Encoding: chunked, chunked\r\n', asChunk],
    ['53 odd TE', 'Transfer-Encoding: identity\r\n', smuggled],
    ['53 odd TE', 'Transfer-Encoding: xchunked\r\n', asChunk],
    ['53 odd TE', 'Transfer-Encoding: "chunked"\r\n', asChunk],
    ['53 odd TE', 'Transfer-Encoding: chunked;q=1\r\n', asChunk],
    ['53 odd TE', 'Transfer-Encoding: \x0bchunked\r\n', asChunk],
    ['53 empty TE', 'Transfer-Encoding:\r\n', asChunk],
    ['54 space before colon', 'Transfer-Encoding : chunked\r\n', asChunk],
    ['54 space before colon', 'Content-Length : 5\r\n', smuggled],
    ['54 tab before colon', 'Transfer-Encoding\t: chunked\r\n', asChunk],
    ['55 folded header', 'Transfer-Encoding:\r\n chunked\r\n', asChunk],
    ['55 folded header', 'X-A: b\r\n\tTransfer-Encoding: chunked\r\n', asChunk],
    ['55 folded first line', ' Transfer-Encoding: chunked\r\n', asChunk],
    ['56 bare LF', 'X-A: b\nTransfer-Encoding: chunked\r\n', asChunk],
    ['56 bare LF', 'Transfer-Encoding: chunked\n', asChunk],
    ['56 bare CR', 'X-A: b\rTransfer-Encoding: chunked\r\n', asChunk],
    ['56 bare LF after the head', 'Content-Length: 5\r\n\n', smuggled],
    ['56 bare CR after the head', 'Transfer-Encoding: chunked\r\n\r', asChunk],
  ])('A3 %s: %j is 400 and nothing leaves', async (_, headers, body) => {
    await expectBrokenHead(headers, body)
  })

  test.each([
    ['57 LF in a chunk extension', 'Transfer-Encoding: chunked\r\n', `3;a\nb\r\nabc\r\n${asChunk}`],
    ['57 CR in a chunk extension', 'Transfer-Encoding: chunked\r\n', `3;a\rb\r\nabc\r\n${asChunk}`],
    [
      '57 NUL in a chunk extension',
      'Transfer-Encoding: chunked\r\n',
      `3;a\0b\r\nabc\r\n${asChunk}`,
    ],
    [
      '57 huge chunk extension',
      'Transfer-Encoding: chunked\r\n',
      `3;${'x'.repeat(20_000)}\r\nabc\r\n`,
    ],
    ['57 blank in a chunk size', 'Transfer-Encoding: chunked\r\n', `3 \r\nabc\r\n${asChunk}`],
    ['57 signed chunk size', 'Transfer-Encoding: chunked\r\n', `+3\r\nabc\r\n${asChunk}`],
    ['57 prefixed chunk size', 'Transfer-Encoding: chunked\r\n', `0x3\r\nabc\r\n${asChunk}`],
    ['57 overflowing chunk size', 'Transfer-Encoding: chunked\r\n', `10000000000000003\r\nabc\r\n`],
    ['57 chunk without an end', 'Transfer-Encoding: chunked\r\n', `3\r\nabcd\r\n${asChunk}`],
    ['57 chunk ended by LF', 'Transfer-Encoding: chunked\r\n', `3\nabc\n0\n\n`],
  ])('A3 %s: after %j, %j is 400 and nothing whole leaves', async (_, headers, body) => {
    await expectBroken(headers, body)
  })

  test.each(['1', '0'])(
    'A3 52 a body with both, of HTTP/1.%s and of a request that may not even pass, is 400',
    async (minor) => {
      const both = 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'
      const head = `GET /admin HTTP/1.${minor}\r\nHost: ${HOST}\r\n${both}\r\n`
      await expectRefused(scene, `${head}0\r\n\r\n${smuggled}`, 'bad_request')
    },
  )

  test('A3 56 a head that ends its lines with LF alone is 400', async () => {
    const bytes = bytesOf(scene, 'reader', GET)
    await expectRefused(scene, bytes.replaceAll('\r\n', '\n'), 'bad_request')
    await expectRefused(scene, bytes.replaceAll('\r\n', '\r'), 'bad_request')
  })

  test.each([
    '3;a=b\r\nabc\r\n0\r\n\r\n',
    '0003\r\nabc\r\n000\r\n\r\n',
    '3;a="b;c"\r\nabc\r\n0;x\r\n\r\n',
  ])('A3 57 what is sound in chunks leaves in a framing of ours: %j', async (body) => {
    const bytes = bytesOf(scene, 'editor', POST, {
      headers: 'Transfer-Encoding: Chunked\r\n',
      body,
    })
    const { received } = await expectForwarded(scene, bytes, POST, ['transfer-encoding'])
    expect([received.body, valuesAt(received, 'transfer-encoding')]).toEqual(['abc', ['chunked']])
  })

  test('A3 52 a body of a GET is framed for the service as well, and is never a request', async () => {
    const headers = `Content-Length: ${smuggled.length}\r\n`
    const bytes = bytesOf(scene, 'editor', 'GET /items', { headers, body: smuggled })
    const { received } = await expectForwarded(scene, bytes, 'GET /items', ['content-length'])
    expect(received.body).toBe(smuggled)
  })

  test('A3 52 a body of HTTP/1.0 without a length is none, and what follows is not read', async () => {
    const head = `POST /items HTTP/1.0\r\nHost: ${HOST}\r\n${scene.credential.editor}`
    const bytes = `${head}\r\n${smuggled}`
    const { received } = await expectForwarded(scene, bytes, POST, ['content-length'])
    expect(received.body).toBe('')
  })
})

describe('A3: a body that goes wrong after its request was let through', () => {
  test('A3 57 the service sees it broken off, never as a whole request', async () => {
    const whole = scene.upstream.received.length
    const headers = 'Transfer-Encoding: chunked\r\n'
    const socket = await open(scene.port)
    const received = readAll(socket)
    socket.write(bytesOf(scene, 'editor', 'POST /slow', { headers, body: '3\r\nabc\r\n' }))
    await expect.poll(() => scene.upstream.begun.at(-1)).toBe('POST /slow')
    socket.write(`zz\r\n${smuggled}`)
    expectProblem(parseAnswer(await received), 'bad_request')
    await expectForwarded(scene, bytesOf(scene, 'reader', GET), GET)
    expect(scene.upstream.received).toHaveLength(whole + 1)
  })
})

describe('A3: pipelining', () => {
  const allowed = (at: number) => bytesOf(scene, 'reader', `GET /items/${at}`)
  const statuses = async (bytes: string) => {
    const { text } = await exchange(scene.port, bytes)
    return answersIn(text).map(({ status }) => status)
  }

  test('A3 60 each request on a connection has a decision of its own', async () => {
    const before = scene.upstream.begun.length
    const denied = bytesOf(scene, 'reader', 'GET /admin')
    const anonymous = bytesOf(scene, 'anonymous', 'GET /items/2')
    const all =
      allowed(1) + denied + anonymous + allowed(3) + bytesOf(scene, 'editor', 'GET /admin')
    expect(await statuses(all)).toEqual([200, 403, 401, 200, 403])
    expect(scene.upstream.begun.slice(before)).toEqual(['GET /items/1', 'GET /items/3'])
  })

  test('A3 60 a credential is not carried over to the next request, nor an identity', async () => {
    const before = scene.upstream.received.length
    const anonymous = bytesOf(scene, 'anonymous', GET)
    expect(await statuses(bytesOf(scene, 'editor', GET) + anonymous)).toEqual([200, 200])
    const users = scene.upstream.received.slice(before).map((one) => valuesAt(one, 'remote-user'))
    // The second is not held up by what the first one still has to find out.
    expect(users.toSorted()).toEqual([[''], ['user:eve']])
  })

  test('A3 60 a refused request takes its body along; it is not read as what follows', async () => {
    const before = scene.upstream.begun.length
    const headers = `Content-Length: ${smuggled.length}\r\n`
    const refused = bytesOf(scene, 'reader', POST, { headers, body: smuggled })
    expect((await statuses(refused + allowed(1)))[0]).toBe(403)
    expect(scene.upstream.begun.slice(before)).not.toContain('GET /public/smuggled')
  })

  test('A3 60 what follows a request that cannot be read is not read', async () => {
    const before = scene.upstream.begun.length
    const broken = bytesOf(scene, 'reader', GET, { headers: 'X A: b\r\n' })
    expect(await statuses(broken + allowed(1))).toEqual([400])
    expect(scene.upstream.begun.slice(before)).toEqual([])
  })

  test('A3 60 an answer that is due is not taken for the refusal of what follows', async () => {
    const before = scene.upstream.begun.length
    const broken = bytesOf(scene, 'reader', GET, { headers: 'X A: b\r\n' })
    const all = allowed(1) + bytesOf(scene, 'reader', 'GET /admin') + broken + allowed(2)
    expect(await statuses(all)).toEqual([200, 403])
    expect(scene.upstream.begun.slice(before)).toEqual(['GET /items/1'])
  })

  test('A3 60 an answer that has begun is cut, never mixed with a refusal', async () => {
    const socket = await open(scene.port)
    const received = readAll(socket, 300)
    const headers = 'Transfer-Encoding: chunked\r\n'
    socket.write(bytesOf(scene, 'editor', 'POST /early', { headers, body: '3\r\nabc\r\n' }))
    socket.once('data', () => socket.write(`zz\r\n${smuggled}`))
    const text = await received
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/)
  })

  test.each(['Connection: close\r\n', 'Connection: x, Close\r\n'])(
    'A3 60 what follows %j is not read, and the answer before it comes whole',
    async (headers) => {
      const before = scene.upstream.begun.length
      expect(await statuses(bytesOf(scene, 'reader', GET, { headers }) + allowed(1))).toEqual([200])
      expect(scene.upstream.begun.slice(before)).toEqual([GET])
    },
  )
})

describe('A3: Expect', () => {
  const expecting = 'Expect: 100-continue\r\nContent-Length: 3\r\n'

  test.each([
    ['reader', POST, 403],
    ['anonymous', POST, 401],
    ['editor', 'POST /public/../admin', 403],
    ['editor', 'POST /admin%00', 400],
  ] as const)(
    'A3 67 as %s, %j is answered %i at once, without a 100',
    async (who, line, status) => {
      const before = scene.upstream.begun.length
      const bytes = bytesOf(scene, who, line, { headers: expecting })
      const { text } = await exchange(scene.port, bytes)
      expect(answersIn(text).map((answer) => answer.status)).toEqual([status])
      expect(scene.upstream.begun).toHaveLength(before)
    },
  )

  test('A3 67 an allowed body is asked for, and Expect ends here', async () => {
    const socket = await open(scene.port)
    const received = readAll(socket)
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      if (text === '') socket.write('abc')
      text += chunk.toString('latin1')
    })
    socket.write(bytesOf(scene, 'editor', POST, { headers: expecting }))
    expect(answersIn(await received).map(({ status }) => status)).toEqual([100, 200])
    const last = scene.upstream.received.at(-1)
    expect([last?.body, last?.headers.get('expect')]).toEqual(['abc', undefined])
  })

  test('A3 67 an alias of Expect asks for nothing', async () => {
    const bytes = bytesOf(scene, 'editor', 'GET /items', { headers: 'Expect_: 100-continue\r\n' })
    expect((await ask(scene.port, bytes)).status).toBe(200)
  })

  test.each(['200-ok', 'nothing'])(
    'A3 67 another expectation, %j, is refused',
    async (expectation) => {
      const bytes = bytesOf(scene, 'editor', GET, { headers: `Expect: ${expectation}\r\n` })
      await expectRefused(scene, bytes, 'bad_request')
    },
  )
})
