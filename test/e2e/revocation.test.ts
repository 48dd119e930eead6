/** What is taken away is gone soon, on every process, also when nobody hears of it. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeKey } from '../../src/store/keys.ts'
import { raiseRevision } from '../../src/store/organisations.ts'
import { addRules, loadRules, removeRules } from '../../src/store/rules.ts'
import { type Scene, startScene } from '../support/scene.ts'
import { type Service, startService } from '../support/service.ts'
import { fetchAnswer } from '../support/transfer.ts'
import { until } from '../support/until.ts'

/** We hold one second, and to five with notifications cut; machines are busy. */
const SOON_MS = 5_000

let scene: Scene
let service: Service
let ports: number[]

beforeAll(async () => {
  service = await startService((_req, res) => void res.end('ok'))
  scene = await startScene({ applications: { files: [service.origin] } })
  ports = [scene.port, (await scene.another()).port]
}, 60_000)
afterAll(async () => {
  await scene?.close()
  await service?.close()
})

const statusOf = async (port: number) =>
  (await fetchAnswer({ port, path: '/files/one', headers: scene.headers })).status

const everywhere = (status: number) =>
  Promise.all(ports.map((port) => until(async () => (await statusOf(port)) === status, SOON_MS)))

const deny = ['user:ann', 'org:acme', '/files/*', '*', 'deny']

test('a publish is in force although the notifications were cut', async () => {
  await everywhere(200)
  const cut = await sql<{ cut: boolean }>`
    select pg_terminate_backend(pid) as cut from pg_stat_activity
    where datname = current_database() and query ilike 'listen %'`.execute(scene.db.query)
  expect(cut.rows).toEqual([{ cut: true }, { cut: true }])
  await scene.db.transaction('seed', async (trx) => {
    const revision = await raiseRevision(trx, 'acme')
    const rule = { ptype: 'p', values: deny }
    await addRules(trx, 'acme', [rule], { author: 'gatehouse', revision })
  })
  await everywhere(403)
})

test('a publish that nobody is told of is found by asking', async () => {
  await scene.db.transaction('seed', async (trx) => {
    const denies = (await loadRules(trx, 'acme')).filter(({ values }) => values.at(-1) === 'deny')
    const ids = denies.flatMap(({ source }) => (source.kind === 'organisation' ? [source.id] : []))
    expect(await removeRules(trx, 'acme', ids)).toBe(1)
    // As `raiseRevision`, without its notification.
    await sql`update organisations set revision = revision + 1 where id = 'acme'`.execute(trx)
  })
  await everywhere(200)
})

test('a key that was removed is refused by every process', async () => {
  await everywhere(200)
  await scene.db.transaction('seed', async (trx) => {
    expect(await removeKey(trx, 'acme', scene.keyId)).toBe(true)
    await raiseRevision(trx, 'acme')
  })
  await everywhere(401)
})
