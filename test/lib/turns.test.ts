import { expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { createTurns, finish, inTurns, type Steps } from '../../src/lib/turns.ts'

/** Keeps the processor for about a millisecond a step. */
function* busy(steps: number): Steps<number> {
  for (let step = 0; step < steps; step += 1) {
    const until = performance.now() + 1
    while (performance.now() < until);
    yield
  }
  return steps
}

test('work in steps is finished at once, or in turns, with the same result', async () => {
  expect(finish(busy(3))).toBe(3)
  expect(await inTurns(busy(3))).toBe(3)
})

test('others have the event loop between turns', async () => {
  let others = 0
  let done = false
  const count = () => {
    others += 1
    if (!done) setImmediate(count)
  }
  setImmediate(count)
  await inTurns(busy(10 * limits.turnMs))
  done = true
  expect(others).toBeGreaterThan(5)
})

test('what is done at once lets nobody in', () => {
  let others = 0
  setImmediate(() => {
    others += 1
  })
  finish(busy(2 * limits.turnMs))
  expect(others).toBe(0)
})

test('an error of the work is an error of who waits for it', async () => {
  function* failing(): Steps<never> {
    yield
    throw new Error('no more')
  }
  expect(() => finish(failing())).toThrow('no more')
  await expect(inTurns(failing())).rejects.toThrow('no more')
})

test('a turn is over when it has lasted, and the next one begins anew', async () => {
  let elapsed = 100
  const turns = createTurns(() => elapsed)
  expect(turns.over()).toBe(false)
  elapsed += limits.turnMs - 1
  expect(turns.over()).toBe(false)
  elapsed += 1
  expect(turns.over()).toBe(true)
  await turns.next()
  expect(turns.over()).toBe(false)
  elapsed += limits.turnMs
  expect(turns.over()).toBe(true)
})

test('between two turns comes whatever waits', async () => {
  const seen: string[] = []
  setImmediate(() => seen.push('another'))
  await createTurns().next()
  expect(seen).toEqual(['another'])
})
