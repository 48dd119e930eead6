import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseRevision } from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import { type Callers, idsIn, lastAudit, openCallers, readItem, readPages } from './callers.ts'

type Json = Record<string, unknown>

let callers: Callers
beforeAll(async () => {
  callers = await openCallers()
}, 120_000)
afterAll(() => callers?.gateway.stop())

const create = async (name: string, description = '') => {
  const made = await callers.get(201, 'POST /service-accounts', { body: { name, description } })
  return { made, id: String(made['id']) }
}
/** An account that holds a role, and a key of it. */
async function createWith(name: string, role: string) {
  const { id } = await create(name)
  await callers.get(201, 'POST /assignments', { body: { subject: id, role } })
  return { id, key: await callers.gateway.key(id) }
}
const status = async (request: string, as?: string, body?: Json) =>
  (await callers.ask(request, { ...(as && { as }), ...(body && { body }) })).status

describe('service accounts', () => {
  test('are created with a name, read, and listed by it', async () => {
    const { made, id } = await create('Robot', 'Builds at night.')
    expect(made).toEqual({
      id: expect.stringMatching(/^service:[0-9a-z]{20}$/),
      name: 'Robot',
      description: 'Builds at night.',
      state: 'active',
      createdAt: expect.stringMatching(/Z$/),
    })
    expect(await callers.get(200, `GET /service-accounts/${id}`)).toEqual(made)
    expect(await lastAudit(callers)).toMatchObject({
      operation: 'createServiceAccount',
      object: `/gatehouse/service-accounts/${id}`,
      after: made,
    })
    expect((await callers.get(200, 'GET /service-accounts'))['items']).toContainEqual(made)
  })

  test('are paged by name, each once, people not among them', async () => {
    for (const name of ['Crane', 'Abacus', 'Bellows', 'Abacus']) await create(name)
    await callers.gateway.member('service:unnamed')
    const whole = await readPages(callers, '/service-accounts?limit=200')
    expect(idsIn(whole).every((id) => id.startsWith('service:'))).toBe(true)
    expect(idsIn(whole)).toContain('service:unnamed')
    for (const limit of [1, 2, 4]) {
      const { items } = await readPages(callers, `/service-accounts?limit=${limit}`)
      expect(items).toEqual(whole.items)
    }
    expect(await status('GET /service-accounts?limit=0')).toBe(400)
  })

  test('are searched by name and id, in any case; a wildcard is a letter', async () => {
    const { id } = await create('Lighthouse')
    for (const q of ['LIGHT', 'house', id.slice(8)]) {
      expect(idsIn(await callers.get(200, `GET /service-accounts?q=${q}`))).toEqual([id])
    }
    expect(idsIn(await callers.get(200, 'GET /service-accounts?q=_'))).toEqual([])
  })

  test('are renamed and described where nobody else did meanwhile', async () => {
    const { id, made } = await create('Old')
    const etag = (await callers.ask(`GET /service-accounts/${id}`)).headers.get('etag') ?? ''
    const patch = (body: Json, match = etag) =>
      callers.ask(`PATCH /service-accounts/${id}`, { body, headers: { 'if-match': match } })
    const { status: changed, body } = await patch({ name: 'New', description: 'Newer.' })
    expect([changed, body]).toEqual([200, { ...made, name: 'New', description: 'Newer.' }])
    expect(await callers.get(200, `GET /service-accounts/${id}`)).toEqual(body)
    expect((await patch({ name: 'Late' })).status).toBe(412)
    expect((await patch({}, '*')).status).toBe(400)
    expect((await patch({ state: 'suspended' }, '*')).status).toBe(400)
    await callers.gateway.member('service:bare')
    await callers.get(200, 'PATCH /service-accounts/service:bare', { body: { description: 'x' } })
    const bare = await callers.get(200, 'GET /service-accounts/service:bare')
    expect(bare).toMatchObject({ name: 'service:bare', description: 'x' })
  })

  test.each([
    ['name: is needed', {}],
    ['name: is empty', { name: ' ' }],
    ['"id"', { name: 'x', id: 'service:robot' }],
  ])('are refused: %s', async (message, body) => {
    const answer = await callers.get(400, 'POST /service-accounts', { body })
    expect(answer['detail']).toContain(message)
  })
})

describe('I9: a service account that is suspended', () => {
  test('is refused from the commit on, and goes on when it is resumed', async () => {
    const { id, key } = await createWith('Sleeper', 'role:reader')
    expect(await readItem(callers, key)).toBe(502)
    const suspended = await callers.get(200, `POST /service-accounts/${id}/suspend`)
    expect(suspended).toMatchObject({ state: 'suspended' })
    expect(await readItem(callers, key)).toBe(403)
    expect(await status(`POST /service-accounts/${id}/suspend`)).toBe(409)
    expect(await lastAudit(callers)).toMatchObject({
      operation: 'suspendServiceAccount',
      before: { state: 'active' },
      after: { state: 'suspended' },
    })
    await callers.get(200, `POST /service-accounts/${id}/resume`)
    expect(await readItem(callers, key)).toBe(502)
    expect(await status(`POST /service-accounts/${id}/resume`)).toBe(409)
  })

  test('I11: is resumed only by who holds what it holds', async () => {
    const { id } = await createWith('Strong', 'role:editor')
    expect(await status(`POST /service-accounts/${id}/suspend`, 'keeper')).toBe(200)
    const { status: refused, body } = await callers.ask(`POST /service-accounts/${id}/resume`, {
      as: 'keeper',
    })
    expect([refused, body['detail']]).toEqual([403, expect.stringContaining(`${id} holds PUT on`)])
    const { id: weak } = await createWith('Weak', 'role:reader')
    for (const verb of ['suspend', 'resume']) {
      expect(await status(`POST /service-accounts/${weak}/${verb}`, 'keeper')).toBe(200)
    }
  })
})

describe('I9: a service account that is deleted', () => {
  test('is refused from the commit on, and leaves neither key nor rule', async () => {
    const { id, key } = await createWith('Gone', 'role:reader')
    expect(await readItem(callers, key)).toBe(502)
    await callers.get(204, `DELETE /service-accounts/${id}`)
    expect(await readItem(callers, key)).toBe(401)
    expect(await lastAudit(callers)).toMatchObject({
      operation: 'deleteServiceAccount',
      before: { id },
      after: { removed: { count: 1, rules: [['g', id, 'role:reader', 'org:acme']], keys: 1 } },
    })
    expect((await callers.get(200, `GET /assignments?subject=${id}`))['items']).toEqual([])
    expect(await status(`GET /service-accounts/${id}`)).toBe(404)
    expect(await status(`DELETE /service-accounts/${id}`)).toBe(404)
    expect(idsIn(await callers.get(200, 'GET /service-accounts?limit=200'))).not.toContain(id)
  })

  test('is so by whoever may, however strong it was: nobody gains anything', async () => {
    const { id } = await create('Denied')
    await callers.gateway.running.db.transaction('seed', async (trx) => {
      const revision = await raiseRevision(trx, 'acme')
      const values = [id, 'org:acme', '/docs/items/5', 'PUT', 'deny']
      const rules = [
        { ptype: 'p', values },
        { ptype: 'g', values: [id, 'role:editor', 'org:acme'] },
      ]
      await addRules(trx, 'acme', rules, { author: 'user:olga', revision })
    })
    expect(await status(`DELETE /service-accounts/${id}`, 'keeper')).toBe(204)
  })
})

describe('permission', () => {
  test.each([
    ['GET', '', 200],
    ['GET', '/service:nobody', 404],
    ['POST', '', 400],
    ['PATCH', '/service:nobody', 404],
    ['DELETE', '/service:nobody', 404],
    ['POST', '/service:nobody/suspend', 404],
    ['POST', '/service:nobody/resume', 404],
  ])('%s /service-accounts%s: who may and who may not', async (method, path, allowed) => {
    const request = `${method} /service-accounts${path}`
    const body =
      method === 'PATCH' ? { name: 'x' } : request === 'POST /service-accounts' ? {} : undefined
    expect(await status(request, 'admin', body)).toBe(allowed)
    expect(await status(request, 'viewer', body)).toBe(method === 'GET' ? allowed : 403)
    expect(await status(request, 'member', body)).toBe(403)
    expect(await status(request, 'stranger', body)).toBe(404)
    expect(await status(request, 'nobody', body)).toBe(401)
  })

  test('I13: of another organisation it does not exist', async () => {
    const { id } = await create('Ours')
    for (const request of ['GET', 'DELETE'].map((method) => `${method} /service-accounts/${id}`)) {
      const there = await callers.ask(request, { as: 'stranger', organisation: 'beta' })
      expect(there.status).toBe(404)
    }
    expect(await status(`GET /service-accounts/${id}`)).toBe(200)
  })
})
