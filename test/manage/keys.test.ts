import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { addKey } from '../../src/store/keys.ts'
import { until } from '../support/until.ts'
import { type Callers, idsIn, lastAudit, openCallers, readItem, readPages } from './callers.ts'

type Json = Record<string, unknown>

let callers: Callers
let robot: string
beforeAll(async () => {
  // What is noted is written soon enough for a test to see it.
  Object.assign(limits, { keyUseFlushMs: 25 })
  callers = await openCallers()
  robot = await account('role:reader')
}, 120_000)
afterAll(() => callers?.gateway.stop())

async function account(...roles: readonly string[]): Promise<string> {
  const { id } = await callers.get(201, 'POST /service-accounts', { body: { name: 'Robot' } })
  for (const role of roles) {
    await callers.get(201, 'POST /assignments', { body: { subject: id, role } })
  }
  return String(id)
}
async function create(over: Json = {}, as = 'owner') {
  const body = { subject: robot, label: 'night', ...over }
  const { key, ...shown } = await callers.get(201, 'POST /keys', { as, body })
  return { shown, id: String(shown['id']), text: String(key) }
}
const attempt = (over: Json, as = 'owner') =>
  callers.ask('POST /keys', { as, body: { subject: robot, label: 'night', ...over } })
const later = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('an API key', () => {
  test('is shown once, is worth what its holder is, and is kept as its hash alone', async () => {
    const { shown, id, text } = await create({ label: 'Nightly build' })
    expect(text).toMatch(new RegExp(`^gh_${id}_[0-9a-z]{52}$`))
    expect(shown).toEqual({
      id,
      subject: robot,
      label: 'Nightly build',
      scopes: null,
      networks: null,
      createdBy: 'user:olga',
      createdAt: expect.stringMatching(/Z$/),
      expiresAt: null,
      usedAt: null,
    })
    expect(await callers.get(200, `GET /keys/${id}`)).toEqual(shown)
    expect(await readItem(callers, text)).toBe(502)
    const dump = await callers.gateway.running.db.query
      .selectFrom('api_keys')
      .selectAll()
      .where('id', '=', id)
      .execute()
    expect(JSON.stringify(dump)).not.toContain(text)
  })

  test('I22: is in no audit row and in no other answer', async () => {
    const { id, text, shown } = await create()
    const audit = await lastAudit(callers)
    expect(audit).toMatchObject({
      operation: 'createKey',
      object: `/gatehouse/keys/${id}`,
      after: shown,
    })
    const rotated = await callers.get(200, `POST /keys/${id}/rotate`, {
      body: { overlapSeconds: 60 },
    })
    const { key } = rotated['made'] as Json
    const said = [
      await readPages(callers, '/audit?limit=200'),
      await readPages(callers, '/keys?limit=200'),
      await callers.get(200, `GET /keys/${id}`),
    ]
    for (const secret of [text, String(key)]) expect(JSON.stringify(said)).not.toContain(secret)
  })

  test('I22: is not in the answer to a repeated request, nor kept for one', async () => {
    const headers = { 'idempotency-key': 'once' }
    const body = { subject: robot, label: 'once' }
    const first = await callers.get(201, 'POST /keys', { body, headers })
    const again = await callers.get(201, 'POST /keys', { body, headers })
    expect(again).toEqual({ ...first, key: null })
    const rotate = (key: string) =>
      callers.get(200, `POST /keys/${first['id']}/rotate`, {
        body: { overlapSeconds: 5 },
        headers: { 'idempotency-key': key },
      })
    const turned = await rotate('turn')
    expect(await rotate('turn')).toEqual({
      ...turned,
      made: { ...(turned['made'] as Json), key: null },
    })
    const kept = await callers.gateway.running.db.query
      .selectFrom('idempotency_keys')
      .select('answer')
      .execute()
    expect(kept.length).toBeGreaterThan(1)
    expect(JSON.stringify(kept)).not.toMatch(/gh_[0-9a-z]{12}_/)
  })

  test('is narrowed by scopes and networks, and ends at its time', async () => {
    const scoped = await create({ scopes: ['docs:write', 'docs:write'], expiresAt: later(60_000) })
    expect(scoped.shown).toMatchObject({ scopes: ['docs:write'] })
    expect(await readItem(callers, scoped.text)).toBe(403)
    const elsewhere = await create({ networks: ['10.9.0.0/16'] })
    expect(await readItem(callers, elsewhere.text)).toBe(401)
    const here = await create({ networks: ['10.9.0.0/16', '127.0.0.0/8', '::1'] })
    expect(await readItem(callers, here.text)).toBe(502)
  })

  test.each<[string, Json]>([
    ['"docs:raed" is no permission; did you mean "docs:read"?', { scopes: ['docs:raed'] }],
    ['scopes: name one permission', { scopes: [] }],
    ['networks[0]: is an address or a network', { networks: ['10.1'] }],
    ['networks[0]: is an address or a network', { networks: ['0.0.0.0/0'] }],
    ['networks: name one network', { networks: [] }],
    ['networks: has at most', { networks: Array(limits.networksPerKey + 1).fill('10.0.0.1') }],
    ['expiresAt is in the past', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['expiresAt: is a moment in UTC', { expiresAt: 'tomorrow' }],
    ['label: is empty', { label: '' }],
    ['subject: is user: or service:', { subject: 'team:writers' }],
    ['the organisation has no member service:none', { subject: 'service:none' }],
    ['the organisation has no member user:bob', { subject: 'user:bob' }],
    ['"id"', { id: 'chosen000001' }],
  ])('is refused: %s', async (message, wrong) => {
    const { status, body } = await attempt(wrong)
    expect([status, body['detail']]).toEqual([400, expect.stringContaining(message)])
    if ('subject' in wrong || 'id' in wrong) return
    const { id } = await create()
    const patched = await callers.get(400, `PATCH /keys/${id}`, { body: wrong })
    expect(patched['detail']).toContain(message)
  })

  test('is one of so many at most', async () => {
    const subject = await account()
    await callers.gateway.running.db.transaction('seed', async (trx) => {
      for (let at = 0; at < limits.keysPerSubject; at += 1) {
        const row = { organisation: 'acme', subject, label: 'many', expires_at: null }
        await addKey(trx, { ...row, id: `many0000${at}`, hash: 'ab'.repeat(32) })
      }
    })
    expect((await attempt({ subject })).status).toBe(409)
    const rotate = { body: { overlapSeconds: 0 } }
    expect((await callers.ask('POST /keys/many00001/rotate', rotate)).status).toBe(409)
    await callers.get(204, 'DELETE /keys/many00000')
    expect((await attempt({ subject })).status).toBe(201)
  })

  test('shows within a moment that it was used, without the request waiting for it', async () => {
    const { id, text } = await create()
    expect(await readItem(callers, text)).toBe(502)
    const usedAt = async () => (await callers.get(200, `GET /keys/${id}`))['usedAt']
    await until(async () => (await usedAt()) !== null)
    const first = await usedAt()
    expect(Math.abs(Date.parse(String(first)) - Date.now())).toBeLessThan(60_000)
    await readItem(callers, text)
    const { id: other, text: another } = await create()
    await readItem(callers, another)
    // Of two uses within its time the first is written: what came later has been written by now.
    await until(async () => (await callers.get(200, `GET /keys/${other}`))['usedAt'] !== null)
    expect(await usedAt()).toBe(first)
  })
})

describe('keys', () => {
  test('are listed with the newest first, of one holder where asked, each once', async () => {
    const subject = await account()
    const ids = []
    for (let at = 0; at < 3; at += 1) ids.unshift((await create({ subject })).id)
    for (const limit of [1, 2, 200]) {
      const { items } = await readPages(callers, `/keys?subject=${subject}&limit=${limit}`)
      expect(idsIn({ items })).toEqual(ids)
    }
    expect(idsIn(await readPages(callers, '/keys?limit=3'))).toEqual(expect.arrayContaining(ids))
    for (const query of ['subject=team:a', 'limit=0', 'cursor=x', `cursor=${cursorOf('x', 'y')}`]) {
      expect((await callers.ask(`GET /keys?${query}`)).status, query).toBe(400)
    }
  })

  const cursorOf = (...keys: readonly string[]) =>
    Buffer.from(JSON.stringify(keys)).toString('base64url')

  test('I13: of another organisation are not there', async () => {
    const { id } = await create()
    const asking = { as: 'stranger', organisation: 'beta' }
    const rotate = { ...asking, body: { overlapSeconds: 0 } }
    expect((await callers.ask(`GET /keys/${id}`, asking)).status).toBe(404)
    expect((await callers.ask(`DELETE /keys/${id}`, asking)).status).toBe(404)
    expect((await callers.ask(`POST /keys/${id}/rotate`, rotate)).status).toBe(404)
    const patch = { ...asking, body: { label: 'x' } }
    expect((await callers.ask(`PATCH /keys/${id}`, patch)).status).toBe(404)
    expect(idsIn(await callers.get(200, 'GET /keys?limit=200', asking))).not.toContain(id)
    expect((await callers.ask(`GET /keys/${id}`)).status).toBe(200)
  })
})

describe('a key that is changed', () => {
  test('is worth what it says now from the commit on', async () => {
    const { id, text, shown } = await create()
    expect(await readItem(callers, text)).toBe(502)
    const patch = (body: Json) => callers.get(200, `PATCH /keys/${id}`, { body })
    await patch({ scopes: ['docs:write'] })
    expect(await readItem(callers, text)).toBe(403)
    await patch({ scopes: null, networks: ['10.0.0.1'] })
    expect(await readItem(callers, text)).toBe(401)
    const end = later(60_000)
    const after = await patch({ networks: null, expiresAt: end, label: 'Later' })
    expect(after).toEqual({ ...shown, label: 'Later', expiresAt: end, usedAt: after['usedAt'] })
    expect(await readItem(callers, text)).toBe(502)
    expect(await lastAudit(callers)).toMatchObject({
      operation: 'updateKey',
      before: { networks: ['10.0.0.1'], label: 'night' },
      after: { networks: null, label: 'Later' },
    })
    expect((await callers.ask(`PATCH /keys/${id}`, { body: {} })).status).toBe(400)
    const stale = { body: { label: 'x' }, headers: { 'if-match': '"stale"' } }
    expect((await callers.ask(`PATCH /keys/${id}`, stale)).status).toBe(412)
    expect((await callers.ask('PATCH /keys/nosuchkey00', { body: { label: 'x' } })).status).toBe(
      404,
    )
  })

  test('is rotated: both are good until the overlap is over', async () => {
    const { id, text, shown } = await create({ scopes: ['docs:read'], networks: ['127.0.0.1'] })
    const rotate = (overlapSeconds: unknown, key = id) =>
      callers.ask(`POST /keys/${key}/rotate`, { body: { overlapSeconds } })
    const { status, body } = await rotate(60)
    expect(status).toBe(200)
    const { made, replaced } = body as { made: Json; replaced: Json }
    const { key, ...fresh } = made
    const { scopes, networks, label, subject } = shown
    expect(fresh).toMatchObject({ scopes, networks, label, subject, expiresAt: null })
    expect(Date.parse(String(replaced['expiresAt']))).toBeGreaterThan(Date.now() + 50_000)
    expect([await readItem(callers, text), await readItem(callers, String(key))]).toEqual([
      502, 502,
    ])
    expect(await lastAudit(callers)).toMatchObject({
      operation: 'rotateKey',
      before: { id, expiresAt: null },
      after: { made: fresh, replaced: { id, expiresAt: replaced['expiresAt'] } },
    })
    // Again, with none: the one before goes at once, and no later than it would have.
    expect((await rotate(0)).status).toBe(200)
    expect(await readItem(callers, text)).toBe(401)
    expect((await rotate(0)).status).toBe(409)
    for (const wrong of [-1, 1.5, '1', limits.keyOverlapSeconds + 1, undefined]) {
      expect((await rotate(wrong)).status).toBe(400)
    }
    expect((await rotate(1, 'nosuchkey00')).status).toBe(404)
  })

  test('is never prolonged by its rotation', async () => {
    const end = later(30_000)
    const { id } = await create({ expiresAt: end })
    const { made, replaced } = (await callers.get(200, `POST /keys/${id}/rotate`, {
      body: { overlapSeconds: 3_600 },
    })) as { made: Json; replaced: Json }
    expect([made['expiresAt'], replaced['expiresAt']]).toEqual([end, end])
  })

  test('I9: is refused from the commit on when it is deleted', async () => {
    const { id, text } = await create()
    for (let time = 0; time < 3; time += 1) expect(await readItem(callers, text)).toBe(502)
    await callers.get(204, `DELETE /keys/${id}`)
    expect(await readItem(callers, text)).toBe(401)
    expect((await callers.ask('GET /keys', { as: text })).status).toBe(401)
    expect(await lastAudit(callers)).toMatchObject({ operation: 'deleteKey', before: { id } })
    for (const method of ['GET', 'DELETE']) {
      expect((await callers.ask(`${method} /keys/${id}`)).status).toBe(404)
    }
  })
})

describe('A6 111: nobody makes a key that is worth more than they are', () => {
  test('of a service account that holds more: neither makes, changes nor rotates one', async () => {
    const subject = await account('role:editor')
    const refused = await attempt({ subject }, 'keeper')
    expect([refused.status, refused.body['detail']]).toEqual([
      403,
      expect.stringContaining(`${subject} holds PUT on`),
    ])
    const { id } = await create({ subject })
    const patch = { as: 'keeper', body: { label: 'mine' } }
    expect((await callers.ask(`PATCH /keys/${id}`, patch)).status).toBe(403)
    const rotate = { as: 'keeper', body: { overlapSeconds: 0 } }
    expect((await callers.ask(`POST /keys/${id}/rotate`, rotate)).status).toBe(403)
    // Not by naming scopes either: they could be taken off again.
    expect((await attempt({ subject, scopes: ['docs:read'] }, 'keeper')).status).toBe(403)
    await callers.get(204, `DELETE /keys/${id}`, { as: 'keeper' })
  })

  test('but of one that holds no more', async () => {
    const { id } = await create({}, 'keeper')
    await callers.get(200, `PATCH /keys/${id}`, { as: 'keeper', body: { label: 'mine' } })
    const rotate = { as: 'keeper', body: { overlapSeconds: 0 } }
    await callers.get(200, `POST /keys/${id}/rotate`, rotate)
  })

  test('of another person: an owner neither, who lists and deletes them all the same', async () => {
    const made = await create({ subject: 'user:kim' }, 'keeper')
    for (const as of ['owner', 'admin']) {
      expect((await attempt({ subject: 'user:kim' }, as)).status).toBe(403)
      const patch = { as, body: { scopes: null } }
      expect((await callers.ask(`PATCH /keys/${made.id}`, patch)).status).toBe(403)
      const rotate = { as, body: { overlapSeconds: 0 } }
      expect((await callers.ask(`POST /keys/${made.id}/rotate`, rotate)).status).toBe(403)
    }
    const listed = await callers.get(200, 'GET /keys?subject=user:kim', { as: 'admin' })
    expect(idsIn(listed)).toContain(made.id)
    expect((await callers.ask('GET /keys', { as: made.text })).status).toBe(200)
    await callers.get(204, `DELETE /keys/${made.id}`, { as: 'admin' })
    expect((await callers.ask('GET /keys', { as: made.text })).status).toBe(401)
  })
})

describe('A6 112: a key makes no key that reaches further than itself', () => {
  const confined = { scopes: ['keys:write', 'docs:*'], networks: ['127.0.0.0/8'] }

  test.each<[number, string, Json]>([
    [201, 'the same', confined],
    [201, 'less', { scopes: ['keys:read', 'docs:read'], networks: ['127.0.0.1'] }],
    [403, 'every scope', { networks: ['127.0.0.1'] }],
    [403, 'another scope', { scopes: ['docs:read', 'teams:read'], networks: ['127.0.0.1'] }],
    [403, 'every network', { scopes: ['docs:read'] }],
    [403, 'a wider network', { scopes: ['docs:read'], networks: ['127.0.0.0/7'] }],
    [403, 'another network', { scopes: ['docs:read'], networks: ['127.0.0.1', '10.0.0.1'] }],
  ])('%i: %s', async (status, _what, over) => {
    const own = await callers.gateway.key('user:olga', confined)
    const answer = await attempt(over, own)
    expect(answer.status, JSON.stringify(answer.body)).toBe(status)
    if (status === 403) expect(answer.body['detail']).toContain('the key by which you ask has')
    const { id } = await create({ ...confined, scopes: ['docs:read'] })
    const body = { scopes: null, networks: null, ...over }
    const patched = await callers.ask(`PATCH /keys/${id}`, { as: own, body })
    expect(patched.status).toBe(status === 201 ? 200 : 403)
  })

  test('nor takes its own confines off', async () => {
    const { id, text } = await create({ ...confined, subject: 'user:olga' })
    const patch = (body: Json) => callers.ask(`PATCH /keys/${id}`, { as: text, body })
    expect((await patch({ scopes: null })).status).toBe(403)
    expect((await patch({ networks: null })).status).toBe(403)
    expect((await patch({ label: 'Mine' })).status).toBe(200)
    const rotate = { as: text, body: { overlapSeconds: 60 } }
    expect((await callers.ask(`POST /keys/${id}/rotate`, rotate)).status).toBe(200)
  })

  test('nor one that outlasts it', async () => {
    const { id, text } = await create({ subject: 'user:olga', expiresAt: later(60_000) })
    expect((await attempt({}, text)).status).toBe(403)
    expect((await attempt({ expiresAt: later(120_000) }, text)).status).toBe(403)
    expect((await attempt({ expiresAt: later(30_000) }, text)).status).toBe(201)
    const patch = { as: text, body: { expiresAt: null } }
    expect((await callers.ask(`PATCH /keys/${id}`, patch)).status).toBe(403)
  })
})

describe('permission', () => {
  test.each([
    ['GET', '', 200],
    ['GET', '/nosuchkey00', 404],
    ['POST', '', 400],
    ['PATCH', '/nosuchkey00', 404],
    ['POST', '/nosuchkey00/rotate', 404],
    ['DELETE', '/nosuchkey00', 404],
  ])('%s /keys%s: who may and who may not', async (method, path, allowed) => {
    const bodies: Record<string, Json> = {
      'PATCH /nosuchkey00': { label: 'x' },
      'POST ': {},
      'POST /nosuchkey00/rotate': { overlapSeconds: 0 },
    }
    const body = bodies[`${method} ${path}`]
    const status = async (as: string) =>
      (await callers.ask(`${method} /keys${path}`, { as, ...(body && { body }) })).status
    expect(await status('admin')).toBe(allowed)
    expect(await status('viewer')).toBe(method === 'GET' ? allowed : 403)
    expect(await status('member')).toBe(403)
    expect(await status('stranger')).toBe(404)
    expect(await status('nobody')).toBe(401)
  })
})
