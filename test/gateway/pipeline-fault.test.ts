import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthorizeOptions, createAuthorize } from '../../src/gateway/authorize.ts'
import type { DecisionRecord } from '../../src/gateway/decision-log.ts'
import { buildRoutes } from '../../src/gateway/routes.ts'
import type { OrganisationView } from '../../src/gateway/snapshots.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { buildSnapshot } from '../../src/policy/snapshot.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { policyFiles } from '../support/policy.ts'
import { until } from '../support/until.ts'

const files = policyFiles({
  applications: `  - { id: docs, upstreams: ['http://127.0.0.1:9'], organisation: credential }`,
  rules: ['p, role:reader, *, /docs/items/:id, GET, allow'],
})
const principal = {
  subject: 'user:ann',
  credential: { kind: 'key', id: 'k' },
  organisation: 'acme',
  expiresAt: Number.POSITIVE_INFINITY,
} as const

async function viewOf(policy = files): Promise<OrganisationView> {
  const grant = { ptype: 'g', values: ['user:ann', 'role:reader', 'org:acme'] }
  const source = { kind: 'built-in' } as const
  const rules = [{ ...grant, source }]
  const snapshot = await buildSnapshot({ files: policy, organisation: 'acme', revision: 3, rules })
  const member = { subject: 'user:ann', state: 'active', email: null, name: null } as const
  const members = new Map([['user:ann', member]])
  const known = {
    members,
    attributes: new Map(),
    roles: [],
    rules,
    nextExpiry: undefined,
    horizon: '0',
  }
  const state = { id: 'acme', state: 'active', revision: 3, ...known }
  return { state: { ...state, state: 'active' }, snapshot }
}

const asked = {
  door: 'proxy',
  raw: { method: 'GET', target: '/items/1', httpVersion: '1.1', hosts: ['app.test'] },
  rawHeaders: [],
  clientAddress: '127.0.0.1',
  scheme: 'http',
} as const

/** The pipeline with all that it asks, and what it told of. */
async function pipeline(changes: Partial<AuthorizeOptions> = {}) {
  const view = await viewOf()
  const routes = buildRoutes(files.applications)
  const records: DecisionRecord[] = []
  const errors: string[] = []
  const authorize = createAuthorize({
    routes: () => routes,
    snapshots: {
      find: () => ({ kind: 'found', view }),
      atLeast: async () => ({ kind: 'found', view }),
    },
    authenticate: () => ({ kind: 'principal', principal }),
    identityHeaders: async () => [],
    log: { record: (record) => records.push(record), close: async () => {} },
    clock: systemClock,
    onError: (error, { requestId }) => errors.push(`${requestId} ${String(error)}`),
    ...changes,
  })
  return { authorize, records, errors }
}

test('what all the others differ from is allowed, with one ticket and one record', async () => {
  const { authorize, records } = await pipeline()
  const outcome = await authorize(asked)
  if (outcome.kind !== 'allowed') throw new Error(outcome.kind)
  expect(outcome.ticket.take()).toMatchObject({ path: '/items/1', decisionId: outcome.decisionId })
  expect(records).toMatchObject([{ allow: true, decisionId: outcome.decisionId }])
})

describe('I3: an error on the way is a refusal, told to the operator under the id of the answer', () => {
  const fails = () => {
    throw new Error('out of order')
  }
  const rejects = () => Promise.reject(new Error('out of order'))

  test.each<[string, Partial<AuthorizeOptions>]>([
    ['the routes', { routes: fails }],
    ['the authentication, at once', { authenticate: fails }],
    ['the authentication, later', { authenticate: rejects }],
    ['the snapshots, at once', { snapshots: { find: fails, atLeast: rejects } }],
    ['the snapshots, later', { snapshots: { find: rejects, atLeast: rejects } }],
    ['the headers for the service, at once', { identityHeaders: fails }],
    ['the headers for the service, later', { identityHeaders: rejects }],
  ])('%s', async (_title, changes) => {
    const { authorize, records, errors } = await pipeline(changes)
    const outcome = await authorize(asked)
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'pipeline_error' })
    expect(errors).toEqual([`${outcome.requestId} Error: out of order`])
    expect(records).toMatchObject([
      { allow: false, reason: 'pipeline_error', requestId: outcome.requestId, method: 'GET' },
    ])
  })

  test('a fault after the decision still names whom and what it was about', async () => {
    const { authorize, records } = await pipeline({ identityHeaders: rejects })
    await authorize(asked)
    expect(records).toMatchObject([
      { organisation: 'acme', subject: 'user:ann', object: '/docs/items/1', revision: 3 },
    ])
  })
})

describe('I7: the files are swapped while a request waits', () => {
  const other = policyFiles({
    applications: `  - { id: notes, upstreams: ['http://127.0.0.1:9'], organisation: credential }`,
    rules: ['p, role:reader, *, /notes/items/:id, GET, allow'],
  })

  test.each(['authenticate', 'find'] as const)(
    'in %s: it is judged by the new ones alone',
    async (where) => {
      const [before, after] = [await viewOf(files), await viewOf(other)]
      let current = { routes: buildRoutes(files.applications), view: before }
      let asking = 0
      const swap = async () => {
        asking += 1
        if (asking > 1) return
        await Promise.resolve()
        current = { routes: buildRoutes(other.applications), view: after }
      }
      const { authorize, records } = await pipeline({
        routes: () => current.routes,
        authenticate: async () => {
          if (where === 'authenticate') await swap()
          return { kind: 'principal', principal }
        },
        snapshots: {
          find: async () => {
            const { view } = current
            if (where === 'find') await swap()
            return { kind: 'found', view }
          },
          atLeast: () => Promise.reject(new Error('nobody asks for a revision')),
        },
      })
      expect(await authorize(asked)).toMatchObject({ kind: 'allowed' })
      expect(records).toMatchObject([{ object: '/notes/items/1', allow: true }])
      expect(asking).toBe(2)
    },
  )
})

describe('a request that is judged again', () => {
  test('leaves a record only when it is refused now', async () => {
    const { authorize, records } = await pipeline()
    expect((await authorize({ ...asked, again: true })).kind).toBe('allowed')
    expect(records).toEqual([])
    const raw = { ...asked.raw, target: '/other' }
    expect((await authorize({ ...asked, raw, again: true })).kind).toBe('refused')
    expect(records).toMatchObject([{ reason: 'denied_by_default' }])
  })
})

test('`OPTIONS *` is about the server: no decision and no ticket', async () => {
  const { authorize, records } = await pipeline()
  const outcome = await authorize({
    ...asked,
    raw: { ...asked.raw, method: 'OPTIONS', target: '*' },
  })
  expect(outcome.kind).toBe('server-wide')
  expect(records).toEqual([])
})

describe('with the database out of order', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway({
      applications: `  - { id: docs, upstreams: ['http://127.0.0.1:9'], organisation: credential }`,
      rules: ['p, role:reader, *, /docs/items/:id, GET, allow'],
      env: { MAX_STALENESS: '0' },
    })
  }, 120_000)
  afterAll(() => gateway?.stop())

  test('decisions end after MAX_STALENESS with 503, and go on when it is back', async () => {
    const key = await gateway.member('user:ned')
    const url = `http://127.0.0.1:${gateway.port}/items/1`
    const ask = async () => {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
      const { code } = (await answer.json()) as { code: string }
      return `${answer.status} ${code}`
    }
    const { query } = gateway.running.db
    const health = async () => (await fetch(`http://127.0.0.1:${gateway.adminPort}/readyz`)).status
    await until(async () => (await ask()) === '403 denied')
    await sql`alter table organisations rename to away`.execute(query)
    await until(async () => (await ask()) === '503 unavailable', 20_000)
    await until(async () => (await health()) === 503, 20_000)
    await sql`alter table away rename to organisations`.execute(query)
    await until(async () => (await ask()) === '403 denied', 20_000)
    await until(async () => (await health()) === 200, 20_000)
  }, 90_000)
})
