import { beforeAll, expect, test } from 'vitest'
import {
  findAccount,
  findAccountByKey,
  rehashPassword,
  setPassword,
  setProfile,
  verifyAddress,
} from '../../src/store/accounts.ts'
import type { Db, Transaction } from '../../src/store/db.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'
import { addAccount } from './people-rows.ts'

const hash = (text: string) => `$argon2id$v=19$m=19456,t=2,p=1$${text}`

eachDatabase('accounts', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
    await addOrganisation(db, 'acme')
  })
  const write = <T>(work: (trx: Transaction) => Promise<T>) => db.query.transaction().execute(work)

  test('an account is found by its subject and by its compared address, and by nothing near', async () => {
    expect(await addAccount(db, 'ann', { lastName: 'Lee', createdBy: 'acme' })).toBe(true)
    const ann = await findAccount(db.query, 'user:ann')
    expect(ann).toMatchObject({
      subject: 'user:ann',
      email: 'ann@Example.com',
      email_key: 'ann@example.com',
      email_verified_at: null,
      first_name: 'ann',
      last_name: 'Lee',
      must_change_password: false,
      created_by: 'acme',
    })
    expect(await findAccountByKey(db.query, 'ann@example.com')).toEqual(ann)
    for (const key of ['ann@Example.com', 'ann@example.co', '%', 'ann_example.com', '']) {
      expect(await findAccountByKey(db.query, key)).toBeUndefined()
    }
    for (const subject of ['user:an', 'ann', 'user:ANN', 'user:%']) {
      expect(await findAccount(db.query, subject)).toBeUndefined()
    }
  })

  test('of several that claim one address at once exactly one gets it', async () => {
    const email = { email: 'one@example.com', key: 'one@example.com' }
    const claims = ['c1', 'c2', 'c3', 'c4'].map((name) => addAccount(db, name, { email }))
    const won = (await Promise.all(claims)).filter(Boolean)
    expect(won).toHaveLength(1)
  })

  test('a password is replaced for its account alone, with whether it must be changed', async () => {
    await addAccount(db, 'bea', { password: hash('first') })
    await addAccount(db, 'bob', { password: hash('other') })
    const change = { hash: hash('second'), mustChange: true }
    expect(await write((trx) => setPassword(trx, 'user:bea', change))).toBe(true)
    expect(await findAccount(db.query, 'user:bea')).toMatchObject({
      password: hash('second'),
      must_change_password: true,
    })
    expect(await findAccount(db.query, 'user:bob')).toMatchObject({ password: hash('other') })
    expect(await write((trx) => setPassword(trx, 'user:nobody', change))).toBe(false)
  })

  test('a password never stands there in the clear', async () => {
    const clear = { hash: 'correct horse', mustChange: false }
    const setting = write((trx) => setPassword(trx, 'user:bob', clear))
    await expect(setting).rejects.toMatchObject({ code: '23514' })
  })

  test('a better hash never brings back a password that was changed meanwhile', async () => {
    await addAccount(db, 'cid', { password: hash('old') })
    const better = { before: hash('old'), hash: hash('better') }
    expect(await write((trx) => rehashPassword(trx, 'user:cid', better))).toBe(true)
    expect(await write((trx) => rehashPassword(trx, 'user:cid', better))).toBe(false)
    expect(await findAccount(db.query, 'user:cid')).toMatchObject({ password: hash('better') })
  })

  test('a name is replaced', async () => {
    await addAccount(db, 'dan')
    const name = { firstName: 'Daniel', lastName: 'Ng' }
    expect(await write((trx) => setProfile(trx, 'user:dan', name))).toBe(true)
    expect(await findAccount(db.query, 'user:dan')).toMatchObject({
      first_name: 'Daniel',
      last_name: 'Ng',
    })
    expect(await write((trx) => setProfile(trx, 'user:nobody', name))).toBe(false)
  })

  test('an address is verified once, and only the one that the account has', async () => {
    await addAccount(db, 'eve')
    expect(await write((trx) => verifyAddress(trx, 'user:eve', 'old@example.com'))).toBe(false)
    expect((await findAccount(db.query, 'user:eve'))?.email_verified_at).toBeNull()
    expect(await write((trx) => verifyAddress(trx, 'user:eve', 'eve@example.com'))).toBe(true)
    const first = (await findAccount(db.query, 'user:eve'))?.email_verified_at
    expect(first).toBeInstanceOf(Date)
    expect(await write((trx) => verifyAddress(trx, 'user:eve', 'eve@example.com'))).toBe(true)
    expect((await findAccount(db.query, 'user:eve'))?.email_verified_at).toEqual(first)
  })
})
