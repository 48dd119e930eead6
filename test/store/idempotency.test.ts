import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import type { Db, Transaction } from '../../src/store/db.ts'
import { dropOldAnswers, findAnswer, rememberAnswer } from '../../src/store/idempotency.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'

const answer = { request_hash: 'a'.repeat(64), status: 200, answer: '{"a": 1}', revision: 7 }

eachDatabase('first answers', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
    for (const id of ['acme', 'beta']) await addOrganisation(db, id)
  })
  const write = <T>(work: (trx: Transaction) => Promise<T>): Promise<T> =>
    db.query.transaction().execute(work)
  const keyOf = (key: string, caller = 'user:ann', organisation = 'acme') => ({
    key,
    caller,
    organisation,
  })
  const find = (asked: ReturnType<typeof keyOf>) => write((trx) => findAnswer(trx, asked))
  const age = (key: string, ms: number) =>
    sql`update idempotency_keys set created_at = now() - make_interval(secs => ${ms / 1_000})
      where key = ${key}`.execute(db.query)

  test('are found byte for byte, by the one who asked, in the organisation asked about', async () => {
    await write((trx) => rememberAnswer(trx, keyOf('one'), answer))
    expect(await find(keyOf('one'))).toEqual(answer)
    expect(await find(keyOf('One'))).toBeUndefined()
    expect(await find(keyOf('one', 'user:ben'))).toBeUndefined()
    expect(await find(keyOf('one', 'user:ann', 'beta'))).toBeUndefined()
  })

  test('are taken back with what they answer', async () => {
    const undone = write(async (trx) => {
      await rememberAnswer(trx, keyOf('undone'), answer)
      throw new Error('undo')
    })
    await expect(undone).rejects.toThrow('undo')
    expect(await find(keyOf('undone'))).toBeUndefined()
  })

  test('are found for a day, and then the key is as good as new', async () => {
    await write((trx) => rememberAnswer(trx, keyOf('old'), answer))
    await age('old', limits.idempotencyMs - 60_000)
    expect(await find(keyOf('old'))).toEqual(answer)
    await age('old', limits.idempotencyMs + 1_000)
    expect(await find(keyOf('old'))).toBeUndefined()
    const next = { ...answer, request_hash: 'b'.repeat(64), revision: null }
    await write((trx) => rememberAnswer(trx, keyOf('old'), next))
    expect(await find(keyOf('old'))).toEqual(next)
  })

  test('that are too old are dropped, and no others', async () => {
    await write((trx) => rememberAnswer(trx, keyOf('gone'), answer))
    await age('gone', limits.idempotencyMs + 1_000)
    expect(await dropOldAnswers(db)).toBe(1)
    expect(await dropOldAnswers(db)).toBe(0)
    expect(await find(keyOf('one'))).toEqual(answer)
  })
})
