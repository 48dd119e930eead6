/** PostgreSQL goes away, comes back, or is slow, while the real process serves. */
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../support/postgres-cluster.ts'
import type { GatehouseProcess } from '../support/process.ts'
import { type Scene, type SceneOptions, startScene } from '../support/scene.ts'
import { type Service, startService } from '../support/service.ts'
import { fetchAnswer } from '../support/transfer.ts'
import { until } from '../support/until.ts'

/** A management read waits for a connection, then for the server, and then says 503. */
const BOUNDED_MS = 8_000
const QUEUE = 10

let cluster: Cluster
let service: Service
let databases = 0
const closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  service = await startService((_req, res) => void res.end('ok'))
  cluster = await startCluster()
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  await service?.close()
  await cluster?.stop()
})

/** A process that has served its member already, on a database that holds those decisions. */
async function start(over: Partial<SceneOptions> = {}): Promise<Scene> {
  databases += 1
  await cluster.run(`create database faults_${databases}`)
  const databaseUrl = cluster.url(`faults_${databases}`)
  const scene = await startScene({
    applications: { files: [service.origin] },
    databaseUrl,
    ...over,
  })
  closing.push(scene.close)
  for (let times = 0; times < 3; times += 1) expect(await statusOf(scene)).toBe(200)
  await until(async () => (await recorded(scene)) === 3)
  return scene
}

const ask = ({ port, headers }: Scene) => fetchAnswer({ port, path: '/files/one', headers })
const statusOf = async (scene: Scene) => (await ask(scene)).status
const read = ({ adminPort: port, headers }: Scene, path: string) =>
  fetchAnswer({ port, path, headers })
const readiness = async ({ adminPort: port }: Pick<GatehouseProcess, 'adminPort'>) =>
  (await fetchAnswer({ port, path: '/readyz' })).status

async function recorded({ db }: Scene): Promise<number> {
  const rows = db.query
    .selectFrom('decisions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
  return (await rows.executeTakeFirstOrThrow()).count
}

/** What the database says that it misses. */
async function dropped({ db }: Scene): Promise<number> {
  const rows = await db.query.selectFrom('decision_gaps').select('dropped').execute()
  return rows.reduce((sum, row) => sum + row.dropped, 0)
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const from = performance.now()
  const value = await work()
  return { value, ms: performance.now() - from }
}

describe('while the database is away', { timeout: 60_000 }, () => {
  test('decisions go on, reads are refused in time, and no record is lost unsaid', async () => {
    const scene = await start({ limits: { decisionQueueLength: QUEUE } })
    await cluster.halt()
    for (let times = 0; times < 2.5 * QUEUE; times += 1) expect(await statusOf(scene)).toBe(200)
    const list = await timed(() => read(scene, '/api/v1/orgs/acme/decisions'))
    expect(list.value.status).toBe(503)
    expect(JSON.parse(list.value.text)).toMatchObject({ code: 'unavailable' })
    expect(list.ms).toBeLessThan(BOUNDED_MS)

    await cluster.resume()
    await until(async () => (await dropped(scene)) > 0, 15_000)
    expect(await recorded(scene)).toBe(3 + QUEUE)
    expect(await dropped(scene)).toBe(1.5 * QUEUE)
    expect((await read(scene, '/api/v1/orgs/acme/decisions')).status).toBe(200)
  })

  test('nothing is allowed beyond MAX_STALENESS, and it recovers by itself', async () => {
    const scene = await start({ env: { MAX_STALENESS: '1' } })
    const fresh = await scene.another()
    await cluster.halt()
    const seen: number[] = []
    const look = async () => {
      const { status, text } = await ask(scene)
      seen.push(status)
      if (status === 503) expect(JSON.parse(text)).toMatchObject({ code: 'unavailable' })
      return status
    }
    await until(async () => (await look()) === 503, 20_000)
    for (let times = 0; times < 20; times += 1) await look()
    expect(seen.join()).toMatch(/^(?:200,)*503(?:,503){20}$/)
    await until(async () => (await readiness(scene)) === 503)
    // One that served nobody yet notices as well.
    await until(async () => (await readiness(fresh)) === 503)

    await cluster.resume()
    await until(async () => (await statusOf(scene)) === 200, 15_000)
    await until(async () => (await readiness(fresh)) === 200)
  })
})

test('a slow database holds nobody up but those who ask it', { timeout: 60_000 }, async () => {
  const scene = await start()
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let locked = false
  const lock = scene.db.query.transaction().execute(async (trx) => {
    await sql`lock table organisations, api_keys, decisions in access exclusive mode`.execute(trx)
    locked = true
    await held
  })
  await until(() => locked)
  const list = timed(() => read(scene, '/api/v1/orgs/acme/decisions'))
  const times: number[] = []
  for (let count = 0; count < 50; count += 1) {
    const { value, ms } = await timed(() => statusOf(scene))
    expect(value).toBe(200)
    times.push(ms)
  }
  // Shorter than any wait for the database: nobody waited for it.
  expect(Math.max(...times)).toBeLessThan(1_000)
  expect((await list).value.status).toBe(503)
  expect((await list).ms).toBeLessThan(BOUNDED_MS)
  release()
  await lock
  await until(async () => (await recorded(scene)) === 53, 15_000)
})
