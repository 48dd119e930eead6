import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { startUpkeep } from '../../src/manage/upkeep.ts'
import type { Db } from '../../src/store/db.ts'
import { addSession } from '../../src/store/sessions.ts'
import { addAccount } from '../store/people-rows.ts'
import { eachDatabase } from '../support/databases.ts'
import { until } from '../support/until.ts'

const hash = (digit: string) => digit.repeat(64)

eachDatabase('upkeep', (open) => {
  let db: Db
  beforeAll(async () => {
    db = await open()
    await addAccount(db, 'ann')
    const session = { subject: 'user:ann', organisations: null, address: null, agent: null }
    await db.transaction('seed', async (trx) => {
      await addSession(trx, { id: 'over00001', hash: hash('1'), ...session }, 0)
      await addSession(trx, { id: 'open00001', hash: hash('2'), ...session })
      await sql`insert into one_time_tokens (hash, purpose, used_at) values
        (${hash('1')}, 'setup', now() - interval '9 days'), (${hash('2')}, 'setup', null)`.execute(
        trx,
      )
      await sql`insert into attempts (about, until) values
        ('old', now() - interval '9 days'), ('new', now())`.execute(trx)
      await sql`insert into idempotency_keys
        (organisation, caller, key, request_hash, status, answer, created_at) values
        ('platform', 'a', 'old', ${hash('1')}, 200, '', now() - interval '9 days'),
        ('platform', 'a', 'new', ${hash('1')}, 200, '', now())`.execute(trx)
    })
  })

  const counts = async () => {
    const tables = ['sessions', 'one_time_tokens', 'attempts', 'idempotency_keys'] as const
    const rows = []
    for (const table of tables) {
      rows.push(await db.query.selectFrom(table).select(sql<number>`1`.as('one')).execute())
    }
    return rows.map(({ length }) => length)
  }

  test('removes what is over of everything, in two replicas at once, and nothing else', async () => {
    const warnings: unknown[] = []
    const log = { warn: (...what: unknown[]) => void warnings.push(what) }
    const replicas = [1, 2].map(() => startUpkeep({ db, log, everyMs: 10 }))
    await until(async () => (await counts()).every((count) => count === 1))
    for (const { stop } of replicas) await stop()
    expect(warnings).toEqual([])
  })

  test('goes on although something cannot be removed, and says what', async () => {
    const warnings: { upkeep: string }[] = []
    const log = { warn: (what: unknown) => void warnings.push(what as { upkeep: string }) }
    await sql`alter table sessions rename to away`.execute(db.query)
    await sql`insert into attempts (about, until) values
      ('older', now() - interval '9 days')`.execute(db.query)
    const upkeep = startUpkeep({ db, log, everyMs: 10 })
    await until(async () => {
      const rows = await db.query.selectFrom('attempts').select('about').execute()
      return rows.length === 1
    })
    await upkeep.stop()
    await sql`alter table away rename to sessions`.execute(db.query)
    expect(warnings[0]?.upkeep).toBe('dropExpiredSessions')
  })
})
