import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { discard, policyFolder, sampleKeys, startProcess } from '../support/process.ts'
import { ask, exchange, open, type RawAnswer } from '../support/raw.ts'
import { type RecordingUpstream, startUpstream } from '../support/upstream.ts'

const START_MS = 60_000
const SECRET = 'a-secret-of-more-than-thirty-two-characters'
const UUID = /^[0-9a-f-]{36}$/
const doors = ['nginx', 'forward', 'envoy'] as const
type Door = (typeof doors)[number]

interface Asked {
  readonly method?: string
  readonly target?: string
  readonly host?: string
  /** Header lines, each with its line end. */
  readonly headers?: string
}

/** What each proxy sends, as its documentation has it: nginx, Traefik 3 and Envoy 1.3x. */
const bytesOf: Record<Door, (asked: Required<Asked>) => string> = {
  nginx: ({ method, target, host, headers }) =>
    'GET /.gatehouse/authz/nginx HTTP/1.0\r\n' +
    `X-Original-Method: ${method}\r\nX-Original-URL: http://${host}${target}\r\n` +
    `Host: 127.0.0.1:8080\r\nConnection: close\r\n${headers}\r\n`,
  forward: ({ method, target, host, headers }) =>
    'GET /.gatehouse/authz/forward HTTP/1.1\r\n' +
    `Host: 127.0.0.1:8080\r\nUser-Agent: Go-http-client/1.1\r\nX-Forwarded-Method: ${method}\r\n` +
    `X-Forwarded-Proto: http\r\nX-Forwarded-Host: ${host}\r\nX-Forwarded-Uri: ${target}\r\n` +
    `X-Forwarded-Server: traefik\r\nX-Forwarded-Port: 80\r\nAccept-Encoding: gzip\r\n${headers}\r\n`,
  envoy: ({ method, target, host, headers }) =>
    `${method} /.gatehouse/authz/envoy${target} HTTP/1.1\r\n` +
    `host: ${host}\r\ncontent-length: 0\r\nx-envoy-internal: true\r\n${headers}\r\n`,
}

let upstream: RecordingUpstream
let trusting: TestGateway
let strange: TestGateway
let reader: string
let editor: string

const rules = [
  'p, role:reader, *, /docs/documents/:id, GET, allow',
  'p, role:editor, *, /docs/*, *, allow',
  'p, *, *, /docs/archive/*, DELETE, deny',
  'p, anonymous, *, /docs/pages/*, GET, allow',
  'p, anonymous, *, /open/*, *, allow',
]

async function start(env: Readonly<Record<string, string>>): Promise<TestGateway> {
  const at = `upstreams: ['${upstream.origin}']`
  const gateway = await startGateway({
    applications: `
  - { id: docs, match: { prefix: /docs }, strip: true, ${at}, organisation: credential, public: [/pages/*] }
  - { id: open, match: { host: open.test }, ${at}, organisation: credential, public: [/*] }
`,
    rules,
    env,
  })
  await gateway.organisation('platform')
  return gateway
}

beforeAll(async () => {
  upstream = await startUpstream()
  trusting = await start({ TRUSTED_PROXIES: '127.0.0.1' })
  strange = await start({ AUTHZ_SECRET: SECRET, TRUSTED_PROXIES: '10.1.2.3' })
  const bearer = (key: string) => `Authorization: Bearer ${key}\r\n`
  reader = bearer(await trusting.member('user:rita', { holds: ['role:reader'] }))
  const holds = ['role:editor', 'team:writers']
  editor = bearer(await trusting.member('user:eve', { holds, email: 'eve@acme.test' }))
}, START_MS)

afterAll(async () => {
  // A door only answers; whoever asked it does the rest.
  expect(upstream.begun).toEqual([])
  await trusting.stop()
  await strange.stop()
  await upstream.close()
})

const known = { method: 'GET', target: '/docs/documents/7', host: 'docs.test' }

function knock(door: Door, asked: Asked, gateway = trusting): Promise<RawAnswer> {
  return ask(gateway.port, bytesOf[door]({ ...known, headers: '', ...asked }))
}

/** What nginx is told in place of a status that it would take for a fault. */
function asTold(door: Door, status: number): number {
  return door === 'nginx' && ![200, 401].includes(status) ? 403 : status
}

describe.each(doors)('the door of %s', (door) => {
  test('allows with exactly 200, no body and every identity header', async () => {
    const answer = await knock(door, { headers: editor, target: '/docs/documents/7?a=%2F&b' })
    expect(answer.status).toBe(200)
    expect(answer.body).toBe('')
    expect(answer.headers).toMatchObject({
      'gatehouse-assertion': expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      'gatehouse-decision': expect.stringMatching(UUID),
      'gatehouse-target': '/documents/7?a=%2F&b',
      'remote-user': 'user:eve',
      'remote-groups': 'team:writers',
      'remote-email': 'eve@acme.test',
      'x-request-id': expect.stringMatching(UUID),
      'cache-control': 'no-store',
      'content-length': '0',
    })
  })

  test('names every identity header for anonymous too, empty, so that a forged one goes', async () => {
    const forged = 'Remote-User: admin\r\nRemote-Groups: admin\r\nGatehouse-Assertion: forged\r\n'
    const answer = await knock(door, { target: '/docs/pages/a', headers: forged })
    expect(answer.status).toBe(200)
    for (const name of ['remote-user', 'remote-groups', 'remote-email', 'gatehouse-assertion']) {
      expect(answer.headers[name]).toBe('')
    }
    expect(answer.headers['gatehouse-decision']).toMatch(UUID)
  })

  test('denies with the problem document and the id of the decision', async () => {
    const answer = await knock(door, {
      method: 'DELETE',
      target: '/docs/archive/7',
      headers: editor,
    })
    expect(answer.status).toBe(403)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-decision-id': expect.stringMatching(UUID),
    })
    const { 'x-decision-id': decisionId, 'x-request-id': requestId } = answer.headers
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'denied', decisionId, requestId })
    expect(answer.headers).not.toHaveProperty('remote-user')
  })

  test.each([
    ['no credential', '', 401],
    ['a key that is none', 'Authorization: Bearer gh_none\r\n', 401],
    ['another scheme', 'Authorization: Basic cml0YTpyaXRh\r\n', 401],
  ])('asks for a credential when there is %s', async (_, headers, status) => {
    const answer = await knock(door, { headers })
    expect(answer.status).toBe(status)
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="gatehouse"')
  })

  test('refuses two credentials, and one under an alias is none', async () => {
    expect((await knock(door, { headers: reader + editor })).status).toBe(asTold(door, 400))
    const alias = reader.replace('Authorization', 'X_Authorization')
    expect((await knock(door, { headers: alias })).status).toBe(401)
    const proxied = reader.replace('Authorization', 'X-Forwarded-Authorization')
    expect((await knock(door, { headers: proxied })).status).toBe(401)
  })

  test.each([
    ['GET', '/docs/documents/7', 200],
    ['HEAD', '/docs/documents/7', 200],
    ['POST', '/docs/documents/7', 403],
    ['GET', '/docs//documents/%37', 200],
    ['GET', '/docs/x/../documents/7', 200],
    ['GET', '/docs/documents/7?/../archive', 200],
    ['GET', '/docs/archive/../documents/7', 200],
    ['GET', '/docs/archive/7', 403],
    ['GET', '/docs/documents%2f7', 400],
    ['GET', '/docs/a%2f..', 400],
    ['GET', '/docs/documents/..;/7', 400],
    ['GET', '/docs/documents/7#x', 400],
    ['GET', '/docs/documents\\7', 400],
    ['GET', '/docs/documents/%2537', 400],
    ['GET', '/../docs/documents/7', 400],
    ['GET', '/docs/documents/7?a=\u00e9', 400],
    ['GET', '/docs-old/documents/7', 404],
    ['GET', '/DOCS/documents/7', 404],
    ['GET', '/', 404],
    ['TRACE', '/docs/documents/7', 405],
    ['GET', '/.gatehouse/jwks.json', 404],
    ['GET', '/.gatehouse', 404],
    ['GET', '/.gatehouse/authz/envoy/docs/documents/7', 404],
    ['GET', '/%2egatehouse/authz/forward', 404],
    ['GET', '/docs/../.gatehouse/authz/nginx', 404],
    ['GET', '/.well-known/authzen-configuration/.gatehouse/authzen/acme', 404],
  ])('judges %s %s as the proxy does: %i', async (method, target, status) => {
    const answer = await knock(door, { method, target, headers: reader })
    expect(answer.status).toBe(asTold(door, status))
  })

  test.each([
    ['open.test', 200],
    ['OPEN.test:8443', 200],
    ['open.test.', 400],
    ['open.test/x', 400],
    ['a@open.test', 400],
    ['docs.test, open.test', 400],
    ['xopen.test', 404],
  ])('judges by the host that the proxy names: %s', async (host, status) => {
    const answer = await knock(door, { host, target: '/any', headers: 'X-Host: open.test\r\n' })
    // A slash ends the authority of a URL, so nginx asks about another path of another host.
    const expected = door === 'nginx' && host.includes('/') ? 200 : asTold(door, status)
    expect(answer.status).toBe(expected)
  })

  test.each([
    ['OPTIONS', '*'],
    ['CONNECT', 'docs.test:443'],
    ['get', '/docs/documents/7'],
    ['GET, DELETE', '/docs/documents/7'],
  ])('never allows %s %s', async (method, target) => {
    const { status } = await knock(door, { method, target, headers: editor })
    expect([400, 403, 404, 405]).toContain(status)
  })

  test('the client is the nearest hop that is no trusted proxy', async () => {
    const headers = `${reader}X-Forwarded-For: 6.6.6.6, 203.0.113.9, 127.0.0.1\r\n`
    const answer = await knock(door, { headers })
    expect(answer.headers['x-forwarded-for']).toBe('203.0.113.9')
  })

  test('I15: no header that a client can send turns a deny into an allow', async () => {
    const answers = await Promise.all(
      improvements.map((line) =>
        knock(door, {
          method: 'DELETE',
          target: '/docs/archive/7',
          headers: `${editor}${line}\r\n`,
        }),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]))
  })

  test('gives nothing to a peer that is no configured proxy, whatever it sends', async () => {
    const attempts = [
      '',
      `Gatehouse-Authz-Secret: ${SECRET}.\r\n`,
      `Gatehouse-Authz-Secret: ${SECRET.toUpperCase()}\r\n`,
      'Gatehouse-Authz-Secret: \r\n',
      `Gatehouse_Authz_Secret: ${SECRET}\r\n`,
      `Gatehouse.Authz.Secret: ${SECRET}\r\n`,
      `Gatehouse-Authz-Secret: ${SECRET}\r\nGatehouse-Authz-Secret: ${SECRET}\r\n`,
      `Gatehouse-Authz-Secret: ${SECRET}\r\nGatehouse-Authz-Secret: other\r\n`,
      `Authorization: Bearer ${SECRET}\r\n`,
      'X-Forwarded-For: 10.1.2.3\r\n',
      'X-Real-IP: 10.1.2.3\r\nForwarded: for=10.1.2.3\r\n',
    ]
    for (const headers of attempts) {
      const answer = await knock(door, { target: '/docs/pages/a', headers }, strange)
      expect(answer.status).toBe(403)
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'door_forbidden' })
      expect(answer.headers).not.toHaveProperty('gatehouse-decision')
    }
  })

  test('answers a proxy with the secret, believes its word of the client and keeps the secret', async () => {
    const headers = `Gatehouse-Authz-Secret: ${SECRET}\r\nX-Forwarded-For: 203.0.113.9\r\n`
    const answer = await knock(door, { target: '/docs/pages/a', headers }, strange)
    expect(answer.status).toBe(200)
    expect(answer.headers['x-forwarded-for']).toBe('203.0.113.9')
    expect(answer.text).not.toContain(SECRET)
  })
})

/** Headers by which one product or another was talked into something (A2 31 to 36). */
const improvements = [
  'X_Original_URL: http://docs.test/docs/documents/7',
  'X_Forwarded_Uri: /docs/documents/7',
  'X-HTTP-Method-Override: GET',
  'X-Original-URI: /docs/documents/7',
  'X-Rewrite-URL: /docs/documents/7',
  'X-Forwarded-Prefix: /docs/documents',
  'X-Middleware-Subrequest: middleware:middleware',
  'X-Envoy-Original-Path: /docs/documents/7',
  'X-Envoy-Auth-Partial-Body: true',
  'X-Envoy-Auth-Failure-Mode-Allowed: true',
  'X-Envoy-Internal: true',
  'User-Agent: GoogleHC/1.0',
  'Remote-User: user:root',
  'Gatehouse-Decision: allow',
  'Gatehouse-Target: /documents/7',
  '__proto__: x',
]

describe('what is particular to one door', () => {
  test.each([
    ['https://docs.test', 'https'],
    ['http://docs.test', 'http'],
  ])(
    'nginx says the scheme in the URL %s; what the client says is not heard',
    async (origin, scheme) => {
      const lines = `X-Original-Method: GET\r\nX-Original-URL: ${origin}/docs/pages/a\r\n`
      const forged = 'X-Forwarded-Proto: https\r\nX-Forwarded-Host: open.test\r\n'
      const head = `GET /.gatehouse/authz/nginx HTTP/1.0\r\nHost: a\r\n${lines}${forged}\r\n`
      const answer = await ask(trusting.port, head)
      expect(answer.headers).toMatchObject({
        'x-forwarded-proto': scheme,
        'x-forwarded-host': 'docs.test',
      })
    },
  )

  test.each(doors)('%s is not asked by half a question', async (door) => {
    const half = `GET /.gatehouse/authz/${door} HTTP/1.1\r\nHost: docs.test\r\n${editor}\r\n`
    const answer = await ask(trusting.port, half)
    expect(answer.status).toBe(asTold(door, 400))
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'bad_request' })
  })

  test('Caddy repeats the query on its question and sends its own Host; neither is read', async () => {
    const lines = bytesOf.forward({ ...known, headers: editor })
    const asked = lines.replace('authz/forward ', 'authz/forward?x=/docs/archive/7 ')
    expect((await ask(trusting.port, asked)).headers['gatehouse-target']).toBe('/documents/7')
  })

  test.each(['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'Envoy asks with the method of the client: %s',
    async (method) => {
      const allowed = await knock('envoy', { method, headers: editor })
      expect(allowed.status).toBe(200)
      expect(allowed.body).toBe('')
      const denied = await knock('envoy', { method, target: '/other', headers: editor })
      expect(denied.status).toBe(404)
      expect(denied.body === '').toBe(method === 'HEAD')
    },
  )

  test('Envoy may send the body along: it is not judged, and the next question is answered', async () => {
    const length = (body: string) => `content-length: ${body.length}\r\n${editor}\r\n${body}`
    const first = `POST /.gatehouse/authz/envoy/docs/documents HTTP/1.1\r\nhost: docs.test\r\n`
    const body = 'DELETE /.gatehouse/authz/envoy/docs/archive/7 HTTP/1.1\r\n\r\n'
    const second = bytesOf.envoy({ ...known, headers: `${reader}connection: close\r\n` })
    const { text } = await exchange(trusting.port, first + length(body) + second)
    const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status)
    const users = [...text.matchAll(/^remote-user: (.*)\r$/gm)].map(([, user]) => user)
    expect(statuses).toEqual(['200', '200'])
    expect(users).toEqual(['user:eve', 'user:rita'])
  })

  test('a body that never comes keeps neither the answer nor the connection', async () => {
    const head = 'POST /.gatehouse/authz/envoy/docs/documents HTTP/1.1\r\nhost: docs.test\r\n'
    const socket = await open(trusting.port)
    const closed = once(socket, 'close')
    socket.write(`${head}${editor}content-length: 9\r\n\r\nabc`)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /)
    await closed
  })

  test('a question with an upgrade in it never becomes a tunnel', async () => {
    const upgrade =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
    for (const door of doors) {
      const denied = await knock(door, { headers: upgrade })
      expect([400, 401, 403, 404]).toContain(denied.status)
      const { status } = await knock(door, { headers: editor + upgrade })
      expect([200, 400, 403, 404]).toContain(status)
    }
  })
})

test(
  'I22: neither the secret nor a credential is logged, and a stranger at the door is',
  async () => {
    const { folder } = await policyFolder()
    onTestFinished(() => discard(folder))
    const process = await startProcess(folder, { AUTHZ_SECRET: SECRET, LOG_LEVEL: 'debug' })
    onTestFinished(async () => void (await process.end('SIGKILL')))
    const { ben } = sampleKeys(folder)
    const asked = { ...known, target: '/docs/documents/welcome' }
    const guess = 'another-secret-of-more-than-thirty-two'
    for (const secret of [SECRET, guess]) {
      const headers = `Authorization: Bearer ${ben}\r\nGatehouse-Authz-Secret: ${secret}\r\n`
      const answer = await ask(process.port, bytesOf.forward({ ...asked, headers }))
      expect(answer.status).toBe(secret === SECRET ? 200 : 403)
    }
    await process.end()
    expect(process.output()).toContain('"reason":"door_not_trusted"')
    expect(process.output()).not.toContain(SECRET)
    expect(process.output()).not.toContain(guess)
    const logged = process
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(logged.filter((line) => line.includes(ben))).toEqual([])
  },
  START_MS,
)
