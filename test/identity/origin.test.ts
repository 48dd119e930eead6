import { describe, expect, test } from 'vitest'
import { checkOrigin, checkUnsignedOrigin } from '../../src/identity/origin.ts'

const OWN = 'https://admin.example.com'
const session = { credential: { kind: 'session', id: 's' } } as const
const sent = (method: string, ...rawHeaders: string[]) =>
  checkOrigin(session, { method, rawHeaders }, OWN)

describe('a change that a session authenticates is accepted', () => {
  test.each([
    ['from our own origin', ['Origin', OWN]],
    ['from our own page, as the browser says', ['Sec-Fetch-Site', 'same-origin']],
    ['when both say so', ['origin', OWN, 'sec-fetch-site', 'same-origin']],
  ])('%s', (_title, headers) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(sent(method, ...headers)).toBeUndefined()
    }
  })
})

describe('a change that a session authenticates is refused', () => {
  test.each([
    ['when nothing says where from', []],
    ['from another origin', ['Origin', 'https://evil.example']],
    ['from an origin that begins like ours', ['Origin', `${OWN}.evil.example`]],
    ['from another port', ['Origin', `${OWN}:8443`]],
    ['over plain HTTP', ['Origin', 'http://admin.example.com']],
    ['from a frame without an origin', ['Origin', 'null']],
    ['with an empty origin', ['Origin', '']],
    ['from another site', ['Sec-Fetch-Site', 'cross-site']],
    ['from another host of our site', ['Sec-Fetch-Site', 'same-site']],
    ['from the address bar', ['Sec-Fetch-Site', 'none']],
    ['when one says otherwise', ['Origin', OWN, 'Sec-Fetch-Site', 'cross-site']],
    ['when the other says otherwise', ['Origin', 'null', 'Sec-Fetch-Site', 'same-origin']],
    ['with two origins', ['Origin', OWN, 'Origin', 'https://evil.example']],
    ['with ours in another header', ['X-Origin', OWN, 'Referer', `${OWN}/`]],
    ['with ours as a value that names it', ['X-Name', 'Origin', 'X-Other', OWN]],
  ])('%s', (_title, headers) => {
    expect(sent('POST', ...headers)).toBe('origin_mismatch')
    expect(sent('DELETE', ...headers)).toBe('origin_mismatch')
  })
})

test.each(['GET', 'HEAD', 'OPTIONS'])('%s changes nothing and comes from anywhere', (method) => {
  expect(sent(method, 'Origin', 'https://evil.example')).toBeUndefined()
})

test.each(['key', 'token'] as const)('a %s is sent by no browser of its own accord', (kind) => {
  const request = { method: 'POST', rawHeaders: ['Origin', 'https://evil.example'] }
  expect(checkOrigin({ credential: { kind, id: 'k' } }, request, OWN)).toBeUndefined()
})

test('a session as a bearer token is sent by no browser of its own accord', () => {
  expect(sent('POST', 'Authorization', 'Bearer ghs_x')).toBeUndefined()
  expect(sent('POST', 'X-Name', 'authorization', 'X-Other', 'Bearer ghs_x')).toBe('origin_mismatch')
})

describe('a change that needs no credential', () => {
  const asked = (method: string, ...rawHeaders: string[]) =>
    checkUnsignedOrigin({ method, rawHeaders }, OWN)

  test('is accepted from a program, which says nothing, and from our own page', () => {
    expect(asked('POST')).toBeUndefined()
    expect(asked('POST', 'Origin', OWN, 'Sec-Fetch-Site', 'same-origin')).toBeUndefined()
    expect(asked('GET', 'Origin', 'https://evil.example')).toBeUndefined()
  })

  test.each([
    [['Origin', 'https://evil.example']],
    [['Origin', 'null']],
    [['Sec-Fetch-Site', 'cross-site']],
    [['Origin', OWN, 'Sec-Fetch-Site', 'same-site']],
  ])('A4 86: is refused with %j', (headers) => {
    expect(asked('POST', ...headers)).toBe('origin_mismatch')
  })
})
