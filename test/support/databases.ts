/** Real databases for tests: each caller gets one of its own. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { afterAll, describe, inject } from 'vitest'
import { type Db, openDatabase } from '../../src/store/db.ts'

export const silentLog = pino({ level: 'silent' })

const kinds = ['embedded', 'postgres'] as const

async function ask(path: string): Promise<string> {
  const response = await fetch(`${inject('databases')}${path}`)
  const text = await response.text()
  if (!response.ok) throw new Error(`no database for the test: ${text}`)
  return text
}

/** The URL of a new database on a real PostgreSQL: without tables, or with ours. */
export function postgresUrl(state: 'empty' | 'migrated' = 'empty'): Promise<string> {
  return ask(`/postgres/${state}`)
}

/** Copies the folder in which the embedded database has our tables; remove it when done. */
export async function embeddedFolder(): Promise<string> {
  const template = await ask('/embedded')
  // Beside the template, so that the end of the run removes what a killed worker left.
  const folder = mkdtempSync(join(dirname(template), 'data-'))
  cpSync(join(template, 'database'), join(folder, 'database'), { recursive: true })
  return folder
}

async function openNew(kind: Db['kind'], cleanUp: (() => Promise<void>)[]): Promise<Db> {
  const postgres = kind === 'postgres'
  const dataDir = postgres ? '' : await embeddedFolder()
  const databaseUrl = postgres ? await postgresUrl('migrated') : undefined
  const db = await openDatabase({ databaseUrl, dataDir, log: silentLog })
  cleanUp.push(async () => {
    await db.close()
    if (!postgres) rmSync(dataDir, { recursive: true, force: true })
  })
  return db
}

/**
 * Runs one suite on both databases. `open` gives a new database with our tables; what it opened is
 * closed and removed after the suite. Call it in `beforeAll`, for it takes a moment.
 */
export function eachDatabase(
  title: string,
  suite: (open: () => Promise<Db>, kind: Db['kind']) => void,
): void {
  describe.each(kinds)(`${title} (%s)`, (kind) => {
    const cleanUp: (() => Promise<void>)[] = []
    // Before the suite's own, since what was begun first ends last.
    afterAll(async () => {
      for (const close of cleanUp.splice(0).reverse()) await close()
    })
    suite(() => openNew(kind, cleanUp), kind)
  })
}
