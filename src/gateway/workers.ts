/** Several processes on one pair of ports. Each is whole; they meet only in the database. */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'

export interface Workers {
  /** Tells every worker to drain; resolves when all are gone. */
  readonly stop: () => Promise<void>
}

const READY = 'ready'

/** Tells the primary that this worker serves. */
export function reportReady(): void {
  process.send?.(READY)
}

/** Forks `count` workers and resolves when all serve; throws when one cannot start. */
export async function runWorkers(count: number, log: Log): Promise<Workers> {
  const live = new Set<Worker>()
  let stopping = false

  const fork = async (): Promise<void> => {
    const worker = cluster.fork()
    live.add(worker)
    const gone = once(worker, 'exit').then(() => void live.delete(worker))
    const ready = new Promise<boolean>((resolve) => {
      worker.on('message', (message: unknown) => message === READY && resolve(true))
      void gone.then(() => resolve(false))
    })
    if (!(await ready)) throw new Error('A worker could not start.')
    void gone.then(replace)
  }
  /** A worker that dies takes its requests along, but not the service. */
  const replace = () => {
    if (stopping) return
    log.error('a worker died and is replaced')
    // One that ends before it serves is replaced as well: its database may be back by then.
    setTimeout(() => {
      if (!stopping) fork().catch(replace)
    }, limits.workerRestartMs)
  }
  const stop = async () => {
    stopping = true
    const gone = [...live].map((worker) => once(worker, 'exit'))
    for (const worker of live) worker.process.kill('SIGTERM')
    await Promise.all(gone)
  }

  try {
    await Promise.all(Array.from({ length: count }, fork))
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}
