/** A PostgreSQL server that many replicas may share. */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Connection } from './connection.ts'
import { listenForever } from './listening.ts'
import type { Tables } from './tables.ts'

const { Pool, types } = pg
const INT8 = 20

/** Counts and ids arrive as numbers, as the embedded database hands them out. */
function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond the safe integers`)
  return value
}

const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === INT8 && format !== 'binary' ? parseInt8 : types.getTypeParser(oid, format),
}

/** Opens a pool; the first query connects. */
export function openPostgres(databaseUrl: string, log: Log): Connection {
  const config: pg.ClientConfig = {
    connectionString: databaseUrl,
    application_name: 'gatehouse',
    keepAlive: true,
    connectionTimeoutMillis: limits.poolWaitMs,
    statement_timeout: limits.statementTimeoutMs,
    query_timeout: limits.queryTimeoutMs,
    idle_in_transaction_session_timeout: limits.idleTransactionTimeoutMs,
    types: typeParsers,
  }
  const pool = new Pool({ ...config, max: limits.poolConnections })
  // A backend that is terminated emits an error on its client, idle or in use; without a listener
  // on both the process would end (hazard 6).
  const onError = (error: Error) => log.warn({ error: error.message }, 'database connection lost')
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', onError))
  const query = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const stops = new Set<() => Promise<void>>()
  return {
    kind: 'postgres',
    query,
    listen: async (channel, onPayload) => {
      const stop = await listenForever({ config, channel, onPayload, log })
      stops.add(stop)
      return async () => {
        stops.delete(stop)
        await stop()
      }
    },
    close: async () => {
      await Promise.all([...stops].map((stop) => stop()))
      await query.destroy()
      if (!pool.ended) await pool.end()
    },
  }
}
