import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeCursor } from '../../src/manage/runner/cursor.ts'
import { insertDecisions } from '../../src/store/decisions.ts'
import { type ManageScene, openManagement, ownerToken } from './scene.ts'

const START = Date.UTC(2026, 2, 1, 10)
const acme = '/api/v1/orgs/acme/decisions'

let scene: ManageScene
beforeAll(async () => {
  scene = await openManagement()
  const row = (organisation: string, at: number) => ({
    id: `${organisation}-${at}`,
    at: new Date(START + at),
    organisation,
    subject: 'user:mia',
    method: 'GET',
    object: `/docs/items/${at}`,
    allow: false,
    reason: 'denied_by_default',
    rule: null,
    revision: '4',
    request_id: `request-${at}`,
    door: 'authzen',
    caller: 'service:pep',
  })
  const rows = Array.from({ length: 7 }, (_, at) => [row('acme', at), row('beta', at)])
  await insertDecisions(scene.gateway.running.db, rows.flat())
}, 120_000)
afterAll(() => scene?.close())

async function read(path: string, credential = scene.keys.owner) {
  const answer = await scene.ask(path, credential)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

interface Page {
  readonly items: readonly Record<string, unknown>[]
  readonly next?: string
}

describe('who may read', () => {
  test.each<[keyof ManageScene['keys'], number, number]>([
    ['owner', 200, 200],
    ['viewer', 200, 200],
    ['member', 403, 403],
    ['left', 404, 404],
    ['stranger', 404, 404],
  ])('%s: the log %i, an explanation %i', async (who, list, explained) => {
    const key = scene.keys[who]
    const question = `${acme}/explain?sub=user:mia&obj=/docs/items/1&act=GET`
    expect((await read(acme, key)).status).toBe(list)
    expect((await read(question, key)).status).toBe(explained)
  })

  test('I13: what is not one’s own does not exist, and all that does not exist looks alike', async () => {
    const asked = [
      read('/api/v1/orgs/beta/decisions'),
      read('/api/v1/orgs/nowhere/decisions'),
      read('/api/v1/orgs/closed/decisions', ownerToken()),
      read('/api/v1/orgs/beta/decisions', ownerToken()),
      read('/api/v1/orgs/nowhere/decisions', ownerToken()),
      read('/api/v1/orgs/ACME/decisions', ownerToken()),
      read('/api/v1/orgs/org:acme/decisions', ownerToken()),
      read('/api/v1/orgs/%00/decisions', ownerToken()),
      read(`/api/v1/orgs/${'a'.repeat(65)}/decisions`, ownerToken()),
      read(acme, ownerToken({ sub: 'stranger' })),
      read(acme, scene.keys.left),
      read(acme, scene.keys.stranger),
      read('/api/v1/orgs/beta/nothing'),
    ]
    const shapes = (await Promise.all(asked)).map(({ status, body }) => {
      const { requestId, ...document } = body
      expect(typeof requestId).toBe('string')
      return { status, document }
    })
    for (const shape of shapes) expect(shape).toEqual(shapes[0])
    expect(shapes[0]).toMatchObject({ status: 404, document: { code: 'not_found' } })
  })

  test('permission comes before input: who may not ask learns nothing of how to', async () => {
    expect((await read(`${acme}?limit=x`, scene.keys.member)).status).toBe(403)
    expect((await read(`${acme}?limit=x`, scene.keys.stranger)).status).toBe(404)
  })
})

describe('the log', () => {
  test('holds one’s own records alone, newest first, in the words of the answers', async () => {
    const { body } = await read(acme)
    const { items } = body as unknown as Page
    expect(items.map(({ decisionId }) => decisionId)).toEqual(
      [6, 5, 4, 3, 2, 1, 0].map((at) => `acme-${at}`),
    )
    expect(items[0]).toEqual({
      decisionId: 'acme-6',
      requestId: 'request-6',
      at: new Date(START + 6).toISOString(),
      subject: 'user:mia',
      method: 'GET',
      object: '/docs/items/6',
      allow: false,
      reason: 'denied_by_default',
      rule: null,
      revision: 4,
      door: 'authzen',
      caller: 'service:pep',
    })
    expect(JSON.stringify(body)).not.toContain('beta')
  })

  test('pages by the cursor that each page names', async () => {
    const seen: unknown[] = []
    let next: string | undefined = ''
    while (next !== undefined) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
      const page = (await read(`${acme}?limit=3${cursor}`)).body as unknown as Page
      expect(page.items.length).toBeLessThanOrEqual(3)
      seen.push(...page.items.map(({ decisionId }) => decisionId))
      next = page.next
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((at) => `acme-${at}`))
  })

  test('a cursor of another organisation opens nothing of it', async () => {
    const theirs = await read('/api/v1/orgs/beta/decisions?limit=1', scene.keys.stranger)
    const { next = '' } = theirs.body as unknown as Page
    const page = (await read(`${acme}?cursor=${next}`)).body as unknown as Page
    expect(page.items.every(({ decisionId }) => String(decisionId).startsWith('acme-'))).toBe(true)
  })

  test.each([
    ['limit=0', 'limit is a number from 1 to 200.'],
    ['limit=201', 'limit is at most 200.'],
    ['limit=-1', 'limit is a number from 1 to 200.'],
    ['limit=1e2', 'limit is a number from 1 to 200.'],
    ['limit=0x10', 'limit is a number from 1 to 200.'],
    ['limit=', 'limit is a number from 1 to 200.'],
    ['limit=1&limit=2', '"limit" is given twice; give it once.'],
    ['cursor=x', 'cursor is what the page before answered as next.'],
    ['cursor=', 'cursor is what the page before answered as next.'],
    ["cursor=1.' or true --", 'cursor is what the page before answered as next.'],
    [
      `cursor=${encodeCursor(['gate 2026', 'x'])}`,
      'cursor is what the page before answered as next.',
    ],
    ['page=2', '"page" is no parameter here; use limit, cursor.'],
    ['__proto__=1', '"__proto__" is no parameter here; use limit, cursor.'],
    ['toString=1', '"toString" is no parameter here; use limit, cursor.'],
  ])('?%s is a 400 that says why', async (query, detail) => {
    const { status, body } = await read(`${acme}?${query}`)
    expect([status, body['code'], body['detail']]).toEqual([400, 'invalid_input', detail])
  })

  test('with the database out of order is a 503, not a mistake of ours', async () => {
    const { query } = scene.gateway.running.db
    await sql`create function starting_up() returns boolean language plpgsql as
      $$ begin raise exception 'relation' using errcode = 'cannot_connect_now'; end $$`.execute(
      query,
    )
    await sql`alter table decisions rename to away`.execute(query)
    await sql`create view decisions as select * from away where starting_up()`.execute(query)
    const answer = await scene.ask(acme, scene.keys.owner)
    await sql`drop view decisions`.execute(query)
    await sql`alter table away rename to decisions`.execute(query)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    const body = await answer.text()
    expect(JSON.parse(body)).toMatchObject({ code: 'unavailable' })
    expect(body).not.toContain('relation')
  })
})

describe('an explanation', () => {
  const why = async (sub: string, obj: string, act = 'GET', key = scene.keys.owner) =>
    (await read(`${acme}/explain?${new URLSearchParams({ sub, obj, act })}`, key)).body

  test('of an allow names the rule as it is written, where, and how the subject comes to it', async () => {
    const files = expect.stringMatching(/^[0-9a-f]{64}$/)
    expect(await why('user:mia', '/docs/items/1')).toEqual({
      organisation: 'acme',
      revision: expect.any(Number),
      files,
      request: { sub: 'user:mia', obj: '/docs/items/1', act: 'GET' },
      allow: true,
      reason: 'allowed_by_rule',
      sentences: [
        expect.stringContaining('A rule allows user:mia to GET /docs/items/1 in org:acme'),
        'The rule names role:reader, which is held this way: user:mia -> role:reader.',
      ],
      rolePath: ['user:mia', 'role:reader'],
      rule: {
        rule: 'p, role:reader, *, /docs/items/:id, GET, allow',
        from: expect.stringMatching(/rules\.csv:1$/),
      },
      candidates: [],
      changes: [],
    })
  })

  test.each([
    ['user:olga', '/nosuch/x', 'no_application', 'No application is declared for /nosuch/x.'],
    ['user:olga', '/crm/t/beta/x', 'organisation_disagrees', 'is named by its path'],
    ['user:olga', '/crm/t', 'organisation_missing', 'is named by its path'],
    ['anonymous', '/docs/beta', 'credential_missing', 'The path is not declared public'],
  ])(
    'of what the gateway refuses before any rule: %s for %s',
    async (sub, obj, reason, sentence) => {
      expect(await why(sub, obj)).toMatchObject({
        allow: false,
        reason,
        sentences: [expect.any(String), expect.stringContaining(sentence)],
      })
    },
  )

  test('of a deny by default names the smallest change that would allow it, tried', async () => {
    const { changes } = (await why('user:vera', '/docs/items/1')) as { changes: unknown[] }
    expect(changes[0]).toEqual({
      add: 'g, user:vera, role:reader, org:acme',
      phrase: expect.stringContaining('role:reader'),
    })
  })

  test('of a deny by a guardrail proposes nothing, and says why', async () => {
    expect(await why('user:mia', '/docs/items/7')).toMatchObject({
      changes: [],
      unchangeable: 'it is a guardrail, and no grant outweighs it',
    })
  })

  test('of a deny by an organisation’s own rule names author, time and revision', async () => {
    expect(await why('user:mia', '/docs/items/3')).toMatchObject({
      allow: false,
      reason: 'denied_by_rule',
      rule: {
        rule: 'p, user:mia, org:acme, /docs/items/3, GET, deny',
        from: expect.stringMatching(/^by user:olga at 20\d\d-.*Z, revision 9$/),
      },
    })
  })

  test('of a deny by default names the nearest rules and what they do not cover', async () => {
    const explained = await why('user:mia', '/docs/items/1', 'DELETE')
    expect(explained).toMatchObject({ allow: false, reason: 'denied_by_default', rolePath: [] })
    expect(explained).not.toHaveProperty('rule')
    expect(explained['candidates']).toContainEqual({
      rule: 'p, role:reader, *, /docs/items/:id, GET, allow',
      from: expect.stringMatching(/rules\.csv:1$/),
      unmatched: ['action'],
    })
  })

  test('says of somebody without standing what the gateway would answer', async () => {
    expect(await why('user:leo', '/docs/items/1')).toMatchObject({
      allow: false,
      reason: 'member_suspended',
      sentences: [expect.any(String), 'The membership of user:leo is suspended.'],
    })
    expect(await why('user:nobody', '/docs/items/1')).toMatchObject({
      allow: false,
      reason: 'not_a_member',
      sentences: [expect.any(String), 'user:nobody is no active member of the organisation.'],
    })
  })

  test('does not tell a member of another organisation from nobody', async () => {
    const [bob, nobody] = [
      await why('user:bob', '/docs/items/1'),
      await why('user:nan', '/docs/items/1'),
    ]
    expect(JSON.stringify(bob).replaceAll('user:bob', 'X')).toBe(
      JSON.stringify(nobody).replaceAll('user:nan', 'X'),
    )
  })

  test('asks nobody to be a member to be anonymous', async () => {
    expect(await why('anonymous', '/docs/items/1')).toMatchObject({ reason: 'denied_by_default' })
    expect(await why('anonymous', '/docs/items/7')).toMatchObject({ reason: 'denied_by_rule' })
  })

  test('is the decision that is made: a HEAD is a GET', async () => {
    expect(await why('user:mia', '/docs/items/1', 'HEAD')).toMatchObject({ allow: true })
  })

  test('names no rule of another organisation and nothing that the engine keeps beside a rule', async () => {
    const text = JSON.stringify(await why('user:mia', '/docs/beta', 'POST'))
    expect(text).not.toContain('org:beta')
    for (const inner of ['columns', 'ptype', 'values', 'kind', 'engine']) {
      expect(text).not.toContain(`"${inner}"`)
    }
  })

  test.each([
    [
      '',
      /^sub is needed, as in user:ann; obj is needed, as in \/docs\/documents\/1; act is one of HEAD, GET/,
    ],
    ['sub=role:owner&obj=/docs&act=GET', /^sub is user: or service: and an id, or anonymous/],
    ['sub=user:Ann&obj=/docs&act=GET', /^sub is user:/],
    ['sub=user:&obj=/docs&act=GET', /^sub is user:/],
    ['sub=*&obj=/docs&act=GET', /^sub is user:/],
    ['sub=anonymous&obj=docs&act=GET', /^obj is \/<application><path>/],
    ['sub=anonymous&obj=/&act=GET', /^obj is/],
    ['sub=anonymous&obj=/docs//a&act=GET', /^obj is/],
    ['sub=anonymous&obj=/docs/../a&act=GET', /^obj is/],
    ['sub=anonymous&obj=/docs/.&act=GET', /^obj is/],
    ['sub=anonymous&obj=/docs%3fa&act=GET', /^obj is/],
    ['sub=anonymous&obj=/docs%0a&act=GET', /^obj is/],
    ['sub=anonymous&obj=/docs%20a&act=GET', /^obj is/],
    ['sub=anonymous&obj=/docs%23a&act=GET', /^obj is/],
    ['sub=anonymous&obj=/docs&act=get', /^act is one of/],
    ['sub=anonymous&obj=/docs&act=*', /^act is one of/],
    [
      'sub=anonymous&obj=/docs&act=GET&dom=org:beta',
      /^"dom" is no parameter here; use sub, obj, act\.$/,
    ],
    ['sub=anonymous&sub=user:ann&obj=/docs&act=GET', /^"sub" is given twice/],
  ])('?%s is a 400 that names the parameter', async (query, detail) => {
    const { status, body } = await read(`${acme}/explain?${query}`)
    expect([status, body['code']]).toEqual([400, 'invalid_input'])
    expect(body['detail']).toMatch(detail)
  })

  test('a deep object is explained like any other', async () => {
    const obj = `/docs/${'a/'.repeat(250)}b`
    expect(await why('user:mia', obj)).toMatchObject({ reason: 'denied_by_default' })
  })
})
