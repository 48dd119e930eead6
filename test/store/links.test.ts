import { beforeAll, expect, test } from 'vitest'
import type { Db, Transaction } from '../../src/store/db.ts'
import { type LinkQuery, listLinks } from '../../src/store/links.ts'
import { addRules } from '../../src/store/rules.ts'
import { eachDatabase } from '../support/databases.ts'
import { until } from '../support/until.ts'
import { addOrganisation } from './organisation-rows.ts'

eachDatabase('links', (open) => {
  let db: Db
  const write = <T>(work: (trx: Transaction) => Promise<T>): Promise<T> =>
    db.query.transaction().execute(work)
  const add = (organisation: string, links: readonly [string, string][], expiresAt?: Date) =>
    write((trx) => {
      const rules = links.map(([member, group]) => {
        return { ptype: 'g', values: [member, group, `org:${organisation}`] }
      })
      const by = { author: 'user:olga', revision: 3, ...(expiresAt && { expiresAt }) }
      return addRules(trx, organisation, rules, by)
    })
  const list = (asked: Partial<LinkQuery> = {}) =>
    write((trx) => listLinks(trx, { organisation: 'acme', of: 'team', limit: 100, ...asked }))
  const shown = async (asked: Partial<LinkQuery> = {}) =>
    (await list(asked)).map(({ member, group }) => `${member} ${group}`)

  beforeAll(async () => {
    db = await open()
    for (const id of ['acme', 'beta']) await addOrganisation(db, id)
    await add('acme', [
      ['user:ann', 'team:a'],
      ['user:ben', 'team:a'],
      ['service:robot', 'team:b'],
      ['team:a', 'role:reader'],
      ['user:ann', 'role:owner'],
    ])
    await add('beta', [['user:bob', 'team:a']])
    await write((trx) => {
      const values = ['team:a', 'org:acme', '/docs/*', 'GET', 'allow']
      return addRules(trx, 'acme', [{ ptype: 'p', values }], { author: 'user:olga', revision: 4 })
    })
  })

  test('into teams are told apart from those to roles, and from other rules', async () => {
    expect(await shown()).toEqual(['user:ann team:a', 'user:ben team:a', 'service:robot team:b'])
    expect(await shown({ of: 'role' })).toEqual(['team:a role:reader', 'user:ann role:owner'])
  })

  test('I13: are those of one organisation', async () => {
    expect(await shown({ organisation: 'beta' })).toEqual(['user:bob team:a'])
    expect(await shown({ organisation: 'nowhere' })).toEqual([])
  })

  test('are found by member and by group, to the letter', async () => {
    expect(await shown({ group: 'team:a' })).toEqual(['user:ann team:a', 'user:ben team:a'])
    expect(await shown({ member: 'user:ann', of: 'role' })).toEqual(['user:ann role:owner'])
    expect(await shown({ group: 'team:%' })).toEqual([])
    expect(await shown({ member: 'user:ann', group: 'team:b' })).toEqual([])
  })

  test('tell who added them and when they end', async () => {
    const expiresAt = new Date(Date.now() + 60_000)
    await add('acme', [['user:eve', 'role:guest']], expiresAt)
    const [row] = await list({ of: 'role', member: 'user:eve' })
    expect(row).toMatchObject({
      author: 'user:olga',
      expires_at: expiresAt,
      id: expect.any(String),
    })
    expect(Math.abs((row?.created_at.getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  test('are paged, oldest first, each once', async () => {
    const all: string[] = []
    for (let after: string | undefined; ; ) {
      const page = await list({ after, limit: 1 })
      all.push(...page.map(({ id }) => id))
      after = page.at(-1)?.id
      if (after === undefined) break
    }
    expect(all).toEqual((await list()).map(({ id }) => id))
    expect(all).toHaveLength(3)
  })

  test('that ended are gone, and can be made again', async () => {
    await add('acme', [['user:ben', 'role:guest']], new Date(Date.now() + 300))
    await until(async () => (await list({ of: 'role', member: 'user:ben' })).length === 0)
    await add('acme', [['user:ben', 'role:guest']])
    expect(await list({ of: 'role', member: 'user:ben' })).toMatchObject([{ expires_at: null }])
  })
})
