import { describe, expect, test } from 'vitest'
import { parseIssuers } from '../../../src/policy/files/issuers-file.ts'
import { tokenAlgorithms } from '../../../src/policy/issuers.ts'
import { describeProblem } from '../../../src/policy/problem.ts'

/** One issuer; its keys begin at line 2. */
function issuerWith(changes: Readonly<Record<string, string>> = {}): string {
  const lines = {
    issuer: 'https://login.example.com/',
    keys: '{ url: https://login.example.com/jwks.json }',
    audience: 'gatehouse',
    algorithms: '[RS256]',
    ...changes,
  }
  const written = Object.entries(lines).filter(([, value]) => value !== '')
  const body = written.map(([key, value], at) => `${at === 0 ? '  - ' : '    '}${key}: ${value}`)
  return ['issuers:', ...body, ''].join('\n')
}

const problems = (text: string) => parseIssuers(text, 'issuers.yaml').problems.map(describeProblem)
const only = (text: string) => {
  const { issuers, problems: found } = parseIssuers(text, 'issuers.yaml')
  expect(found).toEqual([])
  return issuers[0]
}

describe('an issuer', () => {
  test('is read with its defaults', () => {
    expect(only(issuerWith())).toEqual({
      issuer: 'https://login.example.com/',
      keys: { url: 'https://login.example.com/jwks.json' },
      audience: 'gatehouse',
      algorithms: ['RS256'],
      type: undefined,
      organisation: undefined,
    })
  })

  test('is read whole', () => {
    const text = issuerWith({
      keys: '{ file: login.jwks.json }',
      algorithms: '[ES256, EdDSA]',
      type: 'at+jwt',
      organisation: 'acme',
    })
    expect(only(text)).toMatchObject({
      keys: { file: 'login.jwks.json' },
      algorithms: ['ES256', 'EdDSA'],
      type: 'at+jwt',
      organisation: 'acme',
    })
  })

  test.each([['http://127.0.0.1:9000'], ['http://localhost:9000/realm'], ['http://[::1]:9000']])(
    'may be plain http on loopback: %s',
    (url) => expect(only(issuerWith({ issuer: `"${url}"` }))?.issuer).toBe(url),
  )

  test.each(tokenAlgorithms)('may sign with %s', (algorithm) => {
    expect(only(issuerWith({ algorithms: `[${algorithm}]` }))?.algorithms).toEqual([algorithm])
  })

  test('none at all is a list that is empty', () => {
    expect(parseIssuers('issuers: []', 'issuers.yaml')).toEqual({ issuers: [], problems: [] })
  })
})

const SAFE = 'is not safe: write https://…, or http:// on loopback.'
const LIST = tokenAlgorithms.join(', ')
const SOURCE = 'Write {url: https://…} or {file: keys.jwks.json}.'
const FILE = 'Write the name of a file beside issuers.yaml, without a folder.'

describe('a mistake is named with its line and column', () => {
  test.each([
    ['issuer', 'http://login.example.com/', `2:13: "http://login.example.com/" ${SAFE}`],
    ['issuer', 'http://127.0.0.1.evil.test', `2:13: "http://127.0.0.1.evil.test" ${SAFE}`],
    ['issuer', 'http://localhost.evil.test', `2:13: "http://localhost.evil.test" ${SAFE}`],
    ['issuer', 'javascript:alert(1)', `2:13: "javascript:alert(1)" ${SAFE}`],
    ['issuer', 'login', '2:13: "login" is no URL: write https://…, or http:// on loopback.'],
    [
      'issuer',
      'https://u:p@a.test',
      '2:13: "https://u:p@a.test" has a user, a query or a fragment: take it away.',
    ],
    [
      'issuer',
      '"https://a.test?x"',
      '2:14: "https://a.test?x" has a user, a query or a fragment: take it away.',
    ],
    [
      'issuer',
      '"https://a.test#x"',
      '2:14: "https://a.test#x" has a user, a query or a fragment: take it away.',
    ],
    [
      'issuer',
      'https://169.254.169.254',
      '2:13: "https://169.254.169.254" is a link-local address, which is never asked.',
    ],
    ['keys', 'https://a.test', `3:11: ${SOURCE}`],
    ['keys', '{}', `3:11: ${SOURCE}`],
    ['keys', '{ url: https://a.test, file: a.json }', `3:11: ${SOURCE}`],
    ['keys', '{ url: http://a.test/jwks }', `3:18: "http://a.test/jwks" ${SAFE}`],
    ['keys', '{ file: ../../etc/passwd }', `3:19: ${FILE}`],
    ['keys', '{ file: /etc/passwd }', `3:19: ${FILE}`],
    ['keys', '{ file: .env }', `3:19: ${FILE}`],
    ['audience', '""', '4:16: Write 1 to 256 printable characters.'],
    ['audience', '[a]', '4:15: Write text here.'],
    ['algorithms', '[]', '5:17: Write at least one algorithm.'],
    ['algorithms', '[HS256]', `5:18: A shared secret is never accepted: write one of ${LIST}.`],
    [
      'algorithms',
      '[RS256, hs512]',
      `5:25: A shared secret is never accepted: write one of ${LIST}.`,
    ],
    ['algorithms', '[none]', `5:18: "none" is not accepted: write one of ${LIST}.`],
    ['algorithms', '[nOnE]', `5:18: "nOnE" is not accepted: write one of ${LIST}.`],
    ['algorithms', '[rs256]', `5:18: "rs256" is not accepted: write one of ${LIST}.`],
    [
      'organisation',
      'org:acme',
      '6:19: "org:acme" is no id: write a-z, 0-9 and "-" inside, at most 64.',
    ],
    ['audiences', '[a]', '6:5: "audiences" is not known here; did you mean "audience"?'],
    ['typ', 'JWT', '6:5: "typ" is not known here; did you mean "type"?'],
  ])('%s: %s', (key, value, problem) => {
    expect(problems(issuerWith({ [key]: value }))).toEqual([`issuers.yaml:${problem}`])
  })

  test.each(['issuer', 'keys', 'audience', 'algorithms'])('%s is missing', (key) => {
    expect(problems(issuerWith({ [key]: '' }))).toEqual([`issuers.yaml:2:5: "${key}" is missing.`])
  })

  test('A5 98: an issuer twice, as it could speak for two organisations', () => {
    const second = issuerWith({ organisation: 'beta' }).replace('issuers:\n', '')
    expect(problems(issuerWith({ organisation: 'acme' }) + second)).toEqual([
      'issuers.yaml:7:13: "https://login.example.com/" is declared twice.',
    ])
  })
})
