import { beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { appendAudit } from '../../src/store/audit.ts'
import { type Db, inSnapshot } from '../../src/store/db.ts'
import { raiseRevision } from '../../src/store/organisations.ts'
import {
  findRuleRevision,
  lastRuleRevision,
  listRuleRevisions,
  recordRuleRevision,
} from '../../src/store/policy-revisions.ts'
import { listRuleRecords } from '../../src/store/rule-records.ts'
import { addRules, loadRules, removeRules } from '../../src/store/rules.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'

const columns = (id: string, object: string) => [
  'p',
  'role:a',
  `org:${id}`,
  `/docs/${object}`,
  'GET',
  'allow',
]

eachDatabase('rule revisions', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
    for (const id of ['acme', 'beta', 'large']) await addOrganisation(db, id)
  })

  async function record(id: string, added: string[][], removed: string[][] = []): Promise<number> {
    return await db.query.transaction().execute(async (trx) => {
      const revision = await raiseRevision(trx, id)
      await recordRuleRevision(trx, id, { revision, message: 'Why', added, removed })
      await appendAudit(trx, {
        ...{ organisation: id, revision, at: '2026-01-01T00:00:00.000Z', actor: 'user:ann' },
        ...{ credential: null, address: null, requestId: 'r', operation: 'publishRules' },
        ...{ object: '/gatehouse/policies/publish', before: null, after: null },
      })
      return revision
    })
  }
  const read = <T>(ask: Parameters<typeof inSnapshot<T>>[1]) => inSnapshot(db, ask)

  test('are read back with their rules, author and time, by their organisation alone', async () => {
    const revision = await record('acme', [columns('acme', 'a')], [columns('acme', 'b')])
    const found = await read((trx) => findRuleRevision(trx, 'acme', revision))
    expect(found).toMatchObject({
      ...{ revision, message: 'Why', actor: 'user:ann', addedCount: 1, removedCount: 1 },
      ...{ added: [columns('acme', 'a')], removed: [columns('acme', 'b')] },
    })
    expect(found?.at.toISOString()).toBe('2026-01-01T00:00:00.000Z')
    expect(await read((trx) => findRuleRevision(trx, 'beta', revision))).toBeUndefined()
    expect(await read((trx) => listRuleRevisions(trx, { organisation: 'beta', limit: 9 }))).toEqual(
      [],
    )
  })

  test('are listed newest first, and go on before the last of the page before', async () => {
    const revisions = [await record('acme', []), await record('acme', []), await record('acme', [])]
    const list = async (olderThan?: number) => {
      const asked = { organisation: 'acme', olderThan, limit: 2 }
      return (await read((trx) => listRuleRevisions(trx, asked))).map(({ revision }) => revision)
    }
    const newest = revisions.toReversed()
    expect(await list()).toEqual(newest.slice(0, 2))
    expect((await list(newest[1]))[0]).toBe(newest[2])
  })

  test('of two changes in one revision hold both', async () => {
    const revision = await record('beta', [columns('beta', 'a')])
    await db.query.transaction().execute((trx) =>
      recordRuleRevision(trx, 'beta', {
        ...{ revision, message: 'Other', added: [columns('beta', 'b')] },
        removed: [columns('beta', 'c')],
      }),
    )
    const found = await read((trx) => findRuleRevision(trx, 'beta', revision))
    expect(found?.added).toEqual([columns('beta', 'a'), columns('beta', 'b')])
    expect(found?.removed).toEqual([columns('beta', 'c')])
  })

  test('are walked back one by one, between two of them', async () => {
    const [one, two, three] = [
      await record('beta', []),
      await record('beta', []),
      await record('beta', []),
    ]
    const last = async (newerThan: number, olderThan: number) =>
      (await read((trx) => lastRuleRevision(trx, 'beta', { newerThan, olderThan })))?.revision
    expect(await last(one, three + 1)).toBe(three)
    expect(await last(one, three)).toBe(two)
    expect(await last(one, two)).toBeUndefined()
  })

  describe('rules of more than one statement', () => {
    const count = 2 * limits.rulesWritten + 7
    const rules = Array.from({ length: count }, (_, at) => {
      const [ptype = '', ...values] = columns('large', `x${at}`)
      return { ptype, values }
    })

    test('are written in their order, with their author, and removed again', async () => {
      await db.query.transaction().execute(async (trx) => {
        await addRules(trx, 'large', rules, { author: 'user:ann', revision: 5 })
      })
      const loaded = await read((trx) => loadRules(trx, 'large'))
      expect(loaded.map(({ ptype, values }) => ({ ptype, values }))).toEqual(rules)
      const sources = loaded.flatMap(({ source }) =>
        source.kind === 'organisation' ? [source] : [],
      )
      expect(new Set(sources.map(({ author, revision }) => `${author} ${revision}`))).toEqual(
        new Set(['user:ann 5']),
      )
      const ids = sources.map(({ id }) => id)
      await db.query.transaction().execute(async (trx) => {
        // Ids of another organisation's are nobody's.
        expect(await removeRules(trx, 'acme', ids)).toBe(0)
        expect(await removeRules(trx, 'large', ids)).toBe(count)
      })
      expect(await read((trx) => loadRules(trx, 'large'))).toEqual([])
    })
  })

  test('a rule that ended is not listed, one that will end says when', async () => {
    const [ptype = '', ...values] = columns('acme', 'ends')
    const [, ...gone] = columns('acme', 'ended')
    const by = { author: 'user:ann', revision: 1 }
    const expiresAt = new Date('2100-01-01T00:00:00.000Z')
    await db.query.transaction().execute(async (trx) => {
      await addRules(trx, 'acme', [{ ptype, values }], { ...by, expiresAt })
      await addRules(trx, 'acme', [{ ptype, values: gone }], { ...by, expiresAt: new Date(0) })
    })
    const asked = { organisation: 'acme', words: '/docs/end', limit: 9 }
    const found = await read((trx) => listRuleRecords(trx, asked))
    expect(found).toMatchObject([{ values, expires_at: expiresAt, author: 'user:ann' }])
  })
})
