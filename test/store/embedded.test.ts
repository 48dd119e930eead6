import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { type Db, openDatabase } from '../../src/store/db.ts'
import { DirectoryInUseError } from '../../src/store/directory-lock.ts'
import { startChild } from '../support/children.ts'
import { embeddedFolder, silentLog } from '../support/databases.ts'

const INSERTER = fileURLToPath(new URL('insert-forever.ts', import.meta.url))
const HOLDER = fileURLToPath(new URL('hold-directory.ts', import.meta.url))

function removedAfterwards(folder: string): string {
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function open(dataDir: string): Promise<Db> {
  const db = await openDatabase({ databaseUrl: undefined, dataDir, log: silentLog })
  onTestFinished(() => db.close())
  return db
}

test('every acknowledged row is there after kill -9 in the middle of inserts, each time', async () => {
  const dataDir = removedAfterwards(await embeddedFolder())
  const acknowledged: string[] = []
  for (let round = 0; round < 2; round++) {
    const child = startChild(INSERTER, dataDir)
    for (let count = 0; count < 50; count++) {
      const id = await child.line()
      if (id !== undefined) acknowledged.push(id)
    }
    await child.kill()
  }
  const db = await open(dataDir)
  const rows = await db.query.selectFrom('decisions').select('id').execute()
  const stored = new Set(rows.map(({ id }) => id))
  expect(acknowledged.length).toBe(100)
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
})

test('an open database keeps others out of its directory, in this process and in another', async () => {
  const dataDir = removedAfterwards(await embeddedFolder())
  await open(dataDir)
  expect(await startChild(HOLDER, dataDir).line()).toContain(`(pid ${process.pid})`)
  await expect(open(dataDir)).rejects.toThrow(DirectoryInUseError)
})

test('a closed database gives its directory back and is opened again with its rows', async () => {
  const dataDir = removedAfterwards(await embeddedFolder())
  const first = await open(dataDir)
  await first.query
    .insertInto('policy_files')
    .values({ hash: 'ab'.repeat(32) })
    .execute()
  await first.close()
  expect(existsSync(join(dataDir, 'gatehouse.pid'))).toBe(false)
  const second = await open(dataDir)
  const rows = await second.query.selectFrom('policy_files').select('number').execute()
  expect(rows).toEqual([{ number: 1 }])
  await second.close()
  // One that was never asked anything is closed as well.
  await (await open(dataDir)).close()
  expect(existsSync(join(dataDir, 'gatehouse.pid'))).toBe(false)
})

test('a first start that was cut short is begun anew', async () => {
  const dataDir = removedAfterwards(mkdtempSync(join(tmpdir(), 'gatehouse-first-')))
  mkdirSync(join(dataDir, 'database.new'))
  writeFileSync(join(dataDir, 'database.new', 'PG_VERSION'), '18')
  const db = await open(dataDir)
  const { rows } = await sql`select 1 as one`.execute(db.query)
  expect(rows).toEqual([{ one: 1 }])
  expect(readdirSync(dataDir).sort()).toEqual(['database', 'gatehouse.lock', 'gatehouse.pid'])
})

test('a database that does not start gives the directory back', async () => {
  const dataDir = removedAfterwards(mkdtempSync(join(tmpdir(), 'gatehouse-broken-')))
  writeFileSync(join(dataDir, 'database'), 'not a folder')
  await expect(open(dataDir)).rejects.toThrow()
  expect(existsSync(join(dataDir, 'gatehouse.pid'))).toBe(false)
})

test('a query beside a transaction waits for its end and is not part of it', async () => {
  const db = await open(removedAfterwards(await embeddedFolder()))
  const hash = 'cd'.repeat(32)
  let beside: Promise<unknown[]> | undefined
  const undone = db.query.transaction().execute(async (trx) => {
    await trx.insertInto('policy_files').values({ hash }).execute()
    beside = db.query.selectFrom('policy_files').select('hash').execute()
    await new Promise((done) => setTimeout(done, 50))
    throw new Error('undo')
  })
  await expect(undone).rejects.toThrow('undo')
  expect(await beside).toEqual([])
})
