import { importJWK, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOwnPages } from '../../src/gateway/own-pages.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { ask, exchange, type RawAnswer } from '../support/raw.ts'
import { type RecordingUpstream, startUpstream } from '../support/upstream.ts'

/** An application that anybody may ask for anything: whatever is not kept from it, it gets. */
let upstream: RecordingUpstream
let gateway: TestGateway

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway({
    applications: `
  - { id: all, upstreams: ['${upstream.origin}'], organisation: credential, public: [/*, /] }
`,
    rules: ['p, *, *, /all/*, *, allow'],
    env: { TRUSTED_PROXIES: '127.0.0.1' },
  })
  await gateway.organisation('platform')
}, 60_000)

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

function send(line: string, headers = ''): Promise<RawAnswer> {
  return ask(gateway.port, `${line} HTTP/1.1\r\nHost: all.test\r\n${headers}\r\n`)
}

/** The status of `line`, which must not have reached the application. */
async function kept(line: string, headers = ''): Promise<number> {
  const before = upstream.begun.length
  const { status } = await send(line, headers)
  expect(upstream.begun.slice(before)).toEqual([])
  return status
}

describe('the public keys', () => {
  test('are a JWK set without a private part, and may be kept for a while', async () => {
    const answer = await send('GET /.gatehouse/jwks.json')
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/jwk-set+json',
      'cache-control': 'public, max-age=300',
      'content-length': String(answer.body.length),
    })
    const { keys } = JSON.parse(answer.body)
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) {
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    }
  })

  test('verify the assertion that a service receives', async () => {
    const key = await gateway.member('user:ann')
    await send('GET /any', `Authorization: Bearer ${key}\r\n`)
    const [assertion = ''] = upstream.received.at(-1)?.headers.get('gatehouse-assertion') ?? []
    const { keys } = JSON.parse((await send('GET /.gatehouse/jwks.json')).body)
    const { payload } = await jwtVerify(
      assertion,
      ({ kid }) => importJWK(keys.find((one: { kid: string }) => one.kid === kid)),
      { audience: 'all' },
    )
    expect(payload).toMatchObject({ sub: 'user:ann', org: 'acme' })
  })

  test('have the same head for HEAD, and no body', async () => {
    const got = await send('GET /.gatehouse/jwks.json?again')
    const { text } = await exchange(
      gateway.port,
      'HEAD /.gatehouse/jwks.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    expect(text.split('\r\n\r\n')[1]).toBe('')
    expect(text).toContain(`Content-Length: ${got.body.length}`)
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PURGE'])(
    'are not for %s',
    async (method) => {
      const answer = await send(`${method} /.gatehouse/jwks.json`)
      expect(answer.status).toBe(405)
      expect(answer.headers['allow']).toBe('GET, HEAD')
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'method_not_allowed' })
    },
  )

  test('are answered to a client whose body never comes, and then it is let go', async () => {
    const answer = await send('GET /.gatehouse/jwks.json', 'Content-Length: 9\r\n')
    expect(answer.status).toBe(200)
    expect(answer.headers['connection']).toBe('close')
  })
})

describe('what is ours never reaches an application', () => {
  test.each([
    ['/.gatehouse/', 404],
    ['/.gatehouse', 404],
    ['/.gatehouse?a', 404],
    ['/.gatehouse/login', 404],
    ['/.gatehouse/jwks.json/', 404],
    ['/.gatehouse/jwks.jso', 404],
    ['/.gatehouse//jwks.json', 404],
    ['/.gatehouse/JWKS.json', 404],
    ['/.gatehouse/%6awks.json', 404],
    ['/.gatehouse/x/../jwks.json', 404],
    ['/.gatehouse/authz', 404],
    ['/.gatehouse/authz/', 404],
    ['/.gatehouse/authz/nginx/', 404],
    ['/.gatehouse/authz/nginx/x', 404],
    ['/.gatehouse/authz/envoyx', 404],
    ['/.gatehouse/authz/other', 404],
    ['/.gatehouse/*', 404],
    ['/.gatehouse/../any', 404],
    ['//.gatehouse/jwks.json', 404],
    ['/./.gatehouse/jwks.json', 404],
    ['/x/../.gatehouse/jwks.json', 404],
    ['/%2egatehouse/jwks.json', 404],
    ['/.%67atehouse/jwks.json', 404],
    ['/.gatehouse%2fjwks.json', 400],
    ['/.gatehouse\\jwks.json', 400],
    ['/.gatehouse;x/jwks.json', 400],
    ['/.gatehouse%00/jwks.json', 400],
    ['http://all.test/.gatehouse/jwks.json', 404],
    ['http://all.test/%2e/.gatehouse', 404],
    ['/.well-known/authzen-configuration/.gatehouse', 404],
    ['/.well-known/authzen-configuration/.gatehouse/authzen/acme', 200],
    ['/.well-known/authzen-configuration/.gatehouse/authzen/acme/', 404],
    ['/.well-known/authzen-configuration/.gatehouse/authzen/%61cme', 404],
    ['/.well-known/authzen-configuration/.gatehouse/authzen', 404],
    ['/.well-known/authzen-configuration/.gatehouse/jwks.json', 404],
    ['/.well-known//authzen-configuration/%2egatehouse/authzen/acme', 404],
    ['/.well-known/x/../authzen-configuration/.gatehouse/', 404],
  ])('GET %s is %i', async (target, status) => {
    expect(await kept(`GET ${target}`)).toBe(status)
  })

  /** A door would answer 200 to this, for anybody may ask the application for anything. */
  const question =
    'X-Original-Method: GET\r\nX-Original-URL: http://all.test/any\r\nX-Forwarded-Method: GET\r\n' +
    'X-Forwarded-Uri: /any\r\nX-Forwarded-Host: all.test\r\nX-Forwarded-Proto: http\r\n'

  test.each([
    '/.gatehouse/authz/nginx',
    '/.gatehouse/authz/forward',
    '/.gatehouse/authz/envoy/any',
  ])('%s is a door, under this spelling only', async (path) => {
    expect(await kept(`GET ${path}`, question)).toBe(200)
    const aliases = [
      `/${path}`,
      `/x/..${path}`,
      `/.${path}`,
      path.replace('.', '%2e'),
      path.replace('authz', 'auth%7a'),
      path.replace('authz', 'x/../authz'),
      path.replace('authz/', 'authz//'),
      `http://all.test${path}`,
    ]
    for (const alias of aliases) expect(await kept(`GET ${alias}`, question)).toBe(404)
  })
})

test.each(['/gatehouse/x', '/.gatehouses/x', '/.gatehouse-x', '/a/.gatehouse/x', '/.well-known/x'])(
  "%s is the application's",
  async (target) => {
    const before = upstream.begun.length
    expect((await send(`GET ${target}`)).status).toBe(200)
    expect(upstream.begun.slice(before)).toEqual([`GET ${target}`])
  },
)

test('nothing but the raw prefix, with its slash, makes a target ours', () => {
  const page = async () => {}
  const { owns } = createOwnPages({
    doors: { nginx: page, forward: page, envoy: page },
    jwks: () => ({ keys: [] }),
    authzen: { configuration: page, calls: new Map() },
  })
  expect(owns('/.gatehouse/')).toBe(true)
  expect(owns('/.gatehouse/authz/envoy/a%2f..')).toBe(true)
  for (const target of [
    '',
    '*',
    '/.gatehouse',
    '/.Gatehouse/',
    '/%2egatehouse/',
    'x/.gatehouse/',
  ]) {
    expect(owns(target)).toBe(false)
  }
})
