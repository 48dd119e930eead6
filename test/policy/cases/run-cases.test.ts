import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { runCases } from '../../../src/policy/cases/run-cases.ts'
import { decide } from '../../../src/policy/decide.ts'
import { describeRule } from '../../../src/policy/rule.ts'
import { methods } from '../../../src/policy/rules/grammar.ts'
import { attributeFiles } from '../attribute-world.ts'
import { buildWorld, objects, type SmallWorld, smallWorld } from '../questions/permission-worlds.ts'
import { filesWith, inert, projectFile } from '../support.ts'
import {
  caseText,
  failedCells,
  failuresIn,
  readWell,
  runText,
  sample,
  testList,
} from './case-world.ts'

const one = (subjects: string, resources: string, actions = '{}', more = '') =>
  testList(
    `name: one, subjects: [${subjects}], resources: [${resources}], actions: ${actions}${more}`,
  )

describe('what a test expects', () => {
  test('is all that is listed, and that everything else is denied', async () => {
    const listed = caseText({ tests: one('user:ben', '/docs/documents/7', '{ GET: allow }') })
    expect(await failedCells(listed)).toEqual([])
    const unlisted = caseText({ tests: one('user:ann', '/docs/documents/7', '{ GET: allow }') })
    expect(await failedCells(unlisted)).toEqual([
      'user:ann PUT /docs/documents/7 got allow',
      'user:ann DELETE /docs/documents/7 got allow',
    ])
  })

  test('may be a deny that is written out', async () => {
    const tests = one('user:ben', '/docs/documents/7', '{ GET: deny, PUT: deny }')
    expect(await failedCells(caseText({ tests }))).toEqual([
      'user:ben GET /docs/documents/7 got allow',
    ])
  })

  test('is asked of each subject about each resource with every method', async () => {
    const tests = one('user:ann, user:ben', '/docs/documents, /docs/archive/7')
    const report = await runText(caseText({ tests }))
    const [result] = report.files[0]?.tests ?? []
    expect(result?.decisions).toBe(2 * 2 * methods.length)
    expect(result?.failed).toBe(5)
  })

  test('covers the actions that the type of a resource declares', async () => {
    const files = attributeFiles(['p, role:editor, *, /docs/document/:id, *, allow, always'])
    const tests = one('user:ben', '/docs/document/1', '{ can_read: allow }')
    const failed = await failedCells(
      caseText({ given: '{ user:ben: [role:editor] }', tests }),
      files,
    )
    expect(failed).toHaveLength(methods.length + 1)
    expect(failed).toContain('user:ben can_share /docs/document/1 got allow')
  })

  test('of the sample holds', async () => {
    const report = await runText(projectFile('policies/docs.test.yaml'))
    expect(failuresIn(report)).toEqual([])
    expect(report.coverage).toMatchObject({ rules: 9, exercised: 9, percent: 100, missing: [] })
  })
})

describe('what is given', () => {
  const get = '{ GET: allow }'
  const tests = one('user:eve', '/docs/documents/7', get)
  const given = '{ user:eve: [{ holds: role:reader, until: 2026-01-31T00:00:00Z }] }'

  test('is held until its end, and from then on no more', async () => {
    const at = (clock: string) => failedCells(caseText({ given, tests, clock }))
    expect(await at('2026-01-30T23:59:59.999Z')).toEqual([])
    expect(await at('2026-01-31T00:00:00Z')).toEqual(['user:eve GET /docs/documents/7 got deny'])
  })

  test('is looked at by the clock of the test before that of the file', async () => {
    const late = one('user:eve', '/docs/documents/7', get, ', clock: 2027-01-01T00:00:00Z')
    const text = caseText({ given, tests: late, clock: '2026-01-01T00:00:00Z' })
    expect(await failedCells(text)).toHaveLength(1)
  })

  test('leaves each of two moments what is held then', async () => {
    const moments = ['2026-01-01', '2026-02-01', '2026-01-02'].map((day) => {
      return `name: ${day}, subjects: [user:eve], resources: [/docs/documents/7], actions: ${get}, clock: ${day}T00:00:00Z`
    })
    const report = await runText(caseText({ given, tests: testList(...moments) }))
    expect(report.files[0]?.tests.map(({ failed }) => failed)).toEqual([0, 1, 0])
  })

  test('through a team is held by its members', async () => {
    const given = '{ user:eve: [team:readers], team:readers: [role:reader] }'
    expect(await failedCells(caseText({ given, tests }))).toEqual([])
  })

  test('holds in no other organisation, nor do the rules of the file', async () => {
    const elsewhere = one(
      'user:ben',
      '/docs/documents/7, /docs/drafts/7',
      '{}',
      ', organisation: other',
    )
    const rules = '\n  - p, user:ben, org:acme, /docs/drafts/*, GET, allow'
    expect(await failedCells(caseText({ rules, tests: elsewhere }))).toEqual([])
    const here = one('user:ben', '/docs/documents/7, /docs/drafts/7', get)
    expect(await failedCells(caseText({ rules, tests: here }))).toEqual([])
  })

  test('are attributes, by which conditions are met', async () => {
    const files = attributeFiles(['p, role:editor, *, /docs/document/:id, GET, allow, mail'])
    const attributes =
      '{ user:ben: { email: b@example.com }, /docs/document/1: { owner: b@example.com } }'
    const tests = one('user:ben', '/docs/document/1', get)
    const base = { given: '{ user:ben: [role:editor] }', tests }
    expect(await failedCells(caseText({ ...base, attributes }), files)).toEqual([])
    expect(await failedCells(caseText(base), files)).toHaveLength(1)
  })
})

describe('somebody without a credential', () => {
  const asked = (path: string) => caseText({ tests: one('anonymous', path, '{ GET: allow }') })
  const open = filesWith([inert, 'p, anonymous, *, /docs/*, GET, allow'])

  test('reaches a public path that a rule allows', async () => {
    expect(await failedCells(asked('/docs/health'))).toEqual([])
  })

  test('is denied where the path is not declared public, as by the gateway, whatever rules say', async () => {
    const given = '{}'
    const text = caseText({ given, tests: one('anonymous', '/docs/health', '{ GET: allow }') })
    const report = await runText(text, open)
    expect(failuresIn(report)).toMatchObject([
      {
        got: 'deny',
        why: [
          'Without a credential nobody reaches /docs/health: apps.yaml does not declare /health public.',
        ],
      },
    ])
    expect(report.coverage.exercised).toBe(0)
  })
})

describe('a failure', () => {
  test('names the rule that wrongly allows, its place, and the way to it', async () => {
    const tests = one('user:ann', '/docs/documents/7', '{ PUT: allow, DELETE: allow }')
    const [failure] = failuresIn(await runText(caseText({ tests })))
    expect(failure).toMatchObject({
      expected: 'deny',
      got: 'allow',
      place: { line: 4, column: 13 },
    })
    expect(failure?.rule && describeRule(failure.rule)).toContain('(policies/guardrails.csv:')
    expect(failure?.why?.join(' ')).toMatch(
      /A rule allows user:ann to GET .*\(policies\/guardrails\.csv:\d+\).*user:ann -> role:editor -> role:reader/,
    )
  })

  test('names what came nearest to a wrong deny, and what would allow it', async () => {
    const tests = one('user:ben', '/docs/documents/7', '{ GET: allow, PUT: allow }')
    const [failure] = failuresIn(await runText(caseText({ tests })))
    expect(failure).toMatchObject({ expected: 'allow', got: 'deny', action: 'PUT' })
    expect(failure?.place).toEqual({ line: 4, column: 95 })
    expect(failure?.why?.join(' ')).toContain('role:editor to user:ben would allow it')
  })

  test('is counted beyond what is shown, and shown beyond what is explained', async () => {
    const resources = Array.from({ length: 400 }, (_, at) => `/docs/documents/${at}`).join(', ')
    const report = await runText(caseText({ tests: one('user:ann', resources) }))
    const [result] = report.files[0]?.tests ?? []
    expect(result?.failed).toBe(1_200)
    expect(result?.failures).toHaveLength(limits.testFailuresShown)
    expect(result?.failures.filter(({ why }) => why !== undefined)).toHaveLength(
      limits.testFailuresExplained,
    )
  })
})

test('a hundred thousand decisions are made, and all of them as expected', async () => {
  const resources = Array.from({ length: 8_400 }, (_, at) => `/docs/documents/${at}`).join(', ')
  const tests = one('user:ben, user:eve', resources, '{ GET: allow }')
  const given = '{ user:ben: [role:reader], user:eve: [role:reader] }'
  const report = await runText(caseText({ given, tests }))
  expect(report.files[0]?.tests[0]).toMatchObject({ decisions: 100_800, failed: 0 })
})

test('only the tests that are chosen are run, and a file without one is left out', async () => {
  const named = (name: string) =>
    `name: ${name}, subjects: [user:ben], resources: [/docs/a], actions: {}`
  const cases = [readWell(caseText({ tests: testList(named('one'), named('two')) }))]
  const run = (name: string) =>
    runCases({ files: sample, cases, select: (_, test) => test === name })
  expect((await run('two')).files).toMatchObject([{ tests: [{ test: { name: 'two' } }] }])
  expect((await run('three')).files).toEqual([])
})

describe('coverage', () => {
  const missingIn = async (text: string, guardrails: readonly string[]) =>
    (await runText(text, filesWith(guardrails))).coverage.missing.map(({ ptype, values }) =>
      [ptype, ...values].join(', '),
    )
  const reads = 'p, role:reader, *, /docs/documents/:id, GET, allow'

  test('names the rules that no decision met', async () => {
    const other = 'p, role:reader, *, /docs/archive/:id, GET, allow'
    const text = caseText({ given: '{ user:ben: [role:reader] }' })
    expect(await missingIn(text, [reads, other])).toEqual([other])
  })

  test('counts a rule that another one outweighs', async () => {
    const deny = 'p, user:ben, *, /docs/documents/7, GET, deny'
    const text = caseText({
      given: '{ user:ben: [role:reader] }',
      tests: one('user:ben', '/docs/documents/7'),
    })
    expect(await missingIn(text, [reads, deny])).toEqual([])
  })

  test('counts a membership on the way to a rule that was met, and no other', async () => {
    const used = 'g, role:editor, role:reader, *'
    const unused = 'g, role:clerk, role:reader, *'
    const aside = 'g, role:editor, role:clerk, org:acme'
    const text = caseText({
      given: '{ user:ben: [role:editor] }',
      tests: one('user:ben', '/docs/documents/7', '{ GET: allow }'),
    })
    const upwards = 'g, role:editor, role:auditor, *'
    expect(await missingIn(text, [reads, used, unused, upwards])).toEqual([unused, upwards])
    // Both ways lead there.
    expect(await missingIn(text, [reads, used, unused, aside])).toEqual([])
  })

  test('counts the rules of the file itself, at their lines', async () => {
    const rules = '\n  - p, user:ben, org:acme, /docs/drafts/*, GET, allow'
    const { coverage } = await runText(
      caseText({ rules, given: '{ user:ben: [role:reader] }' }),
      filesWith([reads]),
    )
    expect(coverage).toMatchObject({ rules: 2, exercised: 1, percent: 50 })
    expect(coverage.missing[0]?.source).toMatchObject({ file: 'a.test.yaml', line: 6 })
  })

  test('is whole only where no rule is missing', async () => {
    const many = Array.from(
      { length: 249 },
      (_, at) => `p, role:reader, *, /docs/documents/${at}, GET, allow`,
    )
    const text = caseText({
      given: '{ user:ben: [role:reader] }',
      tests: one(
        'user:ben',
        many
          .slice(1)
          .map((_, at) => `/docs/documents/${at}`)
          .join(', '),
        '{ GET: allow }',
      ),
    })
    expect((await runText(text, filesWith(many))).coverage.percent).toBe(99)
  })
})

/** The world as a file of tests, whose guardrails are the policy files. */
function asText({ rules }: SmallWorld): string {
  const subjects = ['user:a', 'user:b', 'service:s', 'user:stranger']
  const held = new Map(subjects.map((subject) => [subject, [] as string[]]))
  for (const line of rules.filter((rule) => rule.startsWith('g'))) {
    const [, member = '', group = ''] = line.split(', ')
    held.set(member, [...(held.get(member) ?? []), group])
  }
  const given = [...held].map(([member, groups]) => `${member}: [${groups.join(', ')}]`)
  // What nothing else names is made known by being given.
  for (const group of ['team:t', 'team:u', 'role:r', 'role:q']) {
    if (!held.has(group)) given.push(`${group}: []`)
  }
  const own = rules.filter((rule) => rule.startsWith('p'))
  return caseText({
    given: `{ ${given.join(', ')} }`,
    ...(own.length > 0 && { rules: `\n${own.map((rule) => `  - ${rule}`).join('\n')}` }),
    tests: one(subjects.join(', '), objects.join(', ')),
  })
}

test('what is decided is what the gateway decides, for any policy', async () => {
  await fc.assert(
    fc.asyncProperty(smallWorld, async (world) => {
      const guardrails = world.guardrails.filter((line) => line !== inert)
      const failed = await failedCells(asText(world), filesWith([inert, ...guardrails]))
      const snapshot = await buildWorld(world)
      const allowed = ['user:a', 'user:b', 'service:s', 'user:stranger'].flatMap((sub) =>
        objects.flatMap((obj) =>
          methods
            .filter((act) => decide(snapshot, { sub, dom: 'org:acme', obj, act }).allow)
            .map((act) => `${sub} ${act} ${obj} got allow`),
        ),
      )
      expect(failed).toEqual(allowed)
    }),
    { numRuns: 60 },
  )
})
