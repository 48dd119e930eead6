/** Process entry: settings, database, policy, two listeners, and the way down. */
import cluster from 'node:cluster'
import type { AddressInfo, Server } from 'node:net'
import { startDemoApp } from './cli/demo-app.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { openPlane } from './gateway/plane.ts'
import { readPolicyFiles } from './gateway/policy-watch.ts'
import type { Patience } from './gateway/server.ts'
import { reportReady, runWorkers } from './gateway/workers.ts'
import { createPasswords } from './identity/passwords.ts'
import { systemClock } from './lib/clock.ts'
import { prepareDrain } from './lib/drain.ts'
import { limits } from './lib/limits.ts'
import { createLog, type Log } from './lib/log.ts'
import { createMetrics } from './lib/metrics.ts'
import { writePrivately } from './lib/private-file.ts'
import { createManageApp } from './manage/app.ts'
import { createManageServer } from './manage/listener.ts'
import { openMail } from './manage/mail.ts'
import { prepareSetup, SetupError } from './manage/people/first-owner.ts'
import { createLines } from './manage/runner/lines.ts'
import { openSample, type Sample } from './manage/sample.ts'
import { startUpkeep } from './manage/upkeep.ts'
import { welcome } from './manage/welcome.ts'
import { PolicyError } from './policy/problem.ts'
import { type Db, openDatabase } from './store/db.ts'
import { DirectoryInUseError } from './store/directory-lock.ts'
import { migrate } from './store/migrations.ts'
import { resolveOrganisation } from './store/organisation-records.ts'

export interface Running {
  readonly port: number
  readonly adminPort: number
  readonly db: Db
  /** Drains both listeners and lets go of everything. */
  readonly stop: () => Promise<void>
}

/** What stops a start and is the operator's to mend; the message is whole. */
class StartError extends Error {}

/** Opens the database at its newest schema. */
async function openStore(config: Config, log: Log): Promise<Db> {
  const db = await openDatabase({ ...config, log })
  try {
    await migrate(db)
    return db
  } catch (error) {
    await db.close()
    throw error
  }
}

/** Serves in this process on an open database, which `stop` closes. */
export async function serve(config: Config & Patience, db: Db, log: Log): Promise<Running> {
  const metrics = createMetrics()
  const plane = await openPlane({
    ...config,
    place: config,
    db,
    log,
    metrics,
    clock: systemClock,
    ownPorts: [config.port, config.adminPort].filter((port) => port !== 0),
  })
  const mail = openMail({ ...config, db, log })
  const upkeep = startUpkeep({ db, log })
  let draining = false
  const app = createManageApp({
    metrics,
    adminUrl: config.adminUrl,
    authenticate: plane.authenticateConsole,
    origin: config.adminUrl,
    find: (organisation) => plane.snapshots.find(organisation),
    atLeast: (organisation, revision) => plane.snapshots.atLeast(organisation, revision),
    resolve: (name) => resolveOrganisation(db.query, name),
    lines: createLines(),
    tools: {
      db,
      log,
      clock: systemClock,
      passwords: createPasswords(),
      mail,
      adminUrl: config.adminUrl,
      orgCreation: config.orgCreation,
      files: () => plane.snapshots.files(),
    },
    notReady: () => (draining ? ['the process is stopping'] : plane.notReady()),
    warnings: plane.warnings,
  })
  const { server } = plane.gateway
  const admin = createManageServer(app)
  const drainAdmin = prepareDrain(admin)
  await listen(server, config.port, config.host, 'PORT')
  await listen(admin, config.adminPort, config.adminHost, 'ADMIN_PORT')
  const stop = async () => {
    draining = true
    await plane.gateway.drain()
    await plane.close()
    await drainAdmin({ graceMs: 0, timeoutMs: limits.drainGraceMs })
    await upkeep.stop()
    await mail.close()
    await db.close()
  }
  return { port: portOf(server), adminPort: portOf(admin), db, stop }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function listen(server: Server, port: number, host: string, setting: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => {
      const inUse = 'another program listens there. Stop it, or choose another port.'
      const cause = error.code === 'EADDRINUSE' ? inUse : error.message
      reject(new StartError(`${setting} is "${port}" on ${host}: ${cause}`))
    }
    server.once('error', refused)
    server.listen(port, host, () => {
      server.off('error', refused)
      resolve()
    })
  })
}

/** The sample organisation, its application and its keys, where SEED asks for them. */
async function sampleFor(config: Config, db: Db, log: Log): Promise<Sample | undefined> {
  if (config.seed === 'none') return undefined
  const { applications } = readPolicyFiles(config)
  const upstream = applications.find(({ id }) => id === 'docs')?.upstreams[0]
  const startApp = async () => {
    if (upstream !== undefined) return startDemoApp({ port: Number(new URL(upstream).port) })
    throw new StartError('SEED is "demo": declare an application docs, or set SEED=none.')
  }
  return openSample({ ...config, db, clock: systemClock, log, startApp })
}

/** Shown to a person; where nobody looks it is in a file, for what is printed is often collected. */
async function setUpFor(config: Config, db: Db): Promise<string | undefined> {
  const options = { ...config, db, clock: systemClock, passwords: createPasswords() }
  const link = await prepareSetup(options)
  if (link === undefined || process.stdout.isTTY) return link
  return `link in ${writePrivately(config.dataDir, 'setup-link', `${link}\n`)}`
}

interface Prepared {
  readonly sample: Sample | undefined
  readonly setUp: string | undefined
}

/** What is done once before anything serves, and not by each process. */
async function prepare(config: Config, db: Db, log: Log): Promise<Prepared> {
  const sample = await sampleFor(config, db, log)
  return { sample, setUp: cluster.isWorker ? undefined : await setUpFor(config, db) }
}

function greet(config: Config, db: Db, { sample, setUp }: Prepared): void {
  const database = db.kind === 'embedded' ? `embedded, in ${config.dataDir}` : 'PostgreSQL'
  process.stdout.write(welcome({ ...config, database, keys: sample?.keys, setUp }))
}

interface Started {
  /** Says that all is ready, to a person or to the process that forked this one. */
  readonly announce: () => void
  readonly stop: () => Promise<void>
}

/** One process: everything on one database handle. */
async function runAlone(config: Config, log: Log): Promise<Started> {
  const db = await openStore(config, log)
  const prepared = await prepare(config, db, log)
  const running = await serve(config, db, log)
  return {
    announce: () => (cluster.isWorker ? reportReady() : greet(config, db, prepared)),
    stop: async () => {
      await running.stop()
      await prepared.sample?.close()
    },
  }
}

/** Many processes: this one prepares the database and the sample, and keeps the others alive. */
async function runMany(config: Config, log: Log): Promise<Started> {
  const db = await openStore(config, log)
  readPolicyFiles(config)
  const prepared = await prepare(config, db, log)
  const workers = await runWorkers(config.workers, log)
  return {
    announce: () => greet(config, db, prepared),
    stop: async () => {
      await workers.stop()
      await prepared.sample?.close()
      await db.close()
    },
  }
}

async function main(): Promise<void> {
  const settings = readConfig()
  const config = cluster.isWorker ? { ...settings, seed: 'none' as const } : settings
  const log = createLog({ level: config.logLevel, terminal: process.stdout.isTTY })
  const run = config.workers > 1 && cluster.isPrimary ? runMany : runAlone
  const started = run(config, log)
  let stopping = false
  const end = (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    // Whatever hangs must not keep the process: the orchestrator would kill it anyway.
    setTimeout(() => process.exit(1), limits.drainTimeoutMs + limits.drainFlushMs).unref()
    started
      .then(({ stop }) => stop())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  const { announce } = await started
  announce()
}

/** An operator's mistake is one sentence; anything else is ours and comes with its trace. */
function explainFailure(error: unknown): string {
  const known = [ConfigError, PolicyError, DirectoryInUseError, SetupError, StartError]
  if (known.some((kind) => error instanceof kind)) return (error as Error).message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    process.stderr.write(`Gatehouse did not start.\n${explainFailure(error)}\n`)
    process.exit(1)
  })
}
