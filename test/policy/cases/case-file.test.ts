import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { checkCases } from '../../../src/policy/cases/case-file.ts'
import { findInCases } from '../../../src/policy/cases/case-findings.ts'
import { attributeFiles } from '../attribute-world.ts'
import { projectFile } from '../support.ts'
import { caseText, problemsIn, readWell, sample, testList } from './case-world.ts'

const oneTest = 'name: one, subjects: [user:ben], resources: [/docs/documents/7]'

describe('a file of tests', () => {
  test('that is well is read whole', () => {
    const cases = readWell(
      caseText({
        clock: '2026-01-31T12:00:00Z',
        rules: '\n  - p, user:ann, org:acme, /docs/drafts/*, PUT, allow',
      }),
    )
    expect(cases).toMatchObject({ organisation: 'acme', decisions: 6 })
    expect(cases.grants.map(({ rule }) => rule.values)).toEqual([
      ['user:ann', 'role:editor', 'org:acme'],
      ['user:ben', 'role:reader', 'org:acme'],
    ])
    expect(cases.rules).toMatchObject([
      { values: ['user:ann', 'org:acme', '/docs/drafts/*', 'PUT', 'allow'], source: { line: 7 } },
    ])
    expect(cases.tests[0]).toMatchObject({ name: 'one', clock: Date.UTC(2026, 0, 31, 12) })
  })

  test('of the sample is well', () => {
    expect(checkCases(projectFile('policies/docs.test.yaml'), 'docs.test.yaml', sample)).toEqual([])
  })

  test('gives a team its members, and somebody nothing', () => {
    const given = '{ user:ben: [team:writers], team:writers: [role:editor], user:dan: [] }'
    expect(problemsIn(caseText({ given }))).toEqual([])
  })
})

describe('a mistake is named with its place and what would be right:', () => {
  test.each<[string, string, string]>([
    ['no organisation', caseText({ organisation: '' }), '1:1: "organisation" is missing.'],
    [
      'an organisation with its prefix',
      caseText({ organisation: 'org:acme' }),
      '1:15: "org:acme" is no id',
    ],
    ['no test', caseText({ tests: '[]' }), '3:8: Write at least one test.'],
    [
      'an unknown key',
      caseText({ fixtures: '{}' }),
      '5:1: "fixtures" is not known here; possible are "organisation", "clock", "given", "rules", "attributes", "tests".',
    ],
    [
      'a misspelt key of a test',
      caseText({ tests: testList(`${oneTest}, actions: {}, clok: x`) }),
      '4:85: "clok" is not known here; did you mean "clock"?',
    ],
    [
      'a test without actions',
      caseText({ tests: testList(oneTest) }),
      '4:5: "actions" is missing.',
    ],
    [
      'no subject',
      caseText({ tests: testList('name: one, subjects: [], resources: [/docs/a], actions: {}') }),
      '4:28: Write at least one subject.',
    ],
    [
      'no resource',
      caseText({ tests: testList('name: one, subjects: [user:ben], resources: [], actions: {}') }),
      '4:51: Write at least one resource.',
    ],
    [
      'a blank name',
      caseText({
        tests: testList('name: " ", subjects: [user:ben], resources: [/docs/a], actions: {}'),
      }),
      '4:14: A name is one line of at most 100 characters.',
    ],
    [
      'a name of two lines',
      caseText({
        tests: testList('name: "a\\nb", subjects: [user:ben], resources: [/docs/a], actions: {}'),
      }),
      '4:14: A name is one line',
    ],
    [
      'a decision that is none',
      caseText({ tests: testList(`${oneTest}, actions: { GET: yes }`) }),
      '4:88: Write allow or deny.',
    ],
    [
      'a time that is none',
      caseText({ clock: '2026-01-31' }),
      '"2026-01-31" is no moment: write one in UTC, such as 2026-01-31T12:00:00Z.',
    ],
    [
      'a day that is none',
      caseText({ clock: '2026-02-30T12:00:00Z' }),
      '"2026-02-30T12:00:00Z" is no moment',
    ],
    ['a time of another zone', caseText({ clock: '2026-02-20T12:00:00+01:00' }), 'is no moment'],
    [
      'what ends without a clock',
      caseText({ given: '{ user:ben: [{ holds: role:reader, until: 2026-01-01T00:00:00Z }] }' }),
      '2:50: What ends needs a moment to be looked at: write "clock:',
    ],
    [
      'a holding of another form',
      caseText({ given: '{ user:ben: [{ role: role:reader }] }' }),
      '2:21: Write a team or a role, or one that ends: { holds:',
    ],
  ])('%s', (_, text, problem) => {
    const found = problemsIn(text)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(problem)
  })
})

describe('a name that means nothing is a mistake, for it would be denied whatever the rules say:', () => {
  const subjects = (name: string) =>
    caseText({
      tests: testList(`name: one, subjects: [${name}], resources: [/docs/a], actions: {}`),
    })
  const resources = (name: string) =>
    caseText({
      tests: testList(`name: one, subjects: [user:ben], resources: ["${name}"], actions: {}`),
    })
  const actions = (name: string) =>
    caseText({ tests: testList(`${oneTest}, actions: { ${name}: deny }`) })

  test.each<[string, string, string]>([
    [
      'a subject that is not given',
      subjects('user:bne'),
      '4:29: "user:bne" is not in "given", where whoever holds nothing is written as "user:bne: []"; did you mean "user:ben"?',
    ],
    [
      'a role as subject',
      subjects('role:reader'),
      '4:29: "role:reader" is nobody who asks: write user: or service:',
    ],
    ['a subject twice', subjects('user:ben, user:ben'), '4:39: "user:ben" stands here twice.'],
    [
      'an unknown team',
      caseText({ given: '{ user:ben: [team:wrtiers], team:writers: [role:editor] }' }),
      '2:21: "team:wrtiers" is neither in "given" nor in a rule; did you mean "team:writers"?',
    ],
    [
      'an unknown role',
      caseText({ given: '{ user:ben: [role:raeder] }' }),
      '2:21: "role:raeder" is neither in "given" nor in a rule; did you mean "role:reader"?',
    ],
    [
      'who is nobody',
      caseText({ given: '{ user:ben: [], bob: [] }' }),
      '2:24: "bob" holds nothing: write user:, service:, team: or role: and an id.',
    ],
    [
      'a team in a team',
      caseText({ given: '{ user:ben: [], team:b: [], team:a: [team:b] }' }),
      'A team has users and services as members',
    ],
    [
      'the same held twice',
      caseText({ given: '{ user:ben: [role:reader, role:reader] }' }),
      '2:34: This rule stands already at a.test.yaml:2',
    ],
    [
      'a circle of roles',
      caseText({ given: '{ user:ben: [], role:reader: [role:editor] }' }),
      'This makes a circle',
    ],
    ['a relative resource', resources('docs/a'), '4:53: "docs/a" is no resource'],
    [
      'an unknown application',
      resources('/dcos/a'),
      '"dcos" is no declared application; did you mean "docs"?',
    ],
    [
      'a pattern',
      resources('/docs/documents/:id'),
      '"/docs/documents/:id" is a pattern; a test names what is asked for',
    ],
    ['a star', resources('/docs/*'), 'is a pattern'],
    ['an application without a path', resources('/docs'), 'its root is "/docs/".'],
    ['another spelling', resources('/docs//a/../b'), 'write "/docs/b"'],
    ['a path that is refused', resources('/docs/a%00'), 'the path is refused'],
    [
      'a resource twice',
      caseText({
        tests: testList(
          'name: one, subjects: [user:ben], resources: [/docs/a, /docs/a], actions: {}',
        ),
      }),
      '4:61: "/docs/a" stands here twice.',
    ],
    [
      'an action that is none',
      actions('REED'),
      '4:83: "REED" is no method and no action of /docs/documents/7; possible are',
    ],
    ['a method in small letters', actions('get'), 'did you mean "GET"?'],
    ['HEAD', actions('HEAD'), 'HEAD is decided as GET: write GET.'],
    [
      'two tests of one name',
      caseText({
        tests: testList(`${oneTest}, actions: { GET: allow }`, `${oneTest}, actions: {}`),
      }),
      '5:13: Another test has the name "one".',
    ],
    [
      'a rule with a wrong effect',
      caseText({ rules: '\n  - p, user:ann, org:acme, /docs/a, GET, alow' }),
      '6:42: "alow" is not an effect',
    ],
    ['a rule that is empty', caseText({ rules: '\n  - "# nothing"' }), 'This is no rule'],
    ['a rule of two lines', caseText({ rules: '["a\\nb"]' }), 'A rule is one line'],
    [
      'a rule for another organisation',
      caseText({ rules: '\n  - p, user:ann, org:other, /docs/a, GET, allow' }),
      '6:18: The rule of an organisation holds there only',
    ],
    [
      'attributes that nothing reads',
      caseText({ attributes: '{ user:ben: { department: Sales } }' }),
      '5:27: The matcher of the model reads no attributes.',
    ],
  ])('%s', (_, text, problem) => {
    const found = problemsIn(text)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(problem)
  })

  test('an action belongs to the resource on which it is expected', () => {
    const files = attributeFiles(['p, role:editor, *, /docs/document/:id, can_read, allow, always'])
    const on = (resource: string) =>
      caseText({
        given: '{ user:ben: [role:editor] }',
        tests: testList(
          `name: one, subjects: [user:ben], resources: [${resource}], actions: { can_read: allow }`,
        ),
      })
    expect(problemsIn(on('/docs/document/1'), files)).toEqual([])
    expect(problemsIn(on('/docs/document/1, /docs/other/1'), files)).toEqual([
      expect.stringContaining('"can_read" is no method and no action of /docs/other/1'),
    ])
  })

  test('an attribute is one that the matcher reads, of somebody or something that is known', () => {
    const files = attributeFiles(['p, role:editor, *, /docs/*, GET, allow, own'])
    const given = '{ user:ben: [role:editor] }'
    const tests = testList(
      'name: one, subjects: [user:ben], resources: [/docs/document/1], actions: {}',
    )
    const problems = (attributes: string) =>
      problemsIn(caseText({ given, attributes, tests }), files)
    expect(
      problems('{ /docs/document/1: { owner: ben }, user:ben: { email: b@example.com } }'),
    ).toEqual([])
    expect(problems('{ /docs/document/1: { onwer: ben } }')).toEqual([
      expect.stringContaining('reads no r.res.onwer; did you mean "owner"?'),
    ])
    expect(problems('{ user:bne: { department: a } }')).toEqual([
      expect.stringContaining('"user:bne"'),
    ])
    expect(problems('{ /dcos/document/1: { owner: ben } }')).toEqual([
      expect.stringContaining('"dcos"'),
    ])
  })
})

describe('hostile YAML', () => {
  const bomb = ['a: &a [x, x]', ...'bcdefghij'].map((name, at, all) => {
    return at === 0
      ? name
      : `${name}: &${name} [*${at === 1 ? 'a' : all[at - 1]}, *${at === 1 ? 'a' : all[at - 1]}]`
  })

  test('with anchors and aliases is refused before it is expanded', () => {
    const found = problemsIn(`${bomb.join('\n')}\n${caseText()}`)
    expect(found.join('\n')).toContain('Aliases are not read')
    expect(found.join('\n')).toContain('The anchor "a" is not read')
  })

  test('with a key twice is refused at the second', () => {
    expect(problemsIn(caseText({ given: '{ user:ben: [], user:ben: [role:owner] }' }))).toEqual([
      'a.test.yaml:2:24: Map keys must be unique',
    ])
  })

  test.each(['given', 'attributes'])(
    'with __proto__ in "%s" is refused, not passed over',
    (key) => {
      expect(
        problemsIn(caseText({ [key]: '{ user:ben: {}, __proto__: [role:owner] }' })),
      ).toContain(
        `a.test.yaml:${key === 'given' ? '2:24' : '5:29'}: The key "__proto__" is not read.`,
      )
    },
  )

  test.each(['constructor', 'toString', 'hasOwnProperty'])(
    'takes %s for no subject and no action',
    (name) => {
      const text = caseText({
        tests: testList(
          `name: one, subjects: [${name}], resources: [/docs/a], actions: { ${name}: allow }`,
        ),
      })
      expect(problemsIn(text)).toHaveLength(2)
    },
  )

  test('with tens of thousands of keys is read in one pass over them', () => {
    const many = Array.from({ length: 50_000 }, (_, at) => `user:u${at}: []`).join(', ')
    expect(problemsIn(caseText({ given: `{ user:ben: [], ${many} }` }))).toEqual([])
  })

  test('of another kind than a map is a problem, not an exception', () => {
    for (const text of ['', '[]', '1', '- a', '\0', `a: ${'['.repeat(10_000)}`, '{'])
      expect(problemsIn(text).length).toBeGreaterThan(0)
  })

  test('with more decisions than are made is refused at the test that goes beyond', () => {
    const given = `{ ${Array.from({ length: 1_000 }, (_, at) => `user:u${at}: []`).join(', ')} }`
    const subjects = Array.from({ length: 1_000 }, (_, at) => `user:u${at}`).join(', ')
    const resources = Array.from({ length: 167 }, (_, at) => `/docs/documents/${at}`).join(', ')
    const wide = `subjects: [${subjects}], resources: [${resources}], actions: {}`
    expect(limits.testDecisions).toBe(1_000_000)
    const found = problemsIn(caseText({ given, tests: testList(`name: wide, ${wide}`) }))
    expect(found).toEqual([
      'a.test.yaml:4:5: Up to here the tests make 1,002,000 decisions; a file has at most 1,000,000. Move some to another file.',
    ])
  })
})

describe('as findings of gatehouse check', () => {
  const texts = (text: string) => ({
    model: { name: 'model.conf', text: '' },
    files: new Map([['policies/a.test.yaml', text]]),
  })

  test('mistakes are warnings, for nothing that is served depends on them', () => {
    expect(findInCases(texts(caseText({ organisation: '' })), sample)).toEqual([
      expect.objectContaining({ severity: 'warning', kind: 'test-file', line: 1, column: 1 }),
    ])
  })

  test('there are none while the policy itself is broken', () => {
    expect(findInCases(texts(''), undefined)).toEqual([])
  })
})
