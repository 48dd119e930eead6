import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codesIn, tableUnder } from '../support/markdown.ts'
import { until } from '../support/until.ts'

const root = new URL('../..', import.meta.url).pathname
const program = join(root, 'src/cli/gatehouse.ts')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function gatehouse(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const run = (...args: readonly string[]) => gatehouse('test', ...args)

/** The sample policy, with its own tests. */
beforeEach(() => {
  rmSync(join(folder, 'policies'), { recursive: true, force: true })
  cpSync(join(root, 'policies'), join(folder, 'policies'), { recursive: true })
  cpSync(join(root, 'model.conf'), join(folder, 'model.conf'))
})

const samplePlace = 'policies/docs.test.yaml'
const guardrails = 'policies/guardrails.csv'

function write(file: string, text: string): void {
  writeFileSync(join(folder, file), text)
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(join(folder, file), 'utf8')
  expect(text).toContain(from)
  write(file, text.replace(from, to))
}

/** A file with one test, in which a reader is expected to read and to write. */
const failing = `organisation: acme
given:
  user:ben: [role:reader]
tests:
  - name: Readers write
    subjects: [user:ben]
    resources: [/docs/documents/7]
    actions: { PUT: allow }
`

describe('gatehouse test', () => {
  test('says in a line that all is well, and how much of the policy was exercised', () => {
    const { status, stdout } = run()
    expect(status).toBe(0)
    expect(stdout).toBe(
      '✓ policies/docs.test.yaml: 9 tests, 132 decisions\n9 tests passed, 132 decisions. 9 of 9 rules exercised (100 %).\n',
    )
  })

  test('tells of a failure what was expected, what was got, and why', () => {
    write('policies/failing.test.yaml', failing)
    const { status, stdout } = run()
    expect(status).toBe(1)
    expect(stdout).toContain('✗ Readers write (policies/failing.test.yaml:5)')
    expect(stdout).toMatch(
      /user:ben GET \/docs\/documents\/7: expected deny, got allow \(policies\/failing\.test\.yaml:5:11\)\n.*A rule allows user:ben to GET .*\(policies\/guardrails\.csv:\d+\)/,
    )
    expect(stdout).toMatch(
      /user:ben PUT \/docs\/documents\/7: expected allow, got deny \(policies\/failing\.test\.yaml:8:16\)\n.*No rule allows .*\n.*granting role:editor to user:ben would allow it/,
    )
    expect(stdout).toContain('1 of 10 tests failed: 2 of 138 decisions are not as expected.')
    expect(stdout).toContain('✓ policies/docs.test.yaml')
  })

  test('finds what a change of a guardrail breaks', () => {
    edit(guardrails, 'p, *, *, /docs/archive/*, DELETE, deny', '# nothing')
    const { status, stdout } = run()
    expect(status).toBe(1)
    expect(stdout).toContain('user:cleo DELETE /docs/archive/7: expected deny, got allow')
  })

  test('takes a folder that holds everything itself, and a model from elsewhere', () => {
    const { status, stdout } = run('policies', '--model', 'model.conf')
    expect(status).toBe(0)
    expect(stdout).toContain('9 tests passed')
  })

  test('looks at what ends by the clock of the file, not of the machine', () => {
    edit(samplePlace, 'clock: 2026-01-15T12:00:00Z', 'clock: 2099-01-15T12:00:00Z')
    const { status, stdout } = run()
    expect(status).toBe(1)
    expect(stdout).toContain('user:eve GET /docs/documents/7: expected allow, got deny')
  })

  test('teaches with --help how a file is written, and what it shows can be run', () => {
    const { stdout } = run('--help')
    const shown = stdout.split('such as policies/docs.test.yaml:\n\n')[1]?.split('\n\n')[0] ?? ''
    write('policies/docs.test.yaml', shown.replaceAll(/^ {2}/gm, ''))
    expect(run()).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('“Decision tests” in README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const section = readme.split('### Decision tests')[1]?.split(/^## /m)[0] ?? ''
  const blocks = (language: string) =>
    [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
      .filter(([, found]) => found === language)
      .map(([, , text = '']) => text)
  const commands = blocks('console').map((text) => text.trim().replace('$ npx gatehouse ', ''))

  test('shows what its first command says of its file, to the letter', () => {
    write('policies/writers.test.yaml', blocks('yaml')[0] ?? '')
    expect(gatehouse(...(commands[0] ?? '').split(' '))).toEqual({
      status: 1,
      stdout: blocks('text')[0],
      stderr: '',
    })
  })

  test('shows commands that succeed on the sample', () => {
    expect(commands).toHaveLength(2)
    expect(gatehouse(...(commands[1] ?? '').split(' '))).toMatchObject({ status: 0, stderr: '' })
  })

  test('explains every key that a file may have', () => {
    write('policies/other.test.yaml', 'unknown: 1')
    const known = /possible are (.*)\./.exec(run().stderr)?.[1] ?? ''
    const explained = tableUnder(readme, '### Decision tests').flatMap(([key = '']) => codesIn(key))
    expect([...explained, 'tests'].map((key) => `"${key}"`).toSorted()).toEqual(
      known.split(', ').toSorted(),
    )
  })
})

describe('--filter', () => {
  test('runs tests by their name or the name of their file, in any case', () => {
    write('policies/failing.test.yaml', failing)
    expect(run('--filter', 'OWNER').stdout).toBe(
      '✓ policies/docs.test.yaml: 1 test, 6 decisions\n1 test passed, 6 decisions.\n',
    )
    expect(run('--filter', 'failing.test').stdout).toContain('1 of 1 test failed')
  })

  test('that fits nothing is a mistake, not a success', () => {
    const { status, stderr } = run('--filter', 'nobody')
    expect(status).toBe(2)
    expect(stderr).toContain('No test has "nobody" in its name')
  })
})

describe('--coverage', () => {
  const unused = 'p, role:clerk, *, /docs/documents, GET, allow'
  beforeEach(() => edit(guardrails, '# Nobody deletes', `${unused}\n# Nobody deletes`))

  test('names each rule that no test exercises, with its place', () => {
    const { status, stdout } = run('--coverage')
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /No test exercises:\n {4}p, role:clerk, \*, \/docs\/documents, GET, allow \(policies\/guardrails\.csv:\d+\)/,
    )
    expect(stdout).toContain('9 of 10 rules exercised (90 %).')
    expect(run().stdout).toContain('--coverage names the others')
  })

  test.each([
    ['90', 0],
    ['91', 1],
  ])('of at least %s percent ends with %i', (least, expected) => {
    const { status, stdout } = run('--coverage-min', least)
    expect(status).toBe(expected)
    expect(stdout.includes('No test exercises:')).toBe(expected === 1)
  })

  test.each([
    [['--coverage-min', '101'], 'Write a whole number from 0 to 100.'],
    [['--coverage-min', 'all'], 'Write a whole number from 0 to 100.'],
    [['--coverage', '--filter', 'owner'], 'leave out --filter'],
    [['--coverage-min', '0', '--filter', 'owner'], 'leave out --filter'],
    [['--watch', '--format', 'json'], 'leave out --format'],
    [['--format', 'pdf'], 'Allowed choices are text, json, junit'],
  ])('%j is a mistake', (args, said) => {
    const { status, stderr } = run(...args)
    expect(status).toBe(2)
    expect(stderr).toContain(said)
  })
})

describe('--format', () => {
  beforeEach(() => write('policies/failing.test.yaml', failing))

  test('json is for programs', () => {
    const { status, stdout } = run('--format', 'json')
    expect(status).toBe(1)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ tests: 10, failedTests: 1, decisions: 138, failedDecisions: 2 })
    expect(report.coverage).toEqual({ rules: 9, exercised: 9, percent: 100, missing: [] })
    expect(report.failures[1]).toMatchObject({
      file: 'policies/failing.test.yaml',
      line: 8,
      column: 16,
      test: 'Readers write',
      subject: 'user:ben',
      resource: '/docs/documents/7',
      action: 'PUT',
      expected: 'allow',
      got: 'deny',
    })
    expect(report.failures[0].rule).toContain('(policies/guardrails.csv:')
    expect(JSON.parse(run('--format', 'json', '--filter', 'owner').stdout)).not.toHaveProperty(
      'coverage',
    )
  })

  test('junit is a suite for each file, in the order of the schema, with one failure a test', () => {
    edit('policies/failing.test.yaml', 'Readers write', '"Readers <write> & \\"read\\""')
    const { status, stdout } = run('--format', 'junit')
    expect(status).toBe(1)
    const tags = [...stdout.matchAll(/<(\/?[a-z-]+)/g)].map(([, name]) => name)
    expect(tags.slice(0, 3)).toEqual(['testsuites', 'testsuite', 'properties'])
    expect(tags.slice(3, 12)).toEqual(Array.from({ length: 9 }, () => 'testcase'))
    expect(tags.slice(12)).toEqual([
      ...['system-out', 'system-err', '/testsuite', 'testsuite', 'properties'],
      ...['testcase', 'failure', '/failure', '/testcase'],
      ...['system-out', 'system-err', '/testsuite', '/testsuites'],
    ])
    expect(stdout).toMatch(
      /<testsuite package="gatehouse\.test" id="1" name="policies\/failing\.test\.yaml" timestamp="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d" hostname="[^"]+" tests="1" failures="1" errors="0" time="\d+\.\d{3}">/,
    )
    expect(stdout).toContain('name="Readers &lt;write&gt; &amp; &quot;read&quot;"')
    expect(stdout).toContain('message="2 of 6 decisions are not as expected"')
  })
})

describe('what cannot be run', () => {
  test('is a folder without tests', () => {
    rmSync(join(folder, samplePlace))
    const { status, stderr } = run()
    expect(status).toBe(2)
    expect(stderr).toContain('There is no *.test.yaml in')
  })

  test('is a broken policy, named with its place', () => {
    edit(guardrails, 'POST, allow', 'POST, alow')
    const { status, stderr } = run()
    expect(status).toBe(2)
    expect(stderr).toMatch(/^policies\/guardrails\.csv:\d+:\d+: "alow" is not an effect/)
  })

  test('is a broken file of tests, which check finds as well', () => {
    edit(samplePlace, 'subjects: [user:ben]', 'subjects: [user:bne]')
    const { status, stderr } = run()
    expect(status).toBe(2)
    expect(stderr).toContain('docs.test.yaml:24:16: "user:bne" is not in "given"')
    const checked = gatehouse('check')
    expect(checked.status).toBe(1)
    expect(checked.stdout).toContain('docs.test.yaml:24:16: warning: "user:bne"')
  })
})

describe('--watch', () => {
  let child: ChildProcessWithoutNullStreams
  afterEach(() => child.kill('SIGKILL'))

  function watch() {
    child = spawn(process.execPath, [program, 'test', '--watch'], { cwd: folder })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
    }
    const rounds = (count: number) =>
      until(() => text.split('Waiting for a change').length > count, 20_000)
    return { rounds, said: () => text }
  }

  test('runs again after an edit, tells of a file that cannot be read, and goes on', async () => {
    const { rounds, said } = watch()
    await rounds(1)
    expect(said()).toContain('9 tests passed')
    edit(guardrails, 'p, *, *, /docs/archive/*, DELETE, deny', '# nothing')
    await rounds(2)
    expect(said()).toContain('user:cleo DELETE /docs/archive/7: expected deny, got allow')
    edit(guardrails, '# nothing', 'p, nonsense')
    await rounds(3)
    expect(said()).toMatch(/guardrails\.csv:\d+:\d+: /)
    edit(guardrails, 'p, nonsense', 'p, *, *, /docs/archive/*, DELETE, deny')
    await rounds(4)
    expect(said().split('9 tests passed')).toHaveLength(3)
  }, 60_000)

  test.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly on %s', async (signal) => {
    const { rounds } = watch()
    await rounds(1)
    const ended = once(child, 'exit')
    child.kill(signal)
    expect(await ended).toEqual([0, null])
  })
})
