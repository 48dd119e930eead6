import { describe, expect, test } from 'vitest'
import {
  commentShare,
  deepFolders,
  functionSizes,
  longFiles,
  longFunctions,
  longMedian,
  manyLongFunctions,
  testShare,
} from '../support/tree/size.ts'
import { parseFile } from '../support/tree/source.ts'

const file = (text: string, path = 'src/a.ts') => parseFile(path, text)
const ofLines = (count: number, path?: string) => file('a()\n'.repeat(count), path)
/** A function of exactly so many lines. */
const ofFunction = (lines: number) => `function f() {\n${'  a()\n'.repeat(lines - 2)}}\n`

describe('a file', () => {
  test('may have 400 lines and not 401', () => {
    expect(longFiles([ofLines(400)])).toEqual([])
    expect(longFiles([ofLines(401)])).toEqual(['src/a.ts has 401 lines, more than 400'])
  })

  test('in the middle may have 120 lines and not 121', () => {
    expect(longMedian([ofLines(1), ofLines(120), ofLines(400)])).toEqual([])
    expect(longMedian([ofLines(1), ofLines(121), ofLines(400)])).toHaveLength(1)
  })

  test.each([
    ['src/main.ts', true],
    ['src/gateway/forward.ts', true],
    ['src/policy/model/matcher.ts', true],
    ['src/gateway/doors/nginx/auth.ts', false],
    ['src/console/app/forms/text.tsx', true],
    ['src/console/app/forms/text/input.tsx', false],
  ])('at %s has the right depth: %s', (path, fine) => {
    expect(deepFolders([ofLines(1, path)])).toHaveLength(fine ? 0 : 1)
  })
})

describe('a function', () => {
  test('may have 70 lines and not 71', () => {
    expect(longFunctions([file(ofFunction(70))])).toEqual([])
    expect(longFunctions([file(ofFunction(71))])).toEqual(['src/a.ts:1 has 71 lines, more than 70'])
  })

  test('above 40 lines may be one of ten and not two', () => {
    const short = Array.from({ length: 9 }, () => file(ofFunction(40)))
    const long = file(ofFunction(41))
    expect(manyLongFunctions([...short, long])).toEqual([])
    expect(manyLongFunctions([...short.slice(1), long, long])).toHaveLength(1)
  })

  test('on one line does not dilute the share of the long ones', () => {
    const tiny = file('const f = () => { a() }\n'.repeat(100))
    expect(manyLongFunctions([tiny, file(ofFunction(41))])).toHaveLength(1)
  })

  test.each([
    ['a declaration', 'function f() {\n}'],
    ['an arrow', 'const f = () => {\n}'],
    ['a method', 'const o = { f() {\n} }'],
    ['a method of a class', 'class A { f() {\n} }'],
    ['an accessor', 'const o = { get f() {\n return 1 } }'],
    ['a callback', 'list.map(() => {\n})'],
    ['the callback of a test', "test('a', () => {\n})"],
  ])('is counted as %s', (_, text) => {
    expect(functionSizes([file(text)]).length).toBe(1)
  })

  test('includes the functions inside it', () => {
    const sizes = functionSizes([file('function f() {\n  const g = () => {\n  }\n}')])
    expect(sizes.map(({ line, lines }) => [line, lines])).toEqual([
      [1, 4],
      [2, 2],
    ])
  })

  test.each([
    ['a test', "describe('a', () => {\n  test('b', f)\n})"],
    ['a table of tests', "describe('a', () => {\n  test.each([1])('b', f)\n})"],
    ['a test that may be skipped', "eachDatabase('a', (open) => {\n  test.skipIf(x)('b', f)\n})"],
    ['another heading', "function suite() {\n  describe('a', f)\n}"],
  ])('that declares %s is a heading and is not counted', (_, text) => {
    expect(functionSizes([file(text)])).toEqual([])
  })

  test('that only mentions a test is counted', () => {
    expect(functionSizes([file('function f() {\n  pattern.test(a)\n}')])).toHaveLength(1)
    expect(functionSizes([file('function f() {\n  return test(a)\n}')])).toHaveLength(1)
  })
})

describe('comments', () => {
  const share = (comments: number) =>
    commentShare([file('// why\n'.repeat(comments) + 'a()\n'.repeat(100 - comments))])

  test.each([
    [9, false],
    [10, true],
    [20, true],
    [21, false],
  ])('on %i of 100 lines are right: %s', (comments, fine) => {
    expect(share(comments)).toHaveLength(fine ? 0 : 1)
  })
})

describe('tests', () => {
  test('have at least one and a half times the lines of the source', () => {
    expect(testShare([ofLines(100)], [ofLines(100), ofLines(50)])).toEqual([])
    expect(testShare([ofLines(100)], [ofLines(149)])).toHaveLength(1)
  })
})
