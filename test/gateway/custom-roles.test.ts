/** Custom roles in the whole gateway: what is written decides soon, with the files of that moment. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raiseRevision } from '../../src/store/organisations.ts'
import { insertRole, removeRole, updateRole } from '../../src/store/roles.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { until } from '../support/until.ts'
import { type RecordingUpstream, startUpstream } from '../support/upstream.ts'

const ROLE = 'role:clerk'
const read = `{ id: read, method: GET, path: '/items/:id' }`
const applications = (origin: string, operations: string) =>
  `  - { id: docs, upstreams: ['${origin}'], organisation: credential, operations: [${operations}] }`

let upstream: RecordingUpstream
let gateway: TestGateway
let key: string
beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway({
    applications: applications(upstream.origin, read),
    rules: ['p, *, *, /docs/items/7, *, deny'],
  })
  key = await gateway.member('user:ann', { holds: [ROLE] })
}, 60_000)
afterAll(async () => {
  await gateway?.stop()
  await upstream?.close()
})

type Work = Parameters<TestGateway['running']['db']['transaction']>[1]
const publish = (work: Work) =>
  gateway.running.db.transaction('seed', async (trx) => {
    await work(trx)
    await raiseRevision(trx, 'acme')
  })
const headers = () => ({ authorization: `Bearer ${key}` })
const status = async (path: string) =>
  (await fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers: headers() })).status
const decisions = async () => {
  const url = `http://127.0.0.1:${gateway.adminPort}/api/v1/orgs/acme/decisions`
  return (await fetch(url, { headers: headers() })).status
}
const becomes = (wanted: number, ask: () => Promise<number>) =>
  until(async () => (await ask()) === wanted)

test('a role that is written, changed and removed decides accordingly, here and in the management API', async () => {
  expect([await status('/items/1'), await decisions()]).toEqual([403, 403])
  const clerk = { id: ROLE, name: 'Clerk', slug: 'clerk', description: '' }
  const permissions = ['docs:read', 'decisions:read']
  await publish((trx) => insertRole(trx, 'acme', { ...clerk, permissions }))
  await becomes(200, () => status('/items/1'))
  expect([await decisions(), await status('/items/7')]).toEqual([200, 403])

  await publish(async (trx) => {
    await updateRole(trx, 'acme', ROLE, { permissions: ['docs:read'] })
  })
  await becomes(403, decisions)
  expect(await status('/items/1')).toBe(200)

  await publish(async (trx) => {
    await removeRole(trx, 'acme', ROLE)
  })
  await becomes(403, () => status('/items/1'))
})

test('its permissions stand for what the files declare: less with fewer operations, more again with more', async () => {
  const role = {
    id: ROLE,
    name: 'Clerk',
    slug: 'clerk',
    description: '',
    permissions: ['docs:read'],
  }
  await publish((trx) => insertRole(trx, 'acme', role))
  await becomes(200, () => status('/items/1'))
  const use = (operations: string) =>
    gateway.write('apps.yaml', `applications:\n${applications(upstream.origin, operations)}`)
  use('')
  await becomes(403, () => status('/items/1'))
  use(`{ id: read, method: GET, path: '/things/:id' }`)
  await becomes(200, () => status('/things/1'))
  expect(await status('/items/1')).toBe(403)
})

test("another organisation's role of the same name gives nothing here", async () => {
  await gateway.organisation('beta')
  const role = {
    id: 'role:far',
    name: 'Far',
    slug: 'far',
    description: '',
    permissions: ['docs:*'],
  }
  await gateway.running.db.transaction('seed', async (trx) => {
    await insertRole(trx, 'beta', role)
    await raiseRevision(trx, 'beta')
  })
  const near = await gateway.member('user:ben', { holds: ['role:far'] })
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/things/1`, {
    headers: { authorization: `Bearer ${near}` },
  })
  expect(answer.status).toBe(403)
})
