import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { sha256 } from '../../src/lib/secrets.ts'
import type { Db, Transaction } from '../../src/store/db.ts'
import {
  dropSpentTokens,
  findToken,
  type NewToken,
  putToken,
  takeToken,
} from '../../src/store/one-time-tokens.ts'
import { eachDatabase } from '../support/databases.ts'
import { addAccount } from './people-rows.ts'

eachDatabase('one-time tokens', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
    for (const name of ['ann', 'ben', 'cid', 'dan']) await addAccount(db, name)
  })
  const write = <T>(work: (trx: Transaction) => Promise<T>) => db.query.transaction().execute(work)
  const put = (text: string, over: Partial<NewToken> = {}) => {
    const token = { subject: 'user:ann', lifetimeMs: 60_000, purpose: 'password-reset' } as const
    return write((trx) => putToken(trx, { hash: sha256(text), ...token, ...over }))
  }
  const take = (text: string, purpose: NewToken['purpose'] = 'password-reset') =>
    write((trx) => takeToken(trx, sha256(text), purpose))

  test('a token is taken once, by its own hash and purpose', async () => {
    await put('once')
    const open = { subject: 'user:ann' }
    expect(await findToken(db.query, sha256('once'), 'password-reset')).toEqual(open)
    expect(await findToken(db.query, sha256('once'), 'setup')).toBeUndefined()
    expect(await take('once', 'setup')).toBeUndefined()
    expect(await take('onc')).toBeUndefined()
    expect(await take('once')).toEqual({ subject: 'user:ann' })
    expect(await take('once')).toBeUndefined()
    expect(await findToken(db.query, sha256('once'), 'password-reset')).toBeUndefined()
  })

  test('of replays at the same time on connections of their own one takes effect (I18)', async () => {
    await put('raced')
    await Promise.all([1, 2, 3, 4].map(() => sql`select pg_sleep(0.05)`.execute(db.query)))
    const taken = await Promise.all(Array.from({ length: 8 }, () => take('raced')))
    expect(taken.filter((one) => one !== undefined)).toEqual([{ subject: 'user:ann' }])
  })

  test('one that waits behind another gets nothing', async () => {
    await put('held')
    const late = await write(async (trx) => {
      expect(await takeToken(trx, sha256('held'), 'password-reset')).toBeDefined()
      const other = take('held')
      // The other connection is at the row's lock when this one commits.
      await sql`select pg_sleep(0.2)`.execute(trx)
      return { other }
    })
    expect(await late.other).toBeUndefined()
  })

  test('what is rolled back gives the token back', async () => {
    await put('again')
    const failing = write(async (trx) => {
      await takeToken(trx, sha256('again'), 'password-reset')
      throw new Error('the rest failed')
    })
    await expect(failing).rejects.toThrow('the rest failed')
    expect(await take('again')).toBeDefined()
  })

  test("an end is the database's to see, and a token without one lasts", async () => {
    await put('over', { lifetimeMs: 0 })
    expect(await findToken(db.query, sha256('over'), 'password-reset')).toBeUndefined()
    expect(await take('over')).toBeUndefined()
    await put('lasting', { purpose: 'setup', subject: null, lifetimeMs: undefined })
    expect(await take('lasting', 'setup')).toEqual({ subject: null })
  })

  test('a new one ends the older ones of the same purpose and person, and no others', async () => {
    await put('ben 1', { subject: 'user:ben' })
    await put('cid 1', { subject: 'user:cid' })
    await put('set-up 1', { purpose: 'setup', subject: null })
    await put('ben 2', { subject: 'user:ben' })
    expect(await take('ben 1')).toBeUndefined()
    expect(await take('ben 2')).toBeDefined()
    expect(await take('cid 1')).toBeDefined()
    await put('set-up 2', { purpose: 'setup', subject: null })
    expect(await take('set-up 1', 'setup')).toBeUndefined()
    expect(await take('set-up 2', 'setup')).toBeDefined()
  })

  test('spent ones are dropped after a while, open ones never', async () => {
    await db.query.deleteFrom('one_time_tokens').execute()
    await put('used', { subject: 'user:ben' })
    await take('used')
    await put('ended', { subject: 'user:cid', lifetimeMs: -48 * 3_600_000 })
    await put('open', { subject: 'user:dan' })
    await put('endless', { purpose: 'setup', subject: null, lifetimeMs: undefined })
    expect(await dropSpentTokens(db)).toBe(1)
    await sql`update one_time_tokens set used_at = now() - interval '2 days'
      where used_at is not null`.execute(db.query)
    expect(await dropSpentTokens(db)).toBe(1)
    expect(await take('open')).toBeDefined()
    expect(await take('endless', 'setup')).toBeDefined()
  })
})
