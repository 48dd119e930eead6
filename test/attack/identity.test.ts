import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../support/raw.ts'
import {
  bytesOf,
  expectForwarded,
  expectProblem,
  expectRefused,
  HOST,
  OURS,
  type Scene,
  START_MS,
  startScene,
  valuesAt,
} from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene((_req, res) => {
    res.setHeader('set-cookie', ['__Host-gatehouse-session=stolen', 'theme=dark'])
    res.setHeader('gatehouse-decision', 'forged')
    res.end('seen')
  })
}, START_MS)
afterAll(() => scene.close())

const GET = 'GET /public/a'
const MARK = 'forged'

/** `Remote-User` and its kin as a client spells them; none may reach the service with its value. */
const imitations: readonly (readonly [row: string, headers: string])[] = [
  ['37 identity header', `Remote-User: ${MARK}\r\n`],
  ['37 identity header', `REMOTE-USER: ${MARK}\r\n`],
  ['37 identity header', `Gatehouse-Assertion: ${MARK}\r\nGatehouse-Decision: ${MARK}\r\n`],
  ['37 identity header', `X-Gateway-User: ${MARK}\r\nX-Auth-Request-User: ${MARK}\r\n`],
  ['37 identity header', `X-Remote-User: ${MARK}\r\nX-WebAuth-User: ${MARK}\r\n`],
  ['37 identity header', `Remote-Groups: ${MARK}\r\nRemote-Name: ${MARK}\r\n`],
  ['37 client certificate', `X-SSL-Client-Verify: SUCCESS ${MARK}\r\nClient-Cert: :${MARK}:\r\n`],
  ['38 underscore alias', `Remote_User: ${MARK}\r\n`],
  ['38 underscore alias', `remote_groups: ${MARK}\r\nX_Gateway_User: ${MARK}\r\n`],
  ['38 underscore alias', `Gatehouse_Assertion: ${MARK}\r\nX_Forwarded_For: ${MARK}\r\n`],
  ['39 dot alias', `Remote.User: ${MARK}\r\n`],
  ['39 dot alias', `X.Gateway.User: ${MARK}\r\ngatehouse.assertion: ${MARK}\r\n`],
  ['39 other alias', `Remote~User: ${MARK}\r\nRemote!User: ${MARK}\r\nRemote|User: ${MARK}\r\n`],
  ['40 duplicate', `Remote-User: ${MARK}\r\nRemote-User: ${MARK}2\r\n`],
  ['40 duplicate', `Remote-User: ${MARK}\r\nremote_user: ${MARK}\r\nREMOTE.USER: ${MARK}\r\n`],
  ['40 duplicate', `X-Request-Id: ${MARK}\r\nX-Request-Id: ${MARK}\r\n`],
]

describe('A2: identity headers', () => {
  test.each(imitations)('A2 %s: %j is not believed of anonymous', async (_, headers) => {
    const bytes = bytesOf(scene, 'anonymous', GET, { headers })
    const { received } = await expectForwarded(scene, bytes, GET)
    expect(received.rawHeaders.join('\n')).not.toContain(MARK)
    expect(valuesAt(received, 'remote-user')).toEqual([''])
    expect(valuesAt(received, 'gatehouse-assertion')).toEqual([''])
  })

  test.each(imitations)('A2 %s: %j is not believed of a member', async (_, headers) => {
    const bytes = bytesOf(scene, 'editor', GET, { headers })
    const { received } = await expectForwarded(scene, bytes, GET)
    expect(received.rawHeaders.join('\n')).not.toContain(MARK)
    expect(valuesAt(received, 'remote-user')).toEqual(['user:eve'])
    expect(valuesAt(received, 'remote-groups')).toEqual(['team:writers'])
    expect(valuesAt(received, 'remote-email')).toEqual(['eve@acme.test'])
    expect(valuesAt(received, 'x-forwarded-for')).toEqual(['127.0.0.1'])
  })

  test.each(imitations)('A2 %s: %j opens nothing', async (_, headers) => {
    await expectRefused(
      scene,
      bytesOf(scene, 'anonymous', 'GET /items/1', { headers }),
      'unauthenticated',
    )
    await expectRefused(scene, bytesOf(scene, 'reader', 'GET /reports', { headers }), 'denied')
  })

  test.each([
    'Connection: close, Remote-User\r\n',
    'Connection: remote-user, Gatehouse-Assertion, gatehouse-decision\r\n',
    `Connection: ${OURS.join(', ')}\r\n`,
    'Connection: Authorization, Host\r\nConnection: X-Request-Id\r\n',
    'Proxy-Connection: Remote-User\r\nKeep-Alive: Remote-User\r\n',
  ])('A2 41 nomination: %j removes none of ours', async (headers) => {
    const bytes = bytesOf(scene, 'editor', GET, { headers })
    const { received } = await expectForwarded(scene, bytes, GET)
    expect(valuesAt(received, 'remote-user')).toEqual(['user:eve'])
    expect(valuesAt(received, 'host')).toEqual([HOST])
    expect(valuesAt(received, 'connection')).toEqual(['keep-alive'])
  })

  test('A2 41 nomination: what the client nominates of its own ends here', async () => {
    const headers = 'Connection: X-Mine\r\nX-Mine: 1\r\nX-Other: 2\r\n'
    await expectForwarded(scene, bytesOf(scene, 'reader', GET, { headers }), GET, ['x-other'])
  })

  test.each(['Connection: Authorization\r\n', 'Connection: close, authorization\r\n'])(
    'A2 41 nomination: %j makes nobody anonymous',
    async (headers) => {
      const bytes = bytesOf(scene, 'editor', 'GET /admin', { headers })
      await expectRefused(scene, bytes, 'denied')
    },
  )

  test.each([
    'Remote-User: forged\r\nGatehouse-Assertion: forged\r\n',
    'Host: app.beta.test\r\nCookie: a=b\r\nAuthorization: Bearer forged\r\n',
    'remote_user: forged\r\nX-Trailer: forged\r\n',
  ])('A2 42 trailer: %j is dropped', async (trailer) => {
    const headers = 'Transfer-Encoding: chunked\r\nTrailer: Remote-User\r\n'
    const body = `3\r\nabc\r\n0\r\n${trailer}\r\n`
    const bytes = bytesOf(scene, 'editor', 'POST /items', { headers, body })
    const { received } = await expectForwarded(scene, bytes, 'POST /items', ['transfer-encoding'])
    expect([received.body, received.trailers]).toEqual(['abc', []])
    expect(valuesAt(received, 'remote-user')).toEqual(['user:eve'])
  })
})

test.each([
  'Content-Length: 1\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Transfer-Encoding: chunked\r\n',
])('A2 42 trailer: %j would frame the body again, so nothing whole leaves', async (trailer) => {
  const headers = 'Transfer-Encoding: chunked\r\n'
  const body = `3\r\nabc\r\n0\r\n${trailer}\r\n`
  const bytes = bytesOf(scene, 'editor', 'POST /items', { headers, body })
  const before = scene.upstream.received.length
  expectProblem(await ask(scene.port, bytes), 'bad_request')
  expect((await ask(scene.port, bytesOf(scene, 'reader', GET))).status).toBe(200)
  expect(scene.upstream.received).toHaveLength(before + 1)
})

describe('A2: where a request says it was sent', () => {
  test.each([
    'X-Forwarded-Host: evil.test\r\nX-Forwarded-Proto: https\r\n',
    'Forwarded: host=evil.test\r\nX-Host: evil.test\r\nX-Original-Host: evil.test\r\n',
    'X-Forwarded-Host: evil.test\r\nX_Forwarded_Host: evil.test\r\n',
  ])('A2 43 forwarded host: %j is in no answer, no header and no assertion', async (headers) => {
    const bytes = bytesOf(scene, 'editor', GET, { headers })
    const { answer, received } = await expectForwarded(scene, bytes, GET)
    const denied = bytesOf(scene, 'anonymous', 'GET /items/1', { headers })
    const refusal = await expectRefused(scene, denied, 'unauthenticated')
    const [, claims = ''] = valuesAt(received, 'gatehouse-assertion').join().split('.')
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect(said).toMatchObject({ sub: 'user:eve', aud: 'app', org: 'acme' })
    expect(said.iss).not.toContain('evil')
    expect(received.rawHeaders.join() + answer.text + refusal.text).not.toContain('evil')
    expect(valuesAt(received, 'x-forwarded-host')).toEqual([HOST])
    expect(valuesAt(received, 'x-forwarded-proto')).toEqual(['http'])
  })
})

describe('A2: what is secret between a client and us', () => {
  test('A2 51 credentials: the service sees neither the key nor a cookie of ours', async () => {
    const headers = 'Cookie: theme=dark; __host-gatehouse-session=x; gatehouse_session=y; a=b\r\n'
    const bytes = bytesOf(scene, 'editor', GET, { headers })
    const { received } = await expectForwarded(scene, bytes, GET, ['cookie'])
    expect(valuesAt(received, 'cookie')).toEqual(['theme=dark; a=b'])
    expect(received.rawHeaders.join()).not.toMatch(/gh_|bearer/i)
  })

  test.each(['Proxy-Authorization: Basic c2VjcmV0\r\n', 'Proxy_Authorization: Basic c2VjcmV0\r\n'])(
    'A2 51 credentials: %j is for nobody behind us',
    async (headers) => {
      await expectForwarded(scene, bytesOf(scene, 'reader', GET, { headers }), GET)
    },
  )

  test('A2 51 credentials: a service can neither set a cookie of ours nor name a decision', async () => {
    const { answer } = await expectForwarded(scene, bytesOf(scene, 'reader', GET), GET)
    expect(answer.text).not.toMatch(/gatehouse-session|stolen|forged/i)
    expect(answer.headers['set-cookie']).toBe('theme=dark')
  })

  test('A2 51 credentials: neither the log nor a refusal repeats a key', async () => {
    const key = scene.credential.reader.slice(22).trim()
    const refusal = await expectRefused(scene, bytesOf(scene, 'reader', 'GET /admin'), 'denied')
    expect(refusal.text).not.toContain(key)
  })
})
