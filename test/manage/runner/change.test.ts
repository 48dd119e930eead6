import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSnapshots, type Snapshots } from '../../../src/gateway/snapshots.ts'
import { createPasswords } from '../../../src/identity/passwords.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createManageServer } from '../../../src/manage/listener.ts'
import { operations } from '../../../src/manage/operations.ts'
import type { Env } from '../../../src/manage/runner/answers.ts'
import { OvertakenError, runChange } from '../../../src/manage/runner/change.ts'
import { createLines } from '../../../src/manage/runner/lines.ts'
import { mount } from '../../../src/manage/runner/run.ts'
import type { Db } from '../../../src/store/db.ts'
import { resolveOrganisation } from '../../../src/store/organisation-records.ts'
import { addMember, createOrganisation, raiseRevision } from '../../../src/store/organisations.ts'
import { addRules } from '../../../src/store/rules.ts'
import { eachDatabase, silentLog } from '../../support/databases.ts'
import { policyFiles } from '../../support/policy.ts'

const files = policyFiles({
  applications: '  - { id: docs, upstreams: [http://127.0.0.1:1], organisation: credential }',
  rules: ['p, role:reader, *, /docs/*, GET, allow'],
})
const subject = 'user:root'
const principal = {
  subject,
  credential: { kind: 'key', id: 'k' },
  organisation: undefined,
  expiresAt: Number.POSITIVE_INFINITY,
} as const

eachDatabase('a change', (open) => {
  let db: Db
  let snapshots: Snapshots
  beforeAll(async () => {
    db = await open()
    await db.transaction('seed', async (trx) => {
      await createOrganisation(trx, { id: 'acme', name: 'Acme', slug: 'acme' })
      await addMember(trx, 'platform', { subject, state: 'active' })
      const revision = await raiseRevision(trx, 'platform')
      const values = [subject, 'role:owner', 'org:platform']
      await addRules(trx, 'platform', [{ ptype: 'g', values }], { author: 'gatehouse', revision })
    })
    const options = { db, files, clock: systemClock, log: silentLog, maxStalenessMs: 60_000 }
    snapshots = await openSnapshots(options)
  })
  afterAll(() => snapshots.stop())
  const tools = () => {
    return {
      db,
      log: silentLog,
      clock: systemClock,
      passwords: createPasswords(),
      // Nothing here is mailed.
      mail: { queue: async () => undefined, deliver: async () => undefined },
      adminUrl: 'http://localhost',
      orgCreation: 'platform',
      files: () => files,
    } as const
  }

  test('that was permitted by an older revision is overtaken, and nothing of it stays', async () => {
    const found = await snapshots.find('acme')
    const operation = operations.find(({ id }) => id === 'createTeam')
    if (found.kind !== 'found' || operation?.kind !== 'changing') throw new Error('no scene')
    await db.transaction('seed', (trx) => raiseRevision(trx, 'acme'))
    const unknown = { credential: undefined, address: undefined, agent: undefined }
    const actor = { subject, ...unknown, scopes: undefined }
    const body = { name: 'Late', description: '' }
    const call = {
      tools: tools(),
      actor,
      organisation: 'acme',
      view: found.view,
      params: {},
      query: {},
      body,
    }
    // Neither database lets anybody find out more than was known.
    const permitAnew = async () => call
    const asked = { requestId: 'r', ifMatch: undefined, idempotencyKey: undefined, permitAnew }
    await expect(runChange(operation, call, undefined, asked)).rejects.toThrow(OvertakenError)
    expect(await db.query.selectFrom('teams').selectAll().execute()).toEqual([])
    const rows = await db.query.selectFrom('audit').selectAll().execute()
    expect(rows).toEqual([])
  })

  test('that reaches into a second organisation is answered when both are in force', async () => {
    const awaited: string[] = []
    const app = new Hono<Env>()
    app.use(async (context, next) => {
      context.set('requestId', 'r')
      await next()
    })
    mount(app, operations, {
      tools: tools(),
      lines: createLines(),
      origin: 'http://localhost',
      authenticate: () => ({
        kind: 'principal',
        principal,
      }),
      find: (id) => snapshots.find(id),
      atLeast: (id, revision) => {
        awaited.push(`${id}:${revision}`)
        return snapshots.atLeast(id, revision)
      },
      resolve: (name) => resolveOrganisation(db.query, name),
    })
    const server = createManageServer(app)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const path = `http://127.0.0.1:${port}/api/v1/orgs/acme/suspend`
    const answer = await fetch(path, { method: 'POST' })
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)])
    expect(awaited).toEqual([answer.headers.get('gatehouse-revision'), 'acme:2'])
    server.closeAllConnections()
    server.close()
  })
})
