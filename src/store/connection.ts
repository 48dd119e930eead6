/** What a database driver gives us, the same for both, so that nothing above asks which it is. */
import type { Kysely } from 'kysely'
import type { Log } from '../lib/log.ts'
import type { Tables } from './tables.ts'

/**
 * Hears a notification. An empty payload means: the subscription is in force from now on and
 * earlier notifications may have been missed, so read again what they would have told.
 * Must not throw.
 */
export type Listener = (payload: string) => void

export interface Connection {
  readonly kind: 'embedded' | 'postgres'
  /**
   * Queries outside a transaction. Never use it inside one: the embedded database has a single
   * session, and the query would wait for the transaction that waits for it.
   */
  readonly query: Kysely<Tables>
  /**
   * Subscribes to a channel; returns after the first attempt, goes on trying while the database is
   * away, and calls back with an empty payload each time the subscription is in force (again).
   */
  listen(channel: string, onPayload: Listener): Promise<() => Promise<void>>
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** `postgres://…`, or `undefined` for the embedded database under `dataDir`. */
  readonly databaseUrl: string | undefined
  readonly dataDir: string
  readonly log: Log
}
