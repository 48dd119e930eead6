import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { Progress } from './differential-progress.ts'
import { failedWorlds, keepFailedWorld } from './failed-seeds.ts'

const run = promisify(execFile)
const program = new URL('differential-long.ts', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-seeds-'))
afterAll(() => rmSync(folder, { recursive: true }))

function progressOf(wanted: number) {
  return new Progress({ first: 5, wanted, now: 0 })
}

describe('a long differential run', () => {
  test('compares in several threads, seed after seed, and says that all agree', async () => {
    const args = [program, '--cases', '20001', '--seed', '3', '--threads', '2']
    const { stdout } = await run(process.execPath, args)
    // A slow machine also says how far it is on the way.
    const [last, verdict] = stdout.trimEnd().split('\n').slice(-2)
    expect(last).toMatch(/^\d\d,\d{3} decisions \(100\.0 %\), .+ --seed \d --cases 0$/)
    expect(verdict).toBe('All of them agree.')
  }, 120_000)

  test('refuses what is no number', async () => {
    const running = run(process.execPath, [program, '--cases', 'many'])
    await expect(running).rejects.toMatchObject({ code: 2 })
  })
})

describe('its progress', () => {
  test('hands out one seed after the other until there are enough decisions', () => {
    const progress = progressOf(150)
    expect([progress.take(), progress.take()]).toEqual([5, 6])
    progress.add({ seed: 5, decisions: 100, failure: undefined })
    expect(progress.take()).toBe(7)
    progress.add({ seed: 6, decisions: 100, failure: undefined })
    expect(progress.take()).toBeUndefined()
  })

  test('goes on at the first seed that is not done, whatever is done behind it', () => {
    const progress = progressOf(1_000)
    for (let seed = 0; seed < 3; seed += 1) progress.take()
    progress.add({ seed: 7, decisions: 100, failure: undefined })
    expect(progress.resume()).toBe('--seed 5 --cases 1000')
    progress.add({ seed: 5, decisions: 90, failure: undefined })
    expect(progress.resume()).toBe('--seed 6 --cases 910')
    progress.add({ seed: 6, decisions: 80, failure: undefined })
    expect(progress.resume()).toBe('--seed 8 --cases 730')
  })

  test('says how long it still takes, and what failed', () => {
    const progress = progressOf(1_000)
    progress.take()
    progress.add({ seed: 5, decisions: 250, failure: { path: '3:0', difference: 'x' } })
    expect(progress.describe(60_000)).toBe(
      '250 decisions (25.0 %), 4 a second, 3.0 minutes left; ' +
        'to go on from here: --seed 6 --cases 750; 1 seeds FAILED',
    )
  })
})

test('an engine that fails everywhere is not compared to the end', () => {
  const progress = progressOf(1_000_000)
  const failure = { path: '0', difference: 'x' }
  for (let seed = 5; seed < 25; seed += 1) {
    expect(progress.take()).toBe(seed)
    progress.add({ seed, decisions: 1, failure })
  }
  expect(progress.take()).toBeUndefined()
})

test('a world that failed is kept once, beside what is no world', () => {
  const file = join(folder, 'seeds.txt')
  writeFileSync(file, '# a comment\n1 0\n')
  keepFailedWorld(file, { seed: 77, path: '12:3:0' })
  keepFailedWorld(file, { seed: 77, path: '12:3:0' })
  keepFailedWorld(file, { seed: 77, path: '12:4' })
  expect(failedWorlds(file)).toEqual([
    { seed: 1, path: '0' },
    { seed: 77, path: '12:3:0' },
    { seed: 77, path: '12:4' },
  ])
})
