/**
 * Brings a database to the newest schema: forward only, in one transaction under one lock, so that
 * replicas that start together on an empty database do it once and none sees half of it.
 */
import { sql } from 'kysely'
import { systemClock } from '../lib/clock.ts'
import { limits } from '../lib/limits.ts'
import { type Db, sqlState, type Transaction } from './db.ts'
import { type Migration, migrations } from './schema.ts'

const OLDEST_SERVER = 140_000
const STATEMENT_TIMED_OUT = '57014'

/**
 * Applies every migration that is missing. A database that already has later ones, of a newer
 * version of Gatehouse during a rolling upgrade, is left as it is. Throws when the history differs.
 */
export async function migrate(db: Db): Promise<void> {
  const deadline = systemClock.elapsed() + limits.migrationWaitMs
  for (;;) {
    try {
      return await db.transaction('migrations', applyMissing)
    } catch (error) {
      // Another replica held the lock for longer than one statement may wait.
      if (sqlState(error) !== STATEMENT_TIMED_OUT || systemClock.elapsed() > deadline) throw error
    }
  }
}

async function applyMissing(trx: Transaction): Promise<void> {
  await refuseOldServer(trx)
  await sql`
    create table if not exists gatehouse_migrations (
      number integer primary key,
      name text not null,
      applied_at timestamptz not null default now()
    )`.execute(trx)
  const applied = await sql<{ number: number; name: string }>`
    select number, name from gatehouse_migrations order by number`.execute(trx)
  const names = new Map(applied.rows.map(({ number, name }) => [number, name]))
  for (const [index, migration] of migrations.entries()) {
    const number = index + 1
    const name = names.get(number)
    if (name === undefined) await apply(trx, number, migration)
    else if (name !== migration.name) throw new Error(foreignHistory(number, name, migration.name))
  }
}

async function apply(trx: Transaction, number: number, migration: Migration): Promise<void> {
  for (const statement of migration.statements) await sql.raw(statement).execute(trx)
  await sql`
    insert into gatehouse_migrations (number, name) values (${number}, ${migration.name})`.execute(
    trx,
  )
}

async function refuseOldServer(trx: Transaction): Promise<void> {
  const { rows } = await sql<{ number: number; text: string }>`
    select current_setting('server_version_num')::int as number,
      current_setting('server_version') as text`.execute(trx)
  const [server] = rows
  if (server !== undefined && server.number >= OLDEST_SERVER) return
  throw new Error(`DATABASE_URL leads to PostgreSQL ${server?.text}: use version 14 or later.`)
}

function foreignHistory(number: number, found: string, expected: string): string {
  return (
    `The database's migration ${number} is "${found}" where this version has "${expected}": ` +
    'it belongs to another product or to an unreleased version; use another database.'
  )
}
