import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import {
  beginAttempt,
  dropOldAttempts,
  forgetAttempts,
  takeBackAttempt,
} from '../../src/store/attempts.ts'
import type { Db } from '../../src/store/db.ts'
import { eachDatabase } from '../support/databases.ts'

eachDatabase('attempts', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
  })
  const begin = (about: string, free = 3) => beginAttempt(db.query, { about, free })
  const spend = async (about: string, times: number) => {
    for (let time = 0; time < times; time += 1) expect(await begin(about)).toBe(0)
  }
  /** As if so much time had passed since. */
  const pass = (about: string, ms: number) =>
    sql`update attempts set until = until - make_interval(secs => ${ms / 1_000}::float8)
      where about = ${about}`.execute(db.query)
  const between = (value: number, least: number, most: number) => {
    expect(value).toBeGreaterThan(least)
    expect(value).toBeLessThanOrEqual(most)
  }

  test('the free ones may be made at once, the next only after a pause', async () => {
    await spend('account:ann', 3)
    between(await begin('account:ann'), 0, limits.attemptPauseMs)
    await pass('account:ann', limits.attemptPauseMs)
    expect(await begin('account:ann')).toBe(0)
    expect(await begin('account:ben')).toBe(0)
  })

  test('each pause is twice the one before, up to the largest', async () => {
    await spend('account:cid', 3)
    for (let pause = limits.attemptPauseMs; pause <= 32_000; pause *= 2) {
      between(await begin('account:cid'), pause / 2, pause)
      await pass('account:cid', pause)
      expect(await begin('account:cid')).toBe(0)
    }
    for (let time = 0; time < 40; time += 1) {
      between(await begin('account:cid'), 32_000, limits.attemptPauseMostMs)
      await pass('account:cid', limits.attemptPauseMostMs)
      expect(await begin('account:cid')).toBe(0)
    }
  })

  test('a refused attempt does not prolong the pause', async () => {
    await spend('account:dan', 3)
    for (let time = 0; time < 10; time += 1) {
      between(await begin('account:dan'), 0, limits.attemptPauseMs)
    }
  })

  test('many at the same time get no more than the free ones', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => begin('account:eve')))
    expect(all.filter((pause) => pause === 0)).toHaveLength(3)
  })

  test('one that succeeded begins anew', async () => {
    await spend('account:fay', 3)
    await forgetAttempts(db.query, 'account:fay')
    await spend('account:fay', 3)
    expect(await begin('account:fay')).not.toBe(0)
  })

  test('one that is taken back was never made, and no other was', async () => {
    await spend('address:hal', 1)
    for (let time = 0; time < 5; time += 1) {
      await spend('address:hal', 1)
      await takeBackAttempt(db.query, 'address:hal')
    }
    await spend('address:hal', 2)
    expect(await begin('address:hal')).not.toBe(0)
    await takeBackAttempt(db.query, 'address:nobody')
    await begin('address:ida')
    for (let time = 0; time < 3; time += 1) await takeBackAttempt(db.query, 'address:ida')
    await spend('address:ida', 3)
    expect(await begin('address:ida')).not.toBe(0)
  })

  test('after a while without one they are forgotten', async () => {
    await spend('account:gus', 3)
    await pass('account:gus', limits.attemptsForgottenMs + limits.attemptPauseMs)
    await spend('account:gus', 3)
    expect(await begin('account:gus')).not.toBe(0)
  })

  test('rows that are forgotten are dropped, others stay', async () => {
    await begin('account:old')
    await begin('account:new')
    await pass('account:old', limits.attemptsForgottenMs)
    await dropOldAttempts(db)
    const left = await db.query.selectFrom('attempts').select('about').execute()
    const names = left.map(({ about }) => about)
    expect(names).toContain('account:new')
    expect(names).not.toContain('account:old')
  })
})
