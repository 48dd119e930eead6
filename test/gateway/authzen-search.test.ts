import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { putAttributes } from '../../src/store/attributes.ts'
import { raiseRevision, setMemberState } from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import {
  addPerson,
  attributesModel,
  type DecisionPoint,
  type Json,
  openDecisionPoint,
} from '../support/authzen.ts'

const MANY = 2_500

let point: DecisionPoint
beforeAll(async () => {
  point = await openDecisionPoint({
    applications: `
  - id: docs
    upstreams: [http://127.0.0.1:9]
    organisation: credential
    resources:
      - { type: document, actions: [view, edit, delete] }
      - { type: folder, actions: [view] }
      - { type: page, actions: [view] }
`,
    rules: [
      'p, role:pep, *, /gatehouse/authzen/*, POST, allow, always',
      'p, role:reader, *, /docs/document/:id, view, allow, always',
      'p, role:writer, *, /docs/document/:id, *, allow, own',
      'p, *, *, /docs/document/secret, view, deny, always',
      'p, role:reader, *, /docs/folder/shared, view, allow, always',
      'p, role:reader, *, /docs/folder/a%20b, view, allow, always',
      'p, role:reader, *, /docs/health, GET, allow, always',
      'p, role:reader, *, /docs/list, *, allow, always',
      'p, role:last, *, /docs/page/:id, view, allow, own',
      'g, team:readers, role:reader, *',
    ],
    env: { MODEL_FILE: attributesModel },
  })
  await addPerson(point, 'user:ann', { sub: 'auth0|ann', holds: ['role:reader', 'role:writer'] })
  await addPerson(point, 'user:ben', { holds: ['team:readers'] })
  await addPerson(point, 'user:cleo', { holds: [] })
  await addPerson(point, 'user:sam', { holds: ['role:reader'] })
  await addPerson(point, 'user:last', { holds: ['role:last'] })
  await addPerson(point, 'service:robot', { holds: ['role:reader'] })
  await point.gateway.running.db.transaction('seed', async (trx) => {
    await setMemberState(trx, 'acme', 'user:sam', 'suspended')
    const revision = await raiseRevision(trx, 'acme')
    const values = ['user:cleo', 'org:acme', '/docs/folder/hers', 'view', 'allow']
    // As only somebody with access to the database can write it: it is no object of any id.
    await putAttributes(trx, 'acme', [{ entity: '/docs/document/%7A', attributes: {} }])
    await addRules(trx, 'acme', [{ ptype: 'p', values }], { author: 'gatehouse', revision })
  })
  await point.tell({
    '/docs/document/1': { owner: 'ann' },
    '/docs/document/2': { owner: 'ben' },
    '/docs/document/secret': { owner: 'ann' },
    '/docs/document/a%20b': {},
    '/docs/folder/empty': {},
  })
  for (let from = 0; from < MANY; from += limits.attributesWritten) {
    const some = Array.from(
      { length: Math.min(limits.attributesWritten, MANY - from) },
      (_, at) => {
        const number = String(from + at).padStart(5, '0')
        return [`/docs/page/${number}`, { owner: from + at === MANY - 1 ? 'last' : 'ann' }] as const
      },
    )
    await point.tell(Object.fromEntries(some))
  }
}, 90_000)
afterAll(() => point?.stop())

const user = (id: string) => ({ type: 'user', id })
const document = (id: string) => ({ type: 'document', id })

async function find(kind: string, body: object): Promise<readonly string[]> {
  const { results } = await point.ask(`search/${kind}`, body)
  return (results as Json[]).map(({ id, name }) => String(id ?? name))
}

const action = (name: string) => ({ action: { name } })

describe('a search of subjects', () => {
  const who = (name: string, id: string, type = 'user') =>
    find('subject', { subject: { type }, ...action(name), resource: document(id) })

  test('finds active members, through teams and roles, in the order of their ids', async () => {
    expect(await who('view', '1')).toEqual(['ann', 'ben'])
    expect(await who('view', '1', 'service')).toEqual(['robot'])
    expect(await who('edit', '1')).toEqual(['ann'])
    expect(await who('view', 'secret')).toEqual([])
  })

  test('ignores an id of the subject', async () => {
    const subject = { type: 'user', id: 'cleo' }
    const found = await find('subject', { subject, ...action('view'), resource: document('1') })
    expect(found).toEqual(['ann', 'ben'])
  })

  test('believes what is sent of the resource where nothing is stored', async () => {
    const resource = { ...document('new'), properties: { owner: 'ann' } }
    expect(
      await find('subject', { subject: { type: 'user' }, ...action('edit'), resource }),
    ).toEqual(['ann'])
  })

  test('searches paths as well', async () => {
    const resource = { type: 'route', id: '/docs/health' }
    expect(
      await find('subject', { subject: { type: 'user' }, ...action('GET'), resource }),
    ).toEqual(['ann', 'ben'])
  })

  test.each([
    [{ subject: { type: 'role' }, ...action('view'), resource: document('1') }],
    [{ subject: { type: 'identity' }, ...action('view'), resource: document('1') }],
    [{ subject: { type: 'user' }, ...action('share'), resource: document('1') }],
    [{ subject: { type: 'user' }, ...action('GET'), resource: document('1') }],
    [{ subject: { type: 'user' }, ...action('view'), resource: { type: 'other', id: '1' } }],
    [{ subject: { type: 'user' }, ...action('view'), resource: document('../1') }],
  ])('has no results for what is unknown: %j', async (body) => {
    expect(await find('subject', body)).toEqual([])
  })
})

describe('a search of resources', () => {
  const what = (subject: object, name: string, type = 'document') =>
    find('resource', { subject, ...action(name), resource: { type, id: 'ignored' } })

  test('finds what is stored, by its own id', async () => {
    expect(await what(user('ann'), 'view')).toEqual(['1', '2', 'a b'])
    expect(await what(user('ann'), 'edit')).toEqual(['1', 'secret'])
    expect(await what(user('ben'), 'edit')).toEqual([])
    expect(await what({ type: 'identity', id: 'auth0|ann' }, 'edit')).toEqual(['1', 'secret'])
  })

  test('finds what rules name, of files and of the organisation', async () => {
    expect(await what(user('ben'), 'view', 'folder')).toEqual(['a b', 'shared'])
    expect(await what(user('cleo'), 'view', 'folder')).toEqual(['hers'])
  })

  test('finds paths that rules name, for their methods', async () => {
    expect(await what(user('ben'), 'GET', 'route')).toEqual(['/docs/health', '/docs/list'])
    expect(await what(user('ben'), 'DELETE', 'route')).toEqual(['/docs/list'])
  })

  test('answers what an evaluation says', async () => {
    for (const id of await what(user('ann'), 'view')) {
      const question = { subject: user('ann'), ...action('view'), resource: document(id) }
      expect(await point.ask('evaluation', question)).toMatchObject({ decision: true })
    }
  })

  test('has no results for what is unknown', async () => {
    expect(await what(user('sam'), 'view')).toEqual([])
    expect(await what(user('nobody'), 'view')).toEqual([])
    expect(await what(user('ann'), 'share')).toEqual([])
    expect(await what(user('ann'), 'view', 'other')).toEqual([])
    expect(await what({ type: 'robot', id: 'x' }, 'view')).toEqual([])
  })
})

describe('a search of actions', () => {
  const how = (subject: object, resource: object) => find('action', { subject, resource })

  test('finds declared actions in their order, and methods of a path', async () => {
    expect(await how(user('ann'), document('1'))).toEqual(['view', 'edit', 'delete'])
    expect(await how(user('ben'), document('1'))).toEqual(['view'])
    expect(await how(user('ben'), { type: 'route', id: '/docs/list' })).toEqual([
      ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    ])
    expect(await how(user('ben'), { type: 'route', id: '/docs/health' })).toEqual(['GET'])
  })

  test('has no results for what is unknown', async () => {
    expect(await how(user('sam'), document('1'))).toEqual([])
    expect(await how(user('ann'), document('..'))).toEqual([])
    expect(await how(user('ann'), { type: 'other', id: '1' })).toEqual([])
  })

  test('goes page by page as well', async () => {
    const body = { subject: user('ann'), resource: document('1') }
    const first = await point.ask('search/action', { ...body, page: { limit: 2 } })
    expect(first['results']).toEqual([{ name: 'view' }, { name: 'edit' }])
    const { next_token: token } = first['page'] as Json
    const second = await point.ask('search/action', { ...body, page: { token } })
    expect(second).toMatchObject({
      page: { next_token: '', count: 1 },
      results: [{ name: 'delete' }],
    })
  })
})

describe('pages', () => {
  const pages = async (body: object, limit: number | undefined) => {
    const found: string[][] = []
    let token = ''
    do {
      const page = { ...(limit !== undefined && { limit }), ...(token !== '' && { token }) }
      const answer = await point.ask('search/resource', { ...body, page })
      const { next_token: next, count } = answer['page'] as { next_token: string; count: number }
      const results = answer['results'] as Json[]
      expect(count).toBe(results.length)
      found.push(results.map(({ id }) => String(id)))
      token = next
    } while (token !== '')
    return found
  }
  const every = { subject: user('ann'), ...action('view'), resource: { type: 'document' } }

  test('hold every result once, in order', async () => {
    expect(await pages(every, 1)).toEqual([['1'], ['2'], ['a b']])
    expect(await pages(every, 2)).toEqual([['1', '2'], ['a b']])
    expect(await pages(every, 3)).toEqual([['1', '2', 'a b']])
  })

  test('come first in an answer', async () => {
    const answer = await point.ask('search/resource', every)
    expect(Object.keys(answer)).toEqual(['page', 'results', 'context'])
    expect(answer['context']).toEqual({ policy_revision: expect.any(Number) })
  })

  test('I21: end early where nothing is found for long, and go on', async () => {
    const last = { subject: user('last'), ...action('view'), resource: { type: 'page' } }
    expect(await pages(last, undefined)).toEqual([[], [String(MANY - 1).padStart(5, '0')]])
  })

  test('are as long as they may be at most', async () => {
    const body = { subject: user('ann'), ...action('view'), resource: { type: 'document' } }
    expect((await point.post('search/resource', { ...body, page: { limit: 0 } })).status).toBe(200)
    expect(await point.ask('search/resource', { ...body, page: { limit: 0 } })).toMatchObject({
      page: { count: 0, next_token: expect.stringMatching(/./) },
    })
  })

  test.each([
    ['another subject', { subject: user('ben') }],
    ['another action', action('edit')],
    ['another resource', { resource: { type: 'folder' } }],
    ['another property', { resource: { type: 'document', properties: { owner: 'ann' } } }],
    ['a context', { context: { time: 'now' } }],
    ['another limit', { page: { limit: 2 } }],
  ])('cannot be had with a token and %s', async (_title, change) => {
    const first = await point.ask('search/resource', { ...every, page: { limit: 1 } })
    const { next_token: token } = first['page'] as Json
    const { page, ...rest } = change as { page?: object }
    const answer = await point.post('search/resource', {
      ...every,
      ...rest,
      page: { token, ...page },
    })
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as Json)['detail']).toMatch(/^page\.(token|limit) /)
  })

  test('cannot be had of another search with the same token', async () => {
    const first = await point.ask('search/resource', { ...every, page: { limit: 1 } })
    const { next_token: token } = first['page'] as Json
    const body = { ...every, resource: document('1'), page: { token } }
    expect((await point.post('search/action', body)).status).toBe(400)
  })
})
