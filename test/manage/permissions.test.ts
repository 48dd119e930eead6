import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseRevision, setMemberState } from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import { type Callers, openCallers, readPages } from './callers.ts'

type Json = Record<string, unknown>

let callers: Callers
let team: string
let role: string
beforeAll(async () => {
  callers = await openCallers()
  const { get, gateway } = callers
  const body = { name: 'Readers', slug: 'readers', permissions: ['docs:read', 'teams:read'] }
  role = String((await get(201, 'POST /roles', { body }))['id'])
  team = String((await get(201, 'POST /teams', { body: { name: 'Night' } }))['id'])
  await get(201, 'POST /assignments', { body: { subject: team, role } })
  await get(200, `POST /teams/${team}/members`, { body: { add: ['user:mia'] } })
  await gateway.member('service:robot', { holds: ['role:reader'] })
  await gateway.member('user:sue', { holds: ['role:editor'] })
  await gateway.running.db.transaction('seed', async (trx) => {
    await setMemberState(trx, 'acme', 'user:sue', 'suspended')
    await raiseRevision(trx, 'acme')
  })
}, 120_000)
afterAll(() => callers?.gateway.stop())

/** Method and object of each item. */
async function allowedTo(holder: string, as?: string) {
  const { items } = await readPages(callers, `/${holder}/permissions?limit=200`, as)
  return items.map(({ method, object }) => `${method} ${object}`)
}
const ofRole = ['GET /docs/items/:id', 'GET /gatehouse/teams', 'GET /gatehouse/teams/*']

describe('the catalogue', () => {
  test('names what roles and scopes may name, with a sentence and what it allows', async () => {
    const { items } = await callers.get(200, 'GET /permissions')
    expect(items).toContainEqual({
      name: 'docs:read',
      description: 'GET /items/:id of docs.',
      allows: [{ object: '/docs/items/:id', method: 'GET' }],
    })
    const names = (items as Json[]).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['teams:write', 'keys:read', 'docs:*']))
    const all = { name: 'All', slug: 'all', permissions: names }
    await callers.get(201, 'POST /roles', { body: all })
  })
})

describe('what a holder may do', () => {
  test('a team: all that its roles give, by which rule and by which way', async () => {
    expect(await allowedTo(`teams/${team}`)).toEqual(ofRole)
    const { items } = await callers.get(200, `GET /teams/${team}/permissions`)
    expect((items as Json[])[0]).toEqual({
      method: 'GET',
      object: '/docs/items/:id',
      except: [],
      rolePath: [team, role],
      rule: `p, ${role}, org:acme, /docs/items/:id, GET, allow`,
      from: `permission docs:read of ${role}`,
    })
  })

  test('a member: what they hold themselves and through teams', async () => {
    const own = await allowedTo('members/user:mia')
    expect(own).toEqual(expect.arrayContaining([...ofRole, '* /gatehouse/me']))
  })

  test('a service account, and a role of each source', async () => {
    expect(await allowedTo('service-accounts/service:robot')).toEqual(['GET /docs/items/:id'])
    expect(await allowedTo(`roles/${role}`)).toEqual(ofRole)
    expect(await allowedTo('roles/role:editor')).toEqual([
      'GET /docs/items/:id',
      'PUT /docs/items/:id',
    ])
    expect(await allowedTo('roles/role:owner')).toEqual(['* /*'])
  })

  test('what denies take away is named beside it', async () => {
    await callers.gateway.member('user:dan', { holds: ['role:reader'] })
    await callers.gateway.running.db.transaction('seed', async (trx) => {
      const revision = await raiseRevision(trx, 'acme')
      const values = ['user:dan', 'org:acme', '/docs/items/3', 'GET', 'deny']
      await addRules(trx, 'acme', [{ ptype: 'p', values }], { author: 'user:olga', revision })
    })
    await expect
      .poll(async () => (await callers.get(200, 'GET /members/user:dan/permissions'))['items'])
      .toEqual([expect.objectContaining({ except: [{ method: 'GET', object: '/docs/items/3' }] })])
  })

  test('nothing, while a member is suspended', async () => {
    expect(await allowedTo('members/user:sue')).toEqual([])
  })

  test('a page at a time, each once', async () => {
    for (const limit of [1, 2, 3]) {
      const { items, pages } = await readPages(callers, `/teams/${team}/permissions?limit=${limit}`)
      expect(items.map(({ object }) => object)).toHaveLength(ofRole.length)
      expect(pages).toBe(Math.ceil(ofRole.length / limit))
    }
  })

  test.each([
    'teams/team:none',
    'members/user:none',
    'members/service:robot',
    'members/user:bob',
    'service-accounts/service:none',
    'roles/role:none',
    'roles/role:beta-only',
  ])('%s is not there', async (holder) => {
    expect((await callers.ask(`GET /${holder}/permissions`)).status).toBe(404)
  })

  test('of another organisation is not there, and asked by whom may read it alone', async () => {
    for (const holder of [`teams/${team}`, 'members/user:mia', 'service-accounts/service:robot']) {
      const request = `GET /${holder}/permissions`
      const status = async (as: string) => (await callers.ask(request, { as })).status
      expect(await status('viewer')).toBe(200)
      expect(await status('maker')).toBe(403)
      expect(await status('stranger')).toBe(404)
      expect(await status('nobody')).toBe(401)
      const there = await callers.ask(request, { as: 'stranger', organisation: 'beta' })
      expect(there.status).toBe(404)
      expect((await callers.ask(`${request}?limit=0`)).status).toBe(400)
    }
  })
})
