/** What `SEED=demo` adds to a start: the sample organisation, its service and keys to try it with. */
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { writePrivately } from '../lib/private-file.ts'
import type { Db } from '../store/db.ts'
import { type DemoKeys, makeDemoKeys, seedDemo } from './demo.ts'

export interface SampleOptions {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  readonly dataDir: string
  readonly host: string
  readonly adminHost: string
  /** Starts the sample service; rejects with EADDRINUSE when one runs already. */
  readonly startApp: () => Promise<{ readonly close: () => Promise<void> }>
}

export interface Sample {
  /** Absent when a listener is bound beyond loopback: nobody else shall find sample keys. */
  readonly keys: DemoKeys | undefined
  readonly close: () => Promise<void>
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/

/** Seeds, makes keys, and starts the service unless its port is taken, as by another replica. */
export async function openSample(options: SampleOptions): Promise<Sample> {
  const { db, clock, log, host, adminHost, dataDir, startApp } = options
  await seedDemo(db, clock)
  const local = LOOPBACK.test(host) && LOOPBACK.test(adminHost)
  const keys = local ? await makeDemoKeys(db, clock) : undefined
  if (keys !== undefined) writeKeys(dataDir, keys)
  const app = await startApp().catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    log.warn('the port of the sample service is taken: whatever listens there answers for it')
    return undefined
  })
  return { keys, close: async () => app?.close() }
}

/** For a shell to read (`. .gatehouse/demo.env`). */
function writeKeys(dataDir: string, { ann, ben, cleo }: DemoKeys): void {
  const text = `export ANN=${ann}\nexport BEN=${ben}\nexport CLEO=${cleo}\n`
  writePrivately(dataDir, 'demo.env', text)
}
