import { beforeAll, expect, test } from 'vitest'
import type { Db, Transaction } from '../../src/store/db.ts'
import {
  findOrganisationRecord,
  listOrganisations,
  type OrganisationQuery,
  resolveOrganisation,
  takeSlug,
  updateOrganisation,
} from '../../src/store/organisation-records.ts'
import { addMember, createOrganisation, setMemberState } from '../../src/store/organisations.ts'
import { eachDatabase } from '../support/databases.ts'

eachDatabase('what is told of organisations', (open) => {
  let db: Db
  const write = <T>(work: (trx: Transaction) => Promise<T>): Promise<T> =>
    db.query.transaction().execute(work)
  const list = async (asked: Partial<OrganisationQuery> = {}) =>
    (await write((trx) => listOrganisations(trx, { limit: 100, ...asked }))).map(({ id }) => id)
  const resolve = (name: string) => resolveOrganisation(db.query, name)

  beforeAll(async () => {
    db = await open()
    await write(async (trx) => {
      await createOrganisation(trx, { id: 'a1', name: 'Same', slug: 'first' })
      await createOrganisation(trx, { id: 'b2', name: 'Same', slug: 'second' })
      await createOrganisation(trx, { id: 'c3', name: 'Another 100%', slug: 'third' })
      for (const id of ['a1', 'b2', 'c3']) {
        await addMember(trx, id, { subject: 'user:ann', state: 'active' })
      }
      await setMemberState(trx, 'c3', 'user:ann', 'removed')
      await setMemberState(trx, 'b2', 'user:ann', 'suspended')
    })
  })

  test('is a record with settings, of one that exists', async () => {
    const found = await write((trx) => findOrganisationRecord(trx, 'a1'))
    expect(found).toMatchObject({ id: 'a1', slug: 'first', state: 'active', settings: {} })
    expect(await write((trx) => findOrganisationRecord(trx, 'first'))).toBeUndefined()
  })

  test('is listed by name and id, without the reserved one', async () => {
    expect(await list()).toEqual(['c3', 'a1', 'b2'])
    expect(await list({ limit: 1 })).toEqual(['c3'])
    expect(await list({ after: ['Same', 'a1'] })).toEqual(['b2'])
    expect(await list({ after: ['Same', 'b2'] })).toEqual([])
  })

  test('is searched by name, slug and id, letter by letter', async () => {
    expect(await list({ words: 'SAME' })).toEqual(['a1', 'b2'])
    expect(await list({ words: 'seco' })).toEqual(['b2'])
    expect(await list({ words: 'c3' })).toEqual(['c3'])
    expect(await list({ words: '%' })).toEqual(['c3'])
    expect(await list({ words: '_' })).toEqual([])
  })

  test('is listed by member, who was not removed', async () => {
    expect(await list({ member: 'user:ann' })).toEqual(['a1', 'b2'])
    expect(await list({ member: 'user:bob' })).toEqual([])
  })

  test('a slug is never used again, and leads where it led', async () => {
    const take = (id: string, slug: string) => write((trx) => takeSlug(trx, id, slug))
    expect(await take('a1', 'renamed')).toBe(true)
    const changes = { name: 'New', slug: 'renamed', settings: { a: { b: 1 } } }
    await write((trx) => updateOrganisation(trx, 'a1', changes))
    const record = await write((trx) => findOrganisationRecord(trx, 'a1'))
    expect(record).toMatchObject(changes)
    for (const name of ['a1', 'first', 'renamed']) expect(await resolve(name)).toBe('a1')
    expect(await take('b2', 'first')).toBe(false)
    expect(await take('b2', 'renamed')).toBe(false)
    expect(await take('a1', 'first')).toBe(true)
    const made = { id: 'd4', name: 'D', slug: 'first' }
    const again = write((trx) => createOrganisation(trx, made))
    await expect(again).rejects.toMatchObject({ code: '23505' })
    expect(await resolve('d4')).toBeUndefined()
    expect(await resolve('nowhere')).toBeUndefined()
  })
})
