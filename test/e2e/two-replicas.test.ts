/** Two processes on one PostgreSQL: what one changes the other decides by, and neither loses a row. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyChain } from '../../src/lib/audit-chain.ts'
import { listAudit } from '../../src/store/audit.ts'
import { inSnapshot } from '../../src/store/db.ts'
import { ask } from '../support/management.ts'
import { type Scene, startScene } from '../support/scene.ts'

let scene: Scene
let ports: readonly number[]
beforeAll(async () => {
  scene = await startScene({ applications: { docs: ['http://127.0.0.1:9'] } })
  ports = [scene.adminPort, (await scene.another()).adminPort]
}, 120_000)
afterAll(() => scene?.close())

const call = (at: number, method: string, path: string, body?: unknown, headers = {}) => {
  const key = scene.headers.authorization.replace('Bearer ', '')
  return ask(ports[at % 2] ?? 0, key, method, `/orgs/acme${path}`, body, headers)
}

test('thirty changes at once, through either, succeed or say that they were overtaken', async () => {
  const numbers = Array.from({ length: 30 }, (_, at) => at)
  const answers = await Promise.all(
    numbers.map((at) => call(at, 'POST', '/teams', { name: `Team ${at}` })),
  )
  const made = answers.filter(({ status }) => status === 201)
  const refused = answers.filter(({ status }) => status !== 201)
  expect(
    refused.filter(({ status, json }) => status !== 503 || json['code'] !== 'unavailable'),
  ).toEqual([])
  expect(made.length).toBeGreaterThan(0)
  const asked = { organisation: 'acme', order: 'oldest', limit: 100 } as const
  const rows = await inSnapshot(scene.db, (trx) => listAudit(trx, asked))
  expect(verifyChain(rows)).toMatchObject({ kind: 'verified', entries: made.length })
  const { json } = await call(0, 'GET', '/teams?limit=100')
  expect(json['items']).toHaveLength(made.length)
})

test('what one has changed the other is asked by, with the revision that it was told', async () => {
  for (let round = 0; round < 10; round += 1) {
    const made = await call(round, 'POST', '/teams', { name: `Seen ${round}` })
    const minimum = made.headers.get('gatehouse-revision') ?? ''
    const headers = { 'gatehouse-min-revision': minimum }
    const read = await call(round + 1, 'GET', `/teams/${made.json['id']}`, undefined, headers)
    expect([read.status, read.headers.get('gatehouse-revision')]).toEqual([200, minimum])
  }
})

test('a key that was used at one is answered the same by the other', async () => {
  const headers = { 'idempotency-key': 'once' }
  const answers = await Promise.all(
    [0, 1, 0, 1].map((at) => call(at, 'POST', '/teams', { name: 'Once' }, headers)),
  )
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201])
  expect(new Set(answers.map(({ json }) => json['id'])).size).toBe(1)
})
