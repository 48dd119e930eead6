import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalise } from '../../src/gateway/canonical.ts'
import { canonicalPath } from '../../src/policy/patterns/canonical-path.ts'

/** Pieces that readers have disagreed about (A1), among ordinary ones. */
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('/', 'a', 'B', '.', '..', '-', '~', '+', '*', ':', '@') },
  { weight: 4, arbitrary: fc.constantFrom('%2e', '%2E', '%61', '%41', '%2a', '%7e', '%20', '%5B') },
  { weight: 2, arbitrary: fc.constantFrom('%c3%a9', '%EF%BC%8F', '%e2%80%a5', '%f0%9f%92%a9') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...['%2f', '%5c', '\\', ';', ';x=1', '%3b', '%25', '%252e', '%00', '%0a', '%3f', '#', '%23'],
      ...[
        '%',
        '%u002e',
        '%c0%ae',
        '%ff',
        '%e2%80%a8',
        '%c2%85',
        '%c2%a0',
        '%e2%80%8d',
        ' ',
        '\xe9',
      ],
    ),
  },
)
const rawPath = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`)
/** Mostly accepted, so that properties of what is accepted are not vacuous. */
const tamePiece = fc.constantFrom(
  ...['/', '/', 'a', '%61', 'b', '..', '/../', '/./', '.', '%2e', '%20', '%5b', '%c3%a9', '%C3%A9'],
)
const tamePath = fc.array(tamePiece, { maxLength: 10 }).map((pieces) => `/${pieces.join('')}`)
const anyPath = fc.oneof(rawPath, tamePath, fc.string({ unit: 'binary-ascii' }))

function accepted(raw: string): string | undefined {
  const result = canonicalPath(raw)
  return result.ok ? result.path : undefined
}

/** A percent decoder as forgiving as any: what it cannot read it leaves. */
function decodeLeniently(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex')
    return bytes.toString('utf8')
  })
}

const identity = (path: string) => path
const repeat = (times: number) => (path: string) => {
  let decoded = path
  for (let time = 0; time < times; time++) decoded = decodeLeniently(decoded)
  return decoded
}
const resolveDots = (path: string) => {
  const kept: string[] = []
  for (const segment of path.split('/').slice(1)) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  return `/${kept.join('/')}`
}

/** One way of each group is taken, and the groups are composed: 4 x 2^5 readers. */
const readings: readonly (readonly ((path: string) => string)[])[] = [
  [identity, repeat(1), repeat(2), repeat(3)],
  [identity, (path) => path.replaceAll('\\', '/')],
  [identity, (path) => path.replace(/[#?\0].*$/s, '')],
  [identity, (path) => path.replace(/;[^/]*/g, '')],
  [identity, (path) => path.replace(/\/+/g, '/')],
  [identity, resolveDots],
]

const readers = readings.reduce<((path: string) => string)[]>(
  (all, ways) => all.flatMap((reader) => ways.map((way) => (path: string) => way(reader(path)))),
  [identity],
)

const segmentsOf = (path: string) => path.split('/').map(decodeLeniently)

describe('one spelling a path (I2)', () => {
  test('canonicalising is idempotent', () => {
    fc.assert(
      fc.property(anyPath, (raw) => {
        const path = accepted(raw)
        if (path !== undefined) expect(accepted(path)).toBe(path)
      }),
      { numRuns: 3_000 },
    )
  })

  test('every lenient reader, composed of any of the known habits, sees the same segments', () => {
    expect(readers).toHaveLength(128)
    fc.assert(
      fc.property(fc.oneof(rawPath, tamePath), (raw) => {
        const path = accepted(raw)
        if (path === undefined) return
        const segments = segmentsOf(path)
        for (const read of readers) expect(segmentsOf(read(path))).toEqual(segments)
      }),
      { numRuns: 1_500 },
    )
  })

  test('a reader that trims dots, spaces or invisible characters loses no segment', () => {
    const edges = /^[.\s\p{Cf}\u200b-\u200d]+|[.\s\p{Cf}\u200b-\u200d]+$/gu
    const blank = fc.constantFrom('.', '%20', '%c2%a0', '%e2%80%8d', '%e2%80%8b', '%c2%ad', '...')
    const blanks = fc.array(fc.oneof(blank, tamePiece), { maxLength: 8 })
    fc.assert(
      fc.property(blanks, (pieces) => {
        const path = accepted(`/${pieces.join('')}`)
        if (path === undefined) return
        const named = segmentsOf(path).filter((segment) => segment !== '')
        for (const segment of named) expect(segment.replace(edges, '')).not.toBe('')
      }),
      { numRuns: 3_000 },
    )
  })

  test('the WHATWG parser reads the canonical target as it stands', () => {
    fc.assert(
      fc.property(anyPath, (raw) => {
        const path = accepted(raw)
        if (path === undefined) return
        const url = new URL(`http://app.acme.test${path}?q`)
        expect([url.host, url.pathname, url.search]).toEqual(['app.acme.test', path, '?q'])
      }),
      { numRuns: 2_000 },
    )
  })

  test('the segments are those that RFC 3986 resolution of the decoded path names', () => {
    fc.assert(
      fc.property(tamePath, (raw) => {
        const path = accepted(raw)
        if (path === undefined) return
        const url = new URL(`http://app.acme.test${raw.replace(/\/+/g, '/')}`)
        expect(segmentsOf(path)).toEqual(segmentsOf(url.pathname))
      }),
      { numRuns: 2_000 },
    )
  })

  test('two paths are spelled alike exactly when their segments are the same', () => {
    fc.assert(
      fc.property(tamePath, tamePath, (one, other) => {
        const [left, right] = [accepted(one), accepted(other)]
        if (left === undefined || right === undefined) return
        const same = JSON.stringify(segmentsOf(left)) === JSON.stringify(segmentsOf(right))
        expect(left === right).toBe(same)
      }),
      { numRuns: 3_000 },
    )
  })

  test('the output holds nothing but pchar without the semicolon, and upper-case escapes', () => {
    const grammar = /^\/(?:[A-Za-z0-9._~!$&'()*+,=:@/-]|%[2-9A-F][0-9A-F])*$/
    fc.assert(
      fc.property(anyPath, (raw) => {
        const path = accepted(raw)
        if (path === undefined) return
        expect(path).toMatch(grammar)
        expect(path).not.toContain('//')
        expect(path.split('/')).not.toContain('..')
        expect(path.split('/')).not.toContain('.')
        expect(path.length).toBeLessThanOrEqual(raw.length)
      }),
      { numRuns: 2_000 },
    )
  })

  test('every single octet, raw and escaped, is refused or has one spelling', () => {
    for (let octet = 0; octet < 256; octet++) {
      const character = String.fromCharCode(octet)
      const escaped = `%${octet.toString(16).padStart(2, '0')}`
      const spellings = [character, escaped, escaped.toUpperCase()]
        .filter((spelling) => spelling !== '/')
        .map((spelling) => accepted(`/a${spelling}b`))
      expect(new Set(spellings.filter((path) => path !== undefined)).size).toBeLessThanOrEqual(1)
      const visible = /^[A-Za-z0-9._~!$&'()*+,=:@-]$/.test(character)
      const escapeOnly = /^[ "<>[\]^`{|}]$/.test(character)
      expect(accepted(`/a${escaped}b`) !== undefined).toBe(visible || escapeOnly)
    }
  })
})

describe('whatever arrives', () => {
  test('is read or refused, never thrown at', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), anyPath)
    fc.assert(
      fc.property(text, text, text, (method, target, host) => {
        const hosts = [host]
        expect(typeof canonicalise({ method, target, httpVersion: '1.1', hosts }).ok).toBe(
          'boolean',
        )
        const sound = { method: 'GET', httpVersion: '1.1', hosts: ['a.test'] }
        expect(typeof canonicalise({ ...sound, target }).ok).toBe('boolean')
      }),
      { numRuns: 1_000 },
    )
  })

  test('a target in absolute form is read as its origin form', () => {
    const sound = { method: 'GET', httpVersion: '1.1', hosts: ['a.test'] }
    fc.assert(
      fc.property(rawPath, (path) => {
        const absolute = canonicalise({ ...sound, target: `http://a.test${path}` })
        expect(absolute).toEqual(canonicalise({ ...sound, target: path }))
      }),
      { numRuns: 1_000 },
    )
  })
})
