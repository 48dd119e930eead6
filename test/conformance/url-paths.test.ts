import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { canonicalise } from '../../src/gateway/canonical.ts'
import { reasons } from '../../src/lib/reasons.ts'

/** One case of the WHATWG list: what a browser makes of `input`, seen from the page `base`. */
interface Case {
  readonly input: string
  readonly base: string | null
  readonly failure?: true
  readonly pathname?: string
  readonly search?: string
  readonly host?: string
}

/** What we make of it as a request target, and of the path that the browser made of it. */
interface Outcome {
  readonly input: string
  readonly target: string
  readonly path?: string
}

function lines<Line>(file: string): Line[] {
  const text = readFileSync(new URL(`data/${file}`, import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line))
}

const cases = lines<Case>('url-path-cases.jsonl')
/** The classification, case by case in the same order; to change a line is to change what we accept. */
const outcomes = lines<Outcome>('url-path-outcomes.jsonl')

/** `equal`, the parts in which the accepted request differs from the browser's, or our reason. */
function compare(expected: Case, target: string, hosts: readonly string[]): string {
  const result = canonicalise({ method: 'GET', target, httpVersion: '1.1', hosts })
  if (!result.ok) return result.reason
  if (expected.failure) return 'accepted'
  const { host, path, query } = result.request
  const differences = [
    host === expected.host ? [] : ['host', host],
    path === expected.pathname ? [] : ['path', path],
    query === expected.search ? [] : ['query', query],
  ].flat()
  return differences.length === 0 ? 'equal' : differences.join(' ')
}

/** The whole input as the target, with the Host that its authority, or else its page, names. */
function asTarget(expected: Case): string {
  const authority = /^https?:\/\/([^/?#]*)/i.exec(expected.input)?.[1]
  const page = expected.base === null ? 'example.org' : new URL(expected.base).host
  return compare(expected, expected.input, [authority ?? page])
}

/** What the browser would send after it has parsed the input. Its host is a matter of its own. */
function asPath(expected: Case): string | undefined {
  const { pathname, search, failure } = expected
  if (failure || pathname === undefined || search === undefined) return undefined
  return compare({ ...expected, host: 'app.acme.test' }, pathname + search, ['app.acme.test'])
}

/** Where we accept and differ from the browser: one by one, with the reason. */
const differences: Record<string, string> = {
  // RFC 9112 section 3.2: Host is compared as it was sent; a default port is not taken away.
  'http://foo:80/': 'host foo:80',
  'https://foo:443/': 'host foo:443',
  'http://[2001::1]:80': 'host [2001::1]:80',
  // The query is carried byte for byte; a browser escapes more of it.
  "http://host/?'": "query ?'",
  'http://example.org/test?"': 'query ?"',
  'http://example.org/test?<': 'query ?<',
  'http://example.org/test?>': 'query ?>',
  // One spelling a path: what may stand raw does.
  'http://example.com/@asdf%40': 'path /@asdf@',
  'http://www/foo%2Ehtml': 'path /foo.html',
}

const pathDifferences: Record<string, string> = {
  '/@asdf%40': 'path /@asdf@',
  '/foo%2Ehtml': 'path /foo.html',
  '/%2e.bar': 'path /..bar',
  // Slashes are merged, and two of them never name a host.
  '//@': 'path /@',
  '//': 'path /',
  '//foo//bar': 'path /foo/bar',
}

describe('the WHATWG list of URLs as request targets', () => {
  test('every case is classified, in its order', () => {
    expect(cases).toHaveLength(237)
    expect(outcomes.map(({ input }) => input)).toEqual(cases.map(({ input }) => input))
  })

  test.each(cases.map((expected, at) => ({ expected, classified: outcomes[at] })))(
    'case %#: $expected.input is $classified.target',
    ({ expected, classified }) => {
      expect(asTarget(expected)).toBe(classified?.target)
      expect(asPath(expected)).toBe(classified?.path)
    },
  )

  test('what a browser fails to parse is never accepted', () => {
    const failures = cases.filter(({ failure }) => failure)
    expect(failures).toHaveLength(72)
    for (const failure of failures) expect(Object.keys(reasons)).toContain(asTarget(failure))
  })

  test('a relative reference is no target', () => {
    const relative = cases.filter(({ input }) => !/^(?:\/|https?:\/\/)/i.test(input))
    expect(relative).toHaveLength(50)
    for (const reference of relative) expect(asTarget(reference)).toBe('target_malformed')
  })

  test('an accepted target that differs from the browser is one of those listed here', () => {
    const known = (outcome: string | undefined) =>
      outcome === undefined || outcome in { ...reasons, equal: 1 }
    const other = outcomes.filter(({ target }) => !known(target))
    expect(Object.fromEntries(other.map(({ input, target }) => [input, target]))).toEqual(
      differences,
    )
    const paths = cases.flatMap((expected, at) => {
      const { pathname = '', search = '' } = expected
      const path = outcomes[at]?.path
      return known(path) ? [] : [[pathname + search, path]]
    })
    expect(Object.fromEntries(paths)).toEqual(pathDifferences)
  })

  test('the list exercises acceptance as well as refusal', () => {
    const equal = outcomes.filter(({ target }) => target === 'equal')
    const equalPaths = outcomes.filter(({ path }) => path === 'equal')
    expect([equal.length, equalPaths.length]).toEqual([27, 144])
  })
})
