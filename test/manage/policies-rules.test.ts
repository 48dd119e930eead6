import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { allow, deny, openPolicies, type PolicyScene } from './policy-scene.ts'

let scene: PolicyScene
beforeAll(async () => {
  scene = await openPolicies()
  const add = [allow('a'), allow('b_c'), deny('a', 'user:vera'), allow('Mixed', 'team:writers')]
  await scene.ask('POST', '/publish', { message: 'For a test', add })
}, 120_000)
afterAll(() => scene?.close())

const line = (columns: readonly string[]) => columns.join(', ')
const csv = { headers: { 'content-type': 'text/csv' } }

async function list(query: string): Promise<string[]> {
  const { body } = await scene.ask('GET', `/rules?${query}`)
  return (body['items'] as { text: string }[]).map(({ text }) => text)
}

describe('the list of rules', () => {
  test('names of each its columns, who wrote it, when, and by which revision', async () => {
    const { status, body, headers } = await scene.ask('GET', '/rules?limit=1')
    expect(status).toBe(200)
    const [first] = body['items'] as unknown[]
    expect(first).toEqual({
      ...{ id: expect.stringMatching(/^\d+$/), columns: allow('a'), text: line(allow('a')) },
      ...{ author: 'user:olga', at: expect.stringMatching(/^\d{4}-.*Z$/), expiresAt: null },
      revision: Number(headers.get('gatehouse-revision')?.split(':')[1]),
    })
  })

  test.each<[string, string[][]]>([
    ['', [allow('a'), allow('b_c'), deny('a', 'user:vera'), allow('Mixed', 'team:writers')]],
    ['q=ROLE:VIEWER', [allow('a'), allow('b_c')]],
    ['q=mixed', [allow('Mixed', 'team:writers')]],
    ['q=%25', []],
    ['q=_', [allow('b_c')]],
    ['q=org:acme,%20/docs/a', [allow('a'), deny('a', 'user:vera')]],
    ['subject=user:vera', [deny('a', 'user:vera')]],
    ['object=/docs/a', [allow('a'), deny('a', 'user:vera')]],
    ['object=/docs/a&effect=allow', [allow('a')]],
    ['method=PUT', []],
    ["subject=' or true --", []],
  ])('with ?%s holds those alone', async (query, expected) => {
    expect(await list(query)).toEqual(expected.map(line))
  })

  test('holds no rule of another organisation, and no assignment', async () => {
    const theirs = { as: 'stranger', org: 'beta' } as const
    const rule = allow('theirs', 'role:viewer', 'beta')
    await scene.ask('POST', '/publish', { message: 'Theirs', add: [rule] }, theirs)
    expect(await list('q=beta')).toEqual([])
    expect(await list('q=role:owner')).toEqual([])
    const { body } = await scene.ask('GET', '/rules', undefined, theirs)
    expect(body['items']).toMatchObject([{ text: line(rule) }])
  })

  test('a page at a time, with nothing left out and nothing twice', async () => {
    const found: string[] = []
    for (let query = 'limit=3'; ; ) {
      const { body } = await scene.ask('GET', `/rules?${query}`)
      found.push(...(body['items'] as { id: string }[]).map(({ id }) => id))
      if (body['next'] === undefined) break
      query = `limit=3&cursor=${encodeURIComponent(String(body['next']))}`
    }
    expect(found).toHaveLength(4)
    expect(found).toEqual([...new Set(found)].toSorted((a, b) => Number(a) - Number(b)))
  })

  test.each([
    'effect=maybe',
    'limit=0',
    'cursor=x',
    `cursor=${Buffer.from('["1; drop"]').toString('base64url')}`,
    'sort=id',
    'q=a&q=b',
    `q=${'a'.repeat(limits.searchChars + 1)}`,
  ])('with ?%s is refused: 400', async (query) => {
    const answer = await scene.ask('GET', `/rules?${query}`)
    expect([answer.status, answer.body['code']]).toEqual([400, 'invalid_input'])
  })

  test('is for those who may read policies', async () => {
    const asked = (as: 'viewer' | 'stranger') => scene.ask('GET', '/rules', undefined, { as })
    expect((await asked('viewer')).status).toBe(200)
    expect((await asked('stranger')).status).toBe(404)
  })
})

describe('a check', () => {
  const check = (body: unknown, init = {}) => scene.ask('POST', '/check', body, init)

  test('finds nothing in what stands, and writes nothing', async () => {
    const before = await scene.rules()
    const answer = await check(before.join('\n'), csv)
    expect([answer.status, answer.body]).toEqual([200, { problems: [], warnings: [] }])
    await check({ rules: [allow('new')] })
    expect(await scene.rules()).toEqual(before)
  })

  test('names every mistake at its line and column', async () => {
    const text =
      '# two mistakes\np, role:a, org:acme, /docs/a, GET, Deny\n\np, role:a, org:beta, /docs/a, GET, deny'
    expect((await check(text, csv)).body).toEqual({
      problems: [
        { line: 2, column: 36, message: '"Deny" is not an effect; write allow or deny.' },
        { line: 4, column: 12, message: expect.stringContaining('org:acme') },
      ],
      warnings: [],
    })
    const rules = [allow('a'), allow('b').with(4, 'FETCH')]
    expect((await check({ rules })).body['problems']).toMatchObject([{ line: 2, column: 5 }])
    expect((await check('p, "a', csv)).body['problems']).toMatchObject([{ line: 1, column: 4 }])
  })

  test('warns of what a guardrail, or a rule beside it, makes void', async () => {
    const text = [allow('ok'), allow('secret/x'), allow('shut/y'), deny('shut/*')].map(line)
    const { body } = await check(['# first', ...text].join('\n'), csv)
    const own = `the organisation's own rule "${line(deny('shut/*'))}"`
    expect(body).toEqual({
      problems: [],
      warnings: [
        {
          line: 3,
          column: 1,
          message: expect.stringMatching(/^void: the guardrail .*rules\.csv:2 /),
        },
        { line: 4, column: 1, message: `void: ${own} denies all of it` },
      ],
    })
    const rules = [allow('ok'), allow('secret/x')]
    expect((await check({ rules })).body['warnings']).toMatchObject([{ line: 2, column: 1 }])
  })

  test('knows who is in which team, unless the candidate says so itself', async () => {
    const reader = allow('items/1', 'user:alan')
    const rules = [reader, deny('items/1', 'role:reader')]
    expect((await check({ rules })).body['warnings']).toMatchObject([{ line: 1 }])
    const other = ['g', 'user:vera', 'role:reader', 'org:acme']
    expect((await check({ rules: [...rules, other] })).body['warnings']).toEqual([])
  })

  test('of many mistakes names not more than a reader looks at', async () => {
    const { body } = await check(new Array(limits.problemsShown + 10).fill('p, x').join('\n'), csv)
    expect(body['problems']).toHaveLength(limits.problemsShown)
  })

  test.each<[string, unknown, object, string]>([
    [
      'another type',
      'p',
      { headers: { 'content-type': 'text/plain' } },
      'Content-Type is text/csv or',
    ],
    ['no list', '{"rules": "p"}', {}, 'The body is {"rules"'],
    ['two lists', '{"rules": [], "rules": []}', {}, 'The body is {"rules"'],
  ])('of %s is refused: 400', async (_, body, init, detail) => {
    const answer = await check(body, init)
    expect(answer.status).toBe(400)
    expect(answer.body['detail']).toContain(detail)
  })

  test('of too many bytes is refused: 413', async () => {
    expect((await check('#'.repeat(limits.policyFileBytes + 1), csv)).status).toBe(413)
  })

  test.each<[keyof PolicyScene['keys'], number]>([
    ['admin', 200],
    ['viewer', 403],
    ['stranger', 404],
  ])('for %s: %i', async (as, status) => {
    expect((await check({ rules: [] }, { as })).status).toBe(status)
  })
})
