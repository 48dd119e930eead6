import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { listAudit } from '../../src/store/audit.ts'
import { inSnapshot } from '../../src/store/db.ts'
import { addTeam } from '../../src/store/teams.ts'
import {
  type Asking,
  allow,
  deny,
  type Json,
  openPolicies,
  type PolicyScene,
} from './policy-scene.ts'

let scene: PolicyScene
beforeAll(async () => {
  scene = await openPolicies()
}, 120_000)
afterAll(() => scene?.close())

const message = 'For a test'
const publish = (body: unknown, init?: Asking) => scene.ask('POST', '/publish', body, init)
const line = (columns: readonly string[]) => columns.join(', ')

async function idOf(columns: readonly string[], init?: Asking): Promise<string> {
  const { body } = await scene.ask(
    'GET',
    `/rules?q=${encodeURIComponent(line(columns))}`,
    undefined,
    init,
  )
  const [first] = body['items'] as { id: string }[]
  return first?.id ?? ''
}

describe('a publish', () => {
  test('adds and removes rules at once, and is decided by from its answer on', async () => {
    const first = await publish({ message, add: [allow('a'), allow('b')] })
    expect([first.status, first.body]).toMatchObject([200, { addedCount: 2, removedCount: 0 }])
    const second = await publish({ message, add: [allow('c')], remove: [await idOf(allow('a'))] })
    expect(second.body).toMatchObject({
      ...{ message, added: [allow('c')], removed: [allow('a')] },
      ...{ addedCount: 1, removedCount: 1, void: [], voidCount: 0 },
    })
    expect(second.headers.get('gatehouse-revision')).toBe(`acme:${second.body['revision']}`)
    expect(await scene.rules()).toEqual([allow('b'), allow('c')].map(line))
    const explain = `/api/v1/orgs/acme/decisions/explain?sub=user:vera&obj=/docs/c&act=GET`
    const asked = await fetch(`http://127.0.0.1:${scene.gateway.adminPort}${explain}`, {
      headers: { authorization: `Bearer ${scene.keys.owner}` },
    })
    expect(await asked.json()).toMatchObject({ allow: true, rule: { rule: line(allow('c')) } })
  })

  test('of the whole set writes the difference alone', async () => {
    await publish({ message, rules: [allow('kept'), allow('old')] })
    const kept = await idOf(allow('kept'))
    const { body } = await publish({ message, rules: [allow('new'), allow('kept')] })
    expect(body).toMatchObject({ added: [allow('new')], removed: [allow('old')] })
    expect(await idOf(allow('kept'))).toBe(kept)
    expect(await scene.rules()).toEqual([allow('kept'), allow('new')].map(line))
  })

  test('leaves memberships and assignments alone, even of the whole set', async () => {
    await publish({ message, rules: [allow('x')] })
    await publish({ message, rules: [] })
    expect(await scene.rules()).toEqual([])
    expect((await scene.ask('GET', '/rules', undefined, { as: 'viewer' })).status).toBe(200)
  })

  test('has one audit row with its message, its author and what it changed', async () => {
    const { body } = await publish({ message: 'Audited', add: [allow('audited')] })
    const { db } = scene.gateway.running
    const [row] = await inSnapshot(db, (trx) =>
      listAudit(trx, { organisation: 'acme', order: 'newest', limit: 1 }),
    )
    expect(row).toMatchObject({
      ...{ revision: body['revision'], operation: 'publishRules', actor: 'user:olga' },
      object: `/gatehouse/policies/revisions/${body['revision']}`,
      after: { message: 'Audited', added: [allow('audited')], addedCount: 1, removedCount: 0 },
    })
  })

  test('that is repeated with its key is done once', async () => {
    const headers = { 'idempotency-key': 'publish-once' }
    const body = { message, add: [allow('once')] }
    const [first, second] = [await publish(body, { headers }), await publish(body, { headers })]
    expect(second.body).toEqual(first.body)
    const other = await publish({ message, add: [allow('twice')] }, { headers })
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency_key_reused'])
  })
})

describe('a publish says which of its rules are void', () => {
  test('because a guardrail denies all of it', async () => {
    const add = [allow('secret/plan'), allow('open')]
    const { body } = await publish({ message, add })
    const [found] = body['void'] as { rule: string[]; because: string }[]
    expect(body['voidCount']).toBe(1)
    expect(found?.rule).toEqual(allow('secret/plan'))
    expect(found?.because).toMatch(/^void: the guardrail .*rules\.csv:2 denies all of it$/)
  })

  test('because a rule of the organisation does', async () => {
    const { body } = await publish({ message, add: [allow('shut/a'), deny('shut/*')] })
    expect(body['void']).toEqual([
      {
        rule: allow('shut/a'),
        because: `void: the organisation's own rule "${line(deny('shut/*'))}" denies all of it`,
      },
    ])
  })
})

describe('a publish is refused', () => {
  const add = (...rules: readonly string[][]) => ({ message, add: rules })
  test.each<[string, unknown, string]>([
    ['without a change', { message, add: [] }, 'This would change nothing'],
    ['without rules', { message }, 'Send either rules'],
    ['of both forms', { message, add: [], rules: [] }, 'Send either rules'],
    ['without a message', { add: [allow('m')] }, 'message'],
    ['of a g line', add(['g', 'user:vera', 'role:owner', 'org:acme']), 'Rule 1 is a g line'],
    ['of a mistyped effect', add(allow('e').with(5, 'Allow')), '1:6: "Allow" is not an effect'],
    ['in another domain', add(allow('o', 'role:viewer', 'beta')), '1:3: '],
    ['of the management API', add(allow('g').with(3, '/gatehouse/teams')), '1:4: '],
    ['of one rule twice', add(allow('t'), allow('t')), 'stands already at position 1'],
    ['of a rule that is a text', { message, add: ['p, a'] }, 'add[0]: is a list of columns'],
    ['with an id that is none', { message, remove: ['x'] }, 'remove[0]: is the id of a rule'],
    ['with more to say', { message, add: [], force: true }, 'force'],
  ])('%s: 400', async (_, body, detail) => {
    const before = await scene.rules()
    const answer = await publish(body)
    expect([answer.status, answer.body['code']]).toEqual([400, 'invalid_input'])
    expect(answer.body['detail']).toContain(detail)
    expect(await scene.rules()).toEqual(before)
  })

  test('that gives what its author does not hold: 403', async () => {
    const within = await publish(add(allow('items/5')), { as: 'admin' })
    expect(within.status).toBe(200)
    const beyond = await publish(add(allow('beyond')), { as: 'admin' })
    expect([beyond.status, beyond.body['code']]).toEqual([403, 'denied'])
    expect(beyond.body['detail']).toContain('which you do not hold yourself')
    expect(await scene.rules()).not.toContain(line(allow('beyond')))
  })

  test('that lifts a deny which binds its author: 403', async () => {
    await publish(add(deny('items/6')))
    const remove = [await idOf(deny('items/6'))]
    expect((await publish({ message, remove }, { as: 'admin' })).status).toBe(403)
    expect((await publish({ message, remove })).status).toBe(200)
  })

  test('of a rule that another organisation has, as of one that nobody has: 404', async () => {
    const beta = { as: 'stranger', org: 'beta' } as const
    const theirs = allow('theirs', 'role:viewer', 'beta')
    expect((await publish(add(theirs), beta)).status).toBe(200)
    const id = await idOf(theirs, beta)
    const answers = [
      await publish({ message, remove: [id] }),
      await publish({ message, remove: ['999999'] }),
    ]
    for (const { status, body } of answers) {
      expect([status, body['code']]).toEqual([404, 'not_found'])
      expect(body['detail']).toMatch(/^remove: the organisation has no rule \d+\.$/)
    }
    expect(await idOf(theirs, beta)).toBe(id)
  })

  test('of an assignment: 400', async () => {
    const { db } = scene.gateway.running
    const { id } = await db.query
      .selectFrom('casbin')
      .select('id')
      .where('organisation', '=', 'acme')
      .where('ptype', '=', 'g')
      .limit(1)
      .executeTakeFirstOrThrow()
    const answer = await publish({ message, remove: [String(id)] })
    expect([answer.status, answer.body['detail']]).toEqual([400, `remove: ${id} is no p rule.`])
  })

  test('of a rule that is there already: 409', async () => {
    await publish(add(allow('there')))
    const answer = await publish(add(allow('there')))
    expect([answer.status, answer.body['code']]).toEqual([409, 'conflict'])
  })

  test('of too many rules: 400, and of too many bytes: 413', async () => {
    const many = Array.from({ length: limits.publishedRules + 1 }, (_, at) => allow(`m${at}`))
    const answer = await publish({ message, add: many })
    expect(answer.status).toBe(400)
    expect(answer.body['detail']).toContain(`at most ${limits.publishedRules} rules`)
    const large = await publish({ message: 'x'.repeat(limits.publishBodyBytes), add: [] })
    expect([large.status, large.body['code']]).toEqual([413, 'body_too_large'])
  })

  test.each<[keyof PolicyScene['keys'], number]>([
    ['viewer', 403],
    ['stranger', 404],
  ])('to %s: %i', async (as, status) => {
    const asked = await publish(add(allow('items/9')), { as })
    expect(asked.status).toBe(status)
  })
})

describe('a change of rules leaves an owner who can publish', () => {
  const members = (path: string, body: Json) =>
    fetch(`http://127.0.0.1:${scene.gateway.adminPort}/api/v1/orgs/acme${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${scene.keys.owner}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    })

  test('or is refused: the last one does not join a team that a guardrail keeps out', async () => {
    await scene.gateway.running.db.query.transaction().execute(async (trx) => {
      await addTeam(trx, 'acme', {
        ...{ id: 'team:frozen', name: 'Frozen', description: '' },
        created_at: new Date(),
      })
    })
    const answer = await members('/teams/team:frozen/members', { add: ['user:olga'] })
    expect([answer.status, await answer.json()]).toMatchObject([
      409,
      { detail: expect.stringContaining('No active owner could publish') },
    ])
    // Another owner is left.
    expect(
      (await members('/assignments', { subject: 'user:vera', role: 'role:owner' })).status,
    ).toBe(201)
    expect((await members('/teams/team:frozen/members', { add: ['user:olga'] })).status).toBe(200)
  })
})
