/** Attacks on the decision point: by callers, by what they name, and by the size of what they send. */
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseRevision, setMemberState } from '../../src/store/organisations.ts'
import {
  addPerson,
  attributesModel,
  type DecisionPoint,
  type Json,
  openDecisionPoint,
} from '../support/authzen.ts'
import { open, readAll } from '../support/raw.ts'
import { until } from '../support/until.ts'

let point: DecisionPoint
beforeAll(async () => {
  point = await openDecisionPoint({
    applications: `
  - id: docs
    match: { prefix: /docs }
    strip: true
    upstreams: [http://127.0.0.1:9]
    organisation: credential
    resources:
      - { type: document, actions: [view] }
      - { type: secret, actions: [view] }
`,
    rules: [
      'p, role:pep, *, /gatehouse/authzen/*, POST, allow, always',
      'p, role:reader, *, /docs/document/:id, view, allow, always',
      'p, role:reader, *, /docs/public/*, GET, allow, always',
      'p, *, *, /docs/secret/:id, view, allow, own',
      'p, role:boss, *, /docs/secret/:id, *, allow, always',
    ],
    env: { MODEL_FILE: attributesModel },
  })
  await addPerson(point, 'user:ann', { sub: 'Ann', holds: ['role:reader'] })
  await addPerson(point, 'user:boss', { holds: ['role:boss'] })
  // Somebody whose sub is the id of somebody else.
  await addPerson(point, 'user:eve', { sub: 'boss', holds: [] })
}, 60_000)
afterAll(() => point?.stop())

const ask = (subject: object, action: string, resource: object) =>
  point.ask('evaluation', { subject, action: { name: action }, resource })
const ann = { type: 'user', id: 'ann' }
const allowed = async (subject: object, action: string, resource: object) =>
  (await ask(subject, action, resource))['decision']

describe('a resource', () => {
  test('is allowed as it should be', async () => {
    expect(await allowed(ann, 'view', { type: 'document', id: '1' })).toBe(true)
    expect(await allowed(ann, 'GET', { type: 'route', id: '/docs/public/1' })).toBe(true)
    expect(await allowed({ type: 'user', id: 'boss' }, 'view', { type: 'secret', id: '1' })).toBe(
      true,
    )
  })

  test.each([
    ['A1 1', '../secret/1'],
    ['A1 1', '..'],
    ['A1 1', '.'],
    ['A1 2', '%2e%2e'],
    ['A1 4', '/1'],
    ['A1 5', '..%2fsecret%2f1'],
    ['A1 5', '1%2f..%2f..%2fsecret'],
    ['A1 6', '..\\secret\\1'],
    ['A1 7', '..;/secret/1'],
    ['A1 9', '%252e%252e%252fsecret'],
    ['A1 12', '1\0'],
    ['A1 13', '1\r\n2'],
    ['A1 14', '1#'],
    ['A1 15', '1?x'],
    ['a star', '*/'],
    ['half a pair of surrogates', '1\udc00'],
  ])('%s: cannot be left by its id: %j', async (_code, id) => {
    expect(await allowed(ann, 'view', { type: 'document', id })).toBe(false)
  })

  test.each([
    '/docs/public/../secret/1',
    '/docs/public/%2e%2e/secret/1',
    '/docs/public/..%2fsecret/1',
    '/docs/public\\..\\secret/1',
    '/docs/public/..;/secret/1',
    '//docs/public/1/../../secret/1',
    'http://docs/public/1',
    '/docs/public/1/../../../gatehouse/members',
    '/docs/public/%252e%252e/secret/1',
  ])('A1: cannot be left by its path: %s', async (id) => {
    expect(await allowed(ann, 'GET', { type: 'route', id })).toBe(false)
  })

  test('a pattern in an id is only text', async () => {
    expect(await allowed(ann, 'view', { type: 'secret', id: '*' })).toBe(false)
    expect(await allowed(ann, 'view', { type: 'secret', id: ':id' })).toBe(false)
    expect(await allowed(ann, 'GET', { type: 'route', id: '/docs/*' })).toBe(false)
  })

  test.each([
    'Document',
    'document ',
    '__proto__',
    'constructor',
    'toString',
    'docs',
    'route/docs',
  ])('a type that is none leads nowhere: %s', async (type) => {
    expect(await allowed(ann, 'view', { type, id: '1' })).toBe(false)
  })

  test('an action of another type, of every object, or a wildcard is none', async () => {
    for (const action of ['*', 'GET', 'VIEW', 'view ', '__proto__', 'constructor', 'view,GET']) {
      expect(await allowed(ann, action, { type: 'document', id: '1' })).toBe(false)
    }
  })
})

describe('a subject', () => {
  test.each([
    ['H8: a role', { type: 'role', id: 'boss' }],
    ['H8: a role as a user', { type: 'user', id: 'role:boss' }],
    ['an id with its type', { type: 'user', id: 'user:boss' }],
    ['everybody', { type: 'user', id: '*' }],
    ['anonymous', { type: 'user', id: 'anonymous' }],
    ['anonymous as a type', { type: 'anonymous', id: 'anonymous' }],
    ['an organisation', { type: 'org', id: 'acme' }],
    ['a type with a colon', { type: 'user:boss', id: 'x' }],
    ['a service of a person', { type: 'service', id: 'boss' }],
    ['a person by case', { type: 'user', id: 'BOSS' }],
    ['the sub of somebody else as an id', { type: 'identity', id: 'boss' }],
    ['a line of a policy', { type: 'user', id: 'x, role:boss' }],
  ])('cannot be %s', async (_title, subject) => {
    expect(await allowed(subject, 'view', { type: 'secret', id: '1' })).toBe(false)
  })

  test('cannot say of itself what the organisation knows of it', async () => {
    const subject = { ...ann, properties: { email: 'boss@x.test', id: 'boss', role: 'boss' } }
    const resource = {
      type: 'secret',
      id: '2',
      properties: { owner: 'boss', ownerID: 'boss@x.test' },
    }
    expect(await allowed(subject, 'view', resource)).toBe(false)
  })
})

describe('properties', () => {
  const evaluate = async (properties: string) => {
    const body = `{"subject":{"type":"user","id":"ann"},"action":{"name":"view"},"resource":{"type":"secret","id":"3","properties":${properties}}}`
    return ((await (await point.post('evaluation', body)).json()) as Json)['decision']
  }

  test('A6 123: of a prototype are none', async () => {
    expect(await evaluate('{"owner":"ann"}')).toBe(true)
    expect(await evaluate('{"__proto__":{"owner":"ann"}}')).toBe(false)
    expect(await evaluate('{"constructor":{"prototype":{"owner":"ann"}}}')).toBe(false)
    expect(Object.hasOwn(Object.prototype, 'owner')).toBe(false)
  })

  test.each(['["ann"]', '{"0":"ann"}', 'null', 'true', '{"toString":"ann"}', '""'])(
    'that are no text are no owner: %s',
    async (owner) => expect(await evaluate(`{"owner":${owner}}`)).toBe(false),
  )

  test('take the place of nothing that is always known', async () => {
    expect(await evaluate('{"type":"route","id":"ann"}')).toBe(false)
  })
})

describe('a body', () => {
  test('A4 81: that says two things is refused', async () => {
    const twice =
      '{"subject":{"type":"user","id":"ann"},"subject":{"type":"user","id":"boss"},"action":{"name":"view"},"resource":{"type":"secret","id":"1"}}'
    expect((await point.post('evaluation', twice)).status).toBe(400)
  })

  test('I21: of more items than may be is refused, before any is decided', async () => {
    const evaluations = Array.from({ length: 1_001 }, () => ({}))
    expect((await point.post('evaluations', { evaluations })).status).toBe(400)
    const deep = `{"context":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
    expect((await point.post('evaluation', deep)).status).toBe(400)
    expect((await point.post('evaluation', `{"a":"${'x'.repeat(400_000)}"}`)).status).toBe(413)
  })

  test('whose words no log or database holds is answered, and the log goes on', async () => {
    const odd = '\u0000\ud800\u2028'
    const question = {
      subject: { type: 'identity', id: odd, properties: { issuer: odd } },
      action: { name: odd },
      resource: { type: odd, id: odd },
    }
    expect(await point.ask('evaluation', question)).toMatchObject({ decision: false })
    const shaped = { ...question, resource: { type: 'document', id: '1' }, subject: ann }
    expect(await point.ask('evaluation', shaped)).toMatchObject({ decision: false })
    const { context } = (await ask(ann, 'view', { type: 'document', id: 'after' })) as {
      context: Json
    }
    const recorded = () =>
      point.gateway.running.db.query
        .selectFrom('decisions')
        .select('id')
        .where('id', '=', String(context['evaluation_id']))
        .execute()
    await until(async () => (await recorded()).length === 1)
  })
})

test('I9: a caller that is suspended is refused from the next moment on', async () => {
  const credential = await point.gateway.member('service:second', { holds: ['role:pep'] })
  const question = {
    subject: ann,
    action: { name: 'view' },
    resource: { type: 'document', id: '1' },
  }
  const status = async () => (await point.post('evaluation', question, { credential })).status
  await until(async () => (await status()) === 200)
  await point.gateway.running.db.transaction('seed', async (trx) => {
    await setMemberState(trx, 'acme', 'service:second', 'suspended')
    await raiseRevision(trx, 'acme')
  })
  await until(async () => (await status()) === 403)
})

test('I9: a caller that is suspended while it sends its body is refused by what holds then', async () => {
  const credential = await point.gateway.member('service:slow', { holds: ['role:pep'] })
  const resource = { type: 'document', id: '1' }
  const question = { subject: ann, action: { name: 'view' }, resource }
  const status = async () => (await point.post('evaluation', question, { credential })).status
  await until(async () => (await status()) === 200)
  const body = JSON.stringify(question)
  const socket = await open(point.gateway.port)
  const answer = readAll(socket, 20_000, 20_000)
  socket.write(
    `POST /.gatehouse/authzen/acme/access/v1/evaluation HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${credential}\r\nContent-Type: application/json\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
  )
  // By then it has been let in.
  await once(socket, 'data')
  socket.write(body.slice(0, -1))
  await point.gateway.running.db.transaction('seed', async (trx) => {
    await setMemberState(trx, 'acme', 'service:slow', 'suspended')
    await raiseRevision(trx, 'acme')
  })
  await until(async () => (await status()) === 403)
  socket.write(body.slice(-1))
  expect(await answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 403 /)
})
