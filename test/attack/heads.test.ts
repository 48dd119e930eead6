import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Code } from '../../src/lib/problems.ts'
import { ask, exchange } from '../support/raw.ts'
import {
  BETA,
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
}, START_MS)
afterAll(() => scene.close())

const GET = 'GET /public/a'

/** A request of anonymous with nothing but these header lines. */
function headOnly(headers: string, line = GET): string {
  return `${line} HTTP/1.1\r\n${headers}\r\n`
}

describe('A2: the Host', () => {
  test.each([
    ['44 parameter injection', 'a;host=b'],
    ['44 parameter injection', `${HOST};proto=https`],
    ['44 parameter injection', `"${HOST}"`],
    ['44 parameter injection', `${HOST},for=127.0.0.1`],
    ['45 list', `${HOST}, ${BETA}`],
    ['45 list', `${HOST} ${BETA}`],
    ['45 empty', ''],
    ['45 empty name', ':80'],
    ['45 userinfo', `x@${HOST}`],
    ['45 userinfo', `${BETA}@${HOST}`],
    ['45 slash', `${HOST}/public`],
    ['45 slash', `${HOST}\\${BETA}`],
    ['45 fragment and query', `${BETA}?${HOST}`],
    ['45 percent', `app%2eacme.test`],
    ['45 port', `${HOST}:`],
    ['45 port', `${HOST}:80:81`],
    ['45 port', `${HOST}:99999`],
    ['45 trailing dot', `${HOST}.`],
    ['45 underscore', 'app_acme.test'],
    ['45 obs-text', `app.acm\xe9.test`],
    ['45 numbers', '0x7f.1'],
    ['45 brackets', '[::1'],
  ])('A2 %s: %j is refused', async (_, host) => {
    await expectRefused(scene, bytesOf(scene, 'editor', GET, { host }), 'bad_request')
  })

  test.each([
    ['two', `Host: ${HOST}\r\nHost: ${BETA}\r\n`],
    ['two alike', `Host: ${HOST}\r\nhost: ${HOST}\r\n`],
    ['an empty second', `Host: ${HOST}\r\nHost:\r\n`],
    ['none', 'Accept: */*\r\n'],
    ['none but an alias', `X-Host: ${HOST}\r\nHost_: ${HOST}\r\n`],
  ])('A2 45 two Hosts, or none: %s is refused', async (_, headers) => {
    await expectRefused(scene, headOnly(headers), 'bad_request')
  })

  test.each([
    ['upper case', 'APP.ACME.TEST', HOST],
    ['a port', `${HOST}:8080`, `${HOST}:8080`],
    ['an IPv6 address', '[0::1]:80', '[::1]:80'],
  ])('A2 45 %s in the Host arrives in its one spelling', async (_, host, canonical) => {
    const { received } = await expectForwarded(scene, bytesOf(scene, 'reader', GET, { host }), GET)
    expect(valuesAt(received, 'host')).toEqual([canonical])
    expect(valuesAt(received, 'x-forwarded-host')).toEqual([canonical])
  })

  test.each([`Host : ${BETA}\r\n`, `Host\t: ${BETA}\r\n`, ` Host: ${BETA}\r\n`])(
    'A2 45 a second Host spelt %j is refused',
    async (line) => {
      await expectRefused(scene, headOnly(`Host: ${HOST}\r\n${line}`), 'bad_request')
    },
  )
})

describe('A2: credentials', () => {
  const cookie = (value: string) => `Cookie: ${value}\r\n`
  const session = '__Host-gatehouse-session'

  test.each<readonly [row: string, headers: string, code: Code]>([
    ['46 obs-text', 'Authorization: Bearer gh_\xe9\r\n', 'unauthenticated'],
    ['46 obs-text', cookie(`${session}=\xe9`), 'unauthenticated'],
    ['48 two credentials', 'Authorization: Bearer a\r\nAuthorization: Bearer a\r\n', 'bad_request'],
    ['48 two credentials', `Authorization: Bearer a\r\n${cookie(`${session}=x`)}`, 'bad_request'],
    ['48 a list of two', 'Authorization: Bearer a, Bearer b\r\n', 'unauthenticated'],
    ['48 another scheme', 'Authorization: Basic cm9vdDo=\r\n', 'unauthenticated'],
    ['48 an empty one', 'Authorization:\r\n', 'unauthenticated'],
    ['49 cookie tossing', cookie(`${session}=a; ${session}=b`), 'bad_request'],
    ['49 cookie tossing', cookie(`${session}=a`) + cookie(`${session}=b`), 'bad_request'],
    ['49 one that nobody issued', cookie(`${session}=a`), 'unauthenticated'],
  ])(
    'A2 %s: %j is refused on a public path, never taken for anonymous',
    async (_, headers, code) => {
      await expectRefused(scene, bytesOf(scene, 'anonymous', GET, { headers }), code)
    },
  )

  test.each<readonly [row: string, headers: string]>([
    ['48 two credentials', 'Authorization: Bearer a\r\n'],
    ['48 a key plus a token', 'authorization: Bearer a.b.c\r\n'],
    ['48 a key plus a session', cookie(`a=b; ${session}=x`)],
  ])('A2 %s: beside a good key %j is refused', async (_, headers) => {
    await expectRefused(scene, bytesOf(scene, 'editor', GET, { headers }), 'bad_request')
  })

  test('A2 48 the same key twice is refused', async () => {
    const headers = scene.credential.reader
    await expectRefused(scene, bytesOf(scene, 'reader', GET, { headers }), 'bad_request')
  })

  test.each(['__host-gatehouse-session=x', 'gatehouse_session=x', '"__Host-gatehouse-session"=x'])(
    'A2 49 an alias %j of our cookie is no credential and does not leave',
    async (alias) => {
      const headers = cookie(`a=b; ${alias}`)
      const bytes = bytesOf(scene, 'reader', GET, { headers })
      const { received } = await expectForwarded(scene, bytes, GET, ['cookie'])
      expect(valuesAt(received, 'cookie')).toEqual(['a=b'])
    },
  )

  test.each<readonly [row: string, headers: string]>([
    ['50 oversize cookie', cookie(`a=${'x'.repeat(70_000)}`)],
    ['50 oversize header', `X-Large: ${'x'.repeat(70_000)}\r\n`],
    ['50 oversize credential', `Authorization: Bearer ${'x'.repeat(70_000)}\r\n`],
    ['50 many medium headers', `X-Large: ${'x'.repeat(4_000)}\r\n`.repeat(10)],
  ])('A2 %s is 431, never anonymous', async (_, headers) => {
    await expectRefused(scene, bytesOf(scene, 'anonymous', GET, { headers }), 'headers_too_large')
  })

  test.each([8_200, 20_000])('A2 50 an oversize target of %i is 414', async (length) => {
    const line = `${GET}${'a'.repeat(length)}`
    await expectRefused(scene, bytesOf(scene, 'anonymous', line), 'target_too_long')
  })

  test('A2 50 a token longer than any we issue is no credential, and not anonymous', async () => {
    const headers = `Authorization: Bearer ${'x'.repeat(9_000)}\r\n`
    await expectRefused(scene, bytesOf(scene, 'anonymous', GET, { headers }), 'unauthenticated')
  })
})

describe('A2: odd header names and values', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'])(
    'A2 47 prototype header: %s is a header like any other',
    async (name) => {
      const headers = `${name}: x\r\n${name}: y\r\n`
      const survivors = [name.toLowerCase(), name.toLowerCase()]
      const bytes = bytesOf(scene, 'reader', GET, { headers })
      await expectForwarded(scene, bytes, GET, survivors)
      await expectRefused(scene, bytesOf(scene, 'reader', 'GET /x', { headers }), 'denied')
    },
  )

  test('A2 46 obs-text: a Range with it is dropped, another header keeps its bytes', async () => {
    const headers = 'Range: bytes=0-1\xe9\r\nX-Name: Andr\xe9\r\n'
    const bytes = bytesOf(scene, 'reader', GET, { headers })
    const { received } = await expectForwarded(scene, bytes, GET, ['x-name'])
    expect(valuesAt(received, 'x-name')).toEqual(['Andr\xe9'])
  })
})

describe('A3: what would break into the request that leaves', () => {
  test.each([
    ['58 two lengths', 'Content-Length: 3\r\ncontent-length: 3\r\n'],
    ['58 two lengths', 'Content-Length: 3\r\nContent-Length: 4\r\n'],
    ['58 a list of lengths', 'Content-Length: 3, 3\r\n'],
    ['58 a signed length', 'Content-Length: +3\r\n'],
    ['58 a length in hexadecimal', 'Content-Length: 0x3\r\n'],
  ])('A3 %s: %j is refused', async (_, headers) => {
    const bytes = bytesOf(scene, 'editor', 'POST /items', { headers, body: 'abc' })
    await expectRefused(scene, bytes, 'bad_request')
  })

  test.each(['Content_Length: 9\r\n', 'content.length: 9\r\nCONTENT_LENGTH: 1\r\n'])(
    'A3 58 one length leaves, whatever %j says',
    async (alias) => {
      const headers = `Content-Length: 3\r\n${alias}`
      const bytes = bytesOf(scene, 'editor', 'POST /items', { headers, body: 'abc' })
      const { received } = await expectForwarded(scene, bytes, 'POST /items', ['content-length'])
      expect([received.body, valuesAt(received, 'content-length')]).toEqual(['abc', ['3']])
    },
  )

  test('A3 58 a length with zeroes before it leaves without them: octal to some', async () => {
    const headers = 'Content-Length: 010\r\n'
    const bytes = bytesOf(scene, 'editor', 'POST /items', { headers, body: '0123456789' })
    const { received } = await expectForwarded(scene, bytes, 'POST /items', ['content-length'])
    expect(valuesAt(received, 'content-length')).toEqual(['10'])
  })

  test.each([
    ['CR', 'X-A: b\rRemote-User: forged\r\n'],
    ['LF', 'X-A: b\nRemote-User: forged\r\n'],
    ['NUL', 'X-A: b\0c\r\n'],
    ['vertical tab', 'X-A: b\x0bc\r\n'],
    ['DEL', 'X-A: b\x7fc\r\n'],
    ['CR in an upgrade', 'Connection: Upgrade\r\nUpgrade: websocket\rX-A: b\r\n'],
    ['control byte in an upgrade', 'Connection: Upgrade\r\nUpgrade: web\x01socket\r\n'],
    ['CR in a name', 'X-\rA: b\r\n'],
    ['blank in a nomination', 'Connection: close, X A\r\n'],
  ])('A3 59 a header with %s is refused', async (_, headers) => {
    await expectRefused(scene, bytesOf(scene, 'reader', GET, { headers }), 'bad_request')
  })

  test('A3 59 an encoded line break in the query stays encoded', async () => {
    const line = `${GET}?x=%0d%0aRemote-User:%20forged`
    const { received } = await expectForwarded(scene, bytesOf(scene, 'reader', line), line)
    expect(valuesAt(received, 'remote-user')).toEqual(['user:rita'])
  })

  test.each(['h2c', 'HTTP/2.0', 'TLS/1.0', 'websocket, h2c', 'h2c, websocket'])(
    'A3 64 an upgrade to %j is dropped and the request stays HTTP/1.1',
    async (protocol) => {
      const settings = 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n'
      const nomination = 'Connection: Upgrade, HTTP2-Settings\r\n'
      const headers = `${nomination}Upgrade: ${protocol}\r\n${settings}`
      const { answer } = await expectForwarded(
        scene,
        bytesOf(scene, 'reader', GET, { headers }),
        GET,
      )
      expect(answer.headers['upgrade']).toBeUndefined()
      const denied = bytesOf(scene, 'editor', 'GET /admin', { headers })
      await expectRefused(scene, denied, 'denied')
    },
  )

  test('A3 64 after an upgrade that is dropped the connection ends: nothing on it is lost or torn', async () => {
    const before = scene.upstream.begun.length
    const upgrade = 'Connection: Upgrade\r\nUpgrade: h2c\r\n'
    const first = bytesOf(scene, 'reader', GET, { headers: upgrade })
    const answer = await exchange(scene.port, first + bytesOf(scene, 'reader', 'GET /public/b'))
    expect(answer.status).toBe(200)
    expect(answer.headers['connection']).toBe('close')
    expect(answer.text.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(scene.upstream.begun.slice(before)).toEqual([GET])
  })
})

describe('A3: heads that are too much', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, at) => `X-${at}: a\r\n`).join('')

  test.each([2_500, 201])('A3 69 many headers: %i lines are 431', async (count) => {
    const bytes = bytesOf(scene, 'anonymous', GET, { headers: lines(count) })
    await expectRefused(scene, bytes, 'headers_too_large')
  })

  test.each([2_500, 201])('A3 69 many headers: %i lines in a handshake are 431', async (count) => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
    const bytes = bytesOf(scene, 'anonymous', GET, { headers: upgrade + key + lines(count) })
    await expectRefused(scene, bytes, 'headers_too_large')
  })

  test('A3 69 many headers: 200 lines are a request', async () => {
    const names = Array.from({ length: 199 }, (_, at) => `x-${at}`)
    const bytes = bytesOf(scene, 'anonymous', GET, { headers: lines(199) })
    await expectForwarded(scene, bytes, GET, names)
  })

  test.each([
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
    `PRI * HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
  ])('A3 70 HTTP/2: the preface %j is refused and the connection closed', async (preface) => {
    const before = scene.upstream.begun.length
    const answer = await exchange(scene.port, preface + bytesOf(scene, 'anonymous', GET))
    expectProblem(answer, 'bad_request')
    expect(answer.headers['connection']).toBe('close')
    expect(scene.upstream.begun).toHaveLength(before)
  })

  test.each([
    'GET /public/a HTTP/2.0',
    'GET /public/a HTTP/1.2',
    'GET /public/a HTTP/0.9',
    'GET /public/a',
  ])('A3 70 another version: %j is refused', async (line) => {
    const before = scene.upstream.begun.length
    const answer = await ask(scene.port, `${line}\r\nHost: ${HOST}\r\n\r\n`)
    expectProblem(answer, 'bad_request')
    expect(scene.upstream.begun).toHaveLength(before)
  })
})
