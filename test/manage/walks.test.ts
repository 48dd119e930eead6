import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadOrganisation } from '../../src/store/organisations.ts'
import { auditOf, verifyChain } from '../support/audit.ts'
import { postgresUrl } from '../support/databases.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { ask } from '../support/management.ts'
import { applications, excess, guardrails, look, ownersOf, refusalsOf } from './walks-world.ts'

const WALKS = 7
const STEPS = 20
const RACES = 50
const open: TestGateway[] = []
const start = async (env: Record<string, string> = {}) => {
  const gateway = await startGateway({ applications, rules: guardrails, env })
  open.push(gateway)
  return gateway
}
afterAll(async () => {
  for (const gateway of open) await gateway.stop()
})

const actors = ['user:olga', 'user:oda', 'user:alan', 'user:kim', 'user:mia', 'service:robot']
const scopes = ['teams:write', 'assignments:write', 'keys:write']
const roles = ['role:owner', 'role:admin', 'role:viewer', 'role:reader', 'role:keeper']
const permissions = ['teams:write', 'members:read', 'docs:read', 'docs:*', 'policies:write']

/** Some of what there is: numbers that stand for records are taken modulo how many there are. */
const step = fc.record({
  actor: fc.constantFrom(...actors),
  kind: fc.nat(18),
  at: fc.nat(30),
  other: fc.nat(30),
  flag: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface Request {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

function requestFor(
  step: Step,
  { state }: Awaited<ReturnType<typeof look>>,
  teams: string[],
  n: number,
): Request {
  const { kind, at, other, flag } = step
  const pick = (list: readonly string[], by = at) =>
    list[by % Math.max(list.length, 1)] ?? 'team:none'
  const people = [...state.members.keys()].filter((one) => one.startsWith('user:'))
  const custom = state.roles.map(({ id }) => id)
  const holder = pick([...state.members.keys(), ...teams])
  const assigned = state.rules.filter(
    ({ ptype, values }) => ptype === 'g' && values[1]?.startsWith('role:'),
  )
  const link = assigned[at % Math.max(assigned.length, 1)]?.source
  const linkId = link?.kind === 'organisation' ? link.id : '1'
  const member = pick(people)
  const list = permissions.filter((_, index) => ((at >> index) & 1) === 1)
  const headers = { 'if-match': '*' }
  const rule = [
    'p',
    pick([...roles, holder], other),
    `org:${state.id}`,
    flag ? '/docs/items/1' : '/gatehouse/teams',
    'GET',
    at % 2 === 0 ? 'allow' : 'deny',
  ]
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const post = (id: string, path: string, body?: unknown): Request => ({
    id,
    method: 'POST',
    path,
    body,
  })
  const drop = (id: string, path: string): Request => ({ id, method: 'DELETE', path })
  const all: readonly Request[] = [
    post('createTeam', '/teams', { name: `t${n}` }),
    drop('deleteTeam', `/teams/${pick(teams)}`),
    post('changeTeamMembers', `/teams/${pick(teams)}/members`, {
      [flag ? 'add' : 'remove']: [pick([...state.members.keys()], other)],
    }),
    post('createAssignment', '/assignments', {
      subject: holder,
      role: pick([...roles, ...custom], other),
      ...(flag && { expiresAt }),
    }),
    post('createAssignment', '/assignments', {
      subject: holder,
      role: pick([...custom, ...roles], other),
    }),
    drop('deleteAssignment', `/assignments/${linkId}`),
    post('createRole', '/roles', { name: `r${n}`, slug: `r${n}`, permissions: list }),
    {
      id: 'updateRole',
      method: 'PATCH',
      path: `/roles/${pick(custom)}`,
      body: { permissions: list },
      headers,
    },
    drop('deleteRole', `/roles/${pick(custom)}`),
    post('publishRules', '/policies/publish', { message: 'walk', add: [rule] }),
    post('publishRules', '/policies/publish', { message: 'walk', rules: [rule] }),
    post('rollbackRules', '/policies/rollback', {
      message: 'walk',
      revision: Math.max(1, state.revision - other),
    }),
    post('suspendMember', `/members/${member}/suspend`),
    post('resumeMember', `/members/${member}/resume`),
    drop('removeMember', `/members/${member}`),
    post('inviteMember', '/members/invitations', {
      email: `w${n}@acme.example`,
      roles: flag ? [pick(roles)] : [],
    }),
    post('createKey', '/keys', {
      subject: 'service:robot',
      label: 'walk',
      scopes: flag ? scopes : null,
    }),
    post('offerOwnership', '/ownership-transfer', { to: member }),
    post('acceptOwnership', '/ownership-transfer/accept'),
  ]
  return all[kind] as Request
}

describe('a walk over the management API', () => {
  test('gives nobody more than its actor holds, keeps an owner and an audit row for each change', async () => {
    let n = 0
    let accepted = 0
    const gateways = new Map<string, string>()
    const gateway = await start()
    const { db } = gateway.running
    const held: Record<string, string[]> = {
      'user:olga': ['role:owner'],
      'user:oda': ['role:owner'],
      'user:alan': ['role:admin'],
      'user:kim': ['role:keeper'],
      'user:mia': ['role:reader'],
      'service:robot': ['role:robot'],
    }
    const property = fc.asyncProperty(
      fc.array(step, { minLength: STEPS, maxLength: STEPS }),
      async (steps) => {
        n += 1
        const organisation = `walk${n}`
        await gateway.organisation(organisation)
        const teams: string[] = []
        for (const [sub, holds] of Object.entries(held)) {
          const key = await gateway.member(sub, { organisation, holds })
          gateways.set(
            sub,
            sub === 'service:robot' ? await gateway.key(sub, { organisation, scopes }) : key,
          )
        }
        for (const one of steps) {
          n += 1
          const before = await look(db, organisation)
          const rows = (await auditOf(db, organisation)).length
          const { id, method, path, body, headers } = requestFor(one, before, teams, n)
          const offer =
            id === 'acceptOwnership'
              ? await db.query
                  .selectFrom('ownership_transfers')
                  .selectAll()
                  .where('organisation', '=', organisation)
                  .executeTakeFirst()
              : undefined
          const answer = await ask(
            gateway.adminPort,
            gateways.get(one.actor),
            method,
            `/orgs/${organisation}${path}`,
            body,
            headers,
          )
          const after = await look(db, organisation)
          const audit = await auditOf(db, organisation)
          const told = `${one.actor} ${id} ${path} ${JSON.stringify(body)}: ${answer.status}`
          if (answer.status >= 400) {
            expect(refusalsOf(id), told).toContain(answer.json['code'])
            expect([audit.length, after.state.revision], told).toEqual([
              rows,
              before.state.revision,
            ])
            continue
          }
          accepted += 1
          if (id === 'createTeam') teams.push(String(answer.json['id']))
          const giver = offer?.owner ?? one.actor
          expect(
            excess(before, after, giver, one.actor === 'service:robot' ? scopes : undefined),
            told,
          ).toEqual([])
          expect(ownersOf(after.state), told).not.toEqual([])
          expect(audit.length, told).toBe(rows + 1)
          expect(audit.at(-1), told).toMatchObject({
            operation: id,
            actor: one.actor,
            revision: before.state.revision + 1,
          })
        }
        await verifyChain(db, organisation)
      },
    )
    // Each walk has an organisation of its own; what fails is told with its seed.
    await fc.assert(property, { numRuns: WALKS, seed: 4 })
    expect(accepted).toBeGreaterThan(WALKS)
  }, 60_000)
})

describe('two owners who end each other at once', () => {
  let both: TestGateway[]
  beforeAll(async () => {
    const env = {
      DATABASE_URL: await postgresUrl(),
      SECRET_KEY: 'a secret key of the test, long enough',
    }
    both = [await start(env), await start(env)]
  }, 60_000)

  test('leave exactly one of them, whichever way and through two connections', async () => {
    const [left, right] = both as [TestGateway, TestGateway]
    for (let race = 0; race < RACES; race += 1) {
      const organisation = `race${race}`
      await left.organisation(organisation)
      const keys = [
        await left.member('user:ann', { organisation, holds: ['role:owner'] }),
        await left.member('user:ben', { organisation, holds: ['role:owner'] }),
      ]
      const state = await loadOrganisation(left.running.db, organisation)
      const end = (gateway: TestGateway, key = '', other: string, way: number) => {
        const source = state?.rules.find(({ values }) => values[0] === other)?.source
        const id = source?.kind === 'organisation' ? source.id : ''
        const [method, path] = [
          ['DELETE', `/members/${other}`],
          ['POST', `/members/${other}/suspend`],
          ['DELETE', `/assignments/${id}`],
        ][way % 3] as [string, string]
        return ask(gateway.adminPort, key, method, `/orgs/${organisation}${path}`)
      }
      const said = await Promise.all([
        end(left, keys[0], 'user:ben', race),
        end(right, keys[1], 'user:ann', Math.floor(race / 3)),
      ])
      const now = await loadOrganisation(left.running.db, organisation)
      expect(now && ownersOf(now), JSON.stringify(said)).toHaveLength(1)
      expect(said.filter(({ status }) => status < 300)).toHaveLength(1)
    }
  }, 60_000)
})
