/** What is so beside either proxy, with the configuration that README.md shows for it. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { isInstalled, type ProxyKind, type RunningProxy, titleFor } from '../support/proxies.ts'
import { cases, FORGED, forgedHeaders, nameOf, type Scene, send, startScene } from './scene.ts'

const SECRET = 'a-secret-of-more-than-thirty-two-characters'
/** A database, a gateway and a proxy take a while on a busy machine. */
const START_MS = 60_000
const UUID = /^[0-9a-f-]{36}$/
export const read = { line: 'GET /docs/documents/7', who: 'editor', allowed: true } as const

export interface Beside {
  readonly scene: Scene
  readonly proxy: RunningProxy
}

/** Runs the guarantees of both proxies and then `more` of this one, which may ask for the scene. */
export function describeBeside(kind: ProxyKind, more: (beside: () => Beside) => void): void {
  describe.skipIf(!isInstalled(kind))(titleFor(kind), () => {
    let scene: Scene | undefined
    let proxy: RunningProxy | undefined
    const beside = (): Beside => {
      if (scene === undefined || proxy === undefined) throw new Error('nothing was started')
      return { scene, proxy }
    }
    beforeAll(async () => {
      scene = await startScene({ TRUSTED_PROXIES: '127.0.0.1' })
      proxy = await scene.startProxy(kind)
    }, START_MS)
    afterAll(async () => {
      await proxy?.stop()
      await scene?.close()
    })
    describeVerdicts(beside)
    describeIdentity(beside)
    more(beside)
  })
  describe.skipIf(!isInstalled(kind))(`${titleFor(kind)}, its address unknown`, () => {
    describeStranger(kind)
  })
}

function describeVerdicts(beside: () => Beside): void {
  test.each(cases.map((one) => [nameOf(one), one] as const))('%s', async (_, request) => {
    const { scene, proxy } = beside()
    const direct = await send(scene, scene.gateway.port, request)
    expect(direct.arrived).toHaveLength(request.allowed ? 1 : 0)
    const { answer, arrived } = await send(scene, proxy.port, request)
    expect(arrived).toHaveLength(request.allowed ? 1 : 0)
    expect(answer.status === 200).toBe(request.allowed)
    expect(answer.status === 401).toBe(direct.answer.status === 401)
    expect(arrived[0]?.method).toBe(direct.arrived[0]?.method)
    expect(arrived[0]?.body).toBe(direct.arrived[0]?.body)
  })
}

function describeIdentity(beside: () => Beside): void {
  test('an allowed request arrives with our headers, once each, without the credential', async () => {
    const { scene, proxy } = beside()
    const { arrived } = await send(scene, proxy.port, read)
    const headers = Object.fromEntries(arrived[0]?.headers ?? [])
    expect(headers).toMatchObject({
      'remote-user': ['user:eve'],
      'remote-groups': ['team:writers'],
      'remote-email': ['eve@acme.test'],
      'gatehouse-assertion': [expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)],
      'gatehouse-decision': [expect.stringMatching(UUID)],
      'x-request-id': [expect.stringMatching(UUID)],
      'x-forwarded-for': ['127.0.0.1'],
      'x-forwarded-host': ['docs.test'],
      'x-forwarded-proto': ['http'],
      host: ['docs.test'],
    })
    expect(headers).not.toHaveProperty('authorization')
  })

  test.each([
    ['an allowed request', 'editor', 'GET /docs/documents/7'],
    ['an anonymous request of a public path', 'anonymous', 'GET /docs/pages/a'],
  ] as const)('A2 37-40: no forged header arrives with %s', async (_, who, line) => {
    const { scene, proxy } = beside()
    const headers = forgedHeaders
    const { arrived } = await send(scene, proxy.port, { line, who, allowed: true, headers })
    expect(arrived).toHaveLength(1)
    expect(arrived[0]?.rawHeaders.filter((text) => text.includes(FORGED))).toEqual([])
    // Empty is sent as an empty header by one proxy and not at all by the other.
    const user = (arrived[0]?.headers.get('remote-user') ?? ['']).join()
    expect(user).toBe(who === 'editor' ? 'user:eve' : '')
  })

  test('A2 41: what Connection nominates cannot take our headers off', async () => {
    const { scene, proxy } = beside()
    const headers = 'Connection: Remote-User, Gatehouse-Assertion\r\n'
    const { arrived } = await send(scene, proxy.port, { ...read, headers })
    for (const received of arrived) {
      expect(received.headers.get('remote-user')).toEqual(['user:eve'])
      expect(received.headers.get('gatehouse-assertion')).toHaveLength(1)
    }
  })

  test('the host that the proxy routes by is judged, whatever Host says', async () => {
    const { scene, proxy } = beside()
    const hall = { ...read, line: 'GET http://hall.test/any/thing', who: 'reader' } as const
    const { arrived } = await send(scene, proxy.port, hall)
    expect(arrived[0]?.headers.get('host')).toEqual(['hall.test'])
    const docs = { ...read, line: 'GET http://docs.test/any/thing', host: 'hall.test' }
    expect((await send(scene, proxy.port, docs)).arrived).toEqual([])
  })

  test('OPTIONS * is about a server, so it reaches no service', async () => {
    const { scene, proxy } = beside()
    const { arrived } = await send(scene, proxy.port, { ...read, line: 'OPTIONS *' })
    expect(arrived).toEqual([])
  })

  test('a denied client learns the id of the decision, and how to sign in', async () => {
    const { scene, proxy } = beside()
    const forbidden = await send(scene, proxy.port, { ...read, line: 'DELETE /docs/archive/7' })
    expect(forbidden.answer.status).toBe(403)
    expect(forbidden.answer.headers['x-decision-id']).toMatch(UUID)
    const unknown = await send(scene, proxy.port, { ...read, who: 'anonymous' })
    expect(unknown.answer.status).toBe(401)
    expect(unknown.answer.headers['www-authenticate']).toBe('Bearer realm="gatehouse"')
  })
}

function describeStranger(kind: ProxyKind): void {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene({ AUTHZ_SECRET: SECRET })
  }, START_MS)
  afterAll(() => scene.close())

  test.each([
    ['no secret', undefined],
    ['a wrong secret', `${SECRET}.`],
  ])('with %s gets nothing, whatever its client sends', async (_, secret) => {
    const proxy = await scene.startProxy(kind, secret)
    onTestFinished(proxy.stop)
    const headers = 'Gatehouse-Authz-Secret: guessed\r\nX-Forwarded-For: 127.0.0.1\r\n'
    for (const request of [read, { ...read, headers }, { ...read, line: 'GET /docs/pages/a' }]) {
      const { answer, arrived } = await send(scene, proxy.port, request)
      expect(answer.status).toBe(403)
      expect(arrived).toEqual([])
    }
  })

  test('with the secret is answered, and no service and no client ever sees it', async () => {
    const proxy = await scene.startProxy(kind, SECRET)
    onTestFinished(proxy.stop)
    const { answer, arrived } = await send(scene, proxy.port, read)
    expect(answer.status).toBe(200)
    expect(arrived[0]?.headers.get('remote-user')).toEqual(['user:eve'])
    expect(arrived[0]?.headers.get('x-forwarded-for')).toEqual(['127.0.0.1'])
    const denied = await send(scene, proxy.port, { ...read, line: 'DELETE /docs/archive/7' })
    expect(denied.answer.status).toBe(403)
    const seen = [answer.text, denied.answer.text, ...(arrived[0]?.rawHeaders ?? [])]
    expect(seen.filter((text) => text.includes(SECRET))).toEqual([])
  })
}
