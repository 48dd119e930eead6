/** The embedded database: PGlite in this process, on files that only this process may open. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect } from 'kysely'
import type { Connection } from './connection.ts'
import { lockDirectory } from './directory-lock.ts'
import type { Tables } from './tables.ts'

const FOLDER = 'database'

/** Starts the database under `dataDir`, which is made when missing. */
export async function openEmbedded(dataDir: string): Promise<Connection> {
  const unlock = await lockDirectory(dataDir)
  try {
    const pglite = await start(join(dataDir, FOLDER))
    return connect(pglite, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

/**
 * The files of a new database are made aside and put in place by one rename, so that a process that
 * dies on its first start leaves nothing half-made to open on the second.
 */
async function start(folder: string): Promise<PGlite> {
  if (!existsSync(folder)) {
    const unfinished = `${folder}.new`
    rmSync(unfinished, { recursive: true, force: true })
    const fresh = await PGlite.create({ dataDir: unfinished })
    await fresh.close()
    renameSync(unfinished, folder)
  }
  return PGlite.create({ dataDir: folder })
}

function connect(pglite: PGlite, unlock: () => void): Connection {
  const query = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) })
  return {
    kind: 'embedded',
    query,
    listen: async (channel, onPayload) => {
      const unlisten = await pglite.listen(channel, onPayload)
      onPayload('')
      return () => unlisten()
    },
    close: async () => {
      try {
        await query.destroy()
        if (!pglite.closed) await pglite.close()
      } finally {
        unlock()
      }
    },
  }
}
