import { beforeAll, expect, test } from 'vitest'
import type { Db } from '../../src/store/db.ts'
import {
  type DecisionQuery,
  type DecisionRow,
  insertDecisions,
  insertGap,
  listDecisions,
} from '../../src/store/decisions.ts'
import { eachDatabase } from '../support/databases.ts'

function decision(id: string, over: Partial<DecisionRow> = {}): DecisionRow {
  return {
    id,
    at: new Date('2026-03-01T10:00:00.123Z'),
    organisation: 'acme',
    subject: 'user:ann',
    method: 'GET',
    object: '/docs/documents',
    allow: true,
    reason: 'allowed_by_rule',
    rule: null,
    revision: '7',
    request_id: `request-${id}`,
    door: 'authzen',
    caller: 'service:pep',
    ...over,
  }
}

eachDatabase('decisions', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
  })
  const list = (organisation: string, limit: number, before?: DecisionQuery['before']) =>
    listDecisions(db, { organisation, limit, before })

  test('a decision is read back as it was written', async () => {
    const written = decision('whole', { organisation: 'whole', rule: 'p, *, …', revision: '9' })
    await insertDecisions(db, [written])
    const items = await list('whole', 10)
    expect(items).toEqual([{ ...written, revision: 9 }])
  })

  test('a batch that is sent twice is written once, and what stands is not overwritten', async () => {
    const rows = ['a', 'b'].map((id) => decision(`twice-${id}`, { organisation: 'twice' }))
    await insertDecisions(db, rows)
    const forged = rows.map((row) => ({ ...row, allow: false }))
    await insertDecisions(db, [...forged, decision('twice-c', { organisation: 'twice' })])
    const items = await list('twice', 10)
    expect(items.map(({ id, allow }) => [id, allow])).toEqual([
      ['twice-c', true],
      ['twice-b', true],
      ['twice-a', true],
    ])
  })

  test('a batch larger than one statement may be is written whole', async () => {
    const rows = Array.from({ length: 6_000 }, (_, index) =>
      decision(`many-${index}`, { organisation: 'many', at: new Date(1_700_000_000_000 + index) }),
    )
    await insertDecisions(db, rows)
    const items = await list('many', 10_000)
    expect(items.length).toBe(6_000)
    expect(items[0]?.id).toBe('many-5999')
  })

  test('an empty batch is no statement', async () => {
    await expect(insertDecisions(db, [])).resolves.toBeUndefined()
  })

  test('pages go from newest to oldest without a gap or a repeat, equal moments included', async () => {
    const rows = Array.from({ length: 7 }, (_, index) =>
      // Three share one moment, so the id must order them.
      decision(`page-${index}`, {
        organisation: 'page',
        at: new Date(Date.UTC(2026, 0, 1, 0, 0, 0, index < 3 ? 1 : index)),
      }),
    )
    await insertDecisions(db, rows)
    const seen: string[] = []
    let before: DecisionQuery['before']
    do {
      const page = await list('page', 2, before)
      seen.push(...page.map(({ id }) => id))
      const last = page.at(-1)
      before = last && [last.at.toISOString(), last.id]
    } while (before !== undefined)
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `page-${index}`))
  })

  test('an organisation sees its own decisions only, with a foreign cursor as well', async () => {
    await insertDecisions(db, [
      decision('own', { organisation: 'tenant-a' }),
      decision('foreign-2', { organisation: 'tenant-b', at: new Date('2026-03-03') }),
      decision('foreign-1', { organisation: 'tenant-b', at: new Date('2026-03-02') }),
      decision('nobody', { organisation: null }),
    ])
    const place = [new Date('2026-03-02').toISOString(), 'foreign-1'] as const
    expect((await list('tenant-a', 10, place)).map(({ id }) => id)).toEqual(['own'])
    expect(await list('tenant-c', 10)).toEqual([])
  })

  test('a place that nobody was given is a place all the same, and no statement', async () => {
    const place = ['2026-03-02T00:00:00.000Z', "' or true --"] as const
    expect((await list('tenant-b', 10, place)).map(({ id }) => id)).toEqual([])
  })

  test('a gap says from when to when how many records are missing', async () => {
    const gap = { since: new Date('2026-03-01'), until: new Date('2026-03-02'), dropped: 12 }
    await insertGap(db, gap)
    const rows = await db.query.selectFrom('decision_gaps').selectAll().execute()
    expect(rows).toEqual([{ id: 1, ...gap }])
  })

  test.each([
    ['a gap of nothing', { since: new Date(1), until: new Date(2), dropped: 0 }],
    ['a gap that ends before it begins', { since: new Date(2), until: new Date(1), dropped: 1 }],
  ])('%s is refused', async (_title, gap) => {
    await expect(insertGap(db, gap)).rejects.toMatchObject({ code: '23514' })
  })
})
