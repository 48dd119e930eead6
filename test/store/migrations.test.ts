import { rmSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { type Db, openDatabase } from '../../src/store/db.ts'
import { migrate } from '../../src/store/migrations.ts'
import { migrations } from '../../src/store/schema.ts'
import { embeddedFolder, postgresUrl, silentLog } from '../support/databases.ts'

async function connect(databaseUrl: string): Promise<Db> {
  const db = await openDatabase({ databaseUrl, dataDir: '', log: silentLog })
  onTestFinished(() => db.close())
  return db
}

async function openFolder(dataDir: string): Promise<Db> {
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const db = await openDatabase({ databaseUrl: undefined, dataDir, log: silentLog })
  onTestFinished(() => db.close())
  return db
}

async function history(db: Db) {
  const { rows } = await sql<{ number: number; name: string; applied_at: Date }>`
    select * from gatehouse_migrations order by number`.execute(db.query)
  return rows
}

async function shape(db: Db): Promise<unknown[]> {
  const { rows } = await sql`
    select table_name, column_name, data_type, is_nullable, is_generated, is_identity
    from information_schema.columns where table_schema = 'public'
    order by table_name, ordinal_position`.execute(db.query)
  return rows
}

const names = migrations.map(({ name }, index) => ({ number: index + 1, name }))

test('three replicas that start at once on an empty PostgreSQL make the tables once', async () => {
  const url = await postgresUrl()
  const replicas = await Promise.all([connect(url), connect(url), connect(url)])
  await Promise.all(replicas.map(migrate))
  for (const db of replicas) expect(await history(db)).toMatchObject(names)
})

test('three starters in one process on an empty embedded database make the tables once', async () => {
  const db = await openFolder(await embeddedFolder())
  await sql`drop schema public cascade`.execute(db.query)
  await sql`create schema public`.execute(db.query)
  await Promise.all([migrate(db), migrate(db), migrate(db)])
  expect(await history(db)).toMatchObject(names)
})

test('both databases come out alike', async () => {
  const embedded = await openFolder(await embeddedFolder())
  const postgres = await connect(await postgresUrl('migrated'))
  expect(await shape(embedded)).toEqual(await shape(postgres))
})

test('a database that is up to date is left alone', async () => {
  const db = await connect(await postgresUrl('migrated'))
  const before = [await history(db), await shape(db)]
  await migrate(db)
  expect([await history(db), await shape(db)]).toEqual(before)
})

test('a starter that finds another at work for longer than a statement may wait goes on waiting', async () => {
  const url = await postgresUrl()
  const [busy, waiting] = await Promise.all([connect(url), connect(url)])
  let release = () => {}
  const working = new Promise<void>((begun) => {
    const held = busy.transaction('migrations', async (trx) => {
      begun()
      await new Promise<void>((done) => {
        release = done
      })
      await sql`create table from_the_other (id int)`.execute(trx)
    })
    held.catch(() => undefined)
  })
  await working
  const migrated = migrate(waiting)
  // Longer than statement_timeout, so that at least one attempt has failed by then.
  await new Promise((done) => setTimeout(done, 2_300))
  release()
  await migrated
  expect(await history(waiting)).toMatchObject(names)
  await sql`select * from from_the_other`.execute(waiting.query)
})

test('a migration that fails leaves nothing of itself and of those before it', async () => {
  const db = await connect(await postgresUrl())
  // The type is in the way of the second domain of the first migration.
  await sql`create type subject_id as enum ('taken')`.execute(db.query)
  await expect(migrate(db)).rejects.toMatchObject({ code: '42710' })
  const { rows } = await sql`select tablename from pg_tables where schemaname = 'public'`.execute(
    db.query,
  )
  expect(rows).toEqual([])
  await sql`drop type subject_id`.execute(db.query)
  await migrate(db)
  expect(await history(db)).toMatchObject(names)
})

test('later migrations of a newer version are accepted during a rolling upgrade', async () => {
  const db = await connect(await postgresUrl('migrated'))
  await sql`insert into gatehouse_migrations (number, name) values (999, 'later')`.execute(db.query)
  await migrate(db)
  expect((await history(db)).at(-1)).toMatchObject({ number: 999 })
})

test('a history that is not ours stops the start and says so', async () => {
  const db = await connect(await postgresUrl('migrated'))
  await sql`update gatehouse_migrations set name = 'something else' where number = 1`.execute(
    db.query,
  )
  await expect(migrate(db)).rejects.toThrow(
    /migration 1 is "something else" .* use another database/,
  )
})

test('the adapter finds its table in the shape that it knows', async () => {
  const db = await connect(await postgresUrl('migrated'))
  const { rows } = await sql<{ name: string; type: string }>`
    select column_name as name, data_type as type from information_schema.columns
    where table_name = 'casbin' and column_name in ('id', 'ptype', 'rule')
    order by ordinal_position`.execute(db.query)
  expect(rows).toEqual([
    { name: 'id', type: 'bigint' },
    { name: 'ptype', type: 'text' },
    { name: 'rule', type: 'jsonb' },
  ])
})

test('the reserved organisation is there from the beginning, without a member', async () => {
  const db = await connect(await postgresUrl('migrated'))
  const organisations = await db.query.selectFrom('organisations').select(['id', 'state']).execute()
  expect(organisations).toEqual([{ id: 'platform', state: 'active' }])
  expect(await db.query.selectFrom('members').selectAll().execute()).toEqual([])
})

test('a page of decisions and the rules of an organisation are read by an index', async () => {
  const db = await connect(await postgresUrl('migrated'))
  const plans = await db.query.transaction().execute(async (trx) => {
    await sql`set local enable_seqscan = off`.execute(trx)
    await sql`set local enable_bitmapscan = off`.execute(trx)
    const decisions = await sql`explain select * from decisions
      where organisation = 'acme' order by at desc, id desc limit 10`.execute(trx)
    const rules = await sql`explain select * from casbin
      where organisation = 'acme' order by id`.execute(trx)
    return JSON.stringify([decisions.rows, rules.rows])
  })
  expect(plans).toContain('decisions_by_organisation')
  expect(plans).toContain('casbin_pkey')
  expect(plans).not.toContain('Sort')
})
