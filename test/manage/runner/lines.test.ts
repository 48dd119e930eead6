import { expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { createLines } from '../../../src/manage/runner/lines.ts'

test('who waits in one line has a turn after who was before, whatever became of that one', async () => {
  const { inLine } = createLines()
  const done: string[] = []
  const first = Promise.withResolvers<void>()
  const work = (name: string, wait?: Promise<void>) => async () => {
    await wait
    done.push(name)
    if (name === 'b') throw new Error('b fails')
    return name
  }
  const all = Promise.allSettled([
    inLine('acme', work('a', first.promise)),
    inLine('acme', work('b')),
    inLine('acme', work('c')),
  ])
  // Another line is no line to wait in.
  expect(await inLine('beta', work('other'))).toBe('other')
  expect(done).toEqual(['other'])
  first.resolve()
  expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(done).toEqual(['other', 'a', 'b', 'c'])
})

test('a line is no longer than its bound, and free again when it has moved', async () => {
  const { inLine } = createLines()
  const gate = Promise.withResolvers<void>()
  // One has its turn, the others wait.
  const waiting = Array.from({ length: limits.changesWaiting + 1 }, () =>
    inLine('acme', () => gate.promise),
  )
  await expect(inLine('acme', async () => 1)).rejects.toMatchObject({ code: 'unavailable' })
  expect(await inLine('beta', async () => 1)).toBe(1)
  gate.resolve()
  await Promise.all(waiting)
  expect(await inLine('acme', async () => 2)).toBe(2)
})

test('no more have their turn at once than leave connections for reading', async () => {
  const { inLine } = createLines()
  const gate = Promise.withResolvers<void>()
  let begun = 0
  const all = Array.from({ length: limits.changesAtOnce + 1 }, (_, at) =>
    inLine(`organisation-${at}`, () => {
      begun += 1
      return gate.promise
    }),
  )
  await new Promise(setImmediate)
  expect(begun).toBe(limits.changesAtOnce)
  gate.resolve()
  await Promise.all(all)
  expect(begun).toBe(limits.changesAtOnce + 1)
})
