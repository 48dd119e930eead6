import { beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { type Db, inSnapshot, type Transaction } from '../../src/store/db.ts'
import { loadOrganisation, reloadOrganisation } from '../../src/store/organisation-state.ts'
import {
  findRole,
  insertRole,
  listRoles,
  loadRoles,
  type NewRole,
  type Role,
  type RolePlace,
  type RoleQuery,
  RoleTakenError,
  removeRole,
  updateRole,
} from '../../src/store/roles.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation, rolledBack } from './organisation-rows.ts'

function role(slug: string, over: Partial<NewRole> = {}): NewRole {
  const permissions = ['teams:read', 'docs:*']
  return { id: `role:${slug}`, name: slug, slug, description: '', permissions, ...over }
}

eachDatabase('custom roles', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
    for (const id of ['acme', 'beta', 'pages', 'many']) await addOrganisation(db, id)
  })

  function write<T>(work: (trx: Transaction) => Promise<T>): Promise<T> {
    return db.query.transaction().execute(work)
  }
  const find = (organisation: string, id: string) => {
    return inSnapshot(db, (trx) => findRole(trx, organisation, id))
  }

  test('a role is found as it was written, with the time', async () => {
    const clerk = role('clerk', { name: 'Clerk, "first"', description: 'Keeps the books.' })
    await write((trx) => insertRole(trx, 'acme', clerk))
    expect(await find('acme', 'role:clerk')).toEqual({ ...clerk, created_at: expect.any(Date) })
  })

  test("a role of another organisation is found, changed and removed as if it weren't there", async () => {
    await write((trx) => insertRole(trx, 'acme', role('ours')))
    expect(await find('beta', 'role:ours')).toBeUndefined()
    expect(await write((trx) => updateRole(trx, 'beta', 'role:ours', { name: 'x' }))).toBe(false)
    expect(await write((trx) => updateRole(trx, 'beta', 'role:ours', {}))).toBe(false)
    expect(await write((trx) => removeRole(trx, 'beta', 'role:ours'))).toBe(false)
    expect(await find('acme', 'role:ours')).toMatchObject({ name: 'ours' })
    // The same names are free there.
    await write((trx) => insertRole(trx, 'beta', role('ours')))
    expect(await write((trx) => removeRole(trx, 'beta', 'role:ours'))).toBe(true)
    expect(await find('acme', 'role:ours')).toBeDefined()
  })

  test('only what is given of a role changes', async () => {
    await write((trx) => insertRole(trx, 'acme', role('plastic')))
    const changes = { name: 'Plastic', permissions: ['audit:read'] }
    expect(await write((trx) => updateRole(trx, 'acme', 'role:plastic', changes))).toBe(true)
    expect(await find('acme', 'role:plastic')).toMatchObject({ ...role('plastic'), ...changes })
    expect(await write((trx) => updateRole(trx, 'acme', 'role:plastic', {}))).toBe(true)
    expect(await write((trx) => updateRole(trx, 'acme', 'role:none', changes))).toBe(false)
  })

  test('an id and a slug belong to one role of an organisation', async () => {
    await write((trx) => insertRole(trx, 'acme', role('taken')))
    const again = (over: Partial<NewRole>) => {
      return write((trx) => insertRole(trx, 'acme', role('other', over)))
    }
    await expect(again({ id: 'role:taken' })).rejects.toThrow(RoleTakenError)
    await expect(again({ slug: 'taken' })).rejects.toThrow(RoleTakenError)
    await write((trx) => insertRole(trx, 'acme', role('second')))
    const rename = write((trx) => updateRole(trx, 'acme', 'role:second', { slug: 'taken' }))
    await expect(rename).rejects.toThrow(RoleTakenError)
    expect(await find('acme', 'role:second')).toMatchObject({ slug: 'second' })
    // What is wrong in another way is not taken for that.
    await expect(again({ id: 'no role' })).rejects.not.toThrow(RoleTakenError)
  })

  test('a removed role is gone, once', async () => {
    await write((trx) => insertRole(trx, 'acme', role('brief')))
    expect(await write((trx) => removeRole(trx, 'acme', 'role:brief'))).toBe(true)
    expect(await write((trx) => removeRole(trx, 'acme', 'role:brief'))).toBe(false)
    expect(await find('acme', 'role:brief')).toBeUndefined()
  })

  describe('a list', () => {
    const named: [string, string][] = [
      ['a', 'beta'],
      ['b', 'Alpha'],
      ['c', 'beta'],
      ['d', '100% sure'],
      ['e', 'under_score'],
      ['f', 'back\\slash'],
      ['g', "x' or true --"],
    ]
    beforeAll(async () => {
      for (const [slug, name] of named) {
        await write((trx) => insertRole(trx, 'pages', role(slug, { name })))
      }
      await write((trx) => insertRole(trx, 'beta', role('foreign', { name: 'beta' })))
    })

    const list = (query: Partial<RoleQuery>) => {
      const asked = { limit: 100, sort: 'name', ...query } as const
      return inSnapshot(db, (trx) => listRoles(trx, 'pages', asked))
    }
    const slugs = (roles: readonly Role[]) => roles.map(({ slug }) => slug).join('')

    test('is in the order of names, whatever their case, then of ids, in both directions', async () => {
      expect(slugs(await list({}))).toBe('dbfaceg')
      const backwards = await list({ descending: true })
      expect(slugs(backwards)).toBe('gecafbd')
    })

    test.each<[RoleQuery['sort'], boolean]>([
      ['name', false],
      ['name', true],
      ['created_at', false],
      ['created_at', true],
    ])('goes on where the page before ended, by %s, descending %s', async (sort, descending) => {
      const whole = slugs(await list({ sort, descending }))
      let paged = ''
      let after: RolePlace | undefined
      for (let page = 0; page < named.length; page += 1) {
        const [one, ...more] = await list({ sort, descending, limit: 1, after })
        if (one === undefined) throw new Error('a page is missing')
        expect(more).toEqual([])
        paged += one.slug
        after = { by: one[sort], id: one.id }
      }
      expect(paged).toBe(whole)
      expect(await list({ sort, descending, limit: 1, after })).toEqual([])
    })

    test.each([
      ['bet', 'ac'],
      ['BETA', 'ac'],
      ['alpha', 'b'],
      ['role:d', 'd'],
      ['%', 'd'],
      ['_', 'e'],
      ['\\', 'f'],
      ["' or true", 'g'],
      ['%e%', ''],
      ['', 'abcdefg'],
    ])('of those with %j in name, slug or id', async (q, found) => {
      expect([...slugs(await list({ q }))].sort().join('')).toBe(found)
    })

    test('is searched page by page as well', async () => {
      const [first] = await list({ q: 'beta', limit: 1 })
      if (first === undefined) throw new Error('nothing was found')
      const after = { by: first.name, id: first.id }
      expect(slugs([first, ...(await list({ q: 'beta', after }))])).toBe('ac')
    })
  })

  describe('what decisions are made from', () => {
    test('is every role of the organisation with its permissions, by id', async () => {
      await rolledBack(db, async (trx) => {
        for (const slug of ['z', 'y']) await insertRole(trx, 'many', role(slug))
        await insertRole(trx, 'beta', role('not-ours'))
        const { permissions } = role('y')
        expect(await loadRoles(trx, 'many')).toEqual([
          { id: 'role:y', permissions },
          { id: 'role:z', permissions },
        ])
      })
    })

    test('is read a page at a time, and whole', async () => {
      await rolledBack(db, async (trx) => {
        const count = 2 * limits.loadPageRows
        const rows = Array.from({ length: count }, (_, at) => `r${String(at).padStart(4, '0')}`)
        const permissions = JSON.stringify([])
        const values = rows.map((slug) => ({ ...role(slug), organisation: 'many', permissions }))
        await trx.insertInto('roles').values(values.slice(0, 1_000)).execute()
        await trx.insertInto('roles').values(values.slice(1_000)).execute()
        const loaded = await loadRoles(trx, 'many')
        expect(loaded.map(({ id }) => id)).toEqual(rows.map((slug) => `role:${slug}`))
      })
    })

    test('comes with the organisation, and as it is now when that is loaded again', async () => {
      await addOrganisation(db, 'fresh')
      await write((trx) => insertRole(trx, 'fresh', role('first')))
      const before = await loadOrganisation(db, 'fresh')
      expect(before?.roles).toEqual([{ id: 'role:first', permissions: role('first').permissions }])
      if (before === undefined) throw new Error('it was not loaded')
      const permissions = ['audit:read']
      await write((trx) => updateRole(trx, 'fresh', 'role:first', { permissions }))
      const after = await reloadOrganisation(db, before)
      expect(after?.state.roles).toEqual([{ id: 'role:first', permissions }])
    })
  })
})
