import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { type Management, openManaged, outcomeOf } from '../support/management.ts'

let scene: Management
let number = 0
beforeAll(async () => {
  scene = await openManaged()
}, 120_000)
afterAll(() => scene?.close())

const call: Management['call'] = (...asked) => scene.call(...asked)
const teams = '/orgs/acme/teams'

function next(): number {
  number += 1
  return number
}

/** Makes a team of the owner's, with a name of its own. */
async function team(name = `Team ${next()}`): Promise<{ id: string; etag: string }> {
  const { json, headers } = await call('owner', 'POST', teams, { name })
  return { id: String(json['id']), etag: headers.get('etag') ?? '' }
}

describe('a team', () => {
  test('that is made is answered whole, with its tag and the revision', async () => {
    const body = { name: ' Wri\u0074ers ', description: 'They write.' }
    const made = await call('owner', 'POST', teams, body)
    expect(made.status).toBe(201)
    expect(made.json).toEqual({
      id: expect.stringMatching(/^team:[a-z0-9]{20}$/),
      name: 'Writers',
      description: 'They write.',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    })
    expect(made.headers.get('gatehouse-revision')).toMatch(/^acme:\d+$/)
    const read = await call('viewer', 'GET', `${teams}/${made.json['id']}`)
    expect([read.status, read.json]).toEqual([200, made.json])
    expect(read.headers.get('etag')).toBe(made.headers.get('etag'))
  })

  test.each([
    ['no name', {}, 'name: is needed.'],
    ['a name that is no text', { name: 1 }, 'name: is a text.'],
    ['an empty name', { name: ' ' }, 'name: is empty.'],
    ['a name that is too long', { name: 'x'.repeat(101) }, 'name: has at most 100 characters.'],
    ['two lines', { name: 'a\nb' }, 'name: is one line without control characters.'],
    ['NUL', { name: 'a\0' }, 'name: is one line without control characters.'],
    ['half a surrogate', { name: 'a\ud800' }, 'name: is one line without control characters.'],
    ['half of one inside', { name: 'a', description: '\udc00' }, 'description: holds no control'],
    ['a field of no team', { name: 'a', id: 'team:x' }, '"id" is no field here; use name, desc'],
    ['two of them', { name: 'a', x: 1, y: 2 }, '"x", "y" are no fields here; use name'],
    ['a member twice', '{"name": "a", "name": "b"}', 'names no member twice'],
    ['a list', '[]', 'The body is a JSON object'],
    ['no JSON', 'name=a', 'The body is a JSON object'],
    ['nothing', '', 'The body is a JSON object'],
  ])('of %s is 400 and says what is right', async (_title, body, detail) => {
    const answer = await call('owner', 'POST', teams, body)
    expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
    expect(answer.json['detail']).toContain(detail)
  })

  test('A4 86: in what a form of another site can send is 400', async () => {
    const headers = { 'content-type': 'text/plain' }
    const answer = await call('owner', 'POST', teams, { name: 'Form' }, headers)
    expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
  })

  test('in a body that is too large is 413, and the connection ends', async () => {
    const body = { name: 'a', description: 'x'.repeat(limits.operationBodyBytes) }
    const answer = await call('owner', 'POST', teams, body)
    expect(outcomeOf(answer)).toEqual([413, 'body_too_large'])
    expect(answer.headers.get('connection')).toBe('close')
    const deleted = await call('owner', 'DELETE', `${teams}/${(await team()).id}`, {})
    expect(outcomeOf(deleted)).toEqual([413, 'body_too_large'])
  })

  test('of the name of another is 409, whatever its case', async () => {
    await team('Taken')
    const made = await call('owner', 'POST', teams, { name: 'TAKEN' })
    expect(outcomeOf(made)).toEqual([409, 'conflict'])
    const { id } = await team()
    const match = { 'if-match': '*' }
    const renamed = await call('owner', 'PATCH', `${teams}/${id}`, { name: 'taken' }, match)
    expect(outcomeOf(renamed)).toEqual([409, 'conflict'])
  })

  test('may be made by who administers, and by nobody who views or is only a member', async () => {
    const make = async (name: string) => {
      return (await call(name, 'POST', teams, { name: `By ${name}` })).status
    }
    expect(await make('admin')).toBe(201)
    expect(await make('viewer')).toBe(403)
    expect(await make('member')).toBe(403)
    expect((await call('member', 'GET', teams)).status).toBe(403)
  })

  test('that is unknown is 404 for reading, changing and deleting', async () => {
    for (const id of ['team:nobody', 'team:UPPER', 'user:ann', 'x', '%00']) {
      const path = `${teams}/${id}`
      expect(outcomeOf(await call('owner', 'GET', path))).toEqual([404, 'not_found'])
      const headers = { 'if-match': '*' }
      const patched = await call('owner', 'PATCH', path, { name: 'New' }, headers)
      expect(outcomeOf(patched)).toEqual([404, 'not_found'])
      expect(outcomeOf(await call('owner', 'DELETE', path))).toEqual([404, 'not_found'])
    }
  })

  test('is changed only by who has seen it as it is: 428 without its tag, 412 with an old one', async () => {
    const { id, etag } = await team()
    const path = `${teams}/${id}`
    const patch = (headers?: Record<string, string>) =>
      call('owner', 'PATCH', path, { description: 'new' }, headers)
    expect(outcomeOf(await patch())).toEqual([428, 'precondition_required'])
    expect(outcomeOf(await patch({ 'if-match': '"x"' }))).toEqual([412, 'precondition_failed'])
    expect(outcomeOf(await patch({ 'if-match': `W/${etag}` }))).toEqual([
      412,
      'precondition_failed',
    ])
    const changed = await patch({ 'if-match': `"x", ${etag}` })
    expect(changed).toMatchObject({ status: 200, json: { id, description: 'new' } })
    expect(outcomeOf(await patch({ 'if-match': etag }))).toEqual([412, 'precondition_failed'])
    const again = await patch({ 'if-match': changed.headers.get('etag') ?? '' })
    expect(again.status).toBe(200)
  })

  test('is changed by something, or it is 400', async () => {
    const { id } = await team()
    const answer = await call('owner', 'PATCH', `${teams}/${id}`, {}, { 'if-match': '*' })
    expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
    expect(answer.json['detail']).toBe('name or description is needed.')
  })

  test('that the reader has already is 304 without a body', async () => {
    const { id, etag } = await team()
    const get = (tag: string) =>
      call('owner', 'GET', `${teams}/${id}`, undefined, { 'if-none-match': tag })
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await get(tag)
      expect([answer.status, answer.headers.get('etag')]).toEqual([304, etag])
    }
    expect((await get('"x"')).status).toBe(200)
  })

  test('that was changed since it was read is not deleted: 412', async () => {
    const { id, etag } = await team()
    const path = `${teams}/${id}`
    await call('owner', 'PATCH', path, { description: 'changed' }, { 'if-match': etag })
    const remove = (tag: string) => call('owner', 'DELETE', path, undefined, { 'if-match': tag })
    expect(outcomeOf(await remove(etag))).toEqual([412, 'precondition_failed'])
    const { headers } = await call('owner', 'GET', path)
    expect((await remove(headers.get('etag') ?? '')).status).toBe(204)
  })

  test('takes its rules along when it is deleted, and what was held through it', async () => {
    const { id } = await team()
    await call('owner', 'POST', `${teams}/${id}/members`, { add: ['user:mia'] })
    await call('owner', 'POST', '/orgs/acme/assignments', { subject: id, role: 'role:viewer' })
    expect((await call('member', 'GET', teams)).status).toBe(200)
    expect((await call('owner', 'DELETE', `${teams}/${id}`)).status).toBe(204)
    expect((await call('member', 'GET', teams)).status).toBe(403)
    const { db } = scene.gateway.running
    const rows = await db.query.selectFrom('casbin').select('rule').execute()
    expect(rows.filter(({ rule }) => rule.includes(id))).toEqual([])
    const left = await call('owner', 'GET', `/orgs/acme/assignments?subject=${id}`)
    expect(left.json).toEqual({ items: [] })
  })
})

describe('the list of teams', () => {
  test('is searched, sorted and paged to its end, each once', async () => {
    for (const name of ['Zeta page', 'alpha page', '50%_page']) await team(name)
    const names = async (query: string) => {
      const { json } = await call('viewer', 'GET', `${teams}?${query}`)
      return (json['items'] as { name: string }[]).map(({ name }) => name)
    }
    expect(await names('q=%25_p')).toEqual(['50%_page'])
    expect(await names('q=PAGE&sort=newest')).toEqual(['50%_page', 'alpha page', 'Zeta page'])
    for (const sort of ['name', 'newest']) {
      const found: unknown[] = []
      for (let cursor = ''; ; ) {
        const path = `${teams}?q=page&limit=1&sort=${sort}${cursor}`
        const { json } = await call('viewer', 'GET', path)
        found.push(...(json['items'] as unknown[]))
        if (json['next'] === undefined) break
        cursor = `&cursor=${json['next']}`
      }
      expect(found).toHaveLength(3)
      expect(new Set(found.map((one) => JSON.stringify(one))).size).toBe(3)
    }
  })

  const cursor = (keys: unknown) => Buffer.from(JSON.stringify(keys)).toString('base64url')
  test.each([
    ['limit=0', 'limit is a number from 1 to 200'],
    ['limit=201', 'limit is at most 200'],
    ['limit=x', 'limit is a number from 1 to 200'],
    ['sort=size', 'sort is name or newest'],
    ['q=', 'q is empty'],
    ['q=a%00', 'q holds no control characters'],
    [`q=${'x'.repeat(101)}`, 'q has at most 100 characters'],
    ['q=a&q=b', '"q" is given twice'],
    ['cursor=', 'cursor is what the page before answered as next'],
    ['cursor=x', 'cursor is what'],
    [`cursor=${cursor(['a'])}`, 'cursor is what'],
    [`cursor=${cursor(['a\0', 'b'])}`, 'cursor is what'],
    [`cursor=${cursor(['a', 1])}`, 'cursor is what'],
    [`sort=newest&cursor=${cursor(['no moment', 'team:a'])}`, 'cursor is what'],
  ])('with %s is 400 and says what is right', async (query, detail) => {
    const answer = await call('viewer', 'GET', `${teams}?${query}`)
    expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
    expect(answer.json['detail']).toContain(detail)
  })
})

describe('the members of a team', () => {
  test('are put in and taken out at once, told with who did it, and paged', async () => {
    const { id } = await team()
    const path = `${teams}/${id}/members`
    const add = ['user:mia', 'user:vera', 'user:mia']
    const first = await call('owner', 'POST', path, { add, remove: ['user:alan'] })
    expect(first.json).toEqual({ added: ['user:mia', 'user:vera'], removed: [] })
    const second = await call('admin', 'POST', path, {
      add: ['user:alan', 'user:mia'],
      remove: ['user:vera'],
    })
    expect(second.json).toEqual({ added: ['user:alan'], removed: ['user:vera'] })
    const page = await call('viewer', 'GET', `${path}?limit=1`)
    expect(page.json).toEqual({
      items: [{ subject: 'user:mia', addedBy: 'user:olga', since: expect.any(String) }],
      next: expect.any(String),
    })
    const rest = await call('viewer', 'GET', `${path}?limit=1&cursor=${page.json['next']}`)
    expect(rest.json).toMatchObject({ items: [{ subject: 'user:alan', addedBy: 'user:alan' }] })
    expect(rest.json['next']).toBeUndefined()
  })

  test.each([
    [{ add: ['user:bob'] }, 'user:bob is no member of the organisation.'],
    [{ add: ['team:x'] }, 'add[0]: is user: or service: and an id.'],
    [{ add: 'user:mia' }, 'add: is a list.'],
    [{ add: ['user:mia'], remove: ['user:mia'] }, 'user:mia is in add and in remove.'],
    [{ remove: Array(101).fill('user:mia') }, 'remove: has at most 100 members.'],
  ])('%j is 400 and changes nothing', async (body, detail) => {
    const { id } = await team()
    const answer = await call('owner', 'POST', `${teams}/${id}/members`, body)
    expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
    expect(answer.json['detail']).toBe(detail)
    expect((await call('owner', 'GET', `${teams}/${id}/members`)).json).toEqual({ items: [] })
  })

  test('of no team are 404, and a cursor of another list is 400', async () => {
    const path = `${teams}/team:nobody/members`
    expect(outcomeOf(await call('owner', 'GET', path))).toEqual([404, 'not_found'])
    const put = await call('owner', 'POST', path, { add: ['user:mia'] })
    expect(outcomeOf(put)).toEqual([404, 'not_found'])
    const bad = Buffer.from('["x"]').toString('base64url')
    const { id } = await team()
    const paged = await call('owner', 'GET', `${teams}/${id}/members?cursor=${bad}`)
    expect(outcomeOf(paged)).toEqual([400, 'invalid_input'])
  })

  test('I11: nobody puts somebody into a team that holds what they do not', async () => {
    const { id } = await team()
    await call('owner', 'POST', '/orgs/acme/assignments', { subject: id, role: 'role:reader' })
    const put = await call('admin', 'POST', `${teams}/${id}/members`, { add: ['user:alan'] })
    expect(outcomeOf(put)).toEqual([403, 'denied'])
    expect(put.json['detail']).toMatch(/would give user:alan .* which you do not hold yourself/)
    expect((await call('owner', 'GET', `${teams}/${id}/members`)).json).toEqual({ items: [] })
  })
})
