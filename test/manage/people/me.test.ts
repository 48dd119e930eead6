import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadOrganisation } from '../../../src/store/organisation-state.ts'
import { setMemberState } from '../../../src/store/organisations.ts'
import { OTHER, openPeople, PASSWORD, type PeopleScene } from './scene.ts'

let scene: PeopleScene
let key: string
beforeAll(async () => {
  scene = await openPeople()
  for (const id of ['beta', 'gone', 'asked']) await scene.gateway.organisation(id)
  for (const name of ['ann', 'ben']) await scene.person(name)
  key = await scene.gateway.member('user:ann', { holds: ['role:owner', 'team:writers'] })
  for (const organisation of ['beta', 'gone', 'asked']) {
    await scene.gateway.member('user:ann', { organisation, holds: ['role:viewer'] })
  }
  await scene.gateway.running.db.transaction('seed', async (trx) => {
    await setMemberState(trx, 'beta', 'user:ann', 'suspended')
    await setMemberState(trx, 'gone', 'user:ann', 'removed')
    await setMemberState(trx, 'asked', 'user:ann', 'invited')
  })
}, 120_000)
beforeEach(() => scene.calm())
afterAll(() => scene?.gateway.stop())

const revisionOf = async (id: string) =>
  (await loadOrganisation(scene.gateway.running.db, id))?.revision ?? 0
const organisation = (id: string, state: string, roles: string[]) => ({
  organisation: { id, name: id, slug: id, state: 'active' },
  state,
  roles,
})
const mine = [
  organisation('acme', 'active', ['role:owner']),
  organisation('asked', 'invited', ['role:viewer']),
  organisation('beta', 'suspended', ['role:viewer']),
]

describe('one’s own profile', () => {
  test('holds name, address and the organisations with state and roles', async () => {
    const { status, body } = await scene.call('GET', '/me', { bearer: await scene.signIn('ann') })
    expect(status).toBe(200)
    expect(body).toEqual({
      subject: 'user:ann',
      email: 'ann@example.com',
      emailVerified: false,
      firstName: 'ann',
      lastName: null,
      organisations: mine,
    })
  })

  test('lists the organisations a page at a time', async () => {
    const bearer = await scene.signIn('ann')
    const list = async (query: string) =>
      (await scene.call('GET', `/me/organisations${query}`, { bearer })).body
    expect(await list('')).toEqual({ items: mine })
    const first = await list('?limit=2')
    expect(first['items']).toEqual(mine.slice(0, 2))
    expect(await list(`?limit=2&cursor=${first['next']}`)).toEqual({ items: mine.slice(2) })
    expect((await scene.call('GET', '/me/organisations?cursor=x', { bearer })).status).toBe(400)
  })

  test('is for whoever is signed in, and a key of an organisation is not', async () => {
    for (const path of ['/me', '/me/sessions', '/me/organisations']) {
      expect((await scene.call('GET', path)).status).toBe(401)
      expect((await scene.call('GET', path, { bearer: key })).status).toBe(403)
    }
  })
})

describe('a new name', () => {
  test('is there at once, in every organisation that knows the person, with who told it', async () => {
    const bearer = await scene.signIn('ann')
    const ids = ['acme', 'beta', 'asked', 'gone']
    const before = await Promise.all(ids.map(revisionOf))
    const { headers } = await scene.call('GET', '/me', { bearer })
    const match = { 'if-match': headers.get('etag') ?? '' }
    const body = { firstName: 'Anna', lastName: 'Archer' }
    const changed = await scene.call('PATCH', '/me', { bearer, headers: match, body })
    expect([changed.status, changed.body]).toEqual([200, expect.objectContaining(body)])
    const after = await Promise.all(ids.map(revisionOf))
    expect(after.map((revision, at) => revision - (before[at] ?? 0))).toEqual([1, 1, 0, 0])
    const acme = await loadOrganisation(scene.gateway.running.db, 'acme')
    expect(acme?.members.get('user:ann')?.name).toBe('Anna Archer')
    const told = await scene.gateway.running.db.query
      .selectFrom('audit')
      .select(['organisation', 'operation', 'actor', 'after'])
      .where('operation', '=', 'updateMe')
      .where('organisation', '<>', 'platform')
      .orderBy('organisation')
      .execute()
    expect(told).toEqual(
      ['acme', 'beta'].map((id) => ({
        organisation: id,
        operation: 'updateMe',
        actor: 'user:ann',
        after: body,
      })),
    )
    const again = await scene.call('PATCH', '/me', { bearer, headers: match, body })
    expect(again.status).toBe(412)
  })

  test('needs If-Match and something to change', async () => {
    const bearer = await scene.signIn('ben')
    const patch = async (body: unknown, headers = {}) =>
      (await scene.call('PATCH', '/me', { bearer, body, headers })).status
    expect(await patch({ firstName: 'Ben' })).toBe(428)
    expect(await patch({}, { 'if-match': '*' })).toBe(400)
    expect(await patch({ firstName: '' }, { 'if-match': '*' })).toBe(400)
    expect(await patch({ email: 'other@example.com' }, { 'if-match': '*' })).toBe(400)
    expect(await patch({ lastName: 'Baker' }, { 'if-match': '*' })).toBe(200)
    expect((await scene.call('PATCH', '/me', { body: { lastName: 'x' } })).status).toBe(401)
  })
})

describe('another password', () => {
  const change = (bearer: string | undefined, current: string, password: string) =>
    scene.call('PUT', '/me/password', {
      ...(bearer !== undefined && { bearer }),
      body: { current, password },
    })
  const statusOf = async (bearer: string) => (await scene.call('GET', '/me', { bearer })).status

  test('ends every session and begins another, and an open reset link ends', async () => {
    await scene.call('POST', '/password-resets', { body: { email: 'ben@example.com' } })
    const token = await scene.mailed('ben')
    const [one, other] = [await scene.signIn('ben'), await scene.signIn('ben')]
    const answer = await change(one, PASSWORD, OTHER)
    expect(answer.status).toBe(200)
    const next = String(answer.body['session'])
    expect(answer.headers.getSetCookie()[0]).toContain(next)
    expect([await statusOf(one), await statusOf(other), await statusOf(next)]).toEqual([
      401, 401, 200,
    ])
    const body = { token, password: `${OTHER} again` }
    expect((await scene.call('POST', '/password-resets/complete', { body })).status).toBe(403)
    expect((await change(next, OTHER, PASSWORD)).status).toBe(200)
  })

  test('needs the present one, a good one, and another one', async () => {
    const bearer = await scene.signIn('ann')
    const wrong = await change(bearer, OTHER, `${OTHER} again`)
    expect([wrong.status, wrong.body['detail']]).toEqual([
      400,
      'current: is not the password that you have now.',
    ])
    expect((await change(bearer, PASSWORD, PASSWORD)).status).toBe(400)
    expect((await change(bearer, PASSWORD, 'password1234')).status).toBe(400)
    expect((await change(undefined, PASSWORD, OTHER)).status).toBe(401)
    expect(await statusOf(bearer)).toBe(200)
  })

  test('is not guessed by whoever got hold of a session', async () => {
    const bearer = await scene.signIn('ann')
    const statuses = []
    for (let time = 0; time < 6; time += 1) {
      statuses.push((await change(bearer, `${OTHER} ${time}`, OTHER)).status)
    }
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429])
  })

  test('of two changes at the same time holds for one', async () => {
    const bearer = await scene.signIn('ann')
    const both = await Promise.all([
      change(bearer, PASSWORD, OTHER),
      change(bearer, PASSWORD, `${OTHER} too`),
    ])
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})
