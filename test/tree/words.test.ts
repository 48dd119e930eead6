import { describe, expect, test } from 'vitest'
import { parseFile, type SourceFile } from '../support/tree/source.ts'
import {
  anyTypes,
  barrels,
  defaultExports,
  emptyNames,
  environmentReaders,
  switchedOffChecks,
  testDoubles,
  unfinishedNotes,
} from '../support/tree/words.ts'

const file = (text: string, path = 'src/a.ts') => parseFile(path, text)

type Rule = (files: readonly SourceFile[]) => string[]
const readsEnvironment: Rule = (files) => environmentReaders(files, ['src/config.ts'])

describe.each<[string, Rule, string[], string[]]>([
  [
    'any',
    anyTypes,
    ['let a: any', 'const a = b as any', 'let a: Record<string, any>', 'function f(a: any[]) {}'],
    ['let any = 1', "const a = 'any'", '// any\nlet a: unknown'],
  ],
  [
    'a default export',
    defaultExports,
    ['export default 1', 'export default function f() {}', 'const a = 1\nexport { a as default }'],
    ['export const a = 1', "import a from 'a'", "const a = 'export default'"],
  ],
  [
    'a barrel',
    barrels,
    ["export * from './b.ts'", "export { b } from './b.ts'", "export type { B } from './b.ts'"],
    ['export const a = 1', 'const a = 1\nexport { a }'],
  ],
  [
    'work left for later',
    unfinishedNotes,
    ['// TODO: later', '/** FIXME */', 'a() // XXX'],
    ['// method', "const a = 'TODO'", '// todos'],
  ],
  [
    'a check that is switched off',
    switchedOffChecks,
    [
      '// @ts-ignore',
      '// @ts-expect-error for now',
      '// @ts-nocheck',
      '// biome-ignore lint: so',
      '/* eslint-disable */',
      '/* v8 ignore next */',
    ],
    ["const a = '@ts-ignore'", '// what we ignore'],
  ],
  [
    'the environment',
    readsEnvironment,
    [
      'process.env',
      "process['env']",
      "process.env['PORT']",
      "import { env } from 'node:process'",
      "import process from 'process'",
    ],
    ['process.version', 'config.env', "const a = 'process.env'", '// process.env'],
  ],
  [
    'a test double',
    testDoubles,
    [
      "vi.mock('./b.ts')",
      'vi.fn()',
      "vi.spyOn(a, 'b')",
      'vi.useFakeTimers()',
      "vi.stubEnv('A', '')",
    ],
    ['vi.waitFor(() => a())', 'a.mock()'],
  ],
  [
    'an empty name',
    emptyNames,
    [
      'export class UserManager {}',
      'export const pathHelper = 1',
      'export interface UserFactory {}',
      'export type AuthUtils = 1',
    ],
    ['export const manage = 1', 'const pathHelper = 1', 'export { a }\nconst a = 1'],
  ],
])('%s', (_, rule, bad, good) => {
  test.each(bad)('is found in %j', (text) => {
    expect(rule([file(text)])).toHaveLength(1)
  })

  test.each(good)('is not found in %j', (text) => {
    expect(rule([file(text)])).toEqual([])
  })
})

describe('places', () => {
  test('are named with their line', () => {
    expect(anyTypes([file('let a = 1\nlet b: any')])).toEqual(['src/a.ts:2 says any'])
    expect(unfinishedNotes([file('a()\n\n// TODO\n')])).toEqual([
      'src/a.ts:3 leaves work for later',
    ])
  })

  test('that may read the environment do', () => {
    expect(readsEnvironment([file('process.env', 'src/config.ts')])).toEqual([])
  })
})

describe('a file name', () => {
  test.each([
    'src/lib/utils.ts',
    'src/lib/string-helpers.ts',
    'src/helpers/a.ts',
    'src/gateway/session-manager.ts',
    'src/store/db-factory.ts',
  ])('such as %s says nothing', (path) => {
    expect(emptyNames([file('', path)])).toHaveLength(1)
  })

  test.each(['src/manage/roles.ts', 'src/lib/ids.ts', 'src/manage/service-accounts.ts'])(
    'such as %s says what it is',
    (path) => {
      expect(emptyNames([file('', path)])).toEqual([])
    },
  )
})
