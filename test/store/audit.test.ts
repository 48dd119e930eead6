import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { type AuditEntry, verifyChain } from '../../src/lib/audit-chain.ts'
import { type AuditQuery, appendAudit, listAudit, readAudit } from '../../src/store/audit.ts'
import type { Db, Transaction } from '../../src/store/db.ts'
import { eachDatabase } from '../support/databases.ts'
import { addOrganisation } from './organisation-rows.ts'

function entryOf(organisation: string, revision: number, over: Partial<AuditEntry> = {}) {
  return {
    organisation,
    revision,
    at: new Date(1_700_000_000_000 + revision * 1_000).toISOString(),
    actor: revision % 2 === 0 ? 'user:ann' : 'user:ben',
    credential: revision % 3 === 0 ? null : 'key:abc',
    address: null,
    requestId: `request-${revision}`,
    operation: revision % 2 === 0 ? 'createTeam' : 'deleteTeam',
    object: `/gatehouse/teams/team:${revision}`,
    before: null,
    after: { z: 1, a: [revision, { c: 'ä', b: null }], n: 1e21, f: 0.1 },
    ...over,
  } satisfies AuditEntry
}

eachDatabase('the audit', (open) => {
  let db: Db
  const write = <T>(work: (trx: Transaction) => Promise<T>): Promise<T> =>
    db.query.transaction().execute(work)
  const list = (asked: Partial<AuditQuery> = {}) =>
    write((trx) => listAudit(trx, { organisation: 'acme', order: 'oldest', limit: 100, ...asked }))
  const revisions = async (asked: Partial<AuditQuery> = {}) =>
    (await list(asked)).map(({ revision }) => revision)

  beforeAll(async () => {
    db = await open()
    for (const id of ['acme', 'beta', 'gamma']) await addOrganisation(db, id)
    for (let revision = 1; revision <= 6; revision += 1) {
      await write((trx) => appendAudit(trx, entryOf('acme', revision)))
    }
    await write((trx) => appendAudit(trx, entryOf('beta', 1)))
  })

  test('comes back as a chain that verifies, whatever the database did to its JSON', async () => {
    const entries = await list()
    expect(entries[0]).toMatchObject(entryOf('acme', 1))
    expect(verifyChain(entries)).toMatchObject({ kind: 'verified', entries: 6 })
    expect(verifyChain(await list({ organisation: 'beta' }))).toMatchObject({ entries: 1 })
  })

  test('verifies with any content', async () => {
    const values = fc.sample(
      fc.jsonValue({ maxDepth: 3 }).filter((value) => {
        // jsonb has no NUL and no half of a surrogate pair; no input of ours has either.
        const text = JSON.stringify(value)
        return !text.includes('\\u0000') && !/\\ud[89a-f]/i.test(text)
      }),
      40,
    )
    for (const [at, after] of values.entries()) {
      await write((trx) => appendAudit(trx, entryOf('gamma', at + 1, { after })))
    }
    const entries = await list({ organisation: 'gamma' })
    expect(verifyChain(entries)).toMatchObject({ kind: 'verified', entries: values.length })
  })

  test.each([
    ['an update', sql`update audit set actor = 'user:eve'`],
    ['an update that changes nothing', sql`update audit set actor = actor`],
    ['a delete', sql`delete from audit where revision = 6`],
    ['a truncate', sql`truncate audit`],
    ['a truncate of what it refers to', sql`truncate organisations cascade`],
  ])('is append-only: %s is refused', async (_title, statement) => {
    const before = await list()
    await expect(statement.execute(db.query)).rejects.toThrow('audit rows are never changed')
    expect(await list()).toEqual(before)
  })

  test('has one row a revision', async () => {
    const again = write((trx) => appendAudit(trx, entryOf('acme', 6)))
    await expect(again).rejects.toMatchObject({ code: '23505' })
    const negative = write((trx) => appendAudit(trx, entryOf('acme', 0)))
    await expect(negative).rejects.toMatchObject({ code: '23514' })
  })

  test('is taken back with what it tells of', async () => {
    const undone = write(async (trx) => {
      await appendAudit(trx, entryOf('acme', 7))
      throw new Error('undo')
    })
    await expect(undone).rejects.toThrow('undo')
    expect(await revisions()).toEqual([1, 2, 3, 4, 5, 6])
  })

  describe('is listed', () => {
    test.each<[Partial<AuditQuery>, number[]]>([
      [{ order: 'newest' }, [6, 5, 4, 3, 2, 1]],
      [{ order: 'newest', olderThan: 3 }, [2, 1]],
      [{ newerThan: 4 }, [5, 6]],
      [{ limit: 2 }, [1, 2]],
      [{ actor: 'user:ann' }, [2, 4, 6]],
      [{ operation: 'deleteTeam' }, [1, 3, 5]],
      [{ object: '/gatehouse/teams/team:4' }, [4]],
      [{ object: '/gatehouse/teams/team' }, []],
      [{ since: new Date(1_700_000_003_000) }, [3, 4, 5, 6]],
      [{ until: new Date(1_700_000_003_000) }, [1, 2]],
      [{ actor: 'user:ann', since: new Date(1_700_000_004_000), limit: 1 }, [4]],
      [{ organisation: 'nowhere' }, []],
    ])('by %j', async (asked, found) => {
      expect(await revisions(asked)).toEqual(found)
    })
  })

  describe('is read in pages that are bounded in bytes', () => {
    const read = async (asked: Partial<Parameters<typeof readAudit>[1]>) => {
      const whole = { organisation: 'acme', limit: 100, bytes: 1_000_000, ...asked }
      return (await write((trx) => readAudit(trx, whole))).map(({ revision }) => revision)
    }

    test('in the very form of the list, oldest first', async () => {
      const bounds = { organisation: 'acme', limit: 100, bytes: 1_000_000 }
      const page = await write((trx) => readAudit(trx, bounds))
      expect(page).toEqual(await list())
      expect(page).toHaveLength(6)
    })

    test.each<[Partial<Parameters<typeof readAudit>[1]>, number[]]>([
      [{ limit: 2 }, [1, 2]],
      [{ newerThan: 2, olderThan: 6 }, [3, 4, 5]],
      [{ actor: 'user:ann', since: new Date(1_700_000_004_000) }, [4, 6]],
      [{ bytes: 1 }, [1]],
      [{ bytes: 1, newerThan: 5 }, [6]],
      [{ newerThan: 6 }, []],
    ])('by %j', async (asked, found) => expect(await read(asked)).toEqual(found))

    test('with one entry more than fits, and no other', async () => {
      await addOrganisation(db, 'delta')
      // Random, so that the database cannot pack it.
      const record = (bytes: number) => ({ text: randomBytes(bytes / 2).toString('hex') })
      for (const [at, bytes] of [100, 20_000, 40_000, 100, 100].entries()) {
        const over = { before: record(bytes), after: record(100) }
        await write((trx) => appendAudit(trx, entryOf('delta', at + 1, over)))
      }
      const of = { organisation: 'delta' }
      expect(await read({ ...of, bytes: 5_000 })).toEqual([1, 2])
      expect(await read({ ...of, bytes: 5_000, newerThan: 2 })).toEqual([3])
      expect(await read({ ...of, bytes: 5_000, newerThan: 3 })).toEqual([4, 5])
      expect(await read({ ...of, bytes: 500_000 })).toEqual([1, 2, 3, 4, 5])
    })
  })
})
