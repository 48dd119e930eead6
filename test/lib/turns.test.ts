import { expect, test } from 'vitest'
import { createTurns } from '../../src/lib/turns.ts'

test('a turn is over when it has lasted, and the next one begins anew', async () => {
  let elapsed = 100
  const turns = createTurns({ elapsed: () => elapsed }, 5)
  expect(turns.over()).toBe(false)
  elapsed += 4
  expect(turns.over()).toBe(false)
  elapsed += 1
  expect(turns.over()).toBe(true)
  await turns.next()
  expect(turns.over()).toBe(false)
  elapsed += 5
  expect(turns.over()).toBe(true)
})

test('between two turns comes whatever waits', async () => {
  const seen: string[] = []
  setImmediate(() => seen.push('another'))
  await createTurns({ elapsed: () => 0 }).next()
  expect(seen).toEqual(['another'])
})
