import { Util } from 'casbin'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { canonicalPath } from '../../../src/policy/patterns/canonical-path.ts'
import {
  checkPattern,
  compilePattern,
  matchPath,
  pathParameter,
} from '../../../src/policy/patterns/pattern.ts'

describe('a pattern means what it says', () => {
  test.each([
    ['/docs', '/docs', true],
    ['/docs', '/docs/', false],
    ['/docs', '/Docs', false],
    ['/docs/', '/docs/', true],
    ['/docs/', '/docs', false],
    ['/docs/', '/docs/a', false],
    ['/', '/', true],
    ['/', '/a', false],
    ['/docs/:id', '/docs/7', true],
    ['/docs/:id', '/docs/', false],
    ['/docs/:id', '/docs', false],
    ['/docs/:id', '/docs/7/', false],
    ['/docs/:id', '/docs/7/8', false],
    ['/docs/:id', '/docs/a*b', true],
    ['/docs/:id/edit', '/docs/7/edit', true],
    ['/docs/:id/edit', '/docs//edit', false],
    ['/docs/*', '/docs/a', true],
    ['/docs/*', '/docs/a/b/c', true],
    ['/docs/*', '/docs/', true],
    ['/docs/*', '/docs', false],
    ['/docs/*', '/docs-old/a', false],
    ['/*', '/', true],
    ['/*', '/docs/a', true],
    ['/*/edit', '/a/edit', true],
    ['/*/edit', '/a/b/edit', true],
    ['/*/edit', '/edit', false],
    ['/*/edit', '/a/edit/b', false],
    ['/*/a/*', '/a/a/a', true],
    ['/*/a/*', '/x/y/a/z', true],
    ['/*/a/*', '/x/a', false],
    ['/*/a/b', '/x/a/a/b', true],
    ['/*/a/b', '/x/a/b/a', false],
    ['/:app/*', '/docs/a', true],
    ['/:app/*', '//a', false],
  ])('%s over %s: %s', (pattern, path, expected) => {
    expect(matchPath(pattern, path)).toBe(expected)
  })

  test.each([
    ['section 2, 5: a dot is a dot', '/v1.status', '/v1xstatus', false],
    ['section 2, 5: a star covers a newline', '/a/*', '/a/x\ny', true],
    ['a parameter covers a newline', '/a/:id', '/a/x\ny', true],
    ['section 2, 5: nothing after a star is forgotten', '/a/*/b', '/a/zzz/c', false],
    ['a colon inside a segment is a colon', '/a/x:y', '/a/x:y', true],
    ['a colon inside a segment begins no parameter', '/a/x:y', '/a/xz', false],
    ['a plus is a plus', '/a+', '/aa', false],
    ['a dollar ends nothing', '/a$', '/a', false],
    ['an escape is compared as it is sent', '/a%20b', '/a%20b', true],
    ['a path without a slash matches nothing', '/*', 'docs', false],
    ['an empty path matches nothing', '/*', '', false],
    ['an escaped comma stands for the comma, which is sent raw', '/a%2Cb', '/a,b', true],
    ['an escaped bracket stands for the bracket', '/a%28b%29', '/a(b)', true],
    ['an escaped star is a star and nothing else', '/a/%2A', '/a/*', true],
    ['an escaped star is no wildcard', '/a/%2A', '/a/b', false],
    ['an escaped colon begins no parameter', '/a/%3Aid', '/a/:id', true],
    ['an escaped colon is no wildcard', '/a/%3Aid', '/a/7', false],
    ['an escaped quote stands for the quote', '/a%27', "/a'", true],
  ])('%s', (_, pattern, path, expected) => {
    expect(matchPath(pattern, path)).toBe(expected)
  })
})

const PARAMETER = 'is no parameter: write ":" and a name of letters, digits and "_".'
const CHARACTER = 'holds a character that a path pattern cannot: escape it as %XX, upper-case.'
const BRACKET = 'holds a bracket: write a parameter as ":name".'
const STAR = 'A star is a whole segment, as in "/docs/*".'

describe('a pattern that cannot be meant is refused at its place', () => {
  test.each([
    ['', 1, 'A path pattern begins with "/".'],
    ['docs', 1, 'A path pattern begins with "/".'],
    ['*', 1, 'A path pattern begins with "/".'],
    ['like:/a', 1, 'A path pattern begins with "/".'],
    ['//a', 2, 'A path pattern has no empty segment: write one "/".'],
    ['/a//b', 4, 'A path pattern has no empty segment: write one "/".'],
    ['/a/./b', 4, 'The segment "." is never sent: paths are decided in canonical form.'],
    ['/a/..', 4, 'The segment ".." is never sent: paths are decided in canonical form.'],
    ['/a*', 3, STAR],
    ['/a/*.html', 4, STAR],
    ['/a/**', 4, STAR],
    ['/a/:id*', 4, `":id*" ${PARAMETER}`],
    ['/a/:1', 4, `":1" ${PARAMETER}`],
    ['/a/:a-b', 4, `":a-b" ${PARAMETER}`],
    ['/a/{id}', 4, `"{id}" ${BRACKET}`],
    ['/a,b', 2, `"a,b" ${CHARACTER}`],
    ['/a b', 2, `"a b" ${CHARACTER}`],
    ['/a"b', 2, `"a"b" ${CHARACTER}`],
    ['/a(b)', 2, `"a(b)" ${CHARACTER}`],
    ['/a?b', 2, `"a?b" ${CHARACTER}`],
    ['/a#b', 2, `"a#b" ${CHARACTER}`],
    ['/a\\b', 2, `"a\\b" ${CHARACTER}`],
    ['/a;b', 2, `"a;b" ${CHARACTER}`],
    ['/ä', 2, `"ä" ${CHARACTER}`],
    ['/a%2', 2, `"a%2" ${CHARACTER}`],
    ['/a%c3', 2, `"a%c3" ${CHARACTER}`],
    ['/a%2F', 3, '"%2F" is never sent: write the character, if a path can hold it.'],
    ['/%61', 2, '"%61" is never sent: write the character, if a path can hold it.'],
    ['/a%2E', 3, '"%2E" is never sent: write the character, if a path can hold it.'],
    ['/a%00', 3, '"%00" is never sent: write the character, if a path can hold it.'],
    ['/a%25', 3, '"%25" is never sent: write the character, if a path can hold it.'],
    ['/*/*/*/*/*', 10, 'A path pattern has at most 4 stars.'],
  ])('%j', (pattern, column, message) => {
    expect(checkPattern(pattern)).toEqual({ column, message })
    expect(() => compilePattern(pattern)).toThrow(message)
  })

  test('too long a pattern', () => {
    expect(checkPattern(`/${'a'.repeat(limits.patternBytes - 1)}`)).toBeUndefined()
    expect(checkPattern(`/${'a'.repeat(limits.patternBytes)}`)?.message).toBe(
      'A path pattern has at most 512 bytes.',
    )
  })

  test.each([['/:/all'], ['/x/:'], ['/{id/using/{resId}'], ['/parent/{i/d}/child/{i/d}']])(
    'section 3: %s, on which the library never returns',
    (pattern) => {
      expect(checkPattern(pattern)).toBeDefined()
      expect(() => matchPath(pattern, '/x/all')).toThrow()
    },
  )

  test.each([
    ['/a%20b'],
    ['/%C3%A4'],
    ['/a@b'],
    ['/a=b&c'],
    ['/~a'],
    ['/a%2C'],
    ['/a%22'],
    ['/:a_1'],
  ])('%s is accepted', (pattern) => expect(checkPattern(pattern)).toBeUndefined())
})

describe('the work is bounded', () => {
  test('section 2, 5: stars against as many segments as a path can have', () => {
    const path = `${'/a'.repeat(limits.pathSegments)}/c`
    expect(matchPath('/*/a/*/a/*/a/*/b', path)).toBe(false)
    expect(matchPath('/*/a/*/a/*/a/*/c', path)).toBe(true)
  })
})

describe('the segment at a parameter', () => {
  test.each([
    ['/t/:org/*', '/t/acme/docs', 'acme'],
    ['/t/:org', '/t/acme', 'acme'],
    ['/:a/:org/*', '/t/beta/', 'beta'],
    ['/t/:org/*', '/t//docs', undefined],
    ['/t/:org/*', '/u/acme/docs', undefined],
    ['/t/:org/*', '/t/acme', undefined],
    ['/*/:org', '/t/acme', undefined],
    ['/t/:id/*', '/t/acme/docs', undefined],
  ])('%s over %s is %s', (pattern, path, expected) => {
    expect(pathParameter(pattern, path, 'org')).toBe(expected)
  })
})

/** What both understand: no dot, no sign of regular expressions, no colon inside a segment. */
const word = fc.stringMatching(/^[a-c]{1,2}$/)
const segment = fc.oneof(
  { weight: 4, arbitrary: word },
  { weight: 2, arbitrary: word.map((name) => `:${name}`) },
  { weight: 2, arbitrary: fc.constant('*') },
)
const pattern = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 6 }), fc.boolean())
  .map(([segments, slash]) => `/${segments.join('/')}${slash ? '/' : ''}`)
  .filter((text) => checkPattern(text) === undefined)
const path = fc
  .array(fc.oneof({ weight: 6, arbitrary: word }, fc.constant('')), { minLength: 1, maxLength: 8 })
  .map((segments) => `/${segments.join('/')}`)

describe('the library is the meaning', () => {
  test('I5: on the common grammar we answer as keyMatch2 does', () => {
    fc.assert(
      fc.property(pattern, path, (checked, asked) => {
        expect(matchPath(checked, asked)).toBe(Util.keyMatch2Func(asked, checked))
      }),
      { numRuns: 3_000 },
    )
  })

  test('I5: also over paths that were made from the pattern', () => {
    const derived = pattern.chain((checked) =>
      fc
        .array(word, { minLength: 1, maxLength: 3 })
        .map(
          (words) =>
            [
              checked,
              checked.replace(/:\w+/g, words[0] ?? 'a').replaceAll('*', words.join('/')),
            ] as const,
        ),
    )
    fc.assert(
      fc.property(derived, ([checked, asked]) => {
        expect(matchPath(checked, asked)).toBe(true)
        expect(Util.keyMatch2Func(asked, checked)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('any text is either refused or matched, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), path, (text, asked) => {
        const written = `/${text}`
        if (checkPattern(written) === undefined) matchPath(written, asked)
        else expect(() => matchPath(written, asked)).toThrow()
      }),
    )
  })
})

describe('a pattern and the canonical form agree', () => {
  const hex = (octet: number) => octet.toString(16).toUpperCase().padStart(2, '0')
  const octets = Array.from({ length: 128 }, (_, octet) => octet)

  test('H7: every character that a path can hold can be named, and every escape is known', () => {
    for (const octet of octets) {
      const escaped = `/a%${hex(octet)}z`
      const canonical = canonicalPath(escaped)
      const accepted = checkPattern(escaped) === undefined
      if (!canonical.ok) expect(accepted, escaped).toBe(false)
      else if (accepted) expect(matchPath(escaped, canonical.path), escaped).toBe(true)
      else expect(matchPath(canonical.path, canonical.path), canonical.path).toBe(true)
    }
  })
})
