/** What an organisation is decided from is brought up to date by what changed, and is then what a load finds. */
import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { createAccount, setProfile } from '../../src/store/accounts.ts'
import { putAttributes, removeAttributes } from '../../src/store/attributes.ts'
import type { Db, Transaction } from '../../src/store/db.ts'
import {
  loadOrganisation,
  type OrganisationState,
  reloadOrganisation,
} from '../../src/store/organisation-state.ts'
import { addMember, type MemberState, setMemberState } from '../../src/store/organisations.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'

const people = [0, 1, 2, 3].map((at) => `user:p${at}`)
const [first = '', second = ''] = people
const states: readonly MemberState[] = ['active', 'suspended', 'invited', 'removed']

/** Something that an operation may do to what is kept by key. */
type Step =
  | { readonly what: 'state'; readonly who: string; readonly state: MemberState }
  | { readonly what: 'name'; readonly who: string; readonly name: string }
  | { readonly what: 'attributes'; readonly who: string; readonly level: number }
  | { readonly what: 'nothing known'; readonly who: string }

const who = fc.constantFrom(...people)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constant('state'), who, state: fc.constantFrom(...states) }),
  fc.record({ what: fc.constant('name'), who, name: fc.constantFrom('Ada', 'Bo') }),
  fc.record({ what: fc.constant('attributes'), who, level: fc.nat(3) }),
  fc.record({ what: fc.constant('nothing known'), who }),
)

eachDatabase('what is kept of an organisation', (open, kind) => {
  let db: Db
  let names = 0
  beforeAll(async () => {
    db = await open()
    await db.query.transaction().execute(async (trx) => {
      for (const subject of people) await createAccount(trx, accountOf(subject))
    })
  })

  const accountOf = (subject: string) => ({
    subject,
    email: { email: `${subject.slice(5)}@example.com`, key: `${subject.slice(5)}@example.com` },
    firstName: null,
    lastName: null,
    password: null,
    mustChangePassword: false,
    createdBy: null,
  })

  async function organisation(): Promise<string> {
    names += 1
    const id = `kept-${names}`
    await addOrganisation(db, id)
    await write(async (trx) => {
      for (const subject of people) await addMember(trx, id, { subject, state: 'active' })
      await putAttributes(trx, id, [{ entity: first, attributes: { level: 9 } }])
    })
    return id
  }

  function write<T>(work: (trx: Transaction) => Promise<T>): Promise<T> {
    return db.query.transaction().execute(work)
  }

  async function load(id: string): Promise<OrganisationState> {
    const state = await loadOrganisation(db, id)
    if (state === undefined) throw new Error('There is no such organisation.')
    return state
  }

  async function reload(before: OrganisationState): Promise<OrganisationState> {
    const reloaded = await reloadOrganisation(db, before)
    if (reloaded === undefined) throw new Error('There is no such organisation.')
    return reloaded.state
  }

  function perform(trx: Transaction, id: string, done: Step): Promise<unknown> {
    if (done.what === 'state') return setMemberState(trx, id, done.who, done.state)
    if (done.what === 'name') {
      return setProfile(trx, done.who, { firstName: done.name, lastName: 'Lee' })
    }
    if (done.what === 'nothing known') return removeAttributes(trx, id, done.who)
    return putAttributes(trx, id, [{ entity: done.who, attributes: { level: done.level } }])
  }

  /** Other transactions of the server move the horizon on, and a map has an order. */
  function contents({ members, attributes }: OrganisationState) {
    return { members: [...members].toSorted(), attributes: [...attributes].toSorted() }
  }

  test('is after any changes what a load finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        async (rounds) => {
          const id = await organisation()
          let state = await load(id)
          for (const steps of rounds) {
            await write(async (trx) => {
              for (const done of steps) await perform(trx, id, done)
            })
            state = await reload(state)
            expect(contents(state)).toEqual(contents(await load(id)))
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  test('is the same object where nothing of it changed', async () => {
    const id = await organisation()
    const before = await load(id)
    await write((trx) => setMemberState(trx, id, second, 'suspended'))
    const after = await reload(before)
    expect(after.members.get(first)).toBe(before.members.get(first))
    expect(after.attributes.get(first)).toBe(before.attributes.get(first))
    expect(after.members.get(second)).toMatchObject({ state: 'suspended' })
    expect(before.members.get(second)).toMatchObject({ state: 'active' })
  })

  test('is read again whole where a row went without a trace', async () => {
    const id = await organisation()
    const before = await load(id)
    await sql`delete from members where organisation = ${id} and subject = ${second}`.execute(
      db.query,
    )
    const after = await reload(before)
    expect([...after.members.keys()]).not.toContain(second)
    expect(after.members.get(first)).not.toBe(before.members.get(first))
  })

  test('is read again whole where transactions are counted from elsewhere', async () => {
    const id = await organisation()
    const before = await load(id)
    const after = await reload({ ...before, horizon: String(BigInt(before.horizon) + 1_000_000n) })
    expect(after.members.get(first)).not.toBe(before.members.get(first))
    expect(contents(after)).toEqual(contents(before))
  })

  test('is brought up to date over many pages', async () => {
    const id = await organisation()
    const before = await load(id)
    const many = limits.loadPageRows + 1
    await sql`insert into members (organisation, subject, state)
      select ${id}, 'user:many' || n, 'active' from generate_series(1, ${many}::int) as n`.execute(
      db.query,
    )
    expect((await reload(before)).members.size).toBe(before.members.size + many)
  })

  // The embedded database has one connection.
  if (kind === 'postgres') {
    test('has what a transaction wrote that was open while it was loaded', async () => {
      const id = await organisation()
      let before: OrganisationState | undefined
      await write(async (trx) => {
        await setMemberState(trx, id, second, 'suspended')
        // One that began later and ended earlier.
        await write((other) => setMemberState(other, id, first, 'suspended'))
        before = await load(id)
      })
      expect(before?.members.get(second)).toMatchObject({ state: 'active' })
      expect(before?.members.get(first)).toMatchObject({ state: 'suspended' })
      const after = await reload(before as OrganisationState)
      expect(after.members.get(second)).toMatchObject({ state: 'suspended' })
    })
  }
})
