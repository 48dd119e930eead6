import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { type ManageScene, openManagement } from './scene.ts'

const path = '/api/v1/orgs/acme/policies/diff'

let scene: ManageScene
/** The organisation's own rules as they stand, as a file would hold them. */
let own: readonly string[]
beforeAll(async () => {
  scene = await openManagement()
  own = (await ownRules()).toSorted()
}, 120_000)
afterAll(() => scene?.close())

async function ownRules(): Promise<string[]> {
  const { items } = (await rulesOf()) as { items: readonly string[] }
  return [...items]
}

async function rulesOf(): Promise<unknown> {
  const { db } = scene.gateway.running
  const rows = await db.query
    .selectFrom('casbin')
    .select(['ptype', 'rule'])
    .where('organisation', '=', 'acme')
    .execute()
  return { items: rows.map(({ ptype, rule }) => [ptype, ...(rule as string[])].join(', ')) }
}

type Answer = { status: number; body: Record<string, unknown> }

async function post(body: string, type = 'text/csv', query = ''): Promise<Answer> {
  const answer = await scene.ask(path + query, undefined, {
    method: 'POST',
    headers: { authorization: `Bearer ${scene.keys.owner}`, 'content-type': type },
    body,
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const differ = (rules: readonly string[], query = '') => post(rules.join('\n'), 'text/csv', query)

describe('what would change with other rules', () => {
  test('nothing with the same ones, whatever their order and form', async () => {
    expect((await differ(own.toReversed())).body).toMatchObject({ organisation: 'acme', items: [] })
    const list = JSON.stringify({ rules: own.map((line) => line.split(', ')) })
    expect((await post(list, 'application/json; charset=utf-8')).body['items']).toEqual([])
  })

  test('who gains and who loses, by which method and on which paths', async () => {
    const without = own.filter((line) => !line.includes('/docs/items/3'))
    const granted = 'p, role:viewer, org:acme, /docs/reports/:id, *, allow'
    const { status, body } = await differ([...without, granted])
    expect(status).toBe(200)
    expect(body['items']).toEqual([
      {
        ...{ kind: 'gains', method: 'GET', object: '/docs/items/3', except: [] },
        ...{ who: ['user:mia'], subjects: ['user:mia'], whoCount: 1, subjectCount: 1 },
      },
      {
        ...{ kind: 'gains', method: '*', object: '/docs/reports/:id', except: [] },
        ...{ who: ['role:viewer'], subjects: ['user:vera'], whoCount: 1, subjectCount: 1 },
      },
    ])
    expect(body['files']).toMatch(/^[0-9a-f]{64}$/)
  })

  test('a page at a time, with nothing left out and nothing twice', async () => {
    const grants = ['a', 'b', 'c'].map((id) => `p, role:viewer, org:acme, /docs/${id}, GET, allow`)
    const objects: unknown[] = []
    let query = '?limit=2'
    for (;;) {
      const { body } = await differ([...own, ...grants], query)
      const items = body['items'] as { object: string }[]
      objects.push(...items.map(({ object }) => object))
      if (body['next'] === undefined) break
      query = `?limit=2&cursor=${encodeURIComponent(String(body['next']))}`
    }
    expect(objects).toEqual(['/docs/a', '/docs/b', '/docs/c'])
  })

  test('nothing is written by asking', async () => {
    const before = await ownRules()
    await differ([])
    expect(await ownRules()).toEqual(before)
  })
})

describe('rules that no publish would take are refused at their place', () => {
  test.each([
    ['H5: a mistyped effect', 'p, role:a, org:acme, /docs/a, GET, Deny', 2, 36],
    ['another organisation', 'p, role:a, org:beta, /docs/a, GET, allow', 2, 12],
    ['the management API', 'p, role:a, org:acme, /gatehouse/*, GET, allow', 2, 23],
    ['2.5: an expression', 'p, role:a, org:acme, /docs/a, (a+)+, allow', 2, 31],
    ['an open quote', 'p, role:a, org:acme, "/docs/a, GET, allow', 2, 22],
  ])('%s', async (_, line, number, column) => {
    const { status, body } = await differ(['# one mistake', line])
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 'invalid_input', problems: [{ line: number, column }] })
    expect(body['detail']).toMatch(new RegExp(`^rules:${number}:${column}: `))
  })

  test('in a list by the position of the rule and the number of the column', async () => {
    const rules = [
      ['g', 'user:mia', 'role:a', 'org:acme'],
      ['p', 'role:a', 'org:acme', '/docs/a', 'FETCH', 'allow'],
    ]
    const { body } = await post(JSON.stringify({ rules }), 'application/json')
    expect(body).toMatchObject({ problems: [{ line: 2, column: 5 }] })
  })

  test('2.6: a circle of roles', async () => {
    const { body } = await differ(['g, role:a, role:b, org:acme', 'g, role:b, role:a, org:acme'])
    expect(body['problems']).toMatchObject([
      { line: 2, message: 'This makes a circle: role:a -> role:b -> role:a.' },
    ])
  })

  test('of many mistakes not more are named than a reader looks at', async () => {
    const { body } = await differ(new Array(limits.problemsShown + 10).fill('p, x'))
    expect(body['problems']).toHaveLength(limits.problemsShown)
  })
})

describe('what is no such question is refused', () => {
  test.each([
    ['{"rules": "p"}', 'application/json', 'The body is {"rules"'],
    ['{"rules": [], "more": 1}', 'application/json', 'The body is {"rules"'],
    ['{"rules"', 'application/json', 'The body is {"rules"'],
    ['p, a', 'text/plain', 'Content-Type is text/csv or application/json.'],
  ])('%s as %s', async (body, type, sentence) => {
    const answer = await post(body, type)
    expect(answer.status).toBe(400)
    expect(answer.body['detail']).toContain(sentence)
  })

  test('a body that is too large, before it is read whole', async () => {
    const answer = await post('#'.repeat(limits.policyFileBytes + 1))
    expect([answer.status, answer.body['code']]).toEqual([413, 'body_too_large'])
  })

  test('more rules than an organisation has, as JSON too', async () => {
    const rule = ['g', 'user:a', 'role:b', 'org:acme']
    const rules = Array.from({ length: limits.rulesPerOrganisation + 1 }, () => rule)
    const answer = await post(JSON.stringify({ rules }), 'application/json')
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body['problems'])).toContain('at most 100000 rules')
  }, 60_000)

  test('a body that is no text', async () => {
    const answer = await scene.ask(path, undefined, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.keys.owner}`, 'content-type': 'text/csv' },
      body: new Uint8Array([0xff, 0xfe]),
    })
    expect(answer.status).toBe(400)
    await answer.body?.cancel()
  })

  test('a parameter that is none', async () => {
    expect((await differ([], '?sub=user:mia')).status).toBe(400)
  })
})

describe('who may ask', () => {
  test.each<[keyof ManageScene['keys'], number]>([
    ['owner', 200],
    ['viewer', 403],
    ['member', 403],
    ['left', 404],
    ['stranger', 404],
  ])('%s: %i', async (who, status) => {
    const answer = await scene.ask(path, undefined, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.keys[who]}`, 'content-type': 'text/csv' },
      body: own.join('\n'),
    })
    expect(answer.status).toBe(status)
    await answer.body?.cancel()
  })

  test('with no other method', async () => {
    const answer = await scene.ask(path, scene.keys.owner)
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    await answer.body?.cancel()
  })
})
