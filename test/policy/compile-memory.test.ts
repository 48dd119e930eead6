import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { decide } from '../../src/policy/decide.ts'
import { snapshotOf } from './support.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is kept after so many distinct paths of this length were decided, in bytes. */
async function keptAfter(paths: number, length: number): Promise<number> {
  const guardrails = ['p, role:reader, *, /docs/:id, GET, allow']
  const snapshot = await snapshotOf({ guardrails })
  const ask = (obj: string) =>
    decide(snapshot, { sub: 'user:ann', dom: 'org:acme', obj, act: 'GET' })
  ask('/docs/first')
  collect()
  const before = process.memoryUsage().heapUsed
  for (let number = 0; number < paths; number += 1) ask(`/docs/${number}${'x'.repeat(length)}`)
  collect()
  return process.memoryUsage().heapUsed - before
}

test('I21: long patterns that part early fill no memory with their long ends', async () => {
  const end = '/a'.repeat(200)
  const rules = Array.from({ length: 2_000 }, (_, at) => {
    return `p, role:reader, org:acme, /docs/${at}${end}, GET, allow`.replace('/a/', '/:x/')
  })
  const world = { rules: [...rules, 'g, user:ann, role:reader, org:acme'] }
  collect()
  const before = process.memoryUsage().heapUsed
  const snapshot = await snapshotOf(world)
  const ask = (obj: string) =>
    decide(snapshot, { sub: 'user:ann', dom: 'org:acme', obj, act: 'GET' }).allow
  expect([ask(`/docs/7${end}`), ask(`/docs/7${end}/a`), ask('/docs/7/a')]).toEqual([
    ...[true, false, false],
  ])
  collect()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000 * 20_000)
})

test('I21: one caller with ever new, long paths fills no memory', async () => {
  const kept = await keptAfter(4_000, limits.targetBytes)
  expect(kept).toBeLessThan((4_000 * limits.targetBytes) / 4)
})

test('I21: short paths are remembered, and no more of them than are allowed', async () => {
  const kept = await keptAfter(3 * limits.answersCached, 40)
  expect(kept).toBeLessThan(limits.answersCached * 600)
})
