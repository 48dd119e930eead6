import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Db, Transaction } from '../../src/store/db.ts'
import {
  addTeam,
  findTeam,
  listTeams,
  removeTeam,
  type Team,
  type TeamQuery,
  updateTeam,
} from '../../src/store/teams.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'

const moment = (ms: number) => new Date(1_700_000_000_000 + ms)

eachDatabase('teams', (open) => {
  let db: Db
  const write = <T>(work: (trx: Transaction) => Promise<T>): Promise<T> =>
    db.query.transaction().execute(work)
  const add = (organisation: string, id: string, over: Partial<Team> = {}) =>
    write((trx) => {
      const team = { name: id, description: '', created_at: moment(0), ...over }
      return addTeam(trx, organisation, { id: `team:${id}`, ...team })
    })
  const list = (asked: Partial<TeamQuery> = {}) =>
    write((trx) => listTeams(trx, { organisation: 'acme', sort: 'name', limit: 100, ...asked }))
  const ids = async (asked: Partial<TeamQuery> = {}) => (await list(asked)).map(({ id }) => id)

  beforeAll(async () => {
    db = await open()
    for (const id of ['acme', 'beta', 'paged', 'words']) await addOrganisation(db, id)
    await add('acme', 'one', { name: 'Alpha', created_at: moment(3) })
    await add('acme', 'two', { name: 'Beta', created_at: moment(1) })
    await add('acme', 'three', { name: 'Gamma', created_at: moment(2) })
    await add('beta', 'one', { name: 'Alpha' })
  })

  test('are listed by name, and newest first', async () => {
    expect(await ids()).toEqual(['team:one', 'team:two', 'team:three'])
    expect(await ids({ sort: 'newest' })).toEqual(['team:one', 'team:three', 'team:two'])
    expect(await ids({ limit: 1 })).toEqual(['team:one'])
  })

  test('I13: are found, changed and removed in their own organisation alone', async () => {
    expect(await write((trx) => findTeam(trx, 'beta', 'team:two'))).toBeUndefined()
    expect(await write((trx) => updateTeam(trx, 'beta', 'team:two', { name: 'x' }))).toBe(false)
    expect(await write((trx) => removeTeam(trx, 'beta', 'team:two'))).toBe(false)
    expect(await ids({ organisation: 'beta' })).toEqual(['team:one'])
    expect(await write((trx) => findTeam(trx, 'acme', 'team:two'))).toEqual({
      id: 'team:two',
      name: 'Beta',
      description: '',
      created_at: moment(1),
    })
  })

  test('change what is given and keep the rest', async () => {
    await add('beta', 'kept', { name: 'Kept', description: 'before' })
    expect(await write((trx) => updateTeam(trx, 'beta', 'team:kept', { name: 'New' }))).toBe(true)
    const found = await write((trx) => findTeam(trx, 'beta', 'team:kept'))
    expect(found).toMatchObject({ name: 'New', description: 'before' })
    expect(await write((trx) => removeTeam(trx, 'beta', 'team:kept'))).toBe(true)
    expect(await write((trx) => removeTeam(trx, 'beta', 'team:kept'))).toBe(false)
  })

  test('have names of their own, whatever their case, in an organisation', async () => {
    const same = add('acme', 'other', { name: 'ALPHA' })
    await expect(same).rejects.toMatchObject({ code: '23505' })
    const renamed = write((trx) => updateTeam(trx, 'acme', 'team:two', { name: 'alphA' }))
    await expect(renamed).rejects.toMatchObject({ code: '23505' })
  })

  test.each([
    ['an id without its prefix', { id: 'x' }],
    ['an id of another kind', { id: 'role:x' }],
    ['an empty name', { name: '' }],
    ['a name that is too long', { name: 'x'.repeat(101) }],
    ['a description that is too long', { description: 'x'.repeat(1_001) }],
  ])('the database refuses %s', async (_title, over) => {
    const team = { id: 'team:odd', name: 'Odd', description: '', created_at: moment(0), ...over }
    const added = write((trx) => addTeam(trx, 'acme', team))
    await expect(added).rejects.toMatchObject({ code: '23514' })
  })

  describe('a search', () => {
    beforeAll(async () => {
      const names = ['100% sure', 'a_b', 'axb', 'back\\slash', 'ÄRGER', "O'Hara; --", 'Writers']
      for (const [at, name] of names.entries()) await add('words', `id-${at}`, { name })
    })

    test.each([
      ['%', ['100% sure']],
      ['_', ['a_b']],
      ['a_b', ['a_b']],
      ['\\', ['back\\slash']],
      ['\\%', []],
      ['Ärg', ['ÄRGER']],
      ['WRITE', ['Writers']],
      ["o'hara; --", ["O'Hara; --"]],
      ['ID-6', ['Writers']],
      ['team:id-2', ['axb']],
      ['nobody', []],
    ])('for %j takes every letter for itself, whatever its case', async (words, names) => {
      const found = await list({ organisation: 'words', words })
      expect(found.map(({ name }) => name)).toEqual(names)
    })
  })

  test.each(['name', 'newest'] as const)(
    'pages by %s hold each team once, over equal moments and names that differ in little',
    async (sort) => {
      const names = fc.sample(
        fc.uniqueArray(fc.stringMatching(/^[aA bBéß_%-]{1,4}$/), {
          minLength: 15,
          maxLength: 40,
          selector: (name) => name.toLowerCase(),
        }),
        1,
      )[0]
      const organisation = `paged-${sort}`
      await addOrganisation(db, organisation)
      for (const [at, name] of (names ?? []).entries()) {
        await add(organisation, `t${at}`, { name, created_at: moment(at % 3) })
      }
      const whole = await ids({ organisation, sort, limit: 1_000 })
      expect(new Set(whole).size).toBe(names?.length)
      for (const limit of [1, 2, 3, 7, 100]) {
        const paged: string[] = []
        for (let after: TeamQuery['after']; ; ) {
          const page = await list({ organisation, sort, limit, after })
          paged.push(...page.map(({ id }) => id))
          const last = page.at(-1)
          if (last === undefined) break
          after = [sort === 'name' ? last.name : last.created_at.toISOString(), last.id]
        }
        expect(paged).toEqual(whole)
      }
    },
  )
})
