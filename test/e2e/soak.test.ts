import { describe, expect, test } from 'vitest'
import type { NewRule } from '../../src/store/rule-shape.ts'
import { seeded } from '../bench/random.ts'
import { eachDatabase, silentLog } from '../support/databases.ts'
import { growthProblem } from './soak-heap.ts'
import { History, versionProblem } from './soak-ledger.ts'
import { expectedAnswer, fileSets, randomRules } from './soak-rules.ts'
import { runSoak } from './soak-run.ts'

const SHORT_MS = 10_000

eachDatabase('edits, swaps of the files and decisions at once', (open) => {
  test('I7, I8: no answer is torn, none goes back, for a while', async () => {
    const options = { milliseconds: SHORT_MS, seed: 1, sampleMs: SHORT_MS / 4 }
    const report = await runSoak({ db: await open(), log: silentLog, ...options })
    expect(report.problems).toEqual([])
    // Slow machines do less, but something of everything.
    expect(report.decisions).toBeGreaterThan(500)
    expect(report.revisions).toBeGreaterThan(5)
    expect(report.swaps).toBeGreaterThan(0)
  }, 90_000)
})

describe('the versions that may decide', () => {
  const revisions = new History<readonly NewRule[]>()
  const files = new History<string>()
  for (const number of [1, 2, 3]) revisions.begin(number, [])
  revisions.settle(1, 0)
  revisions.settle(2, 50_000)
  files.begin(0, 'first-files')
  files.begin(1, 'second-files')

  const problemOf = (revision: number, hash: string, asked = { revision: 2, files: 1 }) =>
    versionProblem(asked, { revision, files: hash }, revisions, files)

  test('are those from the question on', () => {
    expect(problemOf(2, 'second-files')).toBeUndefined()
    expect(problemOf(3, 'second-files')).toBeUndefined()
  })

  test('are none from before it', () => {
    expect(problemOf(1, 'second-files')).toBe('revision 1 decided after 2 was in force')
    expect(problemOf(2, 'first-files')).toContain('which are not in force')
  })

  test('are none that nobody wrote', () => {
    expect(problemOf(4, 'second-files')).toBe('revision 4 decided, which nobody wrote')
    expect(problemOf(2, 'other-files')).toContain('which are not in force')
  })

  test('begin with what was seen, or was replaced long ago', () => {
    expect(revisions.oldest(1_000)).toBe(0)
    expect(revisions.oldest(20_000)).toBe(1)
    expect(revisions.oldest(70_000)).toBe(2)
    revisions.saw(3)
    expect(revisions.oldest(1_000)).toBe(3)
  })

  test('are forgotten after a while', () => {
    const long = new History<number>()
    for (let number = 0; number < 1_000; number += 1) long.begin(number, number)
    expect(long.get(999)).toBe(999)
    expect(long.get(0)).toBeUndefined()
    expect(long.since(0).length).toBeLessThan(500)
  })
})

describe('the expected answer', () => {
  const rules = randomRules(seeded(3), 'a', 7)
  const [files] = fileSets
  const ask = (obj: string) =>
    files && expectedAnswer(rules, files, 'org:a', { sub: 'user:ann', obj, act: 'GET' })

  test('knows both of the pair of its revision, and none of another', () => {
    const answers = ['left/7', 'right/7', 'left/6', 'right/8'].map((at) => ask(`/docs/${at}`))
    const [left, right, before, after] = answers
    expect([left, right]).toEqual([left, left])
    expect([before, after]).toEqual([false, false])
  })

  test('differs from one set of files to the other', () => {
    const reader = [{ ptype: 'g', values: ['user:ann', 'role:reader', 'org:a'] }]
    const request = { sub: 'user:ann', obj: '/docs/a', act: 'GET' }
    const answers = fileSets.map((set) => expectedAnswer(reader, set, 'org:a', request))
    expect(answers).toEqual([false, true, false, false])
  })
})

describe('memory', () => {
  const mb = 1024 * 1024
  const samples = (all: readonly number[]) => growthProblem(all.map((count) => count * mb))

  test('may move, and warm up', () => {
    expect(samples([20, 60, 70, 80, 85, 80, 82, 86, 84])).toBeUndefined()
  })

  test('may not grow', () => {
    expect(samples([20, 40, 60, 80, 100, 120, 140, 160, 180])).toBe(
      'the heap grew from 80.0 MB to 140.0 MB',
    )
  })

  test('is not judged by a few samples', () => {
    expect(samples([20, 200, 2_000])).toBeUndefined()
  })
})
