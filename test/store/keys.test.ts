import { beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import type { Db, Transaction } from '../../src/store/db.ts'
import {
  addKey,
  findKey,
  findKeyListed,
  type KeySettings,
  listKeys,
  noteKeyUses,
  removeKeysOf,
  updateKey,
  writeKeySettings,
} from '../../src/store/keys.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'

const open: KeySettings = { label: 'test', scopes: null, networks: null, expires_at: null }

eachDatabase('API keys as they are administered', (openDb) => {
  let db: Db
  beforeAll(async () => {
    db = await openDb()
    for (const id of ['acme', 'beta', 'paged']) await addOrganisation(db, id)
  })

  function write<T>(work: (trx: Transaction) => Promise<T>): Promise<T> {
    return db.query.transaction().execute(work)
  }
  const add = (id: string, organisation = 'acme', subject = 'user:ann', settings = open) =>
    write((trx) =>
      addKey(trx, {
        ...{ id, organisation, subject, hash: 'ab'.repeat(32), created_by: 'user:ben' },
        ...writeKeySettings(settings),
      }),
    )
  const find = (id: string, organisation = 'acme') =>
    write((trx) => findKeyListed(trx, organisation, id))

  test('a key is read with all but its hash, by its organisation alone', async () => {
    const settings = { ...open, scopes: ['docs:read'], networks: ['10.0.0.0/8'] }
    await add('listed0001', 'acme', 'user:ann', settings)
    expect(await find('listed0001')).toEqual({
      ...{ ...settings, id: 'listed0001', subject: 'user:ann', created_by: 'user:ben' },
      ...{ created_at: expect.any(Date), used_at: null },
    })
    expect(await find('listed0001', 'beta')).toBeUndefined()
  })

  test('a key is changed by its organisation alone', async () => {
    await add('changed001')
    const expires_at = new Date(Date.now() + 60_000)
    const settings = { label: 'new', scopes: [], networks: ['10.0.0.1'], expires_at }
    await write((trx) => updateKey(trx, 'beta', 'changed001', settings))
    expect(await find('changed001')).toMatchObject(open)
    await write((trx) => updateKey(trx, 'acme', 'changed001', settings))
    expect(await find('changed001')).toMatchObject(settings)
    await write((trx) => updateKey(trx, 'acme', 'changed001', open))
    expect(await find('changed001')).toMatchObject(open)
  })

  test('the keys of one member are removed, those of nobody else', async () => {
    await add('mine000001', 'beta')
    await add('mine000002', 'beta')
    await add('other00001', 'beta', 'user:ben')
    expect(await write((trx) => removeKeysOf(trx, 'beta', 'user:ann'))).toBe(2)
    expect(await find('other00001', 'beta')).toBeDefined()
    expect(await find('mine000001', 'beta')).toBeUndefined()
    expect(await find('listed0001')).toBeDefined()
  })

  test('pages hold each key once, the newest first, of one member where asked', async () => {
    const ids = Array.from({ length: 7 }, (_, at) => `paged000${at}`)
    // Those of one transaction have one moment, and are told apart by their ids.
    await write(async (trx) => {
      for (const id of ids.slice(0, 4)) {
        const row = { id, organisation: 'paged', subject: 'user:ann', hash: 'ab'.repeat(32) }
        await addKey(trx, { ...row, ...writeKeySettings(open) })
      }
    })
    for (const id of ids.slice(4)) await add(id, 'paged', 'user:ben')
    const read = async (limit: number, subject?: string) => {
      const all: string[] = []
      for (let after: readonly [string, string] | undefined; ; ) {
        const asked = { limit, subject, after }
        const page = await write((trx) => listKeys(trx, 'paged', asked))
        all.push(...page.map(({ id }) => id))
        const last = page.at(-1)
        if (page.length < limit || last === undefined) return all
        after = [last.created_at.toISOString(), last.id]
      }
    }
    for (const limit of [1, 2, 3, 10]) {
      const all = await read(limit)
      expect(all.toSorted()).toEqual(ids)
      expect(all.slice(-4)).toEqual(ids.slice(0, 4).reverse())
      expect(await read(limit, 'user:ann')).toEqual(ids.slice(0, 4).reverse())
    }
  })

  describe('the use of a key', () => {
    const note = (at: number, ...ids: string[]) =>
      noteKeyUses(
        db,
        ids.map((id) => ({ id, at: new Date(at) })),
      )
    const used = async (id: string) => (await find(id))?.used_at?.getTime()
    const start = Date.UTC(2026, 0, 1)

    test('is written at most once in its time, whoever notes it', async () => {
      await add('used000001')
      await note(start, 'used000001')
      expect(await used('used000001')).toBe(start)
      await note(start + limits.keyUseMs - 1, 'used000001')
      await note(start - 1, 'used000001')
      expect(await used('used000001')).toBe(start)
      await note(start + limits.keyUseMs, 'used000001')
      expect(await used('used000001')).toBe(start + limits.keyUseMs)
    })

    test('is written for many at once, and for a key that is gone not at all', async () => {
      await add('used000002')
      await add('used000003')
      await note(start, 'used000002', 'gone000001', 'used000003', "' or true --")
      expect([await used('used000002'), await used('used000003')]).toEqual([start, start])
      expect(await used('changed001')).toBeUndefined()
      await note(start)
      expect(await findKey(db, 'used000002')).toBeDefined()
    })
  })
})
