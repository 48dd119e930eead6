import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import type { Db, Transaction } from '../../src/store/db.ts'
import { addMember } from '../../src/store/organisations.ts'
import {
  addSession,
  dropExpiredSessions,
  endSessionsIn,
  findSession,
  listSessions,
  listSessionsIn,
  type NewSession,
  removeSession,
  removeSessions,
  type SessionQuery,
  touchSession,
} from '../../src/store/sessions.ts'
import { eachDatabase } from '../support/databases.ts'
import { addAccount } from './people-rows.ts'

let made = 0
function session(id: string, over: Partial<NewSession> = {}): NewSession {
  made += 1
  const hash = made.toString(16).padStart(64, '0')
  const open = { organisations: null, address: '192.0.2.7', agent: 'test' }
  return { id, hash, subject: 'user:ann', ...open, ...over }
}

eachDatabase('sessions', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
    await addAccount(db, 'ann')
    await addAccount(db, 'ben', { mustChangePassword: true })
  })
  const write = <T>(work: (trx: Transaction) => Promise<T>) => db.query.transaction().execute(work)
  const add = (one: NewSession, lifetimeMs?: number) =>
    write((trx) => addSession(trx, one, lifetimeMs))
  const seenBefore = (id: string, ms: number) =>
    sql`update sessions set seen_at = now() - make_interval(secs => ${ms / 1_000}::float8)
      where id = ${id}`.execute(db.query)
  const idsOf = async (subject: string) =>
    (await listSessions(db.query, subject)).map(({ id }) => id).sort()

  test('a session is found by its exact id, with what authentication needs', async () => {
    const one = session('exact0001', { organisations: ['acme', 'beta'] })
    await add(one, 60_000)
    const found = await findSession(db, 'exact0001')
    expect(found).toMatchObject({
      hash: one.hash,
      subject: 'user:ann',
      organisations: ['acme', 'beta'],
      must_change_password: false,
    })
    expect(Number(found?.expires_at) - Number(found?.seen_at)).toBe(60_000)
    for (const id of ['exact000', 'EXACT0001', 'exact%', '']) {
      expect(await findSession(db, id)).toBeUndefined()
    }
    await add(session('mustchng1', { subject: 'user:ben' }))
    const ben = await findSession(db, 'mustchng1')
    expect(ben).toMatchObject({ organisations: null, must_change_password: true })
  })

  test('a long name of a browser is cut, not refused', async () => {
    await add(session('agent0001', { subject: 'user:ben', agent: 'x'.repeat(2_000) }))
    const [one] = (await listSessions(db.query, 'user:ben')).filter(({ id }) => id === 'agent0001')
    expect(one?.agent).toHaveLength(limits.agentChars)
  })

  test('the list is of one person, without hashes, and without what is over or idle', async () => {
    await addAccount(db, 'lee')
    for (const id of ['list00001', 'list00002', 'listidle1']) {
      await add(session(id, { subject: 'user:lee' }))
    }
    await add(session('listover1', { subject: 'user:lee' }), 0)
    await seenBefore('listidle1', limits.sessionIdleMs)
    await seenBefore('list00002', limits.sessionIdleMs - 60_000)
    expect(await idsOf('user:lee')).toEqual(['list00001', 'list00002'])
    expect(Object.keys((await listSessions(db.query, 'user:lee'))[0] ?? {})).not.toContain('hash')
  })

  test('a person ends their own sessions only: one, all but one, all', async () => {
    await addAccount(db, 'mia')
    await addAccount(db, 'ned')
    await add(session('nedown001', { subject: 'user:ned' }))
    for (const id of ['mia000001', 'mia000002', 'mia000003', 'mia000004']) {
      await add(session(id, { subject: 'user:mia' }))
    }
    expect(await write((trx) => removeSession(trx, 'user:mia', 'nedown001'))).toBe(false)
    expect(await write((trx) => removeSession(trx, 'user:mia', 'mia000001'))).toBe(true)
    expect(await write((trx) => removeSession(trx, 'user:mia', 'mia000001'))).toBe(false)
    expect(await write((trx) => removeSessions(trx, 'user:mia', 'mia000003'))).toBe(2)
    expect(await idsOf('user:mia')).toEqual(['mia000003'])
    expect(await write((trx) => removeSessions(trx, 'user:mia'))).toBe(1)
    expect(await idsOf('user:mia')).toEqual([])
    expect(await idsOf('user:ned')).toEqual(['nedown001'])
  })

  describe('in an organisation', () => {
    const page = (over: Partial<SessionQuery> = {}) =>
      listSessionsIn(db.query, { organisation: 'platform', limit: 50, ...over })
    const ids = async (over?: Partial<SessionQuery>) => (await page(over)).map(({ id }) => id)
    beforeAll(async () => {
      for (const [name, state] of [
        ['pia', 'active'],
        ['sue', 'suspended'],
        ['rob', 'removed'],
      ] as const) {
        await addAccount(db, name)
        await write((trx) => addMember(trx, 'platform', { subject: `user:${name}`, state }))
        await add(session(`${name}inall01`, { subject: `user:${name}` }))
      }
      await add(session('piahere01', { subject: 'user:pia', organisations: ['a', 'platform'] }))
      await add(session('piaelse01', { subject: 'user:pia', organisations: ['platform-2'] }))
      await add(session('piaover01', { subject: 'user:pia' }), 0)
    })

    test('those of active members that are valid there are listed, the newest first', async () => {
      expect(await ids()).toEqual(['piahere01', 'piainall01'])
      expect(await ids({ subject: 'user:sue' })).toEqual([])
      const [first] = await page({ limit: 1 })
      const after = [first?.created_at.toISOString() ?? '', first?.id ?? ''] as const
      expect(await ids({ after })).toEqual(['piainall01'])
      expect(Object.keys(first ?? {})).not.toContain('organisations')
    })

    test('one ends there once and lasts elsewhere; those of no member stay', async () => {
      const end = (which: Parameters<typeof endSessionsIn>[2]) =>
        write((trx) => endSessionsIn(trx, 'platform', which))
      expect(await end({ id: 'piaelse01' })).toBe(0)
      expect(await end({ id: 'robinall01' })).toBe(0)
      expect(await end({ id: 'piahere01' })).toBe(1)
      expect(await end({ id: 'piahere01' })).toBe(0)
      expect((await findSession(db, 'piahere01'))?.ended_in).toEqual(['platform'])
      expect(await ids()).toEqual(['piainall01'])
      // Somebody suspended must not come back with it.
      expect(await end({ subject: 'user:sue' })).toBe(1)
      expect(await end({ subject: 'user:rob' })).toBe(0)
      expect((await findSession(db, 'robinall01'))?.ended_in).toEqual([])
    })
  })

  test('use is written at most once a minute, however many ask', async () => {
    await add(session('touch0001'))
    expect(await touchSession(db, 'touch0001')).toBe(false)
    await seenBefore('touch0001', limits.sessionTouchMs)
    const touches = await Promise.all([1, 2, 3].map(() => touchSession(db, 'touch0001')))
    expect(touches.filter(Boolean)).toHaveLength(1)
    expect(await touchSession(db, 'nosuch001')).toBe(false)
  })

  test('what is over or idle is dropped, and nothing else', async () => {
    await dropExpiredSessions(db)
    await add(session('dropover1'), 0)
    await add(session('dropidle1'))
    await add(session('dropkeep1'))
    await seenBefore('dropidle1', limits.sessionIdleMs)
    expect(await dropExpiredSessions(db)).toBe(2)
    expect(await findSession(db, 'dropover1')).toBeUndefined()
    expect(await findSession(db, 'dropidle1')).toBeUndefined()
    expect(await findSession(db, 'dropkeep1')).toBeDefined()
  })

  test.each([
    ['of nobody', session('strange01', { subject: 'user:none' }), '23503'],
    ['with a text where its hash belongs', session('strange02', { hash: 'ghs_secret' }), '23514'],
    ['with capitals in its id', session('STRANGE03'), '23514'],
  ])('a session %s is refused', async (_title, bad, code) => {
    await expect(add(bad)).rejects.toMatchObject({ code })
  })
})
