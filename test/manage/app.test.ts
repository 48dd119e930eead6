import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { styleSource } from '../../src/manage/reference/style.ts'
import { ask as askRaw, exchange } from '../support/raw.ts'
import { until } from '../support/until.ts'
import { type ManageScene, openManagement, ownerToken } from './scene.ts'

let scene: ManageScene
beforeAll(async () => {
  scene = await openManagement()
}, 120_000)
afterAll(() => scene?.close())

const decisions = '/api/v1/orgs/acme/decisions'
const explain = `${decisions}/explain`

async function problemOf(answer: Response): Promise<Record<string, unknown>> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const document = (await answer.json()) as Record<string, unknown>
  expect(document['requestId']).toBe(answer.headers.get('x-request-id'))
  expect(document['status']).toBe(answer.status)
  return document
}

describe('health', () => {
  test('/livez answers while the process lives', async () => {
    const answer = await scene.ask('/livez')
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'alive' }])
  })

  test('/readyz says that it is ready, and what to look at', async () => {
    const answer = await scene.ask('/readyz')
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: 'ready', causes: [], warnings: [] },
    ])
    scene.gateway.write('broken.csv', 'nonsense\n')
    const warnings = async () => {
      const body = (await (await scene.ask('/readyz')).json()) as { warnings: string[] }
      return body.warnings
    }
    await until(async () => (await warnings()).length === 1)
    // Anybody may read this: what the files hold is for the log.
    expect((await warnings())[0]).toMatch(/^the policy files on disk are refused/)
    expect((await scene.ask('/readyz')).status).toBe(200)
    scene.gateway.write('broken.csv', '')
    await until(async () => (await warnings()).length === 0)
  })

  test('/metrics is what Prometheus reads', async () => {
    const answer = await scene.ask('/metrics')
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await answer.text()
    expect(text).toContain('# TYPE gatehouse_decisions_total counter')
    expect(text).toContain('gatehouse_policy_reload_failed 0')
    expect(text).toContain('process_cpu_seconds_total')
  })

  test('a probe may add what it likes to the query', async () => {
    expect((await scene.ask('/livez?from=balancer')).status).toBe(200)
  })
})

describe('every answer', () => {
  test.each(['/livez', '/readyz', '/metrics', decisions, '/api', '/nowhere'])(
    '%s is kept by nobody, runs nothing and is framed by nobody',
    async (path) => {
      const { headers } = await scene.ask(path)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toBe(
        `default-src 'none'; style-src ${styleSource}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('access-control-allow-origin')).toBeNull()
    },
  )

  test('has an id of its own, whatever the client sends', async () => {
    const headers = { 'x-request-id': 'theirs' }
    const first = await scene.ask('/livez', undefined, { headers })
    const second = await scene.ask('/livez', undefined, { headers })
    const ids = [first, second].map((answer) => answer.headers.get('x-request-id'))
    expect(new Set([...ids, 'theirs']).size).toBe(3)
  })
})

describe('what is not there', () => {
  test.each(['/', '/api/', '/api/v1', `${decisions}/`, '/livez/', '/LIVEZ', '/livez/x'])(
    '%s is 404',
    async (path) => {
      const answer = await scene.ask(path, scene.keys.owner)
      expect(answer.status).toBe(404)
      expect(await problemOf(answer)).toMatchObject({ code: 'not_found' })
    },
  )

  test.each([
    ['POST', '/livez'],
    ['DELETE', '/readyz'],
    ['PUT', '/metrics'],
    ['POST', decisions],
    ['DELETE', decisions],
    ['PATCH', explain],
    ['OPTIONS', decisions],
    ['PROPFIND', decisions],
  ])('%s of %s is 405 and says what is accepted', async (method, path) => {
    const answer = await scene.ask(path, scene.keys.owner, { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(await problemOf(answer)).toMatchObject({ code: 'method_not_allowed' })
  })

  test.each(['/livez', '/metrics', explain, '/nowhere'])(
    'a HEAD of %s is the GET without its body',
    async (path) => {
      const get = await scene.ask(path, scene.keys.owner)
      const head = await scene.ask(path, scene.keys.owner, { method: 'HEAD' })
      expect([head.status, head.headers.get('content-type')]).toEqual([
        get.status,
        get.headers.get('content-type'),
      ])
      expect(await head.text()).toBe('')
    },
  )
})

describe('the page about the API', () => {
  test('is HTML for anybody who asks', async () => {
    const answer = await scene.ask('/api')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=UTF-8')
    expect(await answer.text()).toContain('<title>Gatehouse management API</title>')
  })

  test('is only read', async () => {
    const answer = await scene.ask('/api', undefined, { method: 'POST' })
    expect(answer.status).toBe(405)
    expect(await problemOf(answer)).toMatchObject({ code: 'method_not_allowed' })
  })
})

describe('the listener', () => {
  const get = (path: string, ...headers: string[]) =>
    `GET ${path} HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`
  const port = () => scene.gateway.adminPort

  test('does not care about the Host, of which no link is made', async () => {
    for (const host of ['Host: evil.test', 'Host: 127.0.0.1:1', 'Host:', 'X-None: 1']) {
      const answer = await askRaw(port(), get('/livez', host))
      expect(answer.status).toBe(200)
      expect(answer.text).not.toContain('evil')
    }
  })

  test.each([
    ['a Host that is none', get('/livez', 'Host: a b/c')],
    ['a backslash', get('/livez\\x', 'Host: a')],
  ])('refuses %s with a problem', async (_title, bytes) => {
    const { status, headers, body } = await askRaw(port(), bytes)
    expect([status, headers['content-type']]).toEqual([400, 'application/problem+json'])
    const requestId = headers['x-request-id']
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(JSON.parse(body)).toMatchObject({ code: 'bad_request', requestId })
    expect(headers['cache-control']).toBe('no-store')
  })

  test('refuses a target that is too long, and a head that is', async () => {
    const long = `${decisions}?cursor=${'a'.repeat(limits.targetBytes)}`
    const answer = await scene.ask(long, scene.keys.owner)
    expect(await problemOf(answer)).toMatchObject({ code: 'target_too_long', status: 414 })
    const head = get('/livez', 'Host: a', `X-Long: ${'a'.repeat(limits.requestHeadBytes)}`)
    expect((await exchange(port(), head)).status).toBe(431)
  })

  test.each([
    'GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'GET /livez HTTP/1.1\r\nHost : a\r\n\r\n',
    'GET /livez HTTP/1.1\nHost: a\n\n',
    'GET livez HTTP/1.1\r\nHost: a\r\n\r\n',
  ])('refuses what is no HTTP, or is to one reader alone: %j', async (bytes) => {
    expect((await exchange(port(), bytes)).status).toBe(400)
  })

  test('makes no tunnel and echoes nothing', async () => {
    const connect = await exchange(port(), 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n')
    expect([0, 400, 404, 405]).toContain(connect.status)
    const trace = await exchange(port(), 'TRACE /livez HTTP/1.1\r\nHost: a\r\nX-Mine: 1\r\n\r\n')
    expect(trace.status).toBe(405)
    expect(trace.text).not.toContain('X-Mine')
  })
})

describe('a credential', () => {
  test('is needed', async () => {
    const answer = await scene.ask(decisions)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse"')
    expect(await problemOf(answer)).toMatchObject({ status: 401, code: 'unauthenticated' })
  })

  test.each([
    ['another scheme', 'authorization', 'Basic YTpi'],
    ['an unknown key', 'authorization', `Bearer gh_${'0'.repeat(12)}_${'0'.repeat(52)}`],
    ['a session that is none', 'cookie', '__Host-gatehouse-session=x'],
  ])('that is not valid is 401: %s', async (_title, name, value) => {
    const answer = await scene.ask(decisions, undefined, { headers: { [name]: value } })
    expect(answer.status).toBe(401)
  })

  test('given twice is 400, even when both are good', async () => {
    const line = `Authorization: Bearer ${scene.keys.owner}\r\n`
    const bytes = `GET ${decisions} HTTP/1.1\r\nHost: a\r\n${line}${line}\r\n`
    const { status, body } = await askRaw(scene.gateway.adminPort, bytes)
    expect([status, JSON.parse(body).code]).toEqual([400, 'bad_request'])
  })

  test('that spans organisations serves in each where its bearer may', async () => {
    expect((await scene.ask(decisions, ownerToken())).status).toBe(200)
    expect((await scene.ask('/api/v1/orgs/beta/decisions', ownerToken())).status).toBe(404)
  })
})
