import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ci-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What the tally of continuous integration makes of a log and the status of `npm test`. */
function tally(log: string, status: number) {
  const file = join(folder, 'log')
  writeFileSync(file, log)
  const { stdout, status: exit } = spawnSync(`${root}/.ci/tally`, [file, String(status)], {
    encoding: 'utf8',
  })
  return { line: stdout, exit }
}

const summary = (tests: string) =>
  ` Test Files  1 failed | 7 passed (8)\n      Tests  ${tests}\n   Start at  10:00:00\n`

describe('the tally', () => {
  test.each<[string, string, number, string, number]>([
    ['all passed', summary('12 passed (12)'), 0, '12 passed, 0 failed', 0],
    ['some failed', summary('2 failed | 30 passed | 1 skipped (33)'), 1, '30 passed, 2 failed', 1],
    ['all failed', summary('3 failed (3)'), 1, '0 passed, 3 failed', 1],
    ['some skipped', summary('5 passed | 4 skipped | 1 todo (10)'), 0, '5 passed, 0 failed', 0],
    ['all skipped', summary('4 skipped (4)'), 0, '0 passed, 0 failed', 1],
    ['no tests', summary('no tests'), 1, '0 passed, 1 failed', 1],
    ['a file that cannot be loaded', summary('12 passed (12)'), 1, '12 passed, 1 failed', 1],
    [
      'a lint finding afterwards',
      `${summary('12 passed (12)')}\nFound 1 error.`,
      1,
      '12 passed, 1 failed',
      1,
    ],
    [
      'a failure with a status of 0',
      summary('1 failed | 2 passed (3)'),
      0,
      '2 passed, 1 failed',
      1,
    ],
    ['nothing at all', '', 0, '0 passed, 0 failed', 1],
    ['an install that failed', '', 1, '0 passed, 1 failed', 1],
    ['a runner that was killed', ' Tests', 137, '0 passed, 1 failed', 1],
    ['expected failures', summary('3 passed | 2 expected fail (5)'), 0, '3 passed, 0 failed', 0],
    ['large numbers', summary('10 failed | 1200 passed (1210)'), 1, '1200 passed, 10 failed', 1],
  ])('of %s', (_, log, status, line, exit) => {
    expect(tally(log, status)).toEqual({ line: `${line}\n`, exit })
  })

  test('reads through colours', () => {
    const log =
      '\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[31m1 failed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[1m\u001b[32m4 passed\u001b[39m\u001b[22m\u001b[90m (5)\u001b[39m\n'
    expect(tally(log, 1).line).toBe('4 passed, 1 failed\n')
  })

  test('takes the last summary, not what a test printed', () => {
    const log = `stdout | a test\n${summary('99 passed (99)')}\n${summary('1 failed | 2 passed (3)')}`
    expect(tally(log, 1).line).toBe('2 passed, 1 failed\n')
  })
})

describe('.ci/run', () => {
  const script = readFileSync(`${root}/.ci/run`, 'utf8')

  test('can be started, and is a script that Bash reads', () => {
    for (const name of ['run', 'tally']) {
      expect(() => accessSync(`${root}/.ci/${name}`, constants.X_OK)).not.toThrow()
      expect(spawnSync('bash', ['-n', `${root}/.ci/${name}`]).status).toBe(0)
    }
  })

  test('installs what the lockfile names and runs the command of the README', () => {
    expect(script).toMatch(/^npm ci .*&& npm test\b/m)
    expect(readFileSync(`${root}/README.md`, 'utf8')).toContain('npm install && npm test')
  })

  test('waits for nobody', () => {
    expect(script).toContain('exec </dev/null')
    expect(script).toContain('export CI=true')
  })

  test('ends with the tally, whose status is its own', () => {
    expect(script.trimEnd().split('\n').at(-1)).toBe('.ci/tally "$log" "$?"')
    expect(script).toContain('set -uo pipefail')
  })
})
