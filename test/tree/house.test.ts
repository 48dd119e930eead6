import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  forbiddenPackages,
  importCycles,
  type LayerTable,
  layerBreaks,
  type PackageHomes,
  packageStrays,
} from '../support/tree/layers.ts'
import {
  commentShare,
  deepFolders,
  longFiles,
  longFunctions,
  longMedian,
  manyLongFunctions,
  testShare,
} from '../support/tree/size.ts'
import { isGenerated, readTree } from '../support/tree/source.ts'
import * as words from '../support/tree/words.ts'

const root = new URL('../..', import.meta.url).pathname
const source = readTree(root, ['src'])
const tests = readTree(root, ['test'])
const everything = [...source, ...tests]

/** Who may import whom. The two planes, gateway and manage, meet only in the database. */
const table: LayerTable = {
  lib: [],
  policy: ['lib'],
  store: ['lib', 'types:policy'],
  identity: ['lib', 'store', 'types:policy'],
  metering: ['lib', 'store'],
  gateway: ['lib', 'policy', 'store', 'identity', 'metering'],
  manage: ['lib', 'policy', 'store', 'identity', 'metering'],
  client: ['lib'],
  cli: ['lib', 'policy', 'client'],
}

/** Packages with a meaning of their own stand behind as few files of ours as can be. */
const homes: PackageHomes = {
  casbin: ['src/policy/model/casbin.ts', 'src/store/casbin-adapter.ts'],
  'casbin-pg-adapter': ['src/store/casbin-adapter.ts'],
  jose: ['src/identity/jws.ts', 'src/gateway/signing.ts', 'src/gateway/assertion.ts'],
  kysely: ['src/store/'],
  pg: ['src/store/postgres.ts', 'src/store/listening.ts'],
  '@electric-sql/pglite': ['src/store/embedded.ts'],
  re2js: ['src/policy/patterns/expression.ts'],
  undici: ['src/gateway/dial.ts', 'src/gateway/upstream.ts'],
}

/** What a visitor gets: the names under version control, or all names where there is none. */
function topLevel(): string[] {
  const { status, stdout } = spawnSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) return readdirSync(root)
  return [...new Set(stdout.split('\n').map((file) => file.split('/')[0] ?? ''))].filter(Boolean)
}

describe('the top level', () => {
  const known = [
    ...['src', 'policies', 'test', 'model.conf', 'Dockerfile'],
    ...['package.json', 'package-lock.json', 'tsconfig.json'],
    ...['README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md'],
  ]

  test('holds what a visitor expects and nothing else', () => {
    const there = topLevel().filter((name) => !name.startsWith('.') && name !== 'node_modules')
    expect(there.sort()).toEqual(known.sort())
  })
})

describe('what a program wrote', () => {
  test('is one file, and nobody else keeps declarations apart from their code', () => {
    const names = ['src', 'test'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    )
    expect(names.filter(isGenerated)).toEqual(['src/client/api.d.ts'])
  })
})

describe('size', () => {
  test('no file is long, and most are short', () => {
    expect(longFiles(everything)).toEqual([])
    expect(longMedian(source)).toEqual([])
    expect(longMedian(everything)).toEqual([])
  })

  test('no function is long, and nine of ten are short', () => {
    expect(longFunctions(everything)).toEqual([])
    expect(manyLongFunctions(everything)).toEqual([])
    expect(manyLongFunctions(source)).toEqual([])
  })

  test('folders are shallow', () => {
    expect(deepFolders(source)).toEqual([])
  })

  test('comments fill 10 to 20 % of the source', () => {
    expect(commentShare(source)).toEqual([])
  })

  test('the tests are longer than what they test', () => {
    expect(testShare(source, tests)).toEqual([])
  })
})

describe('imports', () => {
  test('follow the table', () => {
    expect(layerBreaks(source, table)).toEqual([])
  })

  test('never go round in a circle', () => {
    expect(importCycles(everything)).toEqual([])
  })

  test('keep the policy language pure: no files, no network, no framework', () => {
    // Not node:net: its isIP and BlockList are pure, and conditions on addresses need them.
    const outside = [
      'fs',
      'tls',
      'dns',
      'http',
      'https',
      'http2',
      'child_process',
      'worker_threads',
    ]
    const forbidden = [...outside.map((name) => `node:${name}`), 'hono', 'undici', 'pino']
    expect(forbiddenPackages(source, 'src/policy/', forbidden)).toEqual([])
  })

  test('reach each package with a home only there', () => {
    expect(packageStrays(source, homes)).toEqual([])
  })

  test('never name the older spelling of a module of Node', () => {
    expect(
      forbiddenPackages(everything, '', ['fs', 'path', 'http', 'net', 'crypto', 'url']),
    ).toEqual([])
  })

  test('of jose have at most three homes, of the other packages at most two', () => {
    const crowded = Object.entries(homes).filter(
      ([name, places]) => places.length > (name === 'jose' ? 3 : 2),
    )
    expect(crowded).toEqual([])
  })
})

describe('words', () => {
  test.each([
    ['says any', words.anyTypes],
    ['exports a default', words.defaultExports],
    ['is a barrel', words.barrels],
    ['leaves work for later', words.unfinishedNotes],
    ['switches a check off', words.switchedOffChecks],
    ['has an empty name', words.emptyNames],
  ])('nothing %s', (_, rule) => {
    expect(rule(everything)).toEqual([])
  })

  test('only the configuration reads the environment, and main hands it over', () => {
    expect(words.environmentReaders(source, ['src/config.ts', 'src/main.ts'])).toEqual([])
  })

  test('no test uses a double', () => {
    expect(words.testDoubles(tests)).toEqual([])
  })
})
