import { beforeAll, expect, test } from 'vitest'
import type { Db, Transaction } from '../../src/store/db.ts'
import { addMember, setMemberState } from '../../src/store/organisations.ts'
import {
  addServiceAccount,
  findServiceAccount,
  listServiceAccounts,
  type ServiceAccountQuery,
  updateServiceAccount,
} from '../../src/store/service-accounts.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'

eachDatabase('service accounts', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
    for (const id of ['acme', 'beta', 'paged']) await addOrganisation(db, id)
  })

  function write<T>(work: (trx: Transaction) => Promise<T>): Promise<T> {
    return db.query.transaction().execute(work)
  }
  const add = (subject: string, name: string, organisation = 'acme') =>
    write((trx) => addServiceAccount(trx, organisation, { subject, name, description: 'It runs.' }))
  const find = (subject: string, organisation = 'acme') =>
    write((trx) => findServiceAccount(trx, organisation, subject))
  const list = (asked: Partial<ServiceAccountQuery> = {}, organisation = 'paged') =>
    write((trx) => listServiceAccounts(trx, organisation, { limit: 100, ...asked }))

  test('one is a member, read by its organisation alone', async () => {
    await add('service:one', 'One')
    expect(await find('service:one')).toEqual({
      subject: 'service:one',
      name: 'One',
      description: 'It runs.',
      state: 'active',
      created_at: expect.any(Date),
    })
    expect(await find('service:one', 'beta')).toBeUndefined()
    expect(await find('user:ann')).toBeUndefined()
  })

  test('one that is removed is not there any more, one that is suspended is', async () => {
    await add('service:two', 'Two')
    await write((trx) => setMemberState(trx, 'acme', 'service:two', 'suspended'))
    expect(await find('service:two')).toMatchObject({ state: 'suspended' })
    await write((trx) => setMemberState(trx, 'acme', 'service:two', 'removed'))
    expect(await find('service:two')).toBeUndefined()
    expect((await list({}, 'acme')).map(({ subject }) => subject)).not.toContain('service:two')
  })

  test('one is renamed and described, where it is and with no row of its own', async () => {
    await add('service:named', 'Old')
    await add('service:named', 'Old', 'beta')
    await write((trx) => addMember(trx, 'acme', { subject: 'service:bare', state: 'active' }))
    expect(await find('service:bare')).toMatchObject({ name: 'service:bare', description: '' })
    for (const subject of ['service:named', 'service:bare']) {
      const changed = { subject, name: 'New', description: 'Other.' }
      await write((trx) => updateServiceAccount(trx, 'acme', changed))
      expect(await find(subject)).toMatchObject(changed)
    }
    expect(await find('service:named', 'beta')).toMatchObject({ name: 'Old' })
  })

  test('pages hold each once by name and id, no person among them', async () => {
    const names = ['Crane', 'abacus', 'Crane', 'Zebra', 'Bell']
    for (const [at, name] of names.entries()) await add(`service:p${at}`, name, 'paged')
    await write((trx) => addMember(trx, 'paged', { subject: 'service:bare', state: 'active' }))
    const whole = (await list()).map(({ subject }) => subject)
    expect(whole.toSorted()).toEqual([
      ...['service:bare', 'service:p0', 'service:p1', 'service:p2', 'service:p3', 'service:p4'],
    ])
    for (const limit of [1, 2, 4]) {
      const seen: string[] = []
      for (let after: readonly [string, string] | undefined; ; ) {
        const page = await list({ limit, after })
        seen.push(...page.map(({ subject }) => subject))
        const last = page.at(-1)
        if (page.length < limit || last === undefined) break
        after = [last.name, last.subject]
      }
      expect(seen).toEqual(whole)
    }
  })

  test.each([
    ['CRANE', ['service:p0', 'service:p2']],
    ['p3', ['service:p3']],
    ['%', []],
    ['service_', []],
  ])('A6 117: %j finds %j', async (words, expected) => {
    expect((await list({ words })).map(({ subject }) => subject)).toEqual(expected)
  })
})
