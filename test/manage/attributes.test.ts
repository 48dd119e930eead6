import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { loadOrganisation } from '../../src/store/organisation-state.ts'
import { auditOf, verifyChain } from '../support/audit.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { until } from '../support/until.ts'

type Json = Record<string, unknown>

let gateway: TestGateway
const keys: Record<string, string> = {}
beforeAll(async () => {
  gateway = await startGateway({
    applications: `
  - id: docs
    upstreams: [http://127.0.0.1:9]
    organisation: credential
    resources: [{ type: document, actions: [view] }]
  - id: crm
    match: { prefix: /crm }
    upstreams: [http://127.0.0.1:9]
    organisation: credential
    resources: [{ type: customer, actions: [view] }]
`,
    rules: [
      'p, role:teller, *, /gatehouse/attributes/*, *, allow',
      'p, role:docs, *, /gatehouse/attributes/docs/*, *, allow',
      'p, role:people, *, /gatehouse/attributes/:member, *, allow',
    ],
  })
  await gateway.organisation('beta')
  keys['owner'] = await gateway.member('user:olga', { holds: ['role:owner'] })
  keys['admin'] = await gateway.member('user:alan', { holds: ['role:admin'] })
  keys['viewer'] = await gateway.member('user:vera', { holds: ['role:viewer'] })
  keys['teller'] = await gateway.member('service:teller', { holds: ['role:teller'] })
  keys['docs'] = await gateway.member('service:docs', { holds: ['role:docs'] })
  keys['people'] = await gateway.member('service:people', { holds: ['role:people'] })
  keys['member'] = await gateway.member('user:mia', { holds: ['role:member'] })
  keys['stranger'] = await gateway.member('user:bob', {
    organisation: 'beta',
    holds: ['role:owner'],
  })
}, 60_000)
afterAll(() => gateway?.stop())

function ask(query: string, init: RequestInit = {}, name = 'teller', organisation = 'acme') {
  return fetch(
    `http://127.0.0.1:${gateway.adminPort}/api/v1/orgs/${organisation}/attributes${query}`,
    {
      headers: { authorization: `Bearer ${keys[name]}`, 'content-type': 'application/json' },
      ...init,
    },
  )
}

const put = (body: unknown, name?: string, organisation?: string) =>
  ask(
    '',
    { method: 'PUT', body: typeof body === 'string' ? body : JSON.stringify(body) },
    name,
    organisation,
  )
const one = (entity: unknown, attributes: unknown = {}) => ({ items: [{ entity, attributes }] })

async function detailOf(answer: Response): Promise<string> {
  const { code, detail } = (await answer.json()) as Json
  expect([answer.status, code]).toEqual([400, 'invalid_input'])
  return String(detail)
}

/** As the gateway's snapshot has it by now, after a write. */
async function read(entity: string, organisation = 'acme') {
  return (await loadOrganisation(gateway.running.db, organisation))?.attributes.get(entity)
}

describe('attributes', () => {
  test('are told, read and taken away; each write names its revision', async () => {
    const items = [
      { entity: '/docs/document/1', attributes: { owner: 'ann', level: 3, open: true } },
      { entity: 'user:ann', attributes: { department: 'Sales' } },
      { entity: '/docs/document/a%20b', attributes: {} },
    ]
    const written = await put({ items })
    expect(written.status).toBe(204)
    const [, revision] = /^acme:(\d+)$/.exec(written.headers.get('gatehouse-revision') ?? '') ?? []
    expect((await loadOrganisation(gateway.running.db, 'acme'))?.revision).toBe(Number(revision))
    for (const item of items) {
      const query = `?entity=${encodeURIComponent(item.entity)}`
      await until(async () => (await ask(query)).status === 200)
      expect(await (await ask(query)).json()).toEqual(item)
    }
    const removed = await ask('?entity=user:ann', { method: 'DELETE' })
    expect(removed.status).toBe(204)
    expect(removed.headers.get('gatehouse-revision')).toBe(`acme:${Number(revision) + 1}`)
    await until(async () => (await ask('?entity=user:ann')).status === 404)
  })

  test('are replaced whole, and nothing of a refused request is written', async () => {
    await put(one('user:whole', { a: 'x', b: 'y' }))
    await put(one('user:whole', { b: 'z' }))
    expect(await read('user:whole')).toEqual({ b: 'z' })
    const both = [
      { entity: 'user:half', attributes: {} },
      { entity: 'half', attributes: {} },
    ]
    expect((await put({ items: both })).status).toBe(400)
    expect(await read('user:half')).toBeUndefined()
  })

  test('each write is recorded with what was told before and what is told now', async () => {
    const first = { entity: 'user:heard', attributes: { a: 'x' } }
    const second = { entity: 'user:heard', attributes: { b: 'y' } }
    const other = { entity: '/docs/document/heard', attributes: {} }
    await put({ items: [first] })
    await put({ items: [second, other] })
    await ask('?entity=user:heard', { method: 'DELETE' })
    const entries = (await auditOf(gateway.running.db, 'acme')).slice(-3)
    const actor = 'service:teller'
    expect(entries).toMatchObject([
      { operation: 'putAttributes', actor, before: { items: [] }, after: { items: [first] } },
      { actor, before: { items: [first] }, after: { items: [second, other] } },
      { operation: 'deleteAttributes', before: { items: [second] }, after: null },
    ])
    await verifyChain(gateway.running.db, 'acme')
  })

  test('that nobody told are not there', async () => {
    expect((await ask('?entity=user:nobody')).status).toBe(404)
    expect((await ask('?entity=user:nobody', { method: 'DELETE' })).status).toBe(204)
  })
})

describe('an item that is refused', () => {
  test.each([
    ['user:Ann', 'items[0]: entity is user: or service:'],
    ['role:owner', 'items[0]: entity is user: or service:'],
    ['team:writers', 'items[0]: entity is user: or service:'],
    ['/docs/other/1', 'of a declared type'],
    ['/other/document/1', 'of a declared type'],
    ['/docs/document/', 'of a declared type'],
    ['/docs/document/1/2', 'of a declared type'],
    ['/docs/documents', 'of a declared type'],
    ['/gatehouse/document/1', 'of a declared type'],
    // Under another spelling it would describe what is never asked about.
    ['/docs/document/%61', 'in its canonical spelling'],
    ['/docs/document/a b', 'in its canonical spelling'],
    ['/docs/document/..', 'in its canonical spelling'],
    ['/docs//document/1', 'of a declared type'],
    ['/docs/document/a%2Fb', 'in its canonical spelling'],
    ['/docs/document/%zz', 'in its canonical spelling'],
    ['/docs/document/a%e9', 'in its canonical spelling'],
    [7, 'items[0]: entity is'],
    [null, 'items[0]: entity is'],
  ])('names the entity %j', async (entity, message) => {
    expect(await detailOf(await put(one(entity)))).toContain(message)
  })

  test.each([
    [{ 'a b': 'x' }, 'items[0]: "a b" is no attribute name'],
    [{ owner: null }, '"owner" is a text, a number, true or false'],
    [{ owner: { id: 'ann' } }, '"owner" is a text, a number, true or false'],
    [{ type: 'x' }, '"type" is not stored'],
    [[], 'attributes are names with values'],
    [{ owner: 'x'.repeat(limits.attributesBytes) }, 'bytes'],
  ])('has the attributes %j', async (attributes, message) => {
    expect(await detailOf(await put(one('/docs/document/1', attributes)))).toContain(message)
  })

  test('A6 123: has a name of every object', async () => {
    const body = '{"items":[{"entity":"user:ann","attributes":{"__proto__":"x"}}]}'
    expect(await detailOf(await put(body))).toContain('"__proto__" is no attribute name')
    const item = '{"items":[{"entity":"user:ann","__proto__":{"attributes":{}}}]}'
    expect(await detailOf(await put(item))).toContain('write entity and attributes')
  })

  test.each([
    ['', 'The body is a JSON object'],
    ['{"items":[]}', 'items: is empty'],
    ['[]', 'The body is a JSON object'],
    ['{"items":{}}', 'items: is a list'],
    ['{"items":[],"items":[]}', 'names no member twice'],
    ['{"__proto__":{"items":[]}}', 'items: is a list'],
    ['{"items":[1]}', 'write entity and attributes, and nothing else'],
    ['{"items":[{"entity":"user:ann"}]}', 'write entity and attributes, and nothing else'],
    [
      '{"items":[{"entity":"user:ann","attributes":{},"more":1}]}',
      'write entity and attributes, and nothing else',
    ],
    [
      JSON.stringify({
        items: [1, 2].map(() => ({ entity: 'user:ann', attributes: {} })),
      }),
      'items[1]: user:ann is given twice.',
    ],
    [
      JSON.stringify({ items: Array.from({ length: limits.attributesWritten + 1 }, () => 1) }),
      `items: has at most ${limits.attributesWritten} members`,
    ],
  ])('stands in the body %.80s', async (body, message) => {
    expect(await detailOf(await put(body))).toContain(message)
  })

  test('comes with too many bytes', async () => {
    const answer = await put(`{"items":[${' '.repeat(limits.attributesBodyBytes)}]}`)
    expect(answer.headers.get('connection')).toBe('close')
    expect([answer.status, ((await answer.json()) as Json)['code']]).toEqual([
      413,
      'body_too_large',
    ])
  })

  test('is of another type than JSON, or of none', async () => {
    const body = JSON.stringify(one('user:ann'))
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
      const headers = { authorization: `Bearer ${keys['teller']}`, 'content-type': type }
      const answer = await ask('', { method: 'PUT', body, headers })
      expect(await detailOf(answer)).toBe('Content-Type is application/json.')
    }
  })

  test.each([
    ['', 'entity is needed'],
    ['?entity', 'entity is user: or service:'],
    ['?entity=a&entity=b', 'given twice'],
    ['?id=user:ann', 'no parameter here'],
    ['?entity=role:owner', 'entity is user: or service:'],
    ['?entity=/docs/document', 'entity is user: or service:'],
    // PostgreSQL would refuse it, which is no fault of the database.
    ['?entity=%00', 'entity is user: or service:'],
    ['?entity=/docs/document/%00', 'entity is user: or service:'],
  ])('is named by the query %j', async (query, message) => {
    expect(await detailOf(await ask(query))).toContain(message)
    expect(await detailOf(await ask(query, { method: 'DELETE' }))).toContain(message)
  })
})

describe('permission', () => {
  const write = (name: string) => put(one('user:ann', {}), name)

  test.each(['owner', 'admin', 'teller'])('%s may read and write', async (name) => {
    expect((await write(name)).status).toBe(204)
    expect((await ask('?entity=user:ann', { method: 'DELETE' }, name)).status).toBe(204)
  })

  test('a viewer may read only', async () => {
    expect((await ask('?entity=user:nobody', {}, 'viewer')).status).toBe(404)
    expect((await write('viewer')).status).toBe(403)
    expect((await ask('?entity=user:ann', { method: 'DELETE' }, 'viewer')).status).toBe(403)
  })

  test('a member may neither', async () => {
    expect((await ask('?entity=user:ann', {}, 'member')).status).toBe(403)
    expect((await write('member')).status).toBe(403)
  })

  test.each([
    ['docs', '/docs/document/1', ['/crm/customer/1', 'user:ann', '/docs']],
    ['people', 'user:ann', ['/crm/customer/1', '/docs/document/1']],
  ])('A6 111: %s tells of its own and of nothing else', async (name, own, others) => {
    expect((await put(one(own, { a: 'own' }), name)).status).toBe(204)
    for (const other of others) {
      const both = [own, other].map((entity) => ({ entity, attributes: { a: 'other' } }))
      expect((await put({ items: both }, name)).status).toBe(403)
      const entity = `?entity=${other}`
      if (other === '/docs') continue
      expect((await ask(entity, {}, name)).status).toBe(403)
      expect((await ask(entity, { method: 'DELETE' }, name)).status).toBe(403)
    }
    expect(await read(own)).toEqual({ a: 'own' })
  })

  test('of a type that is declared no more, it can be taken away', async () => {
    const answer = await ask('?entity=/gone/thing/1', { method: 'DELETE' })
    expect(answer.status).toBe(204)
  })

  test('A6 108: of another organisation is as of none', async () => {
    for (const organisation of ['acme', 'nowhere']) {
      expect((await put(one('user:ann'), 'stranger', organisation)).status).toBe(404)
      expect((await ask('?entity=user:ann', {}, 'stranger', organisation)).status).toBe(404)
    }
    expect((await put(one('user:bob', { a: 'b' }), 'stranger', 'beta')).status).toBe(204)
    expect(await read('user:bob')).toBeUndefined()
    expect(await read('user:bob', 'beta')).toEqual({ a: 'b' })
  })

  test('nobody may without a credential', async () => {
    expect((await ask('?entity=user:ann', { headers: {} })).status).toBe(401)
    expect((await ask('', { method: 'PUT', headers: {}, body: '{}' })).status).toBe(401)
    const large = ' '.repeat(2 * limits.attributesBodyBytes)
    expect((await ask('', { method: 'PUT', headers: {}, body: large })).status).toBe(401)
  })

  test('other methods are none', async () => {
    const answer = await ask('', { method: 'POST' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'DELETE, GET, HEAD, PUT'])
  })
})
