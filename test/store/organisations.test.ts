import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Db, inSnapshot, type Transaction } from '../../src/store/db.ts'
import { loadOrganisation } from '../../src/store/organisation-state.ts'
import {
  addMember,
  createOrganisation,
  findOrganisation,
  listRevisions,
  raiseRevision,
  setMemberState,
  setOrganisationState,
} from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'

function grant(organisation: string, member: string) {
  return { ptype: 'g', values: [member, 'role:editor', `org:${organisation}`] }
}

eachDatabase('organisations', (open, kind) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
  })

  function write<T>(work: (trx: Transaction) => Promise<T>): Promise<T> {
    return db.query.transaction().execute(work)
  }

  test('an organisation is loaded with its state, members, rules and revision', async () => {
    await addOrganisation(db, 'whole')
    const at = new Date(Date.now() + 60_000)
    const revision = await write(async (trx) => {
      const raised = await raiseRevision(trx, 'whole')
      const by = { author: 'user:ann', revision: raised, expiresAt: at }
      await addRules(trx, 'whole', [grant('whole', 'user:ann')], by)
      return raised
    })
    expect(revision).toBe(1)
    const state = await loadOrganisation(db, 'whole')
    expect(state).toMatchObject({
      id: 'whole',
      state: 'active',
      revision: 1,
      nextExpiry: at.getTime(),
    })
    expect([...(state?.members.values() ?? [])]).toEqual([
      { subject: 'user:ann', state: 'active', name: 'Ann', email: null },
      { subject: 'user:ben', state: 'invited', name: null, email: 'ben@example.com' },
    ])
    expect(state?.members.get('user:ben')?.state).toBe('invited')
    expect(state?.rules.map(({ values }) => values)).toEqual([grant('whole', 'user:ann').values])
  })

  test('a new organisation is active, at revision 0, without members or rules', async () => {
    await write((trx) => createOrganisation(trx, { id: 'new', name: 'New', slug: 'new-one' }))
    expect(await loadOrganisation(db, 'new')).toEqual({
      id: 'new',
      state: 'active',
      revision: 0,
      members: new Map(),
      attributes: new Map(),
      roles: [],
      rules: [],
      nextExpiry: undefined,
      horizon: expect.stringMatching(/^[1-9]\d*$/),
    })
    expect(await write((trx) => findOrganisation(trx, 'new'))).toEqual({
      id: 'new',
      name: 'New',
      slug: 'new-one',
      state: 'active',
      revision: 0,
    })
  })

  test.each(['nowhere', '', '*', 'org:whole', "x' or true --"])(
    'the organisation %j is a missing one',
    async (id) => {
      expect(await loadOrganisation(db, id)).toBeUndefined()
    },
  )

  test('members and rules of one organisation are never seen in another', async () => {
    await addOrganisation(db, 'tenant-a')
    await addOrganisation(db, 'tenant-b')
    await write(async (trx) => {
      await addMember(trx, 'tenant-b', { subject: 'user:cleo', state: 'active' })
      const by = { author: 'user:cleo', revision: 1 }
      await addRules(trx, 'tenant-b', [grant('tenant-b', 'user:cleo')], by)
    })
    const a = await loadOrganisation(db, 'tenant-a')
    expect([...(a?.members.keys() ?? [])]).toEqual(['user:ann', 'user:ben'])
    expect(a?.rules).toEqual([])
    expect(await listRevisions(db, ['tenant-a'])).toEqual(new Map([['tenant-a', 0]]))
  })

  test('a membership is changed in its own organisation only', async () => {
    await addOrganisation(db, 'state-a')
    await addOrganisation(db, 'state-b')
    expect(await write((trx) => setMemberState(trx, 'state-a', 'user:ann', 'suspended'))).toBe(true)
    expect(await write((trx) => setMemberState(trx, 'state-a', 'user:zed', 'active'))).toBe(false)
    expect(await write((trx) => setMemberState(trx, 'nowhere', 'user:ann', 'active'))).toBe(false)
    const stateOf = async (id: string) => (await loadOrganisation(db, id))?.members.get('user:ann')
    expect(await stateOf('state-a')).toMatchObject({ state: 'suspended' })
    expect(await stateOf('state-b')).toMatchObject({ state: 'active' })
  })

  test('an organisation is suspended and taken up again, alone', async () => {
    await addOrganisation(db, 'pause-a')
    await addOrganisation(db, 'pause-b')
    expect(await write((trx) => setOrganisationState(trx, 'pause-a', 'suspended'))).toBe(true)
    expect(await write((trx) => setOrganisationState(trx, 'nowhere', 'suspended'))).toBe(false)
    expect(await loadOrganisation(db, 'pause-a')).toMatchObject({ state: 'suspended' })
    expect(await loadOrganisation(db, 'pause-b')).toMatchObject({ state: 'active' })
    await write((trx) => setOrganisationState(trx, 'pause-a', 'active'))
    expect(await loadOrganisation(db, 'pause-a')).toMatchObject({ state: 'active' })
  })

  test('publishes at the same moment get different revisions, without a gap', async () => {
    await addOrganisation(db, 'race')
    const raised = await Promise.all(
      Array.from({ length: 8 }, () => write((trx) => raiseRevision(trx, 'race'))),
    )
    expect(raised.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('a revision is raised for its own organisation, and for none that is missing', async () => {
    await addOrganisation(db, 'raise-a')
    await addOrganisation(db, 'raise-b')
    await write((trx) => raiseRevision(trx, 'raise-a'))
    expect(await listRevisions(db, ['raise-a', 'raise-b', 'nowhere'])).toEqual(
      new Map([
        ['raise-a', 1],
        ['raise-b', 0],
      ]),
    )
    expect(await listRevisions(db, [])).toEqual(new Map())
    await expect(write((trx) => raiseRevision(trx, 'nowhere'))).rejects.toThrow('no result')
  })

  test('a listener hears a committed revision, once, and never one that was rolled back', async () => {
    await addOrganisation(db, 'heard')
    const heard: string[] = []
    const unlisten = await db.listen('gatehouse', (payload) => heard.push(payload))
    const undone = write(async (trx) => {
      await raiseRevision(trx, 'heard')
      throw new Error('undo')
    })
    await expect(undone).rejects.toThrow('undo')
    await write((trx) => raiseRevision(trx, 'heard'))
    await expect.poll(() => heard).toEqual(['', 'heard:1'])
    await unlisten()
    await write((trx) => raiseRevision(trx, 'heard'))
    expect(heard).toEqual(['', 'heard:1'])
  })

  describe('the tables refuse', () => {
    test.each([
      ['an id with a prefix', { id: 'org:x', name: 'X', slug: 'x' }],
      ['an id with a capital', { id: 'Acme', name: 'X', slug: 'x' }],
      ['an empty id', { id: '', name: 'X', slug: 'x' }],
      ['an id with a line break', { id: 'x\n', name: 'X', slug: 'x' }],
      ['an empty name', { id: 'x', name: '', slug: 'x' }],
      ['a slug with a space', { id: 'x', name: 'X', slug: 'a b' }],
    ])('an organisation with %s', async (_title, organisation) => {
      const adding = write((trx) => createOrganisation(trx, organisation))
      await expect(adding).rejects.toMatchObject({ code: '23514' })
    })

    test('an id and a slug that are taken', async () => {
      await addOrganisation(db, 'taken')
      for (const [id, slug] of [
        ['taken', 'free'],
        ['free', 'taken'],
      ] as const) {
        const adding = write((trx) => createOrganisation(trx, { id, name: 'X', slug }))
        await expect(adding).rejects.toMatchObject({ code: '23505' })
      }
    })

    test.each([
      ['a team as member', 'team:writers', '23514'],
      ['a role as member', 'role:owner', '23514'],
      ['an untyped member', 'ann', '23514'],
      ['a member with a comma', 'user:ann, role:owner', '23514'],
      ['a member that is there already', 'user:ann', '23505'],
    ])('%s', async (_title, subject, code) => {
      await write((trx) => createOrganisation(trx, { id: 'strict', name: 'S', slug: 'strict' }))
        .then(() =>
          write((trx) => addMember(trx, 'strict', { subject: 'user:ann', state: 'active' })),
        )
        .catch(() => undefined)
      const adding = write((trx) => addMember(trx, 'strict', { subject, state: 'active' }))
      await expect(adding).rejects.toMatchObject({ code })
    })

    test('a member of no organisation', async () => {
      const adding = write((trx) =>
        addMember(trx, 'nowhere', { subject: 'user:ann', state: 'active' }),
      )
      await expect(adding).rejects.toMatchObject({ code: '23503' })
    })

    test('the removal of an organisation that has members', async () => {
      await addOrganisation(db, 'kept')
      const removing = db.query.deleteFrom('organisations').where('id', '=', 'kept').execute()
      await expect(removing).rejects.toMatchObject({ code: '23503' })
    })
  })

  // The embedded database has one session: nobody else can write in the middle.
  if (kind === 'embedded') return
  describe('while others write', () => {
    test('a load sees one moment: a publish between its queries changes nothing of it', async () => {
      await addOrganisation(db, 'moment')
      await inSnapshot(db, async (trx) => {
        expect(await findOrganisation(trx, 'moment')).toMatchObject({ revision: 0 })
        await write(async (other) => {
          const revision = await raiseRevision(other, 'moment')
          await addMember(other, 'moment', { subject: 'user:eve', state: 'active' })
          await addRules(other, 'moment', [grant('moment', 'user:eve')], {
            author: 'user:ann',
            revision,
          })
        })
        const count = (table: 'members' | 'casbin') =>
          trx
            .selectFrom(table)
            .select('organisation')
            .where('organisation', '=', 'moment')
            .execute()
        expect((await count('members')).length).toBe(2)
        expect((await count('casbin')).length).toBe(0)
      })
      expect(await loadOrganisation(db, 'moment')).toMatchObject({ revision: 1, rules: [{}] })
    })

    test('a load is made in one transaction that reads only', async () => {
      const level = await inSnapshot(db, (trx) =>
        sql<{ level: string; readonly: string }>`
          select current_setting('transaction_isolation') as level,
            current_setting('transaction_read_only') as readonly`.execute(trx),
      )
      expect(level.rows).toEqual([{ level: 'repeatable read', readonly: 'on' }])
    })

    test('loads during a storm of publishes never mix two revisions', async () => {
      await addOrganisation(db, 'storm')
      let running = true
      const publishes = (async () => {
        for (let n = 0; n < 40; n++) {
          await write(async (trx) => {
            const revision = await raiseRevision(trx, 'storm')
            const rules = [grant('storm', `user:u${revision}`)]
            await addMember(trx, 'storm', { subject: `user:u${revision}`, state: 'active' })
            await addRules(trx, 'storm', rules, { author: 'user:ann', revision })
          })
        }
        running = false
      })()
      while (running) {
        const state = await loadOrganisation(db, 'storm')
        expect(state?.rules.length).toBe(state?.revision)
        expect(state?.members.size).toBe(2 + (state?.revision ?? 0))
      }
      await publishes
    })
  })
})
