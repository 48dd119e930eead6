/** Keys that are worth less than their holder, on every door of the whole gateway. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseRevision } from '../../src/store/organisations.ts'
import { type RawUpstream, startRawUpstream } from '../support/forwarding.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { ask, open } from '../support/raw.ts'
import { until } from '../support/until.ts'
import { handshake, head, SWITCH } from '../support/websocket.ts'

const HERE = '127.0.0.0/8'
const ELSEWHERE = '192.0.2.0/24'
const SECRET = 's'.repeat(32)

const operations = [
  `{ id: read, method: GET, path: '/items/:id' }`,
  `{ id: save, method: PUT, path: '/items/:id' }`,
  `{ id: chat, method: GET, path: '/chat' }`,
]
const applications = (origin: string, declared = operations) =>
  `  - { id: docs, upstreams: ['${origin}'], organisation: credential, operations: [${declared.join(', ')}] }`

let upstream: RawUpstream
let gateway: TestGateway
beforeAll(async () => {
  upstream = await startRawUpstream((socket, text) => {
    if (/^upgrade:/im.test(text)) socket.write(head(...SWITCH))
    else socket.end(head('HTTP/1.1 200 OK', 'Content-Length: 0', 'Connection: close'))
  })
  gateway = await startGateway({
    applications: applications(upstream.origin),
    rules: [
      'p, role:writer, *, /docs/*, *, allow',
      'p, *, *, /docs/items/7, *, deny',
      'p, role:writer, *, /gatehouse/authzen/*, POST, allow',
    ],
    env: { TRUSTED_PROXIES: '127.0.0.1', AUTHZ_SECRET: SECRET },
  })
  await gateway.member('user:ann', { holds: ['role:writer', 'role:admin'] })
}, 60_000)
afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
})

const keyWith = (narrowing: { scopes?: string[]; networks?: string[] }) =>
  gateway.key('user:ann', narrowing)
const bearer = (key: string) => `Authorization: Bearer ${key}`
const status = async (key: string, line: string, ...more: string[]) => {
  const bytes = head(`${line} HTTP/1.1`, 'Host: a', bearer(key), ...more)
  return (await ask(gateway.port, bytes)).status
}
/** Asks by AuthZEN whether Ann may read an item. */
const evaluate = (key: string, path = 'evaluation', headers = {}) =>
  fetch(`http://127.0.0.1:${gateway.port}/.gatehouse/authzen/acme/access/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify({
      subject: { type: 'user', id: 'ann' },
      action: { name: 'PUT' },
      resource: { type: 'route', id: '/docs/items/1' },
    }),
  })
const manage = async (key: string, path: string, headers = {}) => {
  const url = `http://127.0.0.1:${gateway.adminPort}/api/v1/orgs/acme/${path}`
  return (await fetch(url, { headers: { authorization: `Bearer ${key}`, ...headers } })).status
}

describe('a key with scopes is worth what its holder may and its scopes name (A6 112)', () => {
  test('in front of an application', async () => {
    const key = await keyWith({ scopes: ['docs:read'] })
    expect(await status(key, 'GET /items/1')).toBe(200)
    expect(await status(key, 'HEAD /items/1')).toBe(200)
    expect(await status(key, 'PUT /items/1')).toBe(403)
    expect(await status(key, 'GET /other')).toBe(403)
    // No scope is a right by itself.
    expect(await status(key, 'GET /items/7')).toBe(403)
  })

  test('at a door for proxies', async () => {
    const key = await keyWith({ scopes: ['docs:read'] })
    const door = (method: string) =>
      status(
        key,
        'GET /.gatehouse/authz/nginx',
        `X-Original-Method: ${method}`,
        'X-Original-URL: http://a/items/1',
      )
    expect([await door('GET'), await door('PUT')]).toEqual([200, 403])
  })

  test('where it asks by AuthZEN, and what it asks about others is not narrowed', async () => {
    const evaluates = await keyWith({ scopes: ['authzen:evaluate'] })
    const answer = await evaluate(evaluates)
    expect([answer.status, await answer.json()]).toMatchObject([200, { decision: true }])
    expect((await evaluate(evaluates, 'search/subject')).status).toBe(403)
    expect((await evaluate(await keyWith({ scopes: ['docs:*'] }))).status).toBe(403)
  })

  test('in the management API', async () => {
    const key = await keyWith({ scopes: ['decisions:read'] })
    expect(await manage(key, 'decisions')).toBe(200)
    expect(await manage(key, 'attributes?entity=user:ann')).toBe(403)
    expect(await manage(await keyWith({ scopes: ['docs:*'] }), 'decisions')).toBe(403)
  })

  test('in what it gives to others', async () => {
    await gateway.member('user:ben')
    const give = async (scopes: string[]) => {
      const url = `http://127.0.0.1:${gateway.adminPort}/api/v1/orgs/acme/assignments`
      const headers = { authorization: `Bearer ${await keyWith({ scopes })}` }
      const body = JSON.stringify({ subject: 'user:ben', role: 'role:billing' })
      const type = { 'content-type': 'application/json' }
      return (await fetch(url, { method: 'POST', headers: { ...headers, ...type }, body })).status
    }
    expect(await give(['assignments:write'])).toBe(403)
    expect(await give(['assignments:write', 'billing:write', 'usage:write'])).toBe(201)
  })

  test('which is nothing where it has none, and all where it is not narrowed', async () => {
    const [none, all] = [await keyWith({ scopes: [] }), await keyWith({})]
    for (const line of ['GET /items/1', 'PUT /items/1', 'GET /other']) {
      expect([await status(none, line), await status(all, line)]).toEqual([403, 200])
    }
  })
})

describe('a key with networks is accepted from there alone', () => {
  test('in front of an application', async () => {
    expect(await status(await keyWith({ networks: [HERE] }), 'GET /items/1')).toBe(200)
    expect(await status(await keyWith({ networks: [ELSEWHERE] }), 'GET /items/1')).toBe(401)
    expect(await status(await keyWith({ networks: [] }), 'GET /items/1')).toBe(401)
  })

  test('where what a trusted proxy says of the client counts, and nothing else it passes on', async () => {
    const [here, there] = [
      await keyWith({ networks: [HERE] }),
      await keyWith({ networks: [ELSEWHERE] }),
    ]
    const from = (key: string, hops: string) =>
      status(key, 'GET /items/1', `X-Forwarded-For: ${hops}`)
    expect(await from(there, '192.0.2.7')).toBe(200)
    expect(await from(here, '192.0.2.7')).toBe(401)
    expect(await from(there, '192.0.2.7, 198.51.100.1')).toBe(401)
  })

  test('at a door for proxies', async () => {
    const key = await keyWith({ networks: [ELSEWHERE] })
    const door = (address: string) =>
      status(
        key,
        'GET /.gatehouse/authz/nginx',
        'X-Original-Method: GET',
        'X-Original-URL: http://a/items/1',
        `X-Forwarded-For: ${address}`,
      )
    expect([await door('192.0.2.7'), await door('198.51.100.1')]).toEqual([200, 401])
  })

  test('by AuthZEN', async () => {
    const key = await keyWith({ networks: [ELSEWHERE] })
    expect((await evaluate(key)).status).toBe(401)
    expect((await evaluate(key, 'evaluation', { 'x-forwarded-for': '192.0.2.7' })).status).toBe(200)
  })

  test('in the management API, which believes no proxy', async () => {
    const key = await keyWith({ networks: [ELSEWHERE] })
    expect(await manage(await keyWith({ networks: [HERE] }), 'decisions')).toBe(200)
    expect(await manage(key, 'decisions')).toBe(401)
    expect(await manage(key, 'decisions', { 'x-forwarded-for': '192.0.2.7' })).toBe(401)
  })

  test('and is answered elsewhere as a key that there is not', async () => {
    const answers = [await keyWith({ networks: [ELSEWHERE] }), 'gh_none'].map(async (key) => {
      const bytes = head('GET /items/1 HTTP/1.1', 'Host: a', bearer(key))
      const { status: code, body } = await ask(gateway.port, bytes)
      const { requestId: _request, decisionId: _decision, ...document } = JSON.parse(body)
      return { code, document }
    })
    const [one, other] = await Promise.all(answers)
    expect(one).toEqual(other)
  })
})

describe('an open tunnel', () => {
  async function openWith(key: string) {
    const socket = await open(gateway.port)
    const seen = { text: '', closed: false }
    socket.setEncoding('latin1').on('data', (text: string) => {
      seen.text += text
    })
    socket.on('close', () => {
      seen.closed = true
    })
    socket.write(handshake(bearer(key)).replace('/chat?room=1', '/chat'))
    await until(() => seen.text.includes('\r\n\r\n'))
    return { seen, socket }
  }
  /** Changes the row of a key, as a publish would. */
  const narrow = (key: string, to: { scopes: string } | { networks: string }) =>
    gateway.running.db.transaction('seed', async (trx) => {
      const id = key.split('_')[1] ?? ''
      await trx.updateTable('api_keys').set(to).where('id', '=', id).executeTakeFirstOrThrow()
      await raiseRevision(trx, 'acme')
    })

  test('is opened within the scopes of its key only', async () => {
    const refused = await openWith(await keyWith({ scopes: ['docs:read'] }))
    expect(refused.seen.text).toMatch(/^HTTP\/1\.1 403 /)
    refused.socket.destroy()
  })

  test.each([
    ['scopes', { scopes: '["docs:read"]' }],
    ['networks', { networks: JSON.stringify([ELSEWHERE]) }],
  ] as const)('ends when its key loses it by other %s', async (_what, to) => {
    const key = await keyWith({ scopes: ['docs:chat'] })
    const { seen, socket } = await openWith(key)
    expect(seen.text).toMatch(/^HTTP\/1\.1 101 /)
    await narrow(key, to)
    // Status 1008 is 0x03f0 (RFC 6455 section 7.4.1).
    await until(() => seen.text.endsWith('\x88\x02\x03\xf0'))
    socket.destroy()
  })

  test('ends when its scope is not declared any more', async () => {
    const { seen, socket } = await openWith(await keyWith({ scopes: ['docs:chat'] }))
    expect(seen.text).toMatch(/^HTTP\/1\.1 101 /)
    const fewer = applications(upstream.origin, operations.slice(0, 2))
    gateway.write('apps.yaml', `applications:\n${fewer}`)
    await until(() => seen.text.endsWith('\x88\x02\x03\xf0'))
    socket.destroy()
  })
})
