/**
 * Once a test run, in the main process: a small server that hands out databases to the workers. A
 * PostgreSQL server and the template of the embedded database are made when first asked for.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import type { TestProject } from 'vitest/node'
import { type Db, openDatabase } from '../../src/store/db.ts'
import { migrate } from '../../src/store/migrations.ts'
import { type KeptFolder, keepFolder } from './kept-folder.ts'
import { type Cluster, startCluster } from './postgres-cluster.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The origin that `test/support/databases.ts` asks. */
    readonly databases: string
  }
}

const MIGRATED = 'gatehouse_migrated'
const log = pino({ level: 'silent' })

let server: Server
let folder: KeptFolder | undefined
let cluster: Promise<Cluster> | undefined
let template: Promise<string> | undefined
let queue: Promise<unknown> = Promise.resolve()
let count = 0

async function migrated(opening: Promise<Db>): Promise<void> {
  const db = await opening
  try {
    await migrate(db)
  } finally {
    await db.close()
  }
}

async function openCluster(): Promise<Cluster> {
  const started = await startCluster()
  await started.run(`create database ${MIGRATED}`)
  await migrated(openDatabase({ databaseUrl: started.url(MIGRATED), dataDir: '', log }))
  return started
}

async function makeTemplate(): Promise<string> {
  folder = keepFolder('gatehouse-embedded-')
  const dataDir = join(folder.path, 'template')
  await migrated(openDatabase({ databaseUrl: undefined, dataDir, log }))
  return dataDir
}

async function createPostgres(source: string): Promise<string> {
  cluster ??= openCluster()
  const { run, url } = await cluster
  const name = `test_${++count}`
  // Two copies of one template at the same moment would refuse each other.
  const creating = queue.then(() => run(`create database ${name} template ${source}`))
  queue = creating.catch(() => undefined)
  await creating
  return url(name)
}

function makeEmbedded(): Promise<string> {
  template ??= makeTemplate()
  return template
}

const requests = new Map<string, () => Promise<string>>([
  ['/postgres/empty', () => createPostgres('template1')],
  ['/postgres/migrated', () => createPostgres(MIGRATED)],
  ['/embedded', makeEmbedded],
])

export async function setup(project: TestProject): Promise<void> {
  server = createServer((request, response) => {
    const answer = requests.get(request.url ?? '')
    // A worker that kept a connection might meet it half-closed.
    response.setHeader('connection', 'close')
    if (answer === undefined) return response.writeHead(404).end()
    answer().then(
      (text) => response.end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
    return undefined
  })
  server.listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as AddressInfo
  project.provide('databases', `http://127.0.0.1:${port}`)
}

export async function teardown(): Promise<void> {
  server.closeAllConnections()
  server.close()
  await cluster?.then(({ stop }) => stop()).catch(() => undefined)
  await template?.catch(() => undefined)
  await folder?.remove()
}
