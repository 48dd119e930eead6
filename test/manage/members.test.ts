import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findAccountByKey } from '../../src/store/accounts.ts'
import { type Callers, idsIn, lastAudit, openCallers, readItem, readPages } from './callers.ts'
import { password, somebody } from './people.ts'

let callers: Callers
beforeAll(async () => {
  callers = await openCallers()
}, 60_000)
afterAll(() => callers?.gateway.stop())

const ask: Callers['ask'] = (...asked) => callers.ask(...asked)
const get: Callers['get'] = (...asked) => callers.get(...asked)
const create = (over: Record<string, unknown> = {}) =>
  get(201, 'POST /members', { body: somebody(over) })

describe('creating a member', () => {
  test('makes an account and an active member with teams and roles', async () => {
    const team = await get(201, 'POST /teams', { body: { name: 'Created into' } })
    const made = await create({ teams: [team['id']], roles: ['role:reader'] })
    expect(made).toMatchObject({
      state: 'active',
      name: 'Dora Dorn',
      teams: [team['id']],
      roles: ['role:reader'],
    })
    expect(await get(200, `GET /members/${made['id']}`)).toEqual(made)
  })

  test('stores an Argon2id hash that has to be changed, and shows the password nowhere', async () => {
    const body = somebody()
    await get(201, 'POST /members', { body })
    const account = await findAccountByKey(callers.gateway.running.db.query, body.email)
    expect(account?.password).toMatch(/^\$argon2id\$/)
    expect(account?.must_change_password).toBe(true)
    expect(JSON.stringify(await get(200, 'GET /audit?limit=200'))).not.toContain(password)
  })

  test('is one row of the audit, with the member and without the password', async () => {
    const made = await create()
    expect(await lastAudit(callers)).toMatchObject({
      operation: 'createMember',
      actor: 'user:olga',
      object: `/gatehouse/members/${made['id']}`,
      before: null,
      after: made,
    })
  })

  test.each([
    ['a short password', { password: 'short' }, /password: .*at least 12/],
    ['a common password', { password: 'password123456' }, /password: /],
    [
      'a password that is the address',
      { email: 'dora.dorn.is@acme.example', password: 'dora.dorn.is@acme.example' },
      /password: /,
    ],
    ['an address without @', { email: 'acme.example' }, /email: .*@/],
    ['an address with two @', { email: 'a@b@acme.example' }, /email: /],
    ['an empty first name', { firstName: ' ' }, /firstName: is empty/],
    ['a name of two lines', { lastName: 'a\nb' }, /lastName: is one line/],
    ['a team of another form', { teams: ['role:reader'] }, /teams\[0\]: is team: and an id/],
    ['a team that is not there', { teams: ['team:none'] }, /no team team:none/],
    ['a role that is not there', { roles: ['role:none'] }, /no role role:none/],
    ['a field that is none', { admin: true }, /admin/],
  ])('with %s is refused and says what would be right', async (_, over, detail) => {
    const answer = await ask('POST /members', { body: somebody(over) })
    expect(answer.status).toBe(400)
    expect(answer.body['detail']).toMatch(detail)
  })

  test('for an address that has an account, in whatever case, is a conflict', async () => {
    const body = somebody()
    await get(201, 'POST /members', { body })
    const again = { ...body, email: body.email.toUpperCase() }
    expect((await ask('POST /members', { body: again })).status).toBe(409)
  })

  test('with a role that the creator does not hold is refused, and nobody is created', async () => {
    const body = somebody({ roles: ['role:owner'] })
    expect((await ask('POST /members', { body, as: 'admin' })).status).toBe(403)
    expect(idsIn(await get(200, `GET /members?q=${encodeURIComponent(body.email)}`))).toEqual([])
    expect(await findAccountByKey(callers.gateway.running.db.query, body.email)).toBeUndefined()
  })

  test('is not for members without that permission, nor for strangers', async () => {
    expect((await ask('POST /members', { body: somebody(), as: 'member' })).status).toBe(403)
    expect((await ask('POST /members', { body: somebody(), as: 'stranger' })).status).toBe(404)
    expect((await ask('POST /members', { body: somebody(), as: 'nobody' })).status).toBe(401)
  })
})

describe('the list of members', () => {
  test('finds by name, address and id, whatever the case, and takes % and _ as letters', async () => {
    const made = await create({ firstName: 'Xenia_100%' })
    const found = async (words: string) =>
      idsIn(await get(200, `GET /members?q=${encodeURIComponent(words)}`))
    expect(await found('xENIA')).toEqual([made['id']])
    expect(await found('_100%')).toEqual([made['id']])
    expect(await found(String(made['email']))).toEqual([made['id']])
    expect(await found(String(made['id']))).toEqual([made['id']])
    expect(await found('Xenia%100')).toEqual([])
    expect(await found('Xeni__100')).toEqual([])
  })

  test('pages through everybody once', async () => {
    for (let at = 0; at < 3; at += 1) await create()
    const all = idsIn(await get(200, 'GET /members?limit=200'))
    const { items, pages } = await readPages(callers, '/members?limit=2')
    expect(items.map(({ id }) => id)).toEqual(all)
    expect(pages).toBeGreaterThan(2)
  })

  test('shows nobody of another organisation', async () => {
    expect(idsIn(await get(200, 'GET /members?limit=200'))).not.toContain('user:bob')
    expect((await ask('GET /members/user:bob')).status).toBe(404)
    expect((await ask('GET /members/user:olga', { as: 'stranger' })).status).toBe(404)
  })

  test.each(['?state=gone', '?limit=0', '?limit=201', '?cursor=x', '?q=', '?page=2'])(
    'refuses %s',
    async (query) => expect((await ask(`GET /members${query}`)).status).toBe(400),
  )
})

describe('a suspended member', () => {
  test('gets nowhere at once, and everywhere again when resumed', async () => {
    const key = await callers.gateway.member('user:sue', { holds: ['role:reader'] })
    expect(await readItem(callers, key)).toBe(502)
    const suspended = await get(200, 'POST /members/user:sue/suspend')
    expect(suspended).toMatchObject({ id: 'user:sue', state: 'suspended', roles: ['role:reader'] })
    expect(await readItem(callers, key)).toBe(403)
    expect((await ask('GET /teams', { as: key })).status).toBe(404)
    expect(idsIn(await get(200, 'GET /members?state=suspended'))).toEqual(['user:sue'])
    expect((await ask('POST /members/user:sue/suspend')).status).toBe(409)
    await get(200, 'POST /members/user:sue/resume')
    expect(await readItem(callers, key)).toBe(502)
    expect((await ask('POST /members/user:sue/resume')).status).toBe(409)
  })

  test('is let in again only by who holds what they would hold again', async () => {
    await callers.gateway.member('user:rex', { holds: ['role:editor'] })
    await get(200, 'POST /members/user:rex/suspend', { as: 'admin' })
    const refused = await ask('POST /members/user:rex/resume', { as: 'admin' })
    expect(refused.status).toBe(403)
    expect(refused.body['detail']).toMatch(/you do not hold/)
    await get(200, 'POST /members/user:rex/resume')
  })
})

describe('a removed member', () => {
  test('loses rules, roles, teams and keys, and is still known', async () => {
    const key = await callers.gateway.member('user:rem', { holds: ['role:reader'] })
    const team = await get(201, 'POST /teams', { body: { name: 'Left behind' } })
    await get(200, `POST /teams/${team['id']}/members`, { body: { add: ['user:rem'] } })
    await get(204, 'DELETE /members/user:rem')
    expect(await readItem(callers, key)).toBe(401)
    expect(await get(200, `GET /teams/${team['id']}/members`)).toEqual({ items: [] })
    expect(await get(200, 'GET /assignments?subject=user:rem')).toEqual({ items: [] })
    expect(await get(200, 'GET /members/user:rem')).toMatchObject({ state: 'removed', roles: [] })
    expect(idsIn(await get(200, 'GET /members?limit=200'))).not.toContain('user:rem')
    expect((await ask('DELETE /members/user:rem')).status).toBe(409)
    expect((await ask('POST /members/user:rem/resume')).status).toBe(409)
  })

  test('is not there in another organisation', async () => {
    expect((await ask('DELETE /members/user:bob')).status).toBe(404)
    expect((await ask('DELETE /members/user:olga', { as: 'stranger' })).status).toBe(404)
  })
})

describe('the last owner', () => {
  test.each(['POST /members/user:olga/suspend', 'DELETE /members/user:olga'])(
    'stays: %s is a conflict',
    async (request) => {
      const answer = await ask(request)
      expect(answer.status).toBe(409)
      expect(answer.body['detail']).toMatch(/make somebody else owner/)
    },
  )

  test('is out of reach of administrators, as any owner is', async () => {
    await callers.gateway.member('user:oda', { holds: ['role:owner'] })
    expect((await ask('POST /members/user:oda/suspend', { as: 'admin' })).status).toBe(403)
    expect((await ask('DELETE /members/user:oda', { as: 'admin' })).status).toBe(403)
    await get(204, 'DELETE /members/user:oda')
  })
})
