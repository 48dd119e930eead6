import { expect, test } from 'vitest'
import { lazily } from '../../src/lib/lazily.ts'

test('is made when it is first asked for, and once', () => {
  let made = 0
  const thing = lazily(() => {
    made += 1
    return undefined
  })
  expect(made).toBe(0)
  expect([thing(), thing()]).toEqual([undefined, undefined])
  expect(made).toBe(1)
})

test('is tried again after it failed', () => {
  let tries = 0
  const thing = lazily(() => {
    tries += 1
    if (tries === 1) throw new Error('not yet')
    return tries
  })
  expect(thing).toThrow('not yet')
  expect([thing(), thing()]).toEqual([2, 2])
})
