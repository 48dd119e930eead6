import { expect, test } from 'vitest'
import { KeptKeySet, type KeptKeySetOptions } from '../../src/identity/kept-key-set.ts'
import type { KeySet } from '../../src/identity/key-set.ts'
import { movableClock } from './issuing.ts'

const setOf = (name: string): KeySet => ({ keys: [], byId: new Map(), problems: [name] })

function keep(changes: Partial<KeptKeySetOptions> = {}) {
  const clock = movableClock()
  const loads: PromiseWithResolvers<KeySet>[] = []
  const failures: unknown[] = []
  const load = () => {
    const loading = Promise.withResolvers<KeySet>()
    loads.push(loading)
    return loading.promise
  }
  const kept = new KeptKeySet({
    load,
    onFailure: (error) => void failures.push(error),
    clock,
    maxAgeMs: 100,
    cooldownMs: 10,
    graceMs: 50,
    waits: false,
    ...changes,
  })
  return { kept, clock, loads, failures }
}

test('a load that outlasts the cool-down is not joined by another one', async () => {
  const { kept, clock, loads } = keep()
  const first = kept.current()
  clock.move(11)
  const second = kept.refreshed()
  expect(loads).toHaveLength(1)
  const set = setOf('a')
  loads[0]?.resolve(set)
  expect(await Promise.all([first, second])).toEqual([set, set])
})

test('its age counts from the question, so a slow answer is not younger than it is', async () => {
  const { kept, clock, loads } = keep()
  const first = kept.current()
  clock.move(99)
  loads[0]?.resolve(setOf('a'))
  expect(await first).toBeDefined()
  clock.move(1)
  await kept.current()
  expect(loads).toHaveLength(2)
})

test('an old set is served beside its refresh, and the new one from then on', async () => {
  const { kept, clock, loads } = keep()
  const [before, after] = [setOf('before'), setOf('after')]
  const first = kept.current()
  loads[0]?.resolve(before)
  await first
  clock.move(100)
  expect(await kept.current()).toBe(before)
  loads[1]?.resolve(after)
  expect(await kept.refreshed()).toBe(after)
})

test('with waiting asked for, an old set is never served while a new one can be had', async () => {
  const { kept, clock, loads } = keep({ waits: true })
  const first = kept.current()
  loads[0]?.resolve(setOf('before'))
  await first
  clock.move(100)
  const second = kept.current()
  const after = setOf('after')
  loads[1]?.resolve(after)
  expect(await second).toBe(after)
})

test('a failed load is told, changes nothing and is not repeated within the cool-down', async () => {
  const { kept, clock, loads, failures } = keep()
  const first = kept.current()
  const set = setOf('a')
  loads[0]?.resolve(set)
  await first
  clock.move(10)
  const refreshed = kept.refreshed()
  loads[1]?.reject(new Error('away'))
  expect(await refreshed).toBe(set)
  expect(failures).toHaveLength(1)
  expect(await kept.refreshed()).toBe(set)
  expect(loads).toHaveLength(2)
})
