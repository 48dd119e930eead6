import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { verifyChain } from '../../support/audit.ts'
import { until } from '../../support/until.ts'
import { openPeople, type PeopleScene } from './scene.ts'

let scene: PeopleScene
const keys: Record<string, string> = {}
beforeAll(async () => {
  scene = await openPeople()
  const { gateway } = scene
  await gateway.organisation('beta')
  for (const name of ['ann', 'mia', 'zoe']) await scene.person(name)
  keys['owner'] = await gateway.member('user:olga', { holds: ['role:owner'] })
  keys['viewer'] = await gateway.member('user:vera', { holds: ['role:viewer'] })
  keys['member'] = await gateway.member('user:max', { holds: ['role:member'] })
  keys['beta'] = await gateway.member('user:bob', { organisation: 'beta', holds: ['role:owner'] })
  for (const organisation of ['acme', 'beta', 'platform']) {
    for (const name of ['ann', 'mia']) {
      await gateway.member(`user:${name}`, { organisation, holds: ['role:reader', 'role:owner'] })
    }
  }
  await gateway.member('user:zoe', { organisation: 'beta', holds: ['role:owner'] })
}, 120_000)
beforeEach(() => scene.calm())
afterAll(() => scene?.gateway.stop())

const idOf = (text: string) => /^ghs_([^_]+)_/.exec(text)?.[1] ?? ''
const as = (name: string) => ({ bearer: keys[name] ?? '' })
/** At the gateway, where everybody is denied by the service that is not there. */
async function passes(session: string, organisation = 'acme'): Promise<number> {
  const headers = { authorization: `Bearer ${session}` }
  const answer = await fetch(`http://127.0.0.1:${scene.gateway.port}/t/${organisation}/x`, {
    headers,
  })
  return answer.status
}

describe('one’s own sessions', () => {
  const list = async (bearer: string) => {
    const { body } = await scene.call('GET', '/me/sessions', { bearer })
    return body['items'] as Record<string, unknown>[]
  }

  test('are listed with where and by what, and without a secret', async () => {
    const body = { email: 'mia@example.com', password: 'correct horse battery staple' }
    const headers = { 'user-agent': 'a browser' }
    const answer = await scene.call('POST', '/sign-in', { body, headers })
    const bearer = String(answer.body['session'])
    const [one] = await list(bearer)
    expect(one).toMatchObject({
      id: idOf(bearer),
      current: true,
      organisations: null,
      agent: 'a browser',
      address: expect.stringContaining('127.0.0.1'),
    })
    expect(JSON.stringify(await list(bearer))).not.toMatch(/ghs_|hash/)
  })

  test('end one by one, and another person’s not', async () => {
    const [one, two, ann] = [
      await scene.signIn('mia'),
      await scene.signIn('mia'),
      await scene.signIn('ann'),
    ]
    const end = async (id: string) =>
      (await scene.call('DELETE', `/me/sessions/${id}`, { bearer: one })).status
    expect(await end(idOf(two))).toBe(204)
    expect((await scene.call('GET', '/me', { bearer: two })).status).toBe(401)
    expect(await end(idOf(two))).toBe(404)
    expect(await end(idOf(ann))).toBe(404)
    expect(await end('NO')).toBe(404)
    expect((await scene.call('GET', '/me', { bearer: ann })).status).toBe(200)
    expect((await scene.call('DELETE', `/me/sessions/${idOf(one)}`)).status).toBe(401)
  })

  test('end together, but for the one that asks', async () => {
    const [one, two] = [await scene.signIn('mia'), await scene.signIn('mia')]
    const answer = await scene.call('DELETE', '/me/sessions', { bearer: one })
    expect(answer.status).toBe(200)
    expect(Number(answer.body['ended'])).toBeGreaterThan(0)
    expect((await scene.call('GET', '/me', { bearer: two })).status).toBe(401)
    expect((await list(one)).map(({ id }) => id)).toEqual([idOf(one)])
    expect((await scene.call('DELETE', '/me/sessions')).status).toBe(401)
  })
})

describe('the sessions of an organisation', () => {
  const list = async (name: string, organisation = 'acme', query = '') => {
    const { status, body } = await scene.call(
      'GET',
      `/orgs/${organisation}/sessions${query}`,
      as(name),
    )
    return { status, body, items: body['items'] as Record<string, unknown>[] }
  }

  test('are those of its members that are valid there, and name no other', async () => {
    const [ann, zoe] = [await scene.signIn('ann'), await scene.signIn('zoe')]
    const { items } = await list('owner')
    const ids = items.map(({ id }) => id)
    expect(ids).toContain(idOf(ann))
    expect(ids).not.toContain(idOf(zoe))
    expect(Object.keys(items[0] ?? {}).sort()).toEqual(
      ['address', 'agent', 'createdAt', 'expiresAt', 'id', 'seenAt', 'subject'].sort(),
    )
    const own = await list('owner', 'acme', '?subject=user:ann')
    expect(new Set(own.items.map(({ subject }) => subject))).toEqual(new Set(['user:ann']))
  })

  test('come a page at a time, each once', async () => {
    for (let time = 0; time < 3; time += 1) await scene.signIn('ann')
    const all = (await list('owner')).items.map(({ id }) => id)
    const seen: unknown[] = []
    let query = '?limit=1'
    for (;;) {
      const { items, body } = await list('owner', 'acme', query)
      seen.push(...items.map(({ id }) => id))
      if (body['next'] === undefined) break
      query = `?limit=1&cursor=${body['next']}`
    }
    expect(seen).toEqual(all)
    const bad = Buffer.from('["x","y"]').toString('base64url')
    expect((await list('owner', 'acme', `?cursor=${bad}`)).status).toBe(400)
    expect((await list('owner', 'acme', '?subject=ann')).status).toBe(400)
  })

  test('may be read by a viewer, and not by a member or a stranger', async () => {
    expect((await list('viewer')).status).toBe(200)
    expect((await list('member')).status).toBe(403)
    expect((await list('beta')).status).toBe(404)
    expect((await scene.call('GET', '/orgs/acme/sessions')).status).toBe(401)
  })

  test('one ends there within a second, and goes on elsewhere', async () => {
    const session = await scene.signIn('ann')
    await until(async () => (await passes(session)) === 502)
    const path = `/orgs/acme/sessions/${idOf(session)}`
    expect((await scene.call('DELETE', path, as('viewer'))).status).toBe(403)
    expect((await scene.call('DELETE', path, as('beta'))).status).toBe(404)
    expect((await scene.call('DELETE', path)).status).toBe(401)
    expect(await passes(session)).toBe(502)
    expect((await scene.call('DELETE', path, as('owner'))).status).toBe(204)
    await until(async () => (await passes(session)) === 401)
    expect(await passes(session, 'beta')).toBe(502)
    expect((await scene.call('GET', '/me', { bearer: session })).status).toBe(200)
    const there = await scene.call('GET', '/orgs/acme/teams', { bearer: session })
    expect(there.status).toBe(401)
    expect((await scene.call('DELETE', path, as('owner'))).status).toBe(404)
    expect((await list('owner')).items.map(({ id }) => id)).not.toContain(idOf(session))
    expect(await passes(await scene.signIn('ann'))).toBe(502)
  })

  test('of a member end together; of nobody there is none', async () => {
    const [one, two, mia] = [
      await scene.signIn('ann'),
      await scene.signIn('ann'),
      await scene.signIn('mia'),
    ]
    const end = (query: string, name = 'owner') =>
      scene.call('DELETE', `/orgs/acme/sessions${query}`, as(name))
    expect((await end('?subject=user:ann', 'viewer')).status).toBe(403)
    const { status, body } = await end('?subject=user:ann')
    expect(status).toBe(200)
    expect(Number(body['ended'])).toBeGreaterThanOrEqual(2)
    for (const session of [one, two]) await until(async () => (await passes(session)) === 401)
    expect(await passes(mia)).toBe(502)
    expect((await end('?subject=user:zoe')).status).toBe(404)
    expect((await end('')).status).toBe(400)
    const zoe = idOf(await scene.signIn('zoe'))
    expect((await scene.call('DELETE', `/orgs/acme/sessions/${zoe}`, as('owner'))).status).toBe(404)
  })

  test('end in the platform as anywhere, with one revision', async () => {
    const [one, two] = [await scene.signIn('ann'), await scene.signIn('mia')]
    const path = `/orgs/platform/sessions/${idOf(one)}`
    expect((await scene.call('DELETE', path, { bearer: two })).status).toBe(204)
    await until(
      async () => (await scene.call('GET', '/orgs/platform', { bearer: one })).status === 401,
    )
    await verifyChain(scene.gateway.running.db, 'platform')
  })

  test('end without two changes that wait for each other crosswise', async () => {
    const bearer = await scene.signIn('mia')
    const work = Array.from({ length: 8 }, (_, at) =>
      at % 2 === 0
        ? scene.call('DELETE', '/orgs/acme/sessions?subject=user:ann', as('owner'))
        : scene.call('PATCH', '/me', {
            bearer,
            headers: { 'if-match': '*' },
            body: { firstName: `Mia ${at}` },
          }),
    )
    expect((await Promise.all(work)).map(({ status }) => status)).toEqual(Array(8).fill(200))
    for (const id of ['acme', 'platform']) await verifyChain(scene.gateway.running.db, id)
  })
})
