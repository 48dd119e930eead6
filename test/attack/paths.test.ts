import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Code } from '../../src/lib/problems.ts'
import {
  bytesOf,
  expectForwarded,
  expectRefused,
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

/** Row of A1, who asks, method and target as sent, and the code of the refusal. */
type Refused = readonly [row: string, who: Who, line: string, code: Code]
/** The same, and method and target as the service receives them. */
type Forwarded = readonly [row: string, who: Who, line: string, received: string]

const refused: readonly Refused[] = [
  ['1 dot segment', 'anonymous', 'GET /public/../admin', 'unauthenticated'],
  ['1 dot segment', 'editor', 'GET /public/../admin', 'denied'],
  ['1 dot segment', 'editor', 'GET /items/./../x/../admin/users', 'denied'],
  ['1 dot segment', 'reader', 'GET /public/a/../../items/1/../../reports', 'denied'],
  ['1 dot segment', 'anonymous', 'GET /public/../../admin', 'bad_request'],
  ['1 dot segment', 'editor', 'GET /..', 'bad_request'],
  ['2 encoded dots', 'anonymous', 'GET /public/%2e%2e/admin', 'unauthenticated'],
  ['2 encoded dots', 'editor', 'GET /public/.%2e/admin', 'denied'],
  ['2 encoded dots', 'editor', 'GET /public/%2E./admin', 'denied'],
  ['2 encoded dots', 'editor', 'GET /%2e/admin', 'denied'],
  ['2 encoded dots', 'editor', 'GET /admin/%2E', 'denied'],
  ['3 encoded letters', 'editor', 'GET /%61dmin', 'denied'],
  ['3 encoded letters', 'editor', 'GET /adm%69%6E/users', 'denied'],
  ['3 encoded letters', 'anonymous', 'GET /public/%73ecret/a', 'denied'],
  ['4 double slash', 'editor', 'GET //admin', 'denied'],
  ['4 double slash', 'editor', 'GET /admin//users', 'denied'],
  ['4 double slash', 'anonymous', 'GET /public//secret//a', 'denied'],
  ['4 double slash', 'editor', 'GET /public//../admin', 'bad_request'],
  ['4 double slash', 'anonymous', 'GET //app.beta.test/x', 'unauthenticated'],
  ['5 encoded slash', 'anonymous', 'GET /public/..%2fadmin', 'bad_request'],
  ['5 encoded slash', 'editor', 'GET /public%2F..%2Fadmin', 'bad_request'],
  ['5 encoded slash', 'editor', 'GET /%2fadmin', 'bad_request'],
  ['6 backslash', 'anonymous', 'GET /public\\..\\admin', 'bad_request'],
  ['6 backslash', 'anonymous', 'GET /public/..%5cadmin', 'bad_request'],
  ['6 backslash', 'editor', 'GET /public/..%5Cadmin', 'bad_request'],
  ['6 backslash', 'editor', 'GET \\admin', 'bad_request'],
  ['7 matrix parameter hides dots', 'editor', 'GET /user/..;foo=bar/admin', 'bad_request'],
  ['7 matrix parameter hides dots', 'anonymous', 'GET /public/..;/admin', 'bad_request'],
  ['7 matrix parameter hides dots', 'anonymous', 'GET /public/.;/../admin', 'bad_request'],
  ['8 matrix parameter splits a prefix', 'editor', 'GET /admin;x=y/users', 'bad_request'],
  ['8 matrix parameter splits a prefix', 'anonymous', 'GET /public;/../admin', 'bad_request'],
  ['8 matrix parameter splits a prefix', 'editor', 'GET /admin%3bx=y/users', 'bad_request'],
  ['9 double encoding', 'anonymous', 'GET /public/%252e%252e/admin', 'bad_request'],
  ['9 double encoding', 'editor', 'GET /%2561dmin', 'bad_request'],
  ['9 double encoding', 'anonymous', 'GET /public/%25', 'bad_request'],
  ['9 double encoding', 'editor', 'GET /%25%32%65%25%32%65/admin', 'bad_request'],
  ['10 overlong UTF-8', 'anonymous', 'GET /public/%c0%ae%c0%ae/admin', 'bad_request'],
  ['10 overlong UTF-8', 'anonymous', 'GET /public/..%c0%afadmin', 'bad_request'],
  ['10 overlong UTF-8', 'editor', 'GET /public/%e0%80%ae/a', 'bad_request'],
  ['11 invalid UTF-8', 'anonymous', 'GET /public/%ff', 'bad_request'],
  ['11 surrogates', 'anonymous', 'GET /public/%ed%a0%80', 'bad_request'],
  ['11 no escape', 'anonymous', 'GET /public/%zz', 'bad_request'],
  ['11 no escape', 'anonymous', 'GET /public/%u002e', 'bad_request'],
  ['11 cut escape', 'anonymous', 'GET /public/%2', 'bad_request'],
  ['11 raw octets', 'anonymous', 'GET /public/\xc3\xa9', 'bad_request'],
  ['12 NUL', 'editor', 'GET /admin%00.html', 'bad_request'],
  ['12 NUL', 'anonymous', 'GET /public/a%00/../../admin', 'bad_request'],
  ['12 NUL', 'anonymous', 'GET /public/\0', 'bad_request'],
  ['13 encoded line feed', 'anonymous', 'GET /public/secret%0a', 'bad_request'],
  ['13 encoded line feed', 'editor', 'GET /admin%0A/users', 'bad_request'],
  ['13 encoded carriage return', 'editor', 'GET /admin/%0d', 'bad_request'],
  ['13 U+2028', 'editor', 'GET /admin%e2%80%a8/users', 'bad_request'],
  ['13 U+0085', 'editor', 'GET /admin/%C2%85', 'bad_request'],
  ['14 fragment', 'editor', 'GET /admin#x', 'bad_request'],
  ['14 fragment', 'anonymous', 'GET /public/#/../../admin', 'bad_request'],
  ['14 fragment', 'anonymous', 'GET /public/a?b#c', 'bad_request'],
  ['14 fragment', 'anonymous', 'GET http://app.acme.test/public/a#b', 'bad_request'],
  ['15 query in the match', 'editor', 'GET /admin?/public/x', 'denied'],
  ['15 query in the match', 'anonymous', 'GET /admin?/../public/a', 'unauthenticated'],
  ['15 query in the match', 'reader', 'GET /reports?/../items/1', 'denied'],
  ['16 encoded question mark', 'editor', 'GET /admin%3fx', 'bad_request'],
  ['16 encoded question mark', 'anonymous', 'GET /public/a%3F/../../admin', 'bad_request'],
  ['16 encoded hash', 'editor', 'GET /admin%23', 'bad_request'],
  ['17 trailing slash', 'reader', 'GET /items/1/', 'denied'],
  ['17 trailing slash', 'editor', 'GET /admin/', 'denied'],
  ['17 trailing dot', 'reader', 'GET /admin.', 'denied'],
  ['17 trailing blank', 'reader', 'GET /admin%20', 'denied'],
  ['17 segment of blanks', 'editor', 'GET /public/%20/../admin', 'bad_request'],
  ['17 segment of dots', 'editor', 'GET /public/.../admin', 'bad_request'],
  ['18 case', 'reader', 'GET /ADMIN', 'denied'],
  ['18 case', 'reader', 'GET /%41dmin', 'denied'],
  ['18 case', 'anonymous', 'GET /PUBLIC/a', 'unauthenticated'],
  ['18 case', 'reader', 'GET /Items/1', 'denied'],
  ['19 prefix without boundary', 'anonymous', 'GET /public-admin', 'unauthenticated'],
  ['19 prefix without boundary', 'anonymous', 'GET /publicly/a', 'unauthenticated'],
  ['19 prefix without boundary', 'anonymous', 'GET /public', 'unauthenticated'],
  ['19 prefix without boundary', 'reader', 'GET /api-items/1', 'denied'],
  ['20 star in a denied path', 'editor', 'GET /admin/a*b', 'denied'],
  ['20 sub-delims in a denied path', 'editor', "GET /admin/!$&'()*+,=:@", 'denied'],
  ['20 encoded star in a denied path', 'editor', 'GET /admin/%2A', 'denied'],
  ['21 full-width slash', 'reader', 'GET /%EF%BC%8Fadmin', 'denied'],
  ['21 full-width letter', 'reader', 'GET /%ef%bd%81dmin', 'denied'],
  ['21 two dot leader', 'anonymous', 'GET /%E2%80%A5/public/a', 'unauthenticated'],
  ['27 prefix stripped', 'editor', 'GET /api/../admin', 'denied'],
  ['27 prefix stripped', 'editor', 'GET /api/admin/users', 'denied'],
  ['27 prefix stripped', 'editor', 'GET /api//admin', 'denied'],
  ['27 prefix stripped', 'editor', 'GET /api/%2e/%61dmin', 'denied'],
  ['27 prefix stripped', 'reader', 'GET /api/items/../reports', 'denied'],
  ['27 prefix stripped', 'editor', 'GET /api//../admin', 'bad_request'],
  ['27 prefix stripped', 'editor', 'GET /api/..%2fadmin', 'bad_request'],
]

const forwarded: readonly Forwarded[] = [
  ['1 dot segment', 'anonymous', 'GET /admin/../public/./a', 'GET /public/a'],
  ['1 dot segment', 'reader', 'GET /public/../items/1', 'GET /items/1'],
  ['2 encoded dots', 'anonymous', 'GET /admin/%2e%2E/public/%2e/a', 'GET /public/a'],
  ['2 encoded dots', 'anonymous', 'GET /public/a%2ehtml', 'GET /public/a.html'],
  ['3 encoded letters', 'reader', 'GET /%69tems/%31', 'GET /items/1'],
  [
    '3 escapes that stay',
    'anonymous',
    'GET /public/%e4%bd%a0%20%5b',
    'GET /public/%E4%BD%A0%20%5B',
  ],
  ['4 double slash', 'anonymous', 'GET //public///a', 'GET /public/a'],
  ['4 authority form', 'editor', 'GET //other.host/x', 'GET /other.host/x'],
  ['4 authority form', 'editor', 'GET //eve@other.host:80/x', 'GET /eve@other.host:80/x'],
  ['15 query', 'reader', 'GET /items/1?/../../admin', 'GET /items/1?/../../admin'],
  ['15 query', 'anonymous', 'GET /public/a?%2e%2E&;?&x', 'GET /public/a?%2e%2E&;?&x'],
  ['15 query', 'anonymous', 'GET /public/a?', 'GET /public/a?'],
  ['17 trailing slash', 'anonymous', 'GET /public/', 'GET /public/'],
  ['17 trailing dot is another path', 'editor', 'GET /admin.', 'GET /admin.'],
  ['18 case is another path', 'anonymous', 'GET /public/A%42', 'GET /public/AB'],
  ['20 sub-delims', 'reader', "GET /items/a*!$&'()+,=:@", "GET /items/a*!$&'()+,=:@"],
  ['20 encoded star', 'reader', 'GET /items/%2a', 'GET /items/*'],
  ['21 full-width slash', 'editor', 'GET /%ef%bc%8fadmin', 'GET /%EF%BC%8Fadmin'],
  ['21 full-width dots', 'anonymous', 'GET /public/x%EF%BC%8E', 'GET /public/x%EF%BC%8E'],
  ['27 prefix stripped', 'reader', 'GET /api/items/1', 'GET /items/1'],
  ['27 prefix stripped', 'editor', 'GET /public/../api/x/../items//1', 'GET /items/1'],
  ['27 prefix stripped', 'editor', 'GET /api/', 'GET /'],
  ['27 prefix stripped once', 'editor', 'GET /api/api/admin', 'GET /api/admin'],
]

describe('A1: a target is refused or denied before a service sees it', () => {
  test.each(refused)('A1 %s: as %s, %j is %s', async (_, who, line, code) => {
    await expectRefused(scene, bytesOf(scene, who, line), code)
  })
})

describe('A1: what is allowed leaves in its one spelling', () => {
  test.each(forwarded)('A1 %s: as %s, %j arrives as %j', async (_, who, line, received) => {
    const { answer } = await expectForwarded(scene, bytesOf(scene, who, line), received)
    expect(answer.body).toBe(received)
  })
})
