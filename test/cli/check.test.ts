import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-check-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function check(...args: readonly string[]) {
  const command = [join(root, 'src/cli/gatehouse.ts'), 'check', ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

beforeEach(() => {
  cpSync(join(root, 'policies'), join(folder, 'policies'), { recursive: true, force: true })
  cpSync(join(root, 'model.conf'), join(folder, 'model.conf'))
})

/** Puts `to` where `from` stands in a file of the sample policy; says in which line that is. */
function edit(file: string, from: string, to: string): number {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
  return text.slice(0, text.indexOf(from)).split('\n').length
}

const rules = 'policies/guardrails.csv'
const editors = 'p, role:editor, *, /docs/documents, POST, allow'

test('the sample policy is without fault', () => {
  expect(check()).toMatchObject({ status: 0, stderr: '' })
})

describe('the sample policy, broken', () => {
  test.each<[string, string, string, string, RegExp]>([
    [
      'a column is missing',
      rules,
      editors,
      'p, role:editor, *, /docs/documents, allow',
      /error: The effect is missing: write p, sub, dom, obj, act, eft/,
    ],
    ['an effect is misspelt', rules, editors, editors.replace('allow', 'alow'), /error: .*"alow"/],
    ['a method is none', rules, editors, editors.replace('POST', 'PSOT'), /error: .*"?PSOT"?/],
    [
      'an application is not declared',
      rules,
      editors,
      editors.replace('/docs', '/dcos'),
      /error: .*docs/,
    ],
    [
      'a subject has no type',
      rules,
      editors,
      editors.replace('role:editor', 'editor'),
      /error: .*editor/,
    ],
    [
      'a role is given that nobody defined',
      rules,
      'g, role:editor, role:reader, *',
      'g, role:editor, role:raeder, *',
      /warning: .*role:reader.*\[unknown-role\]/,
    ],
    [
      'a rule adds nothing',
      rules,
      editors,
      `${editors}\np, role:editor, *, /docs/documents/:id, GET, allow`,
      /warning: This adds nothing: .*\[redundant-rule\]/,
    ],
    [
      'a guardrail voids an allow',
      rules,
      editors,
      `${editors}\np, role:editor, *, /docs/archive/:id, DELETE, allow`,
      /warning: This allows nothing: .*\[void-rule\]/,
    ],
    [
      'everybody may do everything',
      rules,
      editors,
      'p, *, *, /docs/documents, *, allow',
      /warning: This allows every method to everybody.*\[too-wide\]/,
    ],
    [
      'roles hold each other',
      rules,
      editors,
      `g, role:reader, role:editor, *\n${editors}`,
      /error: .*role:/,
    ],
    ['a key is misspelt', 'policies/apps.yaml', 'upstreams:', 'upstream:', /error: .*upstream/],
    ['the matcher does not close a bracket', 'model.conf', 'm = (p.sub', 'm = ((p.sub', /error: /],
    [
      'a plan names an operation that nobody declared',
      'policies/plans.yaml',
      'docs:create-document',
      'docs:create-dokument',
      /error: "docs:create-dokument" is no declared operation; did you mean "docs:create-document"/,
    ],
  ])('because %s, is found in its line, with what to do', (_why, file, from, to, sentence) => {
    const line = edit(file, from, to)
    const { status, stdout } = check()
    expect(status).toBe(1)
    const found = stdout.split('\n').filter((one) => one.startsWith(`${file}:`))
    const lines = found.map((one) => Number(one.split(':')[1]))
    expect(found.join('\n')).toMatch(sentence)
    // A rule that was added stands below the one that is replaced by both.
    expect(lines.some((one) => one === line || one === line + 1)).toBe(true)
  })

  test('shows the line, and a caret below the mistake', () => {
    edit(rules, editors, editors.replace('allow', 'alow'))
    const lines = check().stdout.split('\n')
    const at = lines.findIndex((line) =>
      line.includes('p, role:editor, *, /docs/documents, POST, alow'),
    )
    expect(at).toBeGreaterThan(0)
    expect(lines[at + 1]?.indexOf('^')).toBe(lines[at]?.indexOf('alow'))
  })
})

describe('what a program reads', () => {
  beforeEach(() => void edit(rules, editors, editors.replace('allow', 'alow')))

  test('is JSON with every finding', () => {
    const { status, stdout } = check('--format', 'json')
    expect(status).toBe(1)
    expect(stdout).toContain('"rule-effect"')
    expect(() => JSON.parse(stdout)).not.toThrow()
  })

  test('is SARIF with the place', () => {
    const { runs, version } = JSON.parse(check('--format', 'sarif').stdout)
    expect(version).toBe('2.1.0')
    const [result] = runs[0].results
    expect(result).toMatchObject({ ruleId: 'rule-effect', level: 'error' })
    const { artifactLocation, region } = result.locations[0].physicalLocation
    expect(artifactLocation.uri).toBe(rules)
    expect(region.startLine).toBeGreaterThan(1)
  })

  test('is JUnit with a failure', () => {
    const { stdout } = check('--format', 'junit')
    expect(stdout).toMatch(/^<\?xml /)
    expect(stdout).toContain('<failure')
    expect(stdout).toMatch(/failures="1"/)
  })
})

test('a warning fails unless only errors are asked about', () => {
  edit(rules, editors, `${editors}\np, role:editor, *, /docs/documents/:id, GET, allow`)
  expect(check().status).toBe(1)
  expect(check('--severity', 'error').status).toBe(0)
})

test.each([
  [['nowhere'], /nowhere is no folder/],
  [['--format', 'pdf'], /Allowed choices are text, json, sarif, junit/],
  [['--severity', 'bad'], /Allowed choices are error, warning, note/],
])('says what it cannot use: %j', (args, sentence) => {
  const { status, stderr } = check(...args)
  expect(status).toBe(2)
  expect(stderr).toMatch(sentence)
})
