import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { listDecisions } from '../../src/store/decisions.ts'
import {
  raiseRevision,
  setMemberState,
  setOrganisationState,
} from '../../src/store/organisations.ts'
import {
  type DecisionPoint,
  type Json,
  openDecisionPoint,
  sceneOptions,
} from '../support/authzen.ts'
import { ask as askRaw } from '../support/raw.ts'
import { until } from '../support/until.ts'

const PUBLIC_URL = 'https://gateway.example.com'
const METADATA = '/.well-known/authzen-configuration/.gatehouse/authzen'

let point: DecisionPoint
const keys: Record<string, string> = {}
beforeAll(async () => {
  const options = sceneOptions('gateway')
  point = await openDecisionPoint({ ...options, env: { ...options.env, PUBLIC_URL } })
  const { gateway } = point
  for (const id of ['beta', 'closed']) await gateway.organisation(id)
  keys['owner'] = await gateway.member('user:olga', { holds: ['role:owner'] })
  keys['admin'] = await gateway.member('user:alan', { holds: ['role:admin'] })
  keys['viewer'] = await gateway.member('user:vera', { holds: ['role:viewer'] })
  keys['member'] = await gateway.member('user:mia', { holds: ['role:member'] })
  keys['left'] = await gateway.member('service:left', { holds: ['role:pep'] })
  keys['stranger'] = await gateway.member('service:far', {
    organisation: 'beta',
    holds: ['role:pep'],
  })
  keys['closed'] = await gateway.member('service:shut', {
    organisation: 'closed',
    holds: ['role:pep'],
  })
  await gateway.running.db.transaction('seed', async (trx) => {
    await setMemberState(trx, 'acme', 'service:left', 'suspended')
    await setOrganisationState(trx, 'closed', 'suspended')
    for (const id of ['acme', 'closed']) await raiseRevision(trx, id)
  })
}, 60_000)
afterAll(() => point?.stop())

const question = {
  subject: { type: 'user', id: 'olga' },
  action: { name: 'GET' },
  resource: { type: 'route', id: '/todos' },
}
const paths = ['evaluation', 'evaluations', 'search/subject', 'search/resource', 'search/action']
const url = (path: string) => `http://127.0.0.1:${point.gateway.port}${path}`
const pageOf = (path: string) => `/.gatehouse/authzen/acme/access/v1/${path}`

async function problemOf(answer: Response): Promise<Json> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  return (await answer.json()) as Json
}

describe('the configuration', () => {
  test('names every endpoint below the public URL, and may be kept', async () => {
    const answer = await fetch(url(`${METADATA}/acme`))
    const at = `${PUBLIC_URL}/.gatehouse/authzen/acme`
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
    expect(await answer.json()).toEqual({
      policy_decision_point: at,
      access_evaluation_endpoint: `${at}/access/v1/evaluation`,
      access_evaluations_endpoint: `${at}/access/v1/evaluations`,
      search_subject_endpoint: `${at}/access/v1/search/subject`,
      search_resource_endpoint: `${at}/access/v1/search/resource`,
      search_action_endpoint: `${at}/access/v1/search/action`,
    })
  })

  test('I24: tells nobody which organisations there are', async () => {
    const of = async (id: string) => {
      const answer = await fetch(url(`${METADATA}/${id}`))
      return [answer.status, (await answer.text()).replaceAll(id, 'ID')]
    }
    expect(await of('nowhere')).toEqual(await of('acme'))
    expect(await of('closed')).toEqual(await of('acme'))
  })

  test('A2 43: takes no word of the request into its links', async () => {
    const { body } = await askRaw(
      point.gateway.port,
      `GET ${METADATA}/acme HTTP/1.1\r\nHost: evil.test\r\nX-Forwarded-Host: evil.test\r\nX-Forwarded-Proto: ftp\r\n\r\n`,
    )
    expect(body).not.toContain('evil')
    expect(JSON.parse(body).policy_decision_point).toBe(`${PUBLIC_URL}/.gatehouse/authzen/acme`)
  })

  test('has the same head for HEAD, and is not for other methods', async () => {
    const head = await fetch(url(`${METADATA}/acme`), { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const post = await fetch(url(`${METADATA}/acme`), { method: 'POST' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test.each([
    '',
    '/',
    '/Acme',
    '/%61cme',
    '/acme/',
    '/acme/x',
    '/acme/..',
    '//acme',
    '/-',
    `/${'a'.repeat(65)}`,
  ])('is nowhere else: %s', async (path) => {
    const line = `GET ${METADATA}${path} HTTP/1.1\r\nHost: a\r\n\r\n`
    expect((await askRaw(point.gateway.port, line)).status).toBe(404)
  })
})

describe('a path', () => {
  test.each(paths)('%s is for POST', async (path) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await fetch(url(pageOf(path)), { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
  })

  test.each([
    ...['evaluation/', 'evaluations/1', 'Evaluation', 'search', 'search/', 'search/other', ''],
    ...['evaluat%69on', '../v1/evaluation', './evaluation', '/evaluation'],
  ])('%j is none', async (path) => {
    const body = JSON.stringify(question)
    const head = `POST ${pageOf(path)} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${point.key}\r\n`
    const bytes = `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    expect((await askRaw(point.gateway.port, bytes)).status).toBe(404)
  })

  test.each(['ACME', '%61cme', 'org:acme', 'acme.', '*', ''])(
    'of the organisation %j is none',
    async (organisation) => {
      expect((await point.post('evaluation', question, { organisation })).status).toBe(404)
    },
  )
})

describe('a caller', () => {
  test.each(paths)('needs a credential for %s', async (path) => {
    const answer = await point.post(path, question, { credential: '' })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse"')
    expect(await problemOf(answer)).toMatchObject({ code: 'unauthenticated' })
  })

  test('needs one that is valid', async () => {
    for (const credential of ['x', 'a.b.c', `gh_${'0'.repeat(12)}_${'0'.repeat(52)}`]) {
      expect((await point.post('evaluation', question, { credential })).status).toBe(401)
    }
  })

  test('A2 48: sends one, not two', async () => {
    const line = `Authorization: Bearer ${point.key}\r\n`
    const head = `POST ${pageOf('evaluation')} HTTP/1.1\r\nHost: a\r\n${line}${line}`
    const bytes = `${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`
    expect((await askRaw(point.gateway.port, bytes)).status).toBe(400)
  })

  test.each(['owner', 'admin'])('may ask as the %s of an organisation', async (name) => {
    const credential = keys[name]
    expect((await point.post('evaluation', question, { credential })).status).toBe(200)
    const search = { ...question, subject: { type: 'user' } }
    expect((await point.post('search/subject', search, { credential })).status).toBe(200)
  })

  test.each(['viewer', 'member', 'left', 'stranger', 'closed'])(
    'may not ask without a permission there: %s',
    async (name) => {
      for (const path of paths) {
        const answer = await point.post(path, question, { credential: keys[name] })
        expect(await problemOf(answer)).toMatchObject({ status: 403, code: 'denied' })
      }
    },
  )

  test('I10, I24: asks in its own organisation, and learns of no other', async () => {
    const details: string[] = []
    for (const organisation of ['beta', 'closed', 'nowhere', 'platform']) {
      const answer = await point.post('evaluation', question, { organisation })
      const { status, code, detail } = await problemOf(answer)
      details.push(JSON.stringify([status, code, detail]))
    }
    expect(new Set(details).size).toBe(1)
    expect(details[0]).toContain('403')
    const own = { organisation: 'beta', credential: keys['stranger'] }
    expect(await (await point.post('evaluation', question, own)).json()).toMatchObject({
      decision: false,
      context: { reason: 'not_a_member' },
    })
  })

  test('who may not ask is not read: its body may be anything', async () => {
    const answer = await point.post('evaluation', 'x'.repeat(5), { credential: keys['viewer'] })
    expect(answer.status).toBe(403)
  })

  test('is recorded where it is refused, and where it searches', async () => {
    await point.post('search/action', question)
    await point.post('evaluation', question, { credential: keys['member'] })
    const found = async () => {
      const items = await listDecisions(point.gateway.running.db, {
        organisation: 'acme',
        limit: 200,
      })
      return items.map(({ subject, method, object, allow }) =>
        [subject, method, object, allow].join(),
      )
    }
    await until(async () => {
      const records = await found()
      return (
        records.includes('service:pep,POST,/gatehouse/authzen/search,true') &&
        records.includes('user:mia,POST,/gatehouse/authzen/evaluation,false')
      )
    })
  })
})

describe('an answer', () => {
  test('is JSON that nobody keeps', async () => {
    const { headers } = await point.post('evaluation', question)
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test.each(['bfe9eb29-ab87-4ca3-be83-a1d5d8305716', 'a', 'A.z_0~:@/+=-', 'x'.repeat(128)])(
    'repeats the id of its request: %s',
    async (id) => {
      const headers = { 'x-request-id': id }
      expect(
        (await point.post('evaluation', question, { headers })).headers.get('x-request-id'),
      ).toBe(id)
      const refused = await point.post('evaluation', {}, { headers })
      expect(refused.headers.get('x-request-id')).toBe(id)
      expect(await problemOf(refused)).toMatchObject({ requestId: id })
      const denied = await point.post('evaluation', question, { headers, credential: '' })
      expect(denied.headers.get('x-request-id')).toBe(id)
    },
  )

  test.each(['x'.repeat(129), 'a b', 'a"b', '<a>', 'ä', ''])(
    'has an id of its own where a log could not hold it: %j',
    async (id) => {
      const line = `POST ${pageOf('evaluation')} HTTP/1.1\r\nHost: a\r\nX-Request-ID: ${id}\r\nContent-Length: 0\r\n\r\n`
      const { headers } = await askRaw(point.gateway.port, line)
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    },
  )

  test('has an id of its own where two are sent', async () => {
    const twice = 'X-Request-ID: a\r\nX-Request-ID: b\r\n'
    const line = `POST ${pageOf('evaluation')} HTTP/1.1\r\nHost: a\r\n${twice}Content-Length: 0\r\n\r\n`
    expect((await askRaw(point.gateway.port, line)).headers['x-request-id']).toMatch(
      /^[0-9a-f-]{36}$/,
    )
  })
})

describe('a request of the wrong form', () => {
  test.each([
    ['evaluation', {}, 'subject is missing.'],
    ['evaluation', { ...question, resource: { type: 'route' } }, 'resource.id is missing.'],
    ['evaluations', {}, 'subject is missing.'],
    ['evaluations', { evaluations: 1 }, 'evaluations is a list.'],
    ['search/subject', question.action, 'subject is missing.'],
    ['search/resource', { ...question, page: [] }, 'page is an object.'],
    ['search/action', { subject: question.subject }, 'resource is missing.'],
  ])('to %s is 400 and says what is wrong: %j', async (path, body, detail) => {
    const answer = await point.post(path, body)
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'invalid_input', detail })
  })

  test.each([
    ['no JSON', '{"subject"', 400, 'invalid_input'],
    ['no object', '[]', 400, 'invalid_input'],
    ['A4 81: a member twice', '{"subject":{},"subject":{}}', 400, 'invalid_input'],
    ['more than is read', `{"a":"${'x'.repeat(limits.authzenBodyBytes)}"}`, 413, 'body_too_large'],
    ['more levels than are read', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 400, 'invalid_input'],
  ])('is refused: %s', async (_title, body, status, code) => {
    expect(await problemOf(await point.post('evaluation', body))).toMatchObject({ status, code })
  })

  test('of another type is refused', async () => {
    const headers = { 'content-type': 'text/plain' }
    expect((await point.post('evaluation', question, { headers })).status).toBe(400)
  })

  test('closes the connection where its body is not read', async () => {
    const head = `POST ${pageOf('evaluation')} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n`
    const answer = await askRaw(point.gateway.port, head)
    expect([answer.status, answer.headers['connection']]).toEqual([401, 'close'])
  })
})

test('I3: what cannot be looked up is no decision', async () => {
  const { query } = point.gateway.running.db
  const byToken = { ...question, subject: { type: 'identity', id: 'Somebody' } }
  await sql`alter table identities rename to mislaid`.execute(query)
  try {
    const answer = await point.post('evaluation', byToken)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await problemOf(answer)).toMatchObject({ status: 503, code: 'unavailable' })
    const batch = await point.post('evaluations', { ...question, evaluations: [question, byToken] })
    expect(batch.status).toBe(503)
    expect((await point.post('evaluation', question)).status).toBe(200)
  } finally {
    await sql`alter table mislaid rename to identities`.execute(query)
  }
  expect((await point.post('evaluation', byToken)).status).toBe(200)
})
