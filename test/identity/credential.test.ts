import { describe, expect, test } from 'vitest'
import { readCredential } from '../../src/identity/credential.ts'
import { limits } from '../../src/lib/limits.ts'

const session = '__Host-gatehouse-session=abc'
const read = (headers: string[], names = ['__Host-gatehouse-session']) =>
  readCredential(headers, names)
const jwt = 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA'

describe('a request without a credential is none, and nothing else is', () => {
  const none: [string, string[]][] = [
    ['no headers', []],
    ['other headers', ['Host', 'a.example', 'Accept', '*/*']],
    ['cookies of the application', ['Cookie', 'session=1; theme=dark']],
    ['a cookie whose value names ours', ['Cookie', `theme=${session}`]],
    ['a cookie whose name ends in ours', ['Cookie', `x${session}`]],
    ['an alias with an underscore after it', ['Authorization_', `Bearer ${jwt}`]],
    ['an alias with an underscore inside', ['Author_ization', `Bearer ${jwt}`]],
    ['a proxy credential', ['Proxy-Authorization', `Bearer ${jwt}`]],
    ['an extension header', ['X-Authorization', `Bearer ${jwt}`]],
    ['the cookie of the other listener', ['Cookie', '__Host-gatehouse-console=abc']],
    ['the cookie without its prefix', ['Cookie', 'gatehouse-session=abc']],
    ['the cookie in another case', ['Cookie', '__host-gatehouse-session=abc']],
    ['the prototype as a header', ['__proto__', `Bearer ${jwt}`]],
    ['the name as a value', ['X-Name', 'Authorization', 'X-Other', `Bearer ${jwt}`]],
  ]
  test.each(none)('%s', (_name, headers) => {
    expect(read(headers)).toEqual({ kind: 'none' })
  })
})

describe('one bearer credential is read whole, whatever the case of name and scheme', () => {
  const key = 'gh_0123456789ab_secret'
  const whole: [string, string[], object][] = [
    ['a token', ['Authorization', `Bearer ${jwt}`], { kind: 'token', text: jwt }],
    ['lower case', ['authorization', `bearer ${jwt}`], { kind: 'token', text: jwt }],
    ['upper case', ['AUTHORIZATION', `BEARER ${jwt}`], { kind: 'token', text: jwt }],
    ['several spaces', ['Authorization', `Bearer   ${jwt}`], { kind: 'token', text: jwt }],
    ['a session', ['Authorization', 'Bearer ghs_1'], { kind: 'session', text: 'ghs_1' }],
    ['a key', ['Authorization', `Bearer ${key}`], { kind: 'key', text: key }],
    [
      'a key in capitals is no key',
      ['Authorization', 'Bearer GH_1'],
      { kind: 'token', text: 'GH_1' },
    ],
    [
      'beside cookies of others',
      ['Cookie', 'a=1', 'Authorization', `Bearer ${jwt}`],
      { kind: 'token', text: jwt },
    ],
  ]
  test.each(whole)('%s', (_name, headers, credential) => {
    expect(read(headers)).toEqual(credential)
  })

  test('of exactly the largest size', () => {
    const text = 'a'.repeat(limits.tokenBytes)
    expect(read(['Authorization', `Bearer ${text}`])).toEqual({ kind: 'token', text })
  })
})

describe('two credentials are refused, never ranked', () => {
  const bearer = ['Authorization', `Bearer ${jwt}`]
  const repeated: [string, string[]][] = [
    ['two tokens', [...bearer, ...bearer]],
    ['two in different case', [...bearer, 'authorization', `Bearer ${jwt}`]],
    ['a token and a key', [...bearer, 'Authorization', 'Bearer gh_x']],
    ['a good one and an empty one', [...bearer, 'Authorization', '']],
    ['a good one and one of another scheme', [...bearer, 'Authorization', 'Basic YTpi']],
    ['a token and the session', [...bearer, 'Cookie', session]],
    ['the session and a token', ['Cookie', `a=1; ${session}`, ...bearer]],
    ['the session twice in one header', ['Cookie', `${session}; ${session}`]],
    ['the session twice in two headers', ['Cookie', session, 'cookie', `a=1;${session}`]],
    ['the session twice, once without value', ['Cookie', `${session}; __Host-gatehouse-session`]],
  ]
  test.each(repeated)('%s', (_name, headers) => {
    expect(read(headers)).toEqual({ kind: 'refused', reason: 'credential_repeated' })
  })
})

describe('a credential that cannot be read is refused, never anonymous', () => {
  const malformed: [string, string[]][] = [
    ['empty', ['Authorization', '']],
    ['a scheme alone', ['Authorization', 'Bearer']],
    ['a scheme and spaces', ['Authorization', 'Bearer   ']],
    ['another scheme', ['Authorization', 'Basic YTpi']],
    ['no scheme', ['Authorization', jwt]],
    ['a tab for a space', ['Authorization', `Bearer\t${jwt}`]],
    ['a comma list', ['Authorization', `Bearer ${jwt}, Bearer ${jwt}`]],
    ['white space inside', ['Authorization', `Bearer ${jwt} x`]],
    ['a quote', ['Authorization', `Bearer "${jwt}"`]],
    ['a byte beyond ASCII', ['Authorization', 'Bearer \u00e9']],
    ['too long by one', ['Authorization', `Bearer ${'a'.repeat(limits.tokenBytes + 1)}`]],
    ['a key too long by far', ['Authorization', `Bearer gh_${'a'.repeat(70_000)}`]],
  ]
  test.each(malformed)('%s', (_name, headers) => {
    expect(read(headers)).toEqual({ kind: 'refused', reason: 'credential_malformed' })
  })
})

describe('a session is read whole from the cookie of this listener', () => {
  test.each([
    ['alone', ['Cookie', session], 'abc'],
    ['among others', ['cookie', `a=1;${session} ; b=2`], 'abc'],
    ['with a sign inside', ['Cookie', `${session}=d=`], 'abc=d='],
    ['without value', ['Cookie', 'a=1; __Host-gatehouse-session'], ''],
    ['empty', ['Cookie', '__Host-gatehouse-session='], ''],
  ])('%s', (_name, headers, text) => {
    expect(read(headers)).toEqual({ kind: 'session', text })
  })

  test('under either name where both are accepted, and never under both at once', () => {
    const names = ['gatehouse-session', '__Host-gatehouse-session']
    const plain = 'gatehouse-session=def'
    expect(read(['Cookie', session], names)).toEqual({ kind: 'session', text: 'abc' })
    expect(read(['Cookie', plain], names)).toEqual({ kind: 'session', text: 'def' })
    const both = read(['Cookie', `${plain}; ${session}`], names)
    expect(both).toEqual({ kind: 'refused', reason: 'credential_repeated' })
  })
})
