import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { acceptsHandshake, handshakeProblem } from '../../src/gateway/handshake.ts'
import { exchange } from '../support/raw.ts'
import { ACCEPT, handshake, head, KEY, setting, switching } from '../support/websocket.ts'

describe('what is no handshake', () => {
  const request = (over: { method?: string; version?: string; fields?: string[] }) => {
    const { method = 'GET', version = '1.1', fields = [] } = over
    const rawHeaders = fields.flatMap((field) => field.split(/: (.*)/s).slice(0, 2))
    return { method, httpVersion: version, headers: {}, rawHeaders }
  }
  const good = [
    'Host: docs.test',
    'Connection: keep-alive, Upgrade',
    'Upgrade: WebSocket',
    `Sec-WebSocket-Key: ${KEY}`,
  ]
  const cases: [string, Parameters<typeof request>[0], string | undefined][] = [
    ['the plain one passes', { fields: good }, undefined],
    ['a POST', { method: 'POST', fields: good }, 'upgrade_malformed'],
    ['HTTP/1.0', { version: '1.0', fields: good }, 'upgrade_malformed'],
    [
      'a length, even of nothing (A3 63)',
      { fields: [...good, 'Content-Length: 0'] },
      'upgrade_malformed',
    ],
    ['chunks (A3 63)', { fields: [...good, 'Transfer-Encoding: chunked'] }, 'upgrade_malformed'],
    [
      'h2c (A3 64)',
      { fields: [...good.slice(0, 2), 'Upgrade: h2c', ...good.slice(3)] },
      'upgrade_malformed',
    ],
    ['two protocols', { fields: [...good, 'Upgrade: h2c'] }, 'upgrade_malformed'],
    [
      'no nomination',
      { fields: good.filter((field) => !field.startsWith('Conn')) },
      'upgrade_malformed',
    ],
    ['no key', { fields: good.slice(0, 3) }, 'upgrade_malformed'],
    ['two keys', { fields: [...good, `Sec-WebSocket-Key: ${KEY}`] }, 'upgrade_malformed'],
    [
      'a short key',
      { fields: [...good.slice(0, 3), 'Sec-WebSocket-Key: AAAA'] },
      'upgrade_malformed',
    ],
    [
      'a foreign page with a cookie (A3 65)',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://evil.test'] },
      'origin_mismatch',
    ],
    [
      'a sandboxed page with a cookie',
      { fields: [...good, 'Cookie: a=1', 'Origin: null'] },
      'origin_mismatch',
    ],
    [
      'two origins with a cookie',
      {
        fields: [...good, 'Cookie: a=1', 'Origin: https://docs.test', 'Origin: https://docs.test'],
      },
      'origin_mismatch',
    ],
    [
      'another port with a cookie',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://docs.test:8443'] },
      'origin_mismatch',
    ],
    [
      'a longer host with a cookie',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://docs.test.evil.test'] },
      'origin_mismatch',
    ],
    [
      'userinfo in the origin',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://docs.test@evil.test'] },
      'origin_mismatch',
    ],
    [
      'our own page with a cookie',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://DOCS.test'] },
      undefined,
    ],
    [
      'our own page, default port',
      { fields: [...good, 'Cookie: a=1', 'Origin: https://docs.test:443'] },
      undefined,
    ],
    [
      'a foreign page without a cookie',
      { fields: [...good, 'Origin: https://evil.test'] },
      undefined,
    ],
    ['a program with a cookie', { fields: [...good, 'Cookie: a=1'] }, undefined],
  ]
  test.each(cases)('%s', (_name, over, problem) => {
    expect(handshakeProblem(request(over))).toBe(problem)
  })

  test.each([
    ['Content-Length: 5', 400],
    ['Cookie: a=1\r\nOrigin: https://evil.test', 403],
  ])('is refused before anything is asked: %s', async (line, status) => {
    let asked = 0
    const { upstream, gateway } = await setting(switching, {
      authorizeUpgrade: () => {
        asked += 1
        throw new Error('not to be asked')
      },
    })
    const answer = await exchange(gateway.port, handshake(line))
    expect(answer.status).toBe(status)
    expect(answer.headers['connection']).toBe('close')
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(asked).toBe(0)
    expect(upstream.sockets).toHaveLength(0)
  })

  test('h2c is dropped: the request is an ordinary one', async () => {
    const { upstream, gateway } = await setting((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    const bytes = head('GET / HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: h2c')
    expect((await exchange(gateway.port, bytes)).body).toBe('ok')
    expect(upstream.received()).not.toMatch(/upgrade/i)
  })

  test('the accept is that of RFC 6455', () => {
    const accept = createHash('sha1')
      .update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    expect(accept).toBe(ACCEPT)
    const asked = request({ fields: good })
    const answer = ['upgrade', 'websocket', 'Sec-WebSocket-Accept', ACCEPT]
    expect(acceptsHandshake(asked, answer)).toBe(true)
    expect(acceptsHandshake(asked, [...answer, 'Sec-WebSocket-Accept', ACCEPT])).toBe(false)
  })
})
