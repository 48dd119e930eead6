import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const program = join(root, 'src/cli/gatehouse.ts')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-policy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const guardrails = () => join(folder, 'policies/guardrails.csv')
const sample = readFileSync(join(root, 'policies/guardrails.csv'), 'utf8')
const git = (...args: readonly string[]) => execFileSync('git', [...args], { cwd: folder })

/** The sample policy in a repository of its own, and rules of an organisation beside it. */
beforeAll(() => {
  cpSync(join(root, 'policies'), join(folder, 'policies'), { recursive: true })
  cpSync(join(root, 'model.conf'), join(folder, 'model.conf'))
  git('init', '--quiet')
  git('add', '.')
  const author = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com']
  git(...author, 'commit', '--quiet', '-m', 'The sample')
  git('tag', 'first')
  writeFileSync(join(folder, 'acme.csv'), 'g, user:ann, role:editor, org:acme\n')
})

describe('gatehouse diff', () => {
  test('says that nothing changes, and that all is well', () => {
    expect(run('diff', 'first')).toMatchObject({
      status: 0,
      stdout: 'Nobody may do anything more or less.\n',
    })
  })

  describe('after a guardrail changed', () => {
    beforeAll(() => {
      const [deletes] = /^p, role:editor.*DELETE.*$/m.exec(sample) ?? ['']
      const next = deletes.replace('role:editor', 'role:reader')
      writeFileSync(guardrails(), sample.replace(deletes, next))
    })
    afterAll(() => writeFileSync(guardrails(), sample))

    test('names who gains what, and the operation, against a revision of git', () => {
      const { status, stdout } = run('diff', 'first')
      expect(status).toBe(1)
      expect(stdout).toContain(
        '+ role:reader may DELETE /docs/documents/:id in every organisation  (docs:delete-document)',
      )
    })

    test('tells the way back as a loss', () => {
      expect(run('diff', '.', 'first').stdout).toContain('- role:reader may no longer DELETE')
    })

    test('names people, where the rules of their organisation are given', () => {
      writeFileSync(join(folder, 'bob.csv'), 'g, user:bob, role:reader, org:acme\n')
      const { stdout } = run(
        'diff',
        'first',
        '.',
        '--org',
        'acme',
        '--rules',
        'bob.csv',
        '--format',
        'json',
      )
      expect(JSON.parse(stdout).differences).toMatchObject([
        { organisation: 'org:acme', kind: 'gains', method: 'DELETE', subjects: ['user:bob'] },
      ])
    })

    test('is a table for a pull request', () => {
      const { stdout } = run('diff', 'first', '--format', 'markdown')
      expect(stdout).toContain('| gains | `role:reader` | DELETE `/docs/documents/:id` |')
    })
  })

  test('names the first problems of files that cannot be compared', () => {
    writeFileSync(
      guardrails(),
      sample.replace('role:reader, *, /docs/documents,', 'reader, *, /docs/documents,'),
    )
    const { status, stderr } = run('diff', 'first')
    writeFileSync(guardrails(), sample)
    expect(status).toBe(2)
    expect(stderr).toMatch(/^policies\/guardrails\.csv:20:4: .*\nsee gatehouse check\.\n$/)
  })

  test.each([
    [['nowhere'], /"nowhere" is neither a folder nor a revision that git knows here/],
    [['--output=x'], /unknown option/],
    [['first', '.', '--rules', 'acme.csv'], /Say by --org whose rules --rules holds/],
    [['first', '.', '--org', 'no id'], /"no id" is no organisation/],
    [['first', './policies/none'], /is no folder/],
  ])('says what it cannot use: %j', (args, sentence) => {
    const { status, stderr } = run('diff', ...args)
    expect(status).toBe(2)
    expect(stderr).toMatch(sentence)
  })
})

describe('gatehouse explain', () => {
  const asked = ['user:ann', 'acme', '/docs/documents/7', 'DELETE'] as const

  test('names the rule, its line and the way through roles', () => {
    const { status, stdout } = run('explain', ...asked, '--rules', 'acme.csv')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^allowed: .*policies\/guardrails\.csv:28.*user:ann -> role:editor/)
  })

  test('says of a denial what would allow it, and ends with 1', () => {
    const { status, stdout } = run('explain', ...asked)
    expect(status).toBe(1)
    expect(stdout).toContain('denied: No rule allows user:ann')
    expect(stdout).toContain('g, user:ann, role:editor, org:acme')
  })

  test('says that nothing outweighs a guardrail', () => {
    const { stdout } = run('explain', 'user:ann', 'acme', '/docs/archive/7', 'DELETE')
    expect(stdout).toContain('No single rule would: it is a guardrail')
  })

  test('is data for a program, of an earlier revision if that is asked', () => {
    const { stdout } = run('explain', ...asked, '--format', 'json', '--policy', 'first')
    expect(JSON.parse(stdout)).toMatchObject({ allow: false, reason: 'denied_by_default' })
  })
})

describe('gatehouse who-can and what-can', () => {
  test('name everybody, through roles', () => {
    const args = ['who-can', 'acme', '/docs/documents/7', 'DELETE', '--rules', 'acme.csv']
    expect(run(...args)).toMatchObject({ status: 0, stdout: 'user:ann\n' })
  })

  test('end with 1 where there is nobody and nothing', () => {
    expect(run('who-can', 'acme', '/docs/documents/7', 'DELETE')).toMatchObject({
      status: 1,
      stdout: 'nobody\n',
    })
    expect(run('what-can', 'user:eve', 'acme')).toMatchObject({ status: 1, stdout: 'nothing\n' })
  })

  test('say what is held, by which role and rule', () => {
    const { stdout } = run('what-can', 'user:ann', 'acme', '--rules', 'acme.csv')
    expect(stdout).toMatch(
      /^DELETE \/docs\/documents\/:id {2}by role:editor .*guardrails\.csv:28\)$/m,
    )
    expect(stdout).toMatch(/^GET \/docs\/documents {2}by role:editor -> role:reader/m)
  })

  test('are data for a program', () => {
    const { stdout } = run('what-can', 'role:reader', 'acme', '--format', 'json')
    expect(JSON.parse(stdout).allowed).toHaveLength(3)
  })
})
