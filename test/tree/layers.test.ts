import { describe, expect, test } from 'vitest'
import {
  forbiddenPackages,
  importCycles,
  importedPackages,
  layerBreaks,
  packageStrays,
} from '../support/tree/layers.ts'
import { parseFile } from '../support/tree/source.ts'

const file = (path: string, ...texts: string[]) => parseFile(path, texts.join('\n'))

describe('the import table', () => {
  const table = {
    lib: [],
    policy: ['lib'],
    store: ['lib', 'types:policy'],
    gateway: ['lib', 'store'],
  }

  test.each<[string, string, boolean]>([
    ['src/policy/a.ts', "import { b } from '../lib/b.ts'", true],
    ['src/policy/a.ts', "import { b } from './b.ts'", true],
    ['src/policy/a.ts', "import { b } from '../store/b.ts'", false],
    ['src/policy/a.ts', "import type { B } from '../store/b.ts'", false],
    ['src/policy/a.ts', "export { b } from '../store/b.ts'", false],
    ['src/policy/a.ts', "const b = import('../store/b.ts')", false],
    ['src/policy/a.ts', "import { b } from '../config.ts'", false],
    ['src/store/a.ts', "import type { B } from '../policy/b.ts'", true],
    ['src/store/a.ts', "import { b } from '../policy/b.ts'", false],
    ['src/store/a.ts', "import { type B } from '../policy/b.ts'", false],
    ['src/gateway/a.ts', "import { b } from '../store/b.ts'", true],
    ['src/gateway/a.ts', "import { b } from '../policy/b.ts'", false],
    ['src/gateway/a.ts', "import { b } from '../../test/b.ts'", false],
    ['src/main.ts', "import { b } from './gateway/b.ts'", true],
    ['src/lib/a.ts', "import { b } from 'node:fs'", true],
    ['src/lib/a.ts', "import { b } from 'pino'", true],
  ])('in %s, %s is allowed: %s', (path, text, fine) => {
    expect(layerBreaks([file(path, text)], table)).toHaveLength(fine ? 0 : 1)
  })

  test('names every folder', () => {
    expect(layerBreaks([file('src/new/a.ts', 'a()')], table)).toEqual([
      'src/new/a.ts is in a folder that the table does not name',
    ])
  })

  test('says where it is broken', () => {
    const broken = file('src/lib/a.ts', '', "import { b } from '../store/b.ts'")
    expect(layerBreaks([broken], table)).toEqual(['src/lib/a.ts:2 may not import src/store/b.ts'])
  })
})

describe('a folder that may not touch a package', () => {
  const strays = (path: string, text: string) =>
    forbiddenPackages([file(path, text)], 'src/policy/', ['node:fs', 'hono'])

  test.each([
    "import { readFileSync } from 'node:fs'",
    "import { readFile } from 'node:fs/promises'",
    "import type { Hono } from 'hono'",
    "await import('hono/tiny')",
  ])('is caught with %s', (text) => {
    expect(strays('src/policy/a.ts', text)).toHaveLength(1)
  })

  test('may touch another of a similar name, and another folder may touch it', () => {
    expect(strays('src/policy/a.ts', "import 'honolulu'")).toEqual([])
    expect(strays('src/gateway/a.ts', "import 'hono'")).toEqual([])
  })
})

describe('a package with a home', () => {
  const homes = { casbin: ['src/policy/casbin.ts'], pg: ['src/store/'] }
  const inside = [
    file('src/policy/casbin.ts', "import 'casbin'"),
    file('src/store/db.ts', "import 'pg'"),
  ]

  test('is imported there', () => {
    expect(packageStrays(inside, homes)).toEqual([])
  })

  test.each([
    ['by its name', "import { newEnforcer } from 'casbin'"],
    ['by a path inside it', "import { a } from 'casbin/lib/a'"],
    ['for a type', "import type { Enforcer } from 'casbin'"],
    ['while running', "await import('casbin')"],
  ])('is not imported elsewhere %s', (_, text) => {
    expect(packageStrays([...inside, file('src/gateway/a.ts', text)], homes)).toEqual([
      'src/gateway/a.ts:1 is no home of casbin',
    ])
  })

  test('does not keep a home that it has left', () => {
    expect(packageStrays(inside.slice(1), homes)).toEqual([
      'src/policy/casbin.ts is a home of casbin and does not import it',
    ])
  })

  test('leaves a package without a home to everybody', () => {
    expect(packageStrays([...inside, file('src/lib/a.ts', "import 'zod'")], homes)).toEqual([])
  })
})

test('imported packages are named without what is inside them, once, without modules of Node', () => {
  const source = file(
    'src/a.ts',
    "import 'hono/tiny'",
    "import '@hono/node-server/x'",
    "import 'hono'",
    "import 'node:fs'",
    "import './b.ts'",
  )
  expect(importedPackages([source])).toEqual(['@hono/node-server', 'hono'])
})

describe('a circle of imports', () => {
  test('of two files is found', () => {
    const files = [
      file('src/a/x.ts', "import '../b/y.ts'"),
      file('src/b/y.ts', "import { x } from '../a/x.ts'"),
    ]
    expect(importCycles(files)).toEqual(['src/a/x.ts -> src/b/y.ts -> src/a/x.ts'])
  })

  test('of a file with itself is found', () => {
    expect(importCycles([file('src/a.ts', "import './a.ts'")])).toEqual(['src/a.ts -> src/a.ts'])
  })

  test('is found behind a file that leads to it', () => {
    const files = [
      file('src/a.ts', "import './b.ts'"),
      file('src/b.ts', "import './c.ts'"),
      file('src/c.ts', "import type { B } from './b.ts'"),
    ]
    expect(importCycles(files)).toEqual(['src/b.ts -> src/c.ts -> src/b.ts'])
  })

  test('is not seen in two ways to one file', () => {
    const files = [
      file('src/a.ts', "import './b.ts'", "import './c.ts'"),
      file('src/b.ts', "import './d.ts'"),
      file('src/c.ts', "import './d.ts'"),
      file('src/d.ts', ''),
    ]
    expect(importCycles(files)).toEqual([])
  })
})
