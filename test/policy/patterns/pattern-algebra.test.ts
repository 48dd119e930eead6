/** The algebra against every path of a small world, tried one by one. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finish } from '../../../src/lib/turns.ts'
import { checkPattern, matchCompiled } from '../../../src/policy/patterns/pattern.ts'
import {
  contains,
  EntangledPatternsError,
  overlaps,
  type Pattern,
  readPattern,
  witness,
} from '../../../src/policy/patterns/pattern-algebra.ts'
import {
  areaWithin,
  intersect,
  subtract,
  widest,
  widestAreas,
} from '../../../src/policy/patterns/pattern-meet.ts'
import { patternsUpTo, worldPaths } from './pattern-world.ts'

const matches = ({ parts }: Pattern, path: string) => matchCompiled(parts, path)
const pathsOf = (pattern: Pattern) => worldPaths.filter((path) => matches(pattern, path))
const meets = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  [...one].some((path) => other.has(path))
const isWithin = (inner: ReadonlySet<string>, outer: ReadonlySet<string>) =>
  [...inner].every((path) => outer.has(path))
const read = (...texts: string[]) => texts.map(readPattern)

/** Up to two segments: every pair of these can be told apart by paths of four segments. */
const all = patternsUpTo(2).map(readPattern)
const known = new Map(all.map((pattern) => [pattern, new Set(pathsOf(pattern))]))
const setOf = (pattern: Pattern) => known.get(pattern) ?? new Set<string>()
const pairs = all.flatMap((left) => all.map((right) => [left, right] as const))

const deep = fc.constantFrom(...patternsUpTo(3).map(readPattern))
const some = fc.array(deep, { maxLength: 4 })

describe('the world', () => {
  test('holds every path up to four segments, of which only the last may be empty', () => {
    expect(worldPaths).toHaveLength(4 + 3 * 4 + 9 * 4 + 27 * 4)
    expect(worldPaths.filter((path) => path.includes('//'))).toEqual([])
  })

  test('holds patterns that are all in the grammar', () => {
    expect(patternsUpTo(3).filter((text) => checkPattern(text) !== undefined)).toEqual([])
  })
})

describe('every two patterns', () => {
  test('overlap where a path matches both, and nowhere else', () => {
    for (const [left, right] of pairs) {
      const both = meets(setOf(left), setOf(right))
      expect([left.text, right.text, overlaps(left, right)]).toEqual([left.text, right.text, both])
    }
  })

  test('contain each other where every path of one matches the other, and nowhere else', () => {
    for (const [outer, inner] of pairs) {
      const within = isWithin(setOf(inner), setOf(outer))
      expect([outer.text, inner.text, contains(outer, inner)]).toEqual([
        outer.text,
        inner.text,
        within,
      ])
    }
  })

  test('have in common what their intersection matches', () => {
    for (const [left, right] of pairs) {
      const met = intersect(left, right)
      const expected = [...setOf(left)].filter((path) => setOf(right).has(path))
      expect(worldPaths.filter((path) => met.some((pattern) => matches(pattern, path)))).toEqual(
        expected,
      )
    }
  })
})

describe('patterns of up to three segments', () => {
  test('overlap and contain as their paths do', () => {
    fc.assert(
      fc.property(deep, deep, (left, right) => {
        const [one, other] = [new Set(pathsOf(left)), new Set(pathsOf(right))]
        expect(overlaps(left, right)).toBe(meets(one, other))
        expect(contains(left, right)).toBe(isWithin(other, one))
      }),
      { numRuns: 2_000 },
    )
  })

  test('without others are what is left of their paths', () => {
    fc.assert(
      fc.property(deep, some, (object, others) => {
        const expected = pathsOf(object).filter((path) => !others.some((by) => matches(by, path)))
        const area = subtract(object, others)
        expect(area === undefined).toBe(expected.length === 0)
        if (area === undefined) return
        const left = pathsOf(area.object).filter(
          (path) => !area.except.some((by) => matches(by, path)),
        )
        expect(left).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  test('have a witness where a path matches these and not those, and it does', () => {
    fc.assert(
      fc.property(fc.tuple(deep, deep), some, (inside, outside) => {
        const fits = (path: string) =>
          inside.every((pattern) => matches(pattern, path)) &&
          !outside.some((pattern) => matches(pattern, path))
        const found = witness(inside, outside)
        // A witness may be longer than the paths of the world: then being one is the proof.
        if (worldPaths.some(fits)) expect(found).toBeDefined()
        if (found !== undefined) expect(fits(found)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test('lie as areas in each other as their paths do', () => {
    fc.assert(
      fc.property(deep, some, deep, some, (object, except, other, hole) => {
        const [inner, outer] = [
          { object, except },
          { object: other, except: hole },
        ]
        const pathsIn = (area: typeof inner) =>
          new Set(
            pathsOf(area.object).filter((path) => !area.except.some((by) => matches(by, path))),
          )
        fc.pre(pathsIn(inner).size > 0)
        expect(areaWithin(inner, outer)).toBe(isWithin(pathsIn(inner), pathsIn(outer)))
      }),
      { numRuns: 1_000 },
    )
  })

  test('say the same after those that others contain are gone', () => {
    fc.assert(
      fc.property(some, (patterns) => {
        const kept = widest(patterns)
        const by = (list: readonly Pattern[]) =>
          worldPaths.filter((path) => list.some((pattern) => matches(pattern, path)))
        expect(by(kept)).toEqual(by(patterns))
        for (const left of kept)
          for (const right of kept) expect(left !== right && contains(left, right)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })
})

describe('what is worth knowing', () => {
  test.each([
    ['/a/*', ['/a/', '/a/:x', '/a/:x/*'], undefined],
    ['/a/*', ['/a/:x', '/a/:x/*'], '/a/'],
    ['/*', ['/:x', '/'], '/x/x'],
    ['/:id', ['/a', '/b'], '/x'],
    ['/:id', ['/x'], '/x1'],
    ['/*/b', ['/a/*', '/:x/b'], '/x/x/b'],
  ])('%s without %j leaves %s', (object, others, left) => {
    expect(witness(read(object), read(...others))).toBe(left)
  })

  test('a parameter has any name', () => {
    expect(readPattern('/a/:id/*').key).toBe(readPattern('/a/:name/*').key)
    expect(readPattern('/a/:id').key).not.toBe(readPattern('/a/id').key)
    expect(contains(readPattern('/:a/:b'), readPattern('/:x/:y'))).toBe(true)
  })

  test('a literal that only reads like a star or a parameter is none', () => {
    expect(readPattern('/a/%2A').key).not.toBe(readPattern('/a/*').key)
    expect(readPattern('/%3Aa').key).not.toBe(readPattern('/:a').key)
    expect(overlaps(readPattern('/%2A'), readPattern('/a'))).toBe(false)
  })

  test('an intersection is spelt as a rule would be', () => {
    const met = (left: string, right: string) =>
      intersect(readPattern(left), readPattern(right)).map(({ text }) => text)
    expect(met('/docs/*', '/docs/:id')).toEqual(['/docs/:id'])
    expect(met('/:app/a', '/docs/:id')).toEqual(['/docs/a'])
    expect(met('/a/*', '/*/b')).toEqual(['/a/b', '/a/*/b'])
    expect(met('/a', '/b')).toEqual([])
    expect(met('/docs/', '/docs/:id')).toEqual([])
  })

  test('an exception that takes nothing away is not named', () => {
    const area = subtract(readPattern('/a/:x'), read('/b/*', '/a/c', '/a/b/c', '/:y/c'))
    expect(area?.except.map(({ text }) => text)).toEqual(['/:y/c'])
  })

  test('of areas in each other the widest stay', () => {
    const areas = [
      ['/a/:x', '/a/b'],
      ['/a/*', '/a/b/*'],
      ['/a/*', '/a/b', '/a/b/*'],
    ].map(([object = '', ...except]) => ({ object: readPattern(object), except: read(...except) }))
    expect(finish(widestAreas(areas))).toEqual([areas[1]])
  })
})

describe('a hostile pattern', () => {
  const any = (count: number) => '/:x'.repeat(count)

  test('with a long way to remember is compared as fast as any other', () => {
    const wide = readPattern(`/*/a${any(100)}`)
    expect(contains(wide, readPattern(`/b/a${any(100)}`))).toBe(true)
    expect(overlaps(wide, readPattern(`/*/b${any(99)}`))).toBe(true)
    expect(overlaps(wide, readPattern(`/*/b${any(100)}`))).toBe(false)
    const others = ['a', 'b', 'c', 'd'].map((name) => readPattern(`/*/${name}${any(100)}`))
    expect(witness(read('/*'), others)).toBe('/x')
  })

  test('is refused after so many steps, by name', () => {
    const inside = readPattern(`/*/a/*/a/*/a/*/a${any(100)}`)
    const outside = readPattern(`/*/a${any(140)}/a${any(20)}`)
    expect(() => witness([inside], [outside])).toThrow(EntangledPatternsError)
    expect(() => witness([inside], [outside])).toThrow('patterns such as /*/a/*/a')
  })

  test('is laid on another in so many ways and no more', () => {
    const stars = (literal: string) => readPattern(`/*/${literal}/*${any(30)}/*${any(30)}/*`)
    expect(() => intersect(stars('a'), stars('b'))).toThrow(EntangledPatternsError)
  })
})
