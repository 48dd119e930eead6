/** A reload finds what a load would, whatever was published in between. */
import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import type { Db } from '../../src/store/db.ts'
import { inSnapshot } from '../../src/store/db.ts'
import {
  loadOrganisation,
  type OrganisationState,
  reloadOrganisation,
} from '../../src/store/organisation-state.ts'
import { raiseRevision } from '../../src/store/organisations.ts'
import { addRules, loadRules, RulesDamagedError, removeRules } from '../../src/store/rules.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation, dropRuleConstraints, insertRuleRow } from './organisation-rows.ts'

const by = (revision: number) => ({ author: 'user:ann', revision })

eachDatabase('a reload', (open) => {
  let db: Db
  let names = 0
  beforeAll(async () => {
    db = await open()
  })

  async function organisation(): Promise<string> {
    names += 1
    await addOrganisation(db, `org-${names}`)
    return `org-${names}`
  }

  const permit = (id: string, object: string) => ({
    ptype: 'p',
    values: ['role:editor', `org:${id}`, `/docs/${object}`, 'GET', 'allow'],
  })

  async function publish(id: string, added: readonly string[], removed: readonly string[] = []) {
    await db.transaction('seed', async (trx) => {
      const revision = await raiseRevision(trx, id)
      await removeRules(trx, id, removed)
      await addRules(
        trx,
        id,
        added.map((object) => permit(id, object)),
        by(revision),
      )
    })
  }

  async function load(id: string): Promise<OrganisationState> {
    const state = await loadOrganisation(db, id)
    if (state === undefined) throw new Error('There is no such organisation.')
    return state
  }

  /** Other transactions of the server move the horizon on. */
  const apart = (state: OrganisationState | undefined) => ({ ...state, horizon: '' })

  const idsOf = ({ rules }: OrganisationState) =>
    rules.map(({ source }) => (source.kind === 'organisation' ? source.id : ''))

  test('finds what a load finds, after any publishes', async () => {
    const step = fc.record({ add: fc.nat(3), remove: fc.array(fc.nat(40), { maxLength: 3 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        const id = await organisation()
        await publish(id, ['first', 'second', 'third'])
        let state = await load(id)
        for (const [at, { add, remove }] of steps.entries()) {
          const ids = idsOf(state)
          const gone = remove.flatMap((place) => ids[place % Math.max(1, ids.length)] ?? [])
          await publish(
            id,
            Array.from({ length: add }, (_, n) => `${at}-${n}`),
            gone,
          )
          const reloaded = await reloadOrganisation(db, state)
          expect(apart(reloaded?.state)).toEqual(apart(await load(id)))
          expect(reloaded?.change).toBeDefined()
          const kept = state.rules.filter((rule) => !reloaded?.change?.removed.includes(rule))
          expect(reloaded?.state.rules.slice(0, kept.length)).toEqual(kept)
          for (const [place, rule] of kept.entries()) {
            expect(reloaded?.state.rules[place]).toBe(rule)
          }
          state = reloaded?.state ?? state
        }
      }),
      { numRuns: 15 },
    )
  })

  test('of many new rules reads all', async () => {
    const id = await organisation()
    const before = await load(id)
    await publish(
      id,
      Array.from({ length: limits.changeRows + 1 }, (_, at) => `${at}`),
    )
    const reloaded = await reloadOrganisation(db, before)
    expect(reloaded?.change).toBeUndefined()
    expect(apart(reloaded?.state)).toEqual(apart(await load(id)))
  })

  test('of a row whose revision is older than it should be reads all', async () => {
    const id = await organisation()
    await publish(id, ['a'])
    const before = await load(id)
    await db.transaction('seed', async (trx) => {
      await addRules(trx, id, [permit(id, 'late')], by(before.revision))
      await raiseRevision(trx, id)
    })
    const reloaded = await reloadOrganisation(db, before)
    expect(reloaded?.change).toBeUndefined()
    expect(reloaded?.state.rules).toHaveLength(2)
  })

  test('sees a grant end', async () => {
    const id = await organisation()
    await publish(id, ['a', 'b'])
    const before = await load(id)
    await sql`update casbin set expires_at = now() - interval '1 second'
      where organisation = ${id} and rule->>2 = '/docs/a'`.execute(db.query)
    const reloaded = await reloadOrganisation(db, before)
    expect(reloaded?.change?.removed).toEqual([before.rules[0]])
    expect(reloaded?.state.rules).toEqual([before.rules[1]])
  })

  test('of an organisation that is gone finds none', async () => {
    const id = await organisation()
    const before = await load(id)
    expect(await reloadOrganisation(db, { ...before, id: 'never' })).toBeUndefined()
  })

  test('of more than a page of rules finds each once, in their order', async () => {
    const id = await organisation()
    const objects = Array.from({ length: limits.loadPageRows + 3 }, (_, at) => `p${at}`)
    await db.transaction('seed', async (trx) => {
      const revision = await raiseRevision(trx, id)
      await sql`select set_config('gatehouse.author', 'user:ann', true),
        set_config('gatehouse.revision', ${String(revision)}, true)`.execute(trx)
      const rows = objects.map((object) => JSON.stringify(permit(id, object).values))
      await sql`insert into casbin (ptype, rule)
        select 'p', value from jsonb_array_elements(${`[${rows.join()}]`}::jsonb)`.execute(trx)
    })
    const rules = await inSnapshot(db, (trx) => loadRules(trx, id))
    expect(rules.map(({ values }) => values[2])).toEqual(objects.map((object) => `/docs/${object}`))
    const before = await load(id)
    const gone = [idsOf(before)[0] ?? '', idsOf(before).at(-1) ?? '']
    await publish(id, [], gone)
    const reloaded = await reloadOrganisation(db, before)
    expect(reloaded?.change?.removed).toEqual([before.rules[0], before.rules.at(-1)])
  })

  test('believes no row that we would not have written', async () => {
    const other = await open()
    await addOrganisation(other, 'damaged')
    const before = await loadOrganisation(other, 'damaged')
    await other.transaction('seed', async (trx) => {
      await dropRuleConstraints(trx)
      await raiseRevision(trx, 'damaged')
      await insertRuleRow(trx, 'p', ['like:%', 'org:damaged', '/docs/a', 'GET', 'allow'])
    })
    if (before === undefined) throw new Error('There is no such organisation.')
    const reloading = reloadOrganisation(other, { ...before, revision: 0 })
    await expect(reloading).rejects.toThrow(RulesDamagedError)
  })
})
