import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listDecisions } from '../../src/store/decisions.ts'
import { raiseRevision, setMemberState } from '../../src/store/organisations.ts'
import {
  addPerson,
  attributesModel,
  type DecisionPoint,
  type Json,
  openDecisionPoint,
} from '../support/authzen.ts'
import { ask as askRaw } from '../support/raw.ts'
import { until } from '../support/until.ts'

let point: DecisionPoint
let annsKey: string
beforeAll(async () => {
  point = await openDecisionPoint({
    applications: `
  - id: docs
    match: { prefix: /docs }
    strip: true
    upstreams: [http://127.0.0.1:9]
    organisation: credential
    resources:
      - { type: document, actions: [can_read, can_share] }
  - id: crm
    match: { prefix: /crm }
    upstreams: [http://127.0.0.1:9]
    organisation: { path: '/crm/:org/*' }
`,
    rules: [
      'p, role:pep, *, /gatehouse/authzen/*, POST, allow, always',
      'p, role:reader, *, /docs/document/:id, can_read, allow, always',
      'p, role:reader, *, /docs/document/:id, GET, allow, always',
      'p, *, *, /docs/document/:id, can_share, allow, own',
      'p, *, *, /docs/document/secret, can_read, deny, always',
      'p, role:reader, *, /crm/*, GET, allow, always',
      'p, role:reader, org:acme, /crm/crm/beta/1, GET, allow, always',
      'p, *, org:beta, /docs/document/:id, *, allow, always',
    ],
    env: { MODEL_FILE: attributesModel, TRUSTED_PROXIES: '127.0.0.1' },
  })
  annsKey = await addPerson(point, 'user:ann', { sub: 'auth0|ann', holds: ['role:reader'] })
  await addPerson(point, 'user:sam', { holds: ['role:reader'] })
  await point.gateway.organisation('beta')
  await point.gateway.member('user:bob', { organisation: 'beta', holds: ['role:reader'] })
  await point.gateway.running.db.transaction('seed', async (trx) => {
    await setMemberState(trx, 'acme', 'user:sam', 'suspended')
    await raiseRevision(trx, 'acme')
  })
  await point.tell({ '/docs/document/1': { owner: 'ann' }, '/docs/document/2': { owner: 'ben' } })
}, 60_000)
afterAll(() => point?.stop())

const about = (subject: string, action: string, document: string, properties?: object) => ({
  subject: { type: 'user', id: subject },
  action: { name: action },
  resource: { type: 'document', id: document, ...(properties && { properties }) },
})

interface Decision {
  readonly decision: boolean
  readonly context: Json
}

async function evaluate(question: object): Promise<Decision> {
  return (await point.ask('evaluation', question)) as unknown as Decision
}

async function evaluateAll(body: object): Promise<readonly Decision[]> {
  const { evaluations } = await point.ask('evaluations', body)
  return evaluations as readonly Decision[]
}

describe('a decision', () => {
  test.each([
    ['a rule allows', about('ann', 'can_read', '1'), true, 'allowed_by_rule'],
    ['a rule denies', about('ann', 'can_read', 'secret'), false, 'denied_by_rule'],
    ['no rule allows', about('ann', 'can_share', '3'), false, 'denied_by_default'],
    ['a condition is met', about('ann', 'can_share', '1'), true, 'allowed_by_rule'],
    ['a condition is not met', about('ann', 'can_share', '2'), false, 'denied_by_default'],
    [
      'by what is sent it is',
      about('ann', 'can_share', '3', { owner: 'ann' }),
      true,
      'allowed_by_rule',
    ],
    [
      'what is stored says otherwise',
      about('ann', 'can_share', '2', { owner: 'ann' }),
      false,
      'denied_by_default',
    ],
    ['the subject is suspended', about('sam', 'can_read', '1'), false, 'member_suspended'],
    ['the subject is of elsewhere', about('bob', 'can_read', '1'), false, 'not_a_member'],
    ['nobody is named so', about('nobody', 'can_read', '1'), false, 'not_a_member'],
    ['no identity is named so', about('auth0|ben', 'can_read', '1'), false, 'subject_unknown'],
    ['the action is undeclared', about('ann', 'can_delete', '1'), false, 'action_unknown'],
    ['the action is a method', about('ann', 'GET', '1'), false, 'action_unknown'],
    ['the id has no path', about('ann', 'can_read', 'a/b'), false, 'target_encoded_delimiter'],
    [
      'the type is undeclared',
      { ...about('ann', 'can_read', '1'), resource: { type: 'folder', id: '1' } },
      false,
      'resource_unknown',
    ],
    [
      'the subject has no type of ours',
      { ...about('ann', 'can_read', '1'), subject: { type: 'role', id: 'reader' } },
      false,
      'subject_unknown',
    ],
    [
      'a token names the subject',
      { ...about('ann', 'can_read', '1'), subject: { type: 'identity', id: 'auth0|ann' } },
      true,
      'allowed_by_rule',
    ],
    [
      'a path is asked about',
      { ...about('ann', 'HEAD', '1'), resource: { type: 'route', id: '/docs/document/1' } },
      true,
      'allowed_by_rule',
    ],
    [
      'a path is asked about by an action',
      { ...about('ann', 'can_read', '1'), resource: { type: 'route', id: '/docs/document/1' } },
      false,
      'action_unknown',
    ],
  ])('when %s', async (_title, question, decision, reason) => {
    const answer = await evaluate(question)
    expect(answer).toMatchObject({ decision, context: { reason } })
    expect(answer.context['evaluation_id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(Object.keys(answer.context)).toEqual(['evaluation_id', 'reason', 'policy_revision'])
  })

  test('is that of the newest publish', async () => {
    const before = await evaluate(about('ann', 'can_share', '9'))
    await point.tell({ '/docs/document/9': { owner: 'ann' } })
    await until(async () => (await evaluate(about('ann', 'can_share', '9'))).decision)
    const after = await evaluate(about('ann', 'can_share', '9'))
    expect(after.context['policy_revision']).toBe(Number(before.context['policy_revision']) + 1)
  })

  test('is the one that a proxy gets for the same path', async () => {
    const through = async (document: string) => {
      const line = `GET /docs/document/${document} HTTP/1.1\r\nHost: a\r\n`
      return (await askRaw(point.gateway.port, `${line}Authorization: Bearer ${annsKey}\r\n\r\n`))
        .status
    }
    const route = async (document: string) =>
      (
        await evaluate({
          ...about('ann', 'GET', ''),
          resource: { type: 'route', id: `/docs/document/${document}` },
        })
      ).decision
    // 502: it was allowed, and there is no service.
    expect([await through('1'), await route('1')]).toEqual([502, true])
    expect([await through('1/2'), await route('1/2')]).toEqual([403, false])
  })

  test('is recorded with its door, for the log alone what it is about', async () => {
    const { context } = await evaluate(about('ann', 'can_read', 'recorded'))
    const find = async () => {
      const items = await listDecisions(point.gateway.running.db, {
        organisation: 'acme',
        limit: 200,
      })
      return items.find(({ id }) => id === context['evaluation_id'])
    }
    await until(async () => (await find()) !== undefined)
    expect(await find()).toMatchObject({
      subject: 'user:ann',
      method: 'can_read',
      object: '/docs/document/recorded',
      door: 'authzen',
      caller: 'service:pep',
      allow: true,
      reason: 'allowed_by_rule',
      revision: context['policy_revision'],
    })
    const text = await (await fetch(`http://127.0.0.1:${point.gateway.adminPort}/metrics`)).text()
    expect(text).toMatch(
      /^gatehouse_decisions_total\{reason="allowed_by_rule",door="authzen"\} \d/m,
    )
  })
})

describe('a batch', () => {
  const items = ['1', '2', '1', '2'].map((id) => ({ resource: { type: 'document', id } }))
  const share = { ...about('ann', 'can_share', '1'), evaluations: items }
  const told = async (semantic: string | undefined) => {
    const options = semantic === undefined ? {} : { options: { evaluations_semantic: semantic } }
    return (await evaluateAll({ ...share, ...options })).map(({ decision }) => decision)
  }

  test('ends where its semantic says, with what ended it', async () => {
    expect(await told(undefined)).toEqual([true, false, true, false])
    expect(await told('execute_all')).toEqual([true, false, true, false])
    expect(await told('deny_on_first_deny')).toEqual([true, false])
    expect(await told('permit_on_first_permit')).toEqual([true])
  })

  test('answers with its evaluations alone', async () => {
    expect(Object.keys(await point.ask('evaluations', share))).toEqual(['evaluations'])
  })

  test('denies what it cannot read in its place, which ends it like any deny', async () => {
    const evaluations = [items[0], { resource: { type: 'document' } }, items[0]]
    const all = await evaluateAll({ ...share, evaluations })
    expect(all.map(({ decision }) => decision)).toEqual([true, false, true])
    expect(all[1]).toEqual({
      decision: false,
      context: { error: { status: 400, message: 'resource.id is missing.' } },
    })
    const options = { evaluations_semantic: 'deny_on_first_deny' }
    expect(await evaluateAll({ ...share, evaluations, options })).toHaveLength(2)
  })

  test.each([{}, { evaluations: [] }])('without items is one evaluation: %j', async (more) => {
    expect(
      await point.ask('evaluations', { ...about('ann', 'can_share', '1'), ...more }),
    ).toMatchObject({
      decision: true,
      context: { reason: 'allowed_by_rule' },
    })
  })

  test('an evaluation does not know of batches', async () => {
    const answer = await evaluate({ ...share, evaluations: 'nonsense' })
    expect(answer.decision).toBe(true)
  })

  test('of as many as may be lets others have their turn', async () => {
    const evaluations = Array.from({ length: 1_000 }, (_, at) => ({
      resource: { type: 'document', id: `${at}` },
    }))
    const all = await evaluateAll({ ...about('ann', 'can_read', '1'), evaluations })
    expect(all).toHaveLength(1_000)
    const ids = new Set(all.map(({ context }) => context['evaluation_id']))
    expect(ids.size).toBe(1_000)
    expect(new Set(all.map(({ context }) => context['policy_revision'])).size).toBe(1)
  })
})

test('A2 28: no request through a proxy has an action for a method', async () => {
  const line = `can_read /docs/document/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${annsKey}\r\n\r\n`
  expect([400, 405]).toContain((await askRaw(point.gateway.port, line)).status)
  const headers = [
    `Authorization: Bearer ${annsKey}`,
    'X-Original-Method: can_read',
    'X-Original-URL: http://a/docs/document/1',
    'X-Forwarded-Method: can_read',
    'X-Forwarded-Uri: /docs/document/1',
    'X-Forwarded-Host: a',
    'X-Forwarded-Proto: http',
    'X-HTTP-Method-Override: can_read',
  ].join('\r\n')
  for (const [door, status] of [
    ['nginx', 403],
    ['forward', 405],
  ] as const) {
    const bytes = `GET /.gatehouse/authz/${door} HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n`
    expect((await askRaw(point.gateway.port, bytes)).status).toBe(status)
  }
})

describe('I10: a path that names its organisation', () => {
  const route = (path: string) => ({
    subject: { type: 'user', id: 'ann' },
    action: { name: 'GET' },
    resource: { type: 'route', id: `/crm/crm${path}` },
  })

  test.each([
    ['/acme/1', true, 'allowed_by_rule'],
    ['/beta/1', false, 'organisation_disagrees'],
    ['', false, 'organisation_missing'],
  ])('is decided there alone, as by the proxy: %s', async (path, decision, reason) => {
    expect(await evaluate(route(path))).toMatchObject({ decision, context: { reason } })
    const proxied = await fetch(`http://127.0.0.1:${point.gateway.port}/crm${path}`, {
      headers: { authorization: `Bearer ${annsKey}` },
    })
    // Nobody listens there: what is allowed fails behind the gateway.
    expect(proxied.status).toBe(decision ? 502 : 403)
  })

  test('is found in no other', async () => {
    const found = await point.ask('search/resource', {
      ...route(''),
      resource: { type: 'route' },
    })
    expect(JSON.stringify(found['results'])).not.toContain('beta')
    const who = await point.ask('search/subject', {
      ...route('/beta/1'),
      subject: { type: 'user' },
    })
    expect(who['results']).toEqual([])
  })
})
