import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { type Db, openDatabase, sqlState } from '../../src/store/db.ts'
import { retryPause } from '../../src/store/listening.ts'
import { loadOrganisation } from '../../src/store/organisation-state.ts'
import { raiseRevision } from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import { postgresUrl, silentLog } from '../support/databases.ts'
import { until } from '../support/until.ts'
import { addOrganisation } from './organisation-rows.ts'

let url: string
let admin: pg.Client
let db: Db
const uncaught: unknown[] = []
const catchAll = (error: unknown) => uncaught.push(error)

beforeAll(async () => {
  url = await postgresUrl('migrated')
  admin = new pg.Client({ connectionString: url })
  await admin.connect()
  process.on('uncaughtException', catchAll)
})

afterAll(async () => {
  process.off('uncaughtException', catchAll)
  await admin.end()
})

beforeEach(async () => {
  db = await open(url)
})

async function open(databaseUrl: string): Promise<Db> {
  const opened = await openDatabase({ databaseUrl, dataDir: '', log: silentLog })
  onTestFinished(() => opened.close())
  return opened
}

/** Ends every connection of ours to the database; returns how many there were. */
async function terminate(which = 'true'): Promise<number> {
  const { rowCount } = await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'gatehouse' and ${which}`,
  )
  return rowCount ?? 0
}

/** The connections' errors arrive after the statement that ended them. */
function settle(): Promise<void> {
  return new Promise((done) => setTimeout(done, 100))
}

function one(of: Db) {
  return sql<{ one: number }>`select 1 as one`.execute(of.query)
}

describe('a connection that the server ends', () => {
  test('while idle is replaced, and is not an uncaught exception', async () => {
    await one(db)
    expect(await terminate()).toBe(1)
    await settle()
    expect((await one(db)).rows).toEqual([{ one: 1 }])
    expect(uncaught).toEqual([])
  })

  test('between two statements of a publish takes the publish along, rules and revision', async () => {
    await addOrganisation(db, 'cut')
    const rule = { ptype: 'g', values: ['user:ann', 'role:editor', 'org:cut'] }
    const publish = db.query.transaction().execute(async (trx) => {
      const revision = await raiseRevision(trx, 'cut')
      await addRules(trx, 'cut', [rule], { author: 'user:ann', revision })
      expect(await terminate("state = 'idle in transaction'")).toBe(1)
      await settle()
      await addRules(trx, 'cut', [], { author: 'user:ann', revision })
    })
    await expect(publish).rejects.toThrow()
    expect(await loadOrganisation(db, 'cut')).toMatchObject({ revision: 0, rules: [] })
    expect(uncaught).toEqual([])
  })

  test('in the middle of a statement is the error of that statement', async () => {
    const sleeping = sql`select pg_sleep(1.5)`.execute(db.query)
    sleeping.catch(() => undefined)
    await settle()
    expect(await terminate("state = 'active'")).toBe(1)
    await expect(sleeping).rejects.toMatchObject({ code: '57P01' })
    await settle()
    expect((await one(db)).rows).toEqual([{ one: 1 }])
    expect(uncaught).toEqual([])
  })
})

describe('bounds', () => {
  test('a statement is ended by the server after its time-out', async () => {
    const slow = sql`select pg_sleep(10)`.execute(db.query)
    const error = await slow.then(
      () => undefined,
      (cause: unknown) => cause,
    )
    expect(sqlState(error)).toBe('57014')
    const { rows } = await sql`select current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle`.execute(db.query)
    expect(rows).toEqual([
      {
        statement: `${limits.statementTimeoutMs / 1_000}s`,
        idle: `${limits.idleTransactionTimeoutMs / 1_000}s`,
      },
    ])
  })

  test('a query that finds the whole pool at work fails instead of waiting for ever', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const begun: Promise<unknown>[] = []
    const busy = Array.from({ length: limits.poolConnections }, () =>
      db.query.connection().execute(async (connection) => {
        begun.push(sql`select 1`.execute(connection))
        await released
      }),
    )
    await until(() => begun.length === limits.poolConnections)
    await Promise.all(begun)
    await expect(one(db)).rejects.toThrow('timeout exceeded when trying to connect')
    release()
    await Promise.all(busy)
    expect((await one(db)).rows.length).toBe(1)
    // The server is shared with tests that run at the same time.
    const { rows } = await admin.query(
      `select count(*)::int as count from pg_stat_activity
        where application_name = 'gatehouse' and datname = current_database()`,
    )
    expect(rows[0].count).toBeLessThanOrEqual(limits.poolConnections)
  })

  test('a server that is not there is an error of the query, not of the opening', async () => {
    const away = await open('postgres://nobody@127.0.0.1:1/nothing')
    await expect(one(away)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('a number beyond the safe integers is an error, never a rounded value', async () => {
    const { rows } = await sql`select 9007199254740991::bigint as most`.execute(db.query)
    expect(rows).toEqual([{ most: Number.MAX_SAFE_INTEGER }])
    const beyond = sql`select 9007199254740992::bigint as beyond`.execute(db.query)
    await expect(beyond).rejects.toThrow(RangeError)
  })
})

describe('listening', () => {
  const listeners = "datname = current_database() and query ilike 'listen%'"

  async function listen(of: Db, channel = 'gatehouse'): Promise<string[]> {
    const heard: string[] = []
    await of.listen(channel, (payload) => heard.push(payload))
    return heard
  }

  test('a lost listener listens again, says to read again, and hears what follows', async () => {
    const heard = await listen(db)
    expect(heard).toEqual([''])
    await admin.query("select pg_notify('gatehouse', 'a:1')")
    await expect.poll(() => heard).toEqual(['', 'a:1'])
    expect(await terminate(listeners)).toBe(1)
    await admin.query("select pg_notify('gatehouse', 'a:2')")
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(['', 'a:1', ''])
    await admin.query("select pg_notify('gatehouse', 'a:3')")
    await expect.poll(() => heard).toEqual(['', 'a:1', '', 'a:3'])
    expect(uncaught).toEqual([])
  })

  test('a listener that is lost again and again comes back each time', async () => {
    const heard = await listen(db)
    for (let round = 2; round <= 4; round++) {
      await terminate(listeners)
      await expect.poll(() => heard.length, { timeout: 5_000 }).toBe(round)
    }
    expect(await admin.query(`select 1 from pg_stat_activity where ${listeners}`)).toMatchObject({
      rowCount: 1,
    })
  })

  test('a change that is made while nobody listens is covered by reading again after LISTEN', async () => {
    await addOrganisation(db, 'covered')
    const other = await open(url)
    const seen: (number | undefined)[] = []
    await other.listen('gatehouse', () => {
      void loadOrganisation(other, 'covered').then((state) => seen.push(state?.revision))
    })
    await expect.poll(() => seen.at(-1)).toBe(0)
    await terminate(listeners)
    await db.query.transaction().execute((trx) => raiseRevision(trx, 'covered'))
    await expect.poll(() => seen.at(-1), { timeout: 5_000 }).toBe(1)
  })

  test('other channels are not heard, whatever their name', async () => {
    const heard = await listen(db, 'Odd "name"')
    await admin.query("select pg_notify('gatehouse', 'x'), pg_notify('Odd \"name\"', 'y')")
    await expect.poll(() => heard).toEqual(['', 'y'])
  })

  test('listening returns while the database is away, and ends when it is told to', async () => {
    const away = await open('postgres://nobody@127.0.0.1:1/nothing')
    const heard: string[] = []
    const unlisten = await away.listen('gatehouse', (payload) => heard.push(payload))
    await unlisten()
    expect(heard).toEqual([])
  })

  test('a database that is closed leaves no listener behind', async () => {
    const closing = await openDatabase({ databaseUrl: url, dataDir: '', log: silentLog })
    await listen(closing)
    await closing.close()
    await settle()
    expect(await terminate(listeners)).toBe(0)
  })

  test.each([
    [0, 0, limits.listenRetryMinMs / 2],
    [0, 1, limits.listenRetryMinMs],
    [1, 1, limits.listenRetryMinMs * 2],
    [50, 0, limits.listenRetryMaxMs / 2],
    [50, 1, limits.listenRetryMaxMs],
    [100_000, 1, limits.listenRetryMaxMs],
  ])('after %i failures and chance %d the pause is %i ms', (failures, random, pause) => {
    expect(retryPause(failures, random)).toBe(pause)
  })
})
