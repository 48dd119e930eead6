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
  type Who,
} from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
}, START_MS)
afterAll(() => scene.close())

type Refused = readonly [row: string, who: Who, line: string, code: Code]

const targets: readonly Refused[] = [
  ['22 absolute form, other host', 'anonymous', `GET http://${BETA}/x`, 'bad_request'],
  ['22 absolute form, other host', 'editor', `GET http://${BETA}:80/x`, 'bad_request'],
  ['22 absolute form, other port', 'anonymous', `GET http://${HOST}:81/public/a`, 'bad_request'],
  ['22 absolute form, userinfo', 'anonymous', `GET http://${HOST}@${BETA}/public/a`, 'bad_request'],
  ['22 absolute form, userinfo', 'anonymous', `GET http://x@${HOST}/public/a`, 'bad_request'],
  ['22 absolute form, backslash', 'anonymous', `GET http://${HOST}\\@${BETA}/a`, 'bad_request'],
  ['22 absolute form, no host', 'anonymous', 'GET http:///public/a', 'bad_request'],
  ['22 absolute form, other scheme', 'anonymous', `GET ftp://${HOST}/public/a`, 'bad_request'],
  ['23 absolute form, same host', 'editor', `GET http://${HOST}/admin`, 'denied'],
  ['23 absolute form, same host', 'editor', `GET HTTP://${HOST}/public/../admin`, 'denied'],
  [
    '23 absolute form, same host',
    'anonymous',
    `GET https://${HOST}/public/%2e./admin`,
    'unauthenticated',
  ],
  ['23 absolute form, no path', 'reader', `GET http://${HOST}?/public/a`, 'denied'],
  ['24 asterisk', 'editor', 'GET *', 'bad_request'],
  ['24 asterisk', 'editor', 'DELETE *', 'bad_request'],
  ['24 asterisk with more', 'editor', 'OPTIONS *a', 'bad_request'],
  ['26 relative target', 'editor', 'GET @evil/', 'bad_request'],
  ['26 relative target', 'editor', 'GET .evil/', 'bad_request'],
  ['26 relative target', 'editor', 'GET admin', 'bad_request'],
  ['26 relative target', 'editor', 'GET :80/', 'bad_request'],
  ['26 relative target', 'editor', 'GET ?/public/a', 'bad_request'],
  ['26 relative target', 'editor', 'GET evil.test/x', 'bad_request'],
]

const methods: readonly Refused[] = [
  ['28 method case', 'editor', 'get /items/1', 'bad_request'],
  ['28 method case', 'editor', 'Get /items/1', 'bad_request'],
  ['28 unknown method', 'editor', 'GETX /items/1', 'bad_request'],
  ['28 unknown method', 'editor', 'XGET /items/1', 'bad_request'],
  ['28 method of another protocol', 'editor', 'PROPFIND /items/1', 'method_not_allowed'],
  ['28 method of another protocol', 'editor', 'QUERY /items/1', 'method_not_allowed'],
  ['28 method of another protocol', 'anonymous', 'PURGE /public/a', 'method_not_allowed'],
  ['29 HEAD is decided as GET', 'editor', 'HEAD /admin', 'denied'],
  ['29 HEAD is decided as GET', 'reader', 'HEAD /items', 'denied'],
  ['29 HEAD is decided as GET', 'anonymous', 'HEAD /items/1', 'unauthenticated'],
  ['29 only HEAD is', 'reader', 'OPTIONS /items/1', 'denied'],
  ['30 TRACE', 'editor', 'TRACE /', 'method_not_allowed'],
  ['30 TRACE', 'editor', 'TRACE /items/1', 'method_not_allowed'],
  ['30 TRACK', 'editor', 'TRACK /items/1', 'bad_request'],
  ['30 TRACE of anonymous', 'anonymous', 'TRACE /public/a', 'method_not_allowed'],
]

describe('A1: the form of the target', () => {
  test.each(targets)('A1 %s: as %s, %j is %s', async (_, who, line, code) => {
    await expectRefused(scene, bytesOf(scene, who, line), code)
  })

  test.each([`GET http://${HOST}/x`, `GET http://${HOST}:80/x`])(
    'A1 22 absolute form, other host: %j with another Host is bad_request',
    async (line) => {
      const bytes = bytesOf(scene, 'anonymous', line, { host: BETA })
      await expectRefused(scene, bytes, 'bad_request')
    },
  )

  test.each([
    [`GET http://${HOST}/items/1`, 'GET /items/1'],
    [`GET HTTP://APP.ACME.TEST/items//1?x`, 'GET /items/1?x'],
    [`GET https://${HOST}/%69tems/./1`, 'GET /items/1'],
  ])('A1 23 absolute form, same host: %j arrives in origin form', async (line, received) => {
    await expectForwarded(scene, bytesOf(scene, 'reader', line), received)
  })

  test.each(['OPTIONS *', `OPTIONS http://${HOST}`])(
    'A1 24 asterisk: %j is answered here and never forwarded',
    async (line) => {
      const before = scene.upstream.begun.length
      const answer = await ask(scene.port, bytesOf(scene, 'editor', line))
      expect([answer.status, answer.body]).toEqual([204, ''])
      expect(answer.headers['allow']).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
      expect(scene.upstream.begun).toHaveLength(before)
    },
  )

  test.each([
    'CONNECT 169.254.169.254:80',
    `CONNECT ${HOST}:80`,
    'CONNECT /public/a',
    'CONNECT 127.0.0.1:1',
  ])('A1 25 CONNECT: %j is 405 and closes, and what follows is not read', async (line) => {
    const before = scene.upstream.begun.length
    const good = bytesOf(scene, 'anonymous', 'GET /public/a')
    const answer = await exchange(scene.port, bytesOf(scene, 'editor', line) + good)
    expectProblem(answer, 'method_not_allowed')
    expect(answer.headers['connection']).toBe('close')
    expect(answer.text.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(scene.upstream.begun).toHaveLength(before)
  })
})

describe('A2: methods', () => {
  test.each(methods)('A2 %s: as %s, %j is %s', async (_, who, line, code) => {
    await expectRefused(scene, bytesOf(scene, who, line), code)
  })

  test.each([
    ['reader', 'HEAD /items/1'],
    ['anonymous', 'HEAD /public/a'],
  ] as const)('A2 29 HEAD: as %s, %j is forwarded as HEAD and has no body', async (who, line) => {
    const { answer } = await expectForwarded(scene, bytesOf(scene, who, line), line)
    expect(answer.body).toBe('')
  })
})

/** Headers by which a client has told some gateway or framework what to think of a request. */
const steering: readonly (readonly [row: string, header: string])[] = [
  ['31 method override', 'X-HTTP-Method-Override: DELETE'],
  ['31 method override', 'X-HTTP-Method: PUT'],
  ['31 method override', 'X-Method-Override: DELETE'],
  ['31 method override alias', 'x_http_method_override: DELETE'],
  ['32 rewrite header', 'X-Original-URL: /public/a'],
  ['32 rewrite header', 'X-Rewrite-URL: /public/a'],
  ['32 rewrite header alias', 'X.Original.URL: /public/a'],
  ['33 forwarded URI', 'X-Forwarded-Uri: /public/a'],
  ['33 forwarded URI', 'X-Forwarded-Path: /public/a'],
  ['33 forwarded host', `X-Forwarded-Host: ${BETA}`],
  ['33 forwarded method', 'X-Forwarded-Method: GET'],
  ['33 forwarded', 'Forwarded: for=127.0.0.1;host=app.beta.test;proto=https'],
  ['34 forwarded prefix', 'X-Forwarded-Prefix: /public'],
  ['34 forwarded prefix alias', 'X_Forwarded_Prefix: /public'],
  ['35 internal bypass', 'X-Middleware-Subrequest: middleware:middleware:middleware'],
  ['35 internal bypass', 'X-Envoy-Internal: true'],
  ['35 internal bypass', 'X-Appengine-Cron: true'],
  ['35 internal bypass', 'X-Accel-Redirect: /public/a'],
]

describe('A2: headers that would steer', () => {
  test.each(steering)('A2 %s: %j changes no decision', async (_, header) => {
    const headers = `${header}\r\n`
    await expectRefused(scene, bytesOf(scene, 'editor', 'GET /admin', { headers }), 'denied')
    await expectRefused(
      scene,
      bytesOf(scene, 'anonymous', 'GET /items/1', { headers }),
      'unauthenticated',
    )
    await expectRefused(scene, bytesOf(scene, 'reader', 'DELETE /items/1', { headers }), 'denied')
  })

  test.each(steering)('A2 %s: %j does not reach the service', async (_, header) => {
    const headers = `${header}\r\nAccept: */*\r\n`
    const bytes = bytesOf(scene, 'reader', 'GET /items/1', { headers })
    const { received } = await expectForwarded(scene, bytes, 'GET /items/1', ['accept'])
    expect(received.headers.get('x-forwarded-host')).toEqual([HOST])
  })

  test.each(['nginx', 'forward', 'envoy/public/a'])(
    'A2 33 forwarded URI: an address that is not listed may not ask the door %s',
    async (door) => {
      const headers = [
        `X-Forwarded-Uri: /public/a\r\nX-Forwarded-Host: ${HOST}\r\nX-Forwarded-Method: GET\r\n`,
        `X-Original-URL: http://${HOST}/public/a\r\nX-Original-Method: GET\r\n`,
        'X-Forwarded-For: 127.0.0.1\r\nGatehouse-Authz-Secret: \r\n',
      ].join('')
      const bytes = bytesOf(scene, 'editor', `GET /.gatehouse/authz/${door}`, { headers })
      await expectRefused(scene, bytes, 'door_forbidden')
    },
  )

  test.each(['GoogleHC/1.0', 'kube-probe/1.31', 'ELB-HealthChecker/2.0'])(
    'A2 36 health-check agent: %j opens neither a door nor a path',
    async (agent) => {
      const headers = `User-Agent: ${agent}\r\n`
      const door = bytesOf(scene, 'anonymous', 'GET /.gatehouse/authz/forward', { headers })
      await expectRefused(scene, door, 'door_forbidden')
      for (const path of ['/items/1', '/', '/healthz', '/ping']) {
        const bytes = bytesOf(scene, 'anonymous', `GET ${path}`, { headers })
        await expectRefused(scene, bytes, 'unauthenticated')
      }
    },
  )

  test.each(['GET /.gatehouse/x', 'GET /.gatehouse/..', 'GET /.gatehouse/authz/nginx/..'])(
    'A2 36 a page of ours: %j is never an application',
    async (line) => {
      await expectRefused(scene, bytesOf(scene, 'editor', line), 'not_found')
    },
  )

  test.each([
    'GET /%2egatehouse/jwks.json',
    'GET /x/../.gatehouse/authz/nginx',
    'GET //.gatehouse/',
  ])('A2 36 a page of ours: %j only becomes one and is nobody’s', async (line) => {
    await expectRefused(scene, bytesOf(scene, 'editor', line), 'not_found')
  })
})
