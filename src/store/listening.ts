/**
 * LISTEN on a connection of its own, for as long as it is wanted. A lost connection is replaced
 * after a jittered, growing pause; then LISTEN comes first and reading again second, so that no
 * change falls between (fault "NOTIFY lost").
 */
import pg from 'pg'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Listener } from './connection.ts'

export interface ListenOptions {
  readonly config: pg.ClientConfig
  readonly channel: string
  readonly onPayload: Listener
  readonly log: Log
}

/** Milliseconds before attempt number `failures` + 1: doubled each time, bounded, half of it random. */
export function retryPause(failures: number, random: number): number {
  const { listenRetryMinMs: least, listenRetryMaxMs: most } = limits
  const pause = Math.min(most, least * 2 ** Math.min(failures, 16))
  return pause / 2 + (pause / 2) * random
}

/** Returns, after the first attempt, what ends the subscription. Never throws. */
export async function listenForever(options: ListenOptions): Promise<() => Promise<void>> {
  const { log, channel } = options
  let current: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  let stopped = false

  const attempt = async (): Promise<void> => {
    const client = new pg.Client(options.config)
    current = client
    const lose = once((cause: string) => {
      // A client that failed to connect may never close by itself.
      client.end().catch(() => undefined)
      if (stopped) return
      log.warn({ channel, cause }, 'database notifications lost, trying again')
      timer = setTimeout(() => void attempt(), retryPause(failures++, Math.random()))
    })
    client.on('error', (error) => lose(error.message))
    client.on('end', () => lose('connection ended'))
    try {
      await subscribe(client, options)
      failures = 0
    } catch (error) {
      lose(String(error))
    }
  }

  await attempt()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await current?.end().catch(() => undefined)
  }
}

async function subscribe(client: pg.Client, { channel, onPayload }: ListenOptions): Promise<void> {
  client.on('notification', ({ payload }) => onPayload(payload ?? ''))
  await client.connect()
  await client.query(`listen ${client.escapeIdentifier(channel)}`)
  onPayload('')
}

function once<T>(run: (value: T) => void): (value: T) => void {
  let done = false
  return (value) => {
    if (done) return
    done = true
    run(value)
  }
}
