import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { parsePolicyFiles } from '../../../src/policy/files/files.ts'
import { appsText, modelText, problemsOf, projectFile } from '../support.ts'

const model = { name: 'model.conf', text: modelText }
const rule = 'p, role:a, *, /docs/a, GET, allow'
const parse = (...files: readonly (readonly [string, string])[]) =>
  parsePolicyFiles({ model, files: new Map(files) })
const problems = (...files: readonly (readonly [string, string])[]) =>
  problemsOf(() => parse(...files))
const apps = ['policies/apps.yaml', appsText] as const

describe('the files of the project', () => {
  const names = ['policies/apps.yaml', 'policies/guardrails.csv', 'policies/issuers.yaml']
  const files = parse(...names.map((name) => [name, projectFile(name)] as const))

  test('are right', () => {
    expect(files.applications.map(({ id }) => id)).toEqual(['docs'])
    expect(files.issuers).toEqual([])
    expect(files.guardrails.length).toBeGreaterThan(5)
  })

  test('declare the sample application with a public path and the organisation of the credential', () => {
    expect(files.applications[0]).toMatchObject({
      prefix: '/docs',
      strip: true,
      upstreams: ['http://127.0.0.1:8090'],
      organisation: { from: 'credential' },
      publicPaths: ['/health'],
    })
  })

  test('the commented issuer is right when its marks are taken away', () => {
    const text = projectFile('policies/issuers.yaml')
    const lines = text.split('\n').slice(2, -2)
    const example = lines
      .map((line) => line.replace(/^# ?/, ''))
      .map((line) => {
        return /^ {4,}[A-Z]/.test(line) ? `#${line}` : line
      })
    const { issuers } = parse(apps, ['a.csv', rule], ['issuers.yaml', example.join('\n')])
    expect(issuers).toMatchObject([
      { audience: 'https://gateway.example.com', organisation: 'acme' },
    ])
  })
})

describe('the rules', () => {
  test('stand in the order of the names, whatever the order of the listing', () => {
    const files = [
      ['policies/b.csv', rule.replace('/a', '/b')],
      apps,
      ['policies/a.csv', rule],
      ['policies/B.csv', rule.replace('/a', '/c')],
    ] as const
    const objects = (list: readonly (readonly [string, string])[]) =>
      parse(...list).guardrails.map(({ values }) => values[2])
    expect(objects(files)).toEqual(['/docs/c', '/docs/a', '/docs/b'])
    expect(objects(files.toReversed())).toEqual(['/docs/c', '/docs/a', '/docs/b'])
  })

  test('know their file and line', () => {
    const { guardrails } = parse(apps, ['policies/a.csv', `# one\n${rule}`])
    expect(guardrails[0]?.source).toMatchObject({ kind: 'file', file: 'policies/a.csv', line: 2 })
  })

  test('are refused twice across files', () => {
    expect(problems(apps, ['a.csv', rule], ['b.csv', rule])).toEqual([
      'b.csv:1:1: This rule stands already at a.csv:1; take one away.',
    ])
  })

  test('H4: none at all are refused', () => {
    const message = 'The policy files hold no rule: write at least one in a *.csv beside apps.yaml.'
    expect(problems(apps)).toEqual([`policies:1:1: ${message}`])
    expect(problems(apps, ['a.csv', '# nothing\n\n'])).toEqual([`policies:1:1: ${message}`])
  })

  test('name declared applications only', () => {
    expect(problems(['a.csv', rule])).toEqual([
      'a.csv:1:16: "docs" is no declared application; possible are "gatehouse".',
    ])
  })
})

describe('the hash', () => {
  const base = [apps, ['a.csv', rule]] as const
  const { hash } = parse(...base)

  test('is the same for the same files in another order', () => {
    expect(parse(...base.toReversed()).hash).toBe(hash)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
  })

  test.each([
    ['a comment', [apps, ['a.csv', `${rule}\n# x`]]],
    ['a name', [apps, ['b.csv', rule]]],
    ['a further file', [apps, ['a.csv', rule], ['b.csv', '']]],
    ['what stands in which file', [apps, ['a.csv', ''], ['b.csv', rule]]],
  ] as const)('I23: changes with %s', (_, files) => {
    expect(parse(...files).hash).not.toBe(hash)
  })

  test('I23: changes with the model, to its comments', () => {
    const other = { name: 'model.conf', text: `${modelText}# x\n` }
    expect(parsePolicyFiles({ model: other, files: new Map(base) }).hash).not.toBe(hash)
  })
})

describe('what is wrong', () => {
  test('is named all at once, by file, line and column', () => {
    const found = problemsOf(() =>
      parsePolicyFiles({
        model: { name: 'model.conf', text: modelText },
        files: new Map([
          ['policies/z.csv', 'x\np, ann, *, /docs/a, GET, allow'],
          ['policies/apps.yaml', appsText.replace('strip', 'stirp')],
          ['policies/issuers.yaml', 'issuers: {}'],
          ['policies/other.yaml', ''],
        ]),
      }),
    )
    expect(found.map((problem) => problem.split(': ', 1)[0])).toEqual([
      'policies/apps.yaml:4:5',
      'policies/issuers.yaml:1:10',
      'policies/other.yaml:1:1',
      'policies/z.csv:1:1',
      'policies/z.csv:2:4',
      'policies/z.csv:2:13',
    ])
  })

  test.each([
    ['broken', modelText.replace('[matchers]', '[matcher]'), /There is no section \[matcher\]/],
    ['not ours', modelText.replace('keyMatch2', 'keyMatch'), /keyMatch ignores what follows/],
  ])('a model that is %s is named beside the other files', (_, text, message) => {
    const found = problemsOf(() =>
      parsePolicyFiles({
        model: { name: 'model.conf', text },
        files: new Map([['apps.yaml', 'x: 1']]),
      }),
    )
    expect(found.join('\n')).toMatch(message)
    expect(found.join('\n')).toMatch(/apps\.yaml:1:1/)
  })

  test.each([
    [
      'policies/plans.yml',
      'This file is not read: rules are in *.csv, the rest in apps.yaml, issuers.yaml, plans.yaml.',
    ],
    [
      'policies/rules.csv.bak',
      'This file is not read: rules are in *.csv, the rest in apps.yaml, issuers.yaml, plans.yaml.',
    ],
    [
      'policies/rules.CSV',
      'This file is not read: rules are in *.csv, the rest in apps.yaml, issuers.yaml, plans.yaml.',
    ],
    ['policies/sub/apps.yaml', 'There is one apps.yaml; another is policies/apps.yaml.'],
  ])('the file %s, which nobody would read', (name, message) => {
    expect(problems(apps, ['policies/a.csv', rule], [name, appsText])).toEqual([
      `${name}:1:1: ${message}`,
    ])
  })

  test('decision tests lie beside the rules and are no rules', () => {
    expect(problems(apps, ['a.csv', rule], ['docs.test.yaml', 'anything'])).toEqual([])
  })

  test('a file that is too large', () => {
    const text = `${rule}\n${'#'.repeat(limits.policyFileBytes)}`
    expect(problems(apps, ['a.csv', text])).toEqual([
      'a.csv:1:1: A policy file has at most 4194304 bytes.',
    ])
  })
})
