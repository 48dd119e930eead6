import { describe, expect, test } from 'vitest'
import { createKeyUses } from '../../src/identity/key-uses.ts'
import { limits } from '../../src/lib/limits.ts'
import type { KeyUse } from '../../src/store/keys.ts'
import { until } from '../support/until.ts'
import { movableClock, START } from './issuing.ts'

function scene(options: { readonly flushMs?: number; readonly most?: number } = {}) {
  const clock = movableClock()
  const written: KeyUse[][] = []
  const warnings: unknown[] = []
  const state = { away: false }
  const uses = createKeyUses({
    clock,
    log: { warn: (...what: unknown[]) => void warnings.push(what) },
    write: async (batch) => {
      if (state.away) throw new Error('away')
      written.push([...batch])
    },
    flushMs: 3_600_000,
    ...options,
  })
  return { clock, written, warnings, state, uses }
}

describe('uses of keys', () => {
  test('are written in the background, the last of each key', async () => {
    const { clock, written, uses } = scene({ flushMs: 5 })
    uses.note('one')
    clock.move(1_000)
    uses.note('one')
    uses.note('two')
    const at = new Date(START + 1_000)
    expect(written).toEqual([])
    await until(() => written.length > 0)
    expect(written).toEqual([
      [
        { id: 'one', at },
        { id: 'two', at },
      ],
    ])
    await uses.close()
    expect(written).toHaveLength(1)
  })

  test('that wait are written at the end', async () => {
    const { written, uses } = scene()
    uses.note('late')
    await uses.close()
    expect(written).toEqual([[{ id: 'late', at: new Date(START) }]])
  })

  test('go in batches, and what has no room is left out', async () => {
    const most = limits.keyUseBatchRows + 1
    const { written, uses } = scene({ most })
    for (let at = 0; at < most + 5; at += 1) uses.note(`key${at}`)
    // One that is noted already needs no room.
    uses.note('key0')
    await uses.close()
    expect(written.map(({ length }) => length)).toEqual([limits.keyUseBatchRows, 1])
  })

  test('that cannot be written are said so and forgotten; the next ones are written', async () => {
    const { written, warnings, state, uses } = scene({ flushMs: 5 })
    state.away = true
    uses.note('lost')
    await until(() => warnings.length > 0)
    expect(JSON.stringify(warnings)).toContain('uses of keys are not written')
    state.away = false
    uses.note('kept')
    await until(() => written.length > 0)
    expect(written.flat().map(({ id }) => id)).toEqual(['kept'])
    await uses.close()
  })
})
