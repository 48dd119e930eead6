import { Util } from 'casbin'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import {
  buildFunctions,
  checkArgument,
  functionNames,
  patternFunctions,
  shapeOf,
  throwsOn,
} from '../../../src/policy/patterns/functions.ts'
import { createPathIndex, segmentsOf } from '../../../src/policy/patterns/path-index.ts'
import { matchPath } from '../../../src/policy/patterns/pattern.ts'

function call(name: string, ...values: readonly string[]): unknown {
  const [, pattern = ''] = values
  return buildFunctions(new Map([[name, [pattern]]])).get(name)?.(...values)
}

describe('the functions of a matcher', () => {
  test('are a closed list', () => {
    expect(functionNames).toEqual([
      ...['keyMatch', 'keyGet', 'keyMatch2', 'keyGet2', 'keyMatch3', 'keyMatch4', 'keyMatch5'],
      ...['regexMatch', 'ipMatch', 'globMatch'],
    ])
    expect([...buildFunctions(new Map()).keys()]).toEqual(functionNames)
  })

  test.each([
    ['keyMatch', ['/a/b', '/a/*'], true],
    ['keyMatch', ['/a', '/a/*'], false],
    ['keyGet', ['/a/b/c', '/a/*'], 'b/c'],
    ['keyMatch2', ['/a/b', '/a/:id'], true],
    ['keyMatch2', ['/a/b', '*'], true],
    ['keyGet2', ['/a/b', '/a/:id', 'id'], 'b'],
    ['keyGet2', ['/a/b', '/a/:id', 'other'], ''],
    ['keyGet2', ['/b/b', '/a/:id', 'id'], ''],
    ['keyMatch3', ['/a/b', '/a/{id}'], true],
    ['keyMatch3', ['/a/b/c', '/a/{id}'], false],
    ['keyMatch3', ['/a/b/c', '/a/{id}/{x}'], true],
    ['keyMatch4', ['/a/1/b/1', '/a/{id}/b/{id}'], true],
    ['keyMatch4', ['/a/1/b/2', '/a/{id}/b/{id}'], false],
    ['keyMatch4', ['/a/1/b/2', '/a/{id}/b/{other}'], true],
    ['keyMatch4', ['/a/1/1/2', '/a/{x}/{x}/{y}'], false],
    ['keyMatch4', ['/a/1/1/x/y', '/a/{x}/{x}/*'], true],
    ['keyMatch4', ['/a/b/c', '/*/c'], true],
    ['keyMatch5', ['/a/b?x=/c/d', '/a/{id}'], true],
    ['keyMatch5', ['/a?x=/b', '/a/{id}'], false],
    ['regexMatch', ['GET', 'GET|POST'], true],
    ['regexMatch', ['XGETX', 'GET|POST'], true],
    ['ipMatch', ['10.0.0.7', '10.0.0.0/8'], true],
    ['ipMatch', ['11.0.0.7', '10.0.0.0/8'], false],
    ['globMatch', ['/a/b', '/a/*'], true],
    ['globMatch', ['/a/b/c', '/a/*'], false],
    ['globMatch', ['/a/b/c', '/a/**'], true],
    ['globMatch', ['/x/y/c', '**/c'], true],
    ['ipMatch', ['127.0.0.1', '::ffff:127.0.0.1'], true],
    ['ipMatch', ['2001:db8::7', '2001:db8::/32'], true],
  ])('%s of %j is %j', (name, values, expected) => {
    expect(call(name, ...values)).toBe(expected)
  })

  test.each([
    ...[['keyMatch2'], ['keyGet2'], ['keyMatch3'], ['keyMatch4'], ['keyMatch5'], ['regexMatch']],
  ])('section 3: %s throws on a pattern that was not checked when rules were loaded', (name) => {
    const table = buildFunctions(new Map([[name, ['/a']]]))
    expect(() => table.get(name)?.('/a', '/:/all', 'x')).toThrow('without being checked')
    expect(() => table.get(name)?.('/a', undefined)).toThrow('without being checked')
  })

  test.each([[undefined], [null], ['']])(
    'what is missing is blank, as in the library: %j',
    (value) => {
      const table = buildFunctions(new Map([['keyMatch2', ['/:id']]]))
      expect(table.get('keyMatch2')?.(value, '/:id')).toBe(false)
      expect(table.get('keyMatch')?.(value, '/a')).toBe(Util.keyMatchFunc(value, '/a'))
    },
  )
})

describe('a pattern is checked by the function that reads it', () => {
  test.each([
    ['keyMatch', '/a/:/b', 3],
    ['keyMatch', '/a/{b', 4],
    ['keyMatch', '/a/b}', 4],
    ['keyMatch', '/a/{i/d}', 4],
    ['keyGet', '/x/:', 3],
    ['keyMatch2', '/a/{id}', 4],
    ['keyMatch3', '/a/{id}x', 4],
    ['keyMatch3', '/a/{1}', 4],
    ['keyMatch5', '/a/x{id}', 4],
    ['regexMatch', '(a)\\1', 4],
    ['keyMatch3', '/a/:id', 4],
    ['keyMatch4', '/a/:id', 4],
    ['keyMatch5', '/:id', 2],
    ['keyMatch4', '/a/*/{x}/{x}', 4],
    ['keyMatch4', '/a/{i/d}', 4],
    ['ipMatch', '10.0.0.0/33', 1],
    ['ipMatch', '10.0.0/8', 1],
    ['ipMatch', '::1/129', 1],
    ['ipMatch', '10.0.0.0/08', 1],
    ['ipMatch', 'fe80::1%eth0', 1],
    ['ipMatch', 'localhost', 1],
    ['globMatch', '/**/**/**/**/**', 14],
    ['globMatch', '/a/*b*', 4],
    ['globMatch', '/a/[b]', 4],
    ['globMatch', '/a/!(b)', 4],
    ['globMatch', '/a/{b,c}', 4],
  ])('%s refuses %s at its column %i', (name, pattern, column) => {
    expect(checkArgument(name, pattern)?.column).toBe(column)
  })

  test.each([
    ['keyMatch', '/a*/b'],
    ['keyMatch', '/a/:id/{x}'],
    ['keyMatch', 'anything at all'],
    ['keyMatch2', '/a/:id/*'],
    ['keyMatch3', '/a/{id}/*'],
    ['keyMatch5', '/{a}/{b}'],
    ['regexMatch', '[A-Z]+'],
    ['ipMatch', '::1'],
    ['ipMatch', '::/0'],
    ['ipMatch', '10.0.0.0/32'],
    ['globMatch', '/a*/*/c*'],
    ['globMatch', '/**/a/**/b**'],
    ['keyMatch4', '/a/*/{x}/{y}'],
    ['keyMatch4', '/{x}/{x}/*'],
  ])('%s accepts %s', (name, pattern) => expect(checkArgument(name, pattern)).toBeUndefined())
})

const word = fc.stringMatching(/^[a-c]{1,2}$/)
const paths = fc
  .array(fc.oneof({ weight: 5, arbitrary: word }, fc.constant('')), { minLength: 1, maxLength: 6 })
  .map((all) => `/${all.join('/')}`)
const braces = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: word },
      word.map((name) => `{${name}}`),
      fc.constant('*'),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((all) => `/${all.join('/')}`)

describe('the library is the meaning', () => {
  test.each([
    ['keyMatch3', Util.keyMatch3Func],
    ['keyMatch4', Util.keyMatch4Func],
    ['keyMatch5', Util.keyMatch5Func],
  ] as const)('I5: of %s, on the common grammar', (name, library) => {
    fc.assert(
      fc.property(paths, braces, fc.constantFrom('', '?x', '?x=/a/b'), (path, pattern, query) => {
        if (checkArgument(name, pattern) !== undefined) return
        const asked = name === 'keyMatch5' ? path + query : path
        expect(call(name, asked, pattern)).toBe(library(asked, pattern))
      }),
      { numRuns: 1_500 },
    )
  })

  test('I5: of keyGet2, where it names the segment', () => {
    const patterns = fc
      .array(
        fc.oneof(
          word,
          word.map((name) => `:${name}`),
        ),
        { minLength: 1, maxLength: 5 },
      )
      .map((all) => `/${all.join('/')}`)
    fc.assert(
      fc.property(paths, patterns, word, (path, pattern, name) => {
        if (path.endsWith('/') || path.includes('//')) return
        expect(call('keyGet2', path, pattern, name)).toBe(Util.keyGet2Func(path, pattern, name))
      }),
      { numRuns: 1_500 },
    )
  })
})

describe('an index finds a pattern where its shape says', () => {
  const values = fc.oneof(paths, fc.constantFrom('a', '', '/a/b?x=/c', '/a/?b', 'GET', '/a\n/b'))
  const anyPattern = fc.oneof(
    braces,
    paths,
    fc.constantFrom(
      '*',
      '/a*',
      '/a/b*',
      '/a/[a-c]+',
      '/a/b+',
      '/a/.*',
      '/a|/b',
      '/a/b|/b',
      'a',
      '/:x/*/b',
      '^/a/b*$',
      '^/a/b$',
      '^/a/?b{0,1}',
      '^/a|^/b',
      '^/a/.*/b',
    ),
    fc.constantFrom('/**/b', '/a/b?', '/a/b', '(/a)', '/{a}/{a}', '/{a}/{a}/*', '/a/?'),
  )

  test.each([...patternFunctions].map((name) => [name]))('%s', (name) => {
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 20, maxLength: 20 }),
        anyPattern,
        (all, pattern) => {
          if (checkArgument(name, pattern) !== undefined || throwsOn(name, pattern)) return
          const index = createPathIndex<string>()
          index.add(shapeOf(name, pattern), (value) => call(name, value, pattern) === true, pattern)
          for (const value of all) {
            const found: string[] = []
            index.find(value, segmentsOf(value), found)
            expect(found.length > 0, `${value} by ${pattern}`).toBe(call(name, value, pattern))
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

test('a tree finds patterns that are longer than it is deep', () => {
  const segment = fc.constantFrom('a', 'b', ':x', '*')
  const most = { minLength: 1, maxLength: 2 * limits.treeSegments }
  const patterns = fc.array(segment, most).map((segments) => `/${segments.join('/')}`)
  const [few, values] = [
    patterns.filter((pattern) => checkArgument('keyMatch2', pattern) === undefined),
    fc.array(fc.constantFrom('a', 'b'), most).map((segments) => `/${segments.join('/')}`),
  ]
  // Many of the values match: they are made of the pattern.
  const filled = (pattern: string) => pattern.replace(/:x|\*/g, 'a')
  fc.assert(
    fc.property(few, values, (pattern, other) => {
      const index = createPathIndex<string>()
      index.add(shapeOf('keyMatch2', pattern), () => false, pattern)
      for (const value of [filled(pattern), `${filled(pattern)}/a`, other]) {
        const found: string[] = []
        index.find(value, segmentsOf(value), found)
        if (/[:*]/.test(pattern)) expect(found.length > 0).toBe(matchPath(pattern, value))
      }
    }),
  )
})

test('a glob that stars could blow up is answered at once', () => {
  const value = '/a'.repeat(4_000)
  expect(call('globMatch', value, '/**/a/**/a/**/a/**/b')).toBe(false)
  expect(call('globMatch', `/${'a'.repeat(8_000)}`, '/a***b')).toBe(false)
})
