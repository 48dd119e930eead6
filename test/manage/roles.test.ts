import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { raiseRevision } from '../../src/store/organisations.ts'
import { insertRole } from '../../src/store/roles.ts'
import { addRules } from '../../src/store/rules.ts'
import { type Callers, idsIn, lastAudit, openCallers, readItem, readPages } from './callers.ts'

type Json = Record<string, unknown>

let callers: Callers
beforeAll(async () => {
  callers = await openCallers()
}, 120_000)
afterAll(() => callers?.gateway.stop())

let made = 0
async function create(body: Json = {}, as = 'owner'): Promise<Json> {
  made += 1
  const whole = { name: `Role ${made}`, slug: `role-${made}`, permissions: ['docs:read'], ...body }
  return await callers.get(201, 'POST /roles', { as, body: whole })
}

const assign = (subject: string, role: unknown) =>
  callers.get(201, 'POST /assignments', { body: { subject, role } })

describe('roles', () => {
  test('are listed: built-in ones, those that files name here, and custom ones', async () => {
    const { id } = await create({ name: 'Proofreader', slug: 'proof', description: 'Reads.' })
    const { items } = await readPages(callers, '/roles?limit=200')
    const of = (source: string) => items.filter((one) => one['source'] === source)
    expect(idsIn({ items: of('built-in') })).toEqual([
      ...['role:owner', 'role:admin', 'role:billing', 'role:member', 'role:viewer'],
    ])
    expect(idsIn({ items: of('files') })).toEqual([
      ...['role:editor', 'role:keeper', 'role:maker', 'role:reader'],
    ])
    expect(of('custom')).toContainEqual({
      id,
      name: 'Proofreader',
      slug: 'proof',
      description: 'Reads.',
      source: 'custom',
      permissions: ['docs:read'],
      createdAt: expect.stringMatching(/Z$/),
    })
  })

  test('of another organisation are not there, nor those that files name for it alone', async () => {
    const { id } = await create()
    const { items } = await callers.get(200, 'GET /roles?limit=200', {
      as: 'stranger',
      organisation: 'beta',
    })
    expect(idsIn({ items })).toContain('role:beta-only')
    expect(idsIn({ items })).not.toContain(id)
  })

  test('are paged across the sources, each once, whatever the size of the page', async () => {
    for (const name of ['alpha', 'Beta', 'gamma']) await create({ name })
    const whole = idsIn(await readPages(callers, '/roles?limit=200'))
    for (const limit of [1, 2, 3, 5, 9]) {
      const { items, pages } = await readPages(callers, `/roles?limit=${limit}`)
      expect(idsIn({ items })).toEqual(whole)
      expect(pages).toBe(Math.ceil(whole.length / limit))
    }
  })

  test('are searched by name, slug and id, in any case; a wildcard is a letter', async () => {
    const { id } = await create({ name: 'Night Watch', slug: 'nw-77' })
    for (const q of ['night', 'WATCH', 'nw-77', String(id).slice(5)]) {
      expect(idsIn(await callers.get(200, `GET /roles?q=${q}`)), q).toEqual([id])
    }
    expect(idsIn(await callers.get(200, 'GET /roles?q=EDIT'))).toEqual(['role:editor'])
    expect(idsIn(await callers.get(200, 'GET /roles?q=%25'))).toEqual([])
    expect((await callers.ask('GET /roles?q=')).status).toBe(400)
    expect((await callers.ask('GET /roles?cursor=x')).status).toBe(400)
  })

  test('are read one by one, whatever they come from', async () => {
    const role = await create()
    expect(await callers.get(200, `GET /roles/${role['id']}`)).toEqual(role)
    expect(await callers.get(200, 'GET /roles/role:owner')).toMatchObject({ source: 'built-in' })
    expect(await callers.get(200, 'GET /roles/role:editor')).toMatchObject({
      source: 'files',
      slug: 'editor',
      permissions: null,
      createdAt: null,
    })
    for (const id of ['role:nobody', 'role:beta-only', 'owner', 'team:a']) {
      expect((await callers.ask(`GET /roles/${id}`)).status, id).toBe(404)
    }
  })
})

describe('a custom role', () => {
  test('gives what it names to whom it is assigned, from the commit on', async () => {
    const { id } = await create()
    expect(await readItem(callers, 'member')).toBe(403)
    const { id: assignment } = await assign('user:mia', id)
    expect(await readItem(callers, 'member')).toBe(502)
    await callers.get(204, `DELETE /assignments/${assignment}`)
    expect(await readItem(callers, 'member')).toBe(403)
  })

  test('has an id of its own, and a slug that no other role of the organisation has', async () => {
    const one = await create({ slug: 'same' })
    expect(one['id']).toMatch(/^role:[0-9a-z]{20}$/)
    expect(idsIn({ items: [one] })).not.toContain('role:same')
    const other = await create({ slug: 'other' })
    for (const slug of ['same', 'owner', 'editor']) {
      const body = { name: 'x', slug, permissions: [] }
      expect((await callers.ask('POST /roles', { body })).status, slug).toBe(409)
      const patch = { body: { slug } }
      expect((await callers.ask(`PATCH /roles/${other['id']}`, patch)).status, slug).toBe(409)
    }
  })

  test('is created once for an Idempotency-Key', async () => {
    const body = { name: 'Once', slug: 'once', permissions: [] }
    const headers = { 'idempotency-key': 'role-once' }
    const first = await callers.get(201, 'POST /roles', { body, headers })
    expect(await callers.get(201, 'POST /roles', { body, headers })).toEqual(first)
    const other = { body: { ...body, slug: 'twice' }, headers }
    expect((await callers.ask('POST /roles', other)).status).toBe(422)
  })

  test.each<[string, Json]>([
    ['"docs:raed" is no permission; did you mean "docs:read"?', { permissions: ['docs:raed'] }],
    ['"nosuch:all" is no permission', { permissions: ['docs:read', 'nosuch:all'] }],
    ['permissions: is a list of names', { permissions: 'docs:read' }],
    [
      'permissions: has at most',
      { permissions: Array(limits.permissionsPerRole + 1).fill('docs:read') },
    ],
    ['slug: has 1 to 40', { slug: 'No Slug' }],
    ['name: is empty', { name: '' }],
    ['description: has at most', { description: 'x'.repeat(limits.descriptionChars + 1) }],
    ['"source"', { source: 'built-in' }],
    ['"id"', { id: 'role:owner' }],
  ])('is refused: %s', async (message, wrong) => {
    const body = { name: 'Wrong', slug: 'wrong', permissions: [], ...wrong }
    const answer = await callers.get(400, 'POST /roles', { body })
    expect(answer['detail']).toContain(message)
    const { id } = await create()
    const patched = await callers.get(400, `PATCH /roles/${id}`, { body: wrong })
    expect(patched['detail']).toContain(message)
  })

  test('is changed where the ETag is the one that was read, and says so in the audit', async () => {
    const { id } = await create({ permissions: [] })
    const { headers, body: before } = await callers.ask(`GET /roles/${id}`)
    const etag = headers.get('etag') ?? ''
    const patch = (body: Json, match: string) =>
      callers.ask(`PATCH /roles/${id}`, { body, headers: { 'if-match': match } })
    const changed = await patch({ permissions: ['docs:read', 'docs:read'] }, etag)
    expect(changed.status).toBe(200)
    expect(changed.body).toEqual({ ...before, permissions: ['docs:read'] })
    expect(await callers.get(200, `GET /roles/${id}`)).toEqual(changed.body)
    expect(changed.headers.get('gatehouse-revision')).toMatch(/^acme:\d+$/)
    expect(await lastAudit(callers)).toMatchObject({
      operation: 'updateRole',
      object: `/gatehouse/roles/${id}`,
      before: { permissions: [] },
      after: { permissions: ['docs:read'] },
    })
    expect((await patch({ name: 'Late' }, etag)).status).toBe(412)
    expect((await callers.ask(`PATCH /roles/${id}`, { body: {} })).status).toBe(400)
    const bare = await fetch(
      `http://127.0.0.1:${callers.gateway.adminPort}/api/v1/orgs/acme/roles/${id}`,
      {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${callers.keys['owner']}`,
          'content-type': 'application/json',
        },
        body: '{"name":"x"}',
      },
    )
    expect(bare.status).toBe(428)
  })

  test('keeps a permission that is declared no more, and takes no new one of that kind', async () => {
    const id = 'role:stale'
    await callers.gateway.running.db.transaction('seed', async (trx) => {
      await raiseRevision(trx, 'acme')
      const stale = { id, name: 'Stale', slug: 'stale', description: '' }
      await insertRole(trx, 'acme', { ...stale, permissions: ['gone:all'] })
    })
    const patch = (permissions: readonly string[]) =>
      callers.ask(`PATCH /roles/${id}`, { body: { permissions } })
    await expect.poll(async () => (await patch(['gone:all', 'docs:read'])).status).toBe(200)
    expect((await patch(['gone:all', 'gone:more'])).status).toBe(400)
  })

  test('takes its assignments and every rule that names it along when it is deleted', async () => {
    const { id } = await create({ permissions: ['docs:read'] })
    await assign('user:mia', id)
    await callers.gateway.running.db.transaction('seed', async (trx) => {
      const revision = await raiseRevision(trx, 'acme')
      const values = [String(id), 'org:acme', '/docs/items/9', 'PUT', 'allow']
      await addRules(trx, 'acme', [{ ptype: 'p', values }], { author: 'user:olga', revision })
    })
    await callers.get(204, `DELETE /roles/${id}`)
    expect(await lastAudit(callers)).toMatchObject({
      operation: 'deleteRole',
      before: { id },
      after: {
        removed: {
          count: 2,
          rules: [
            ['g', 'user:mia', id, 'org:acme'],
            ['p', id, 'org:acme', '/docs/items/9', 'PUT', 'allow'],
          ],
        },
      },
    })
    expect(await readItem(callers, 'member')).toBe(403)
    expect((await callers.ask(`GET /roles/${id}`)).status).toBe(404)
    expect((await callers.ask(`DELETE /roles/${id}`)).status).toBe(404)
    const held = await callers.get(200, `GET /assignments?role=${id}`)
    expect(held['items']).toEqual([])
  })

  test('is never one of those that exist without anybody making them', async () => {
    for (const id of ['role:owner', 'role:editor']) {
      const patch = await callers.ask(`PATCH /roles/${id}`, { body: { permissions: ['docs:*'] } })
      expect(patch.status, id).toBe(409)
      expect((await callers.ask(`DELETE /roles/${id}`)).status, id).toBe(409)
    }
  })
})

describe('A6 111: nobody makes a role of what they do not hold', () => {
  const body = (permissions: readonly string[]) => {
    made += 1
    return { name: 'Mine', slug: `mine-${made}`, permissions }
  }

  test.each([
    [['docs:read'], 201],
    [['roles:write', 'roles:read'], 201],
    [['docs:write'], 403],
    [['docs:*'], 403],
    [['teams:read'], 403],
    [['docs:read', 'keys:write'], 403],
  ])('who holds roles and reading alone creates one of %j: %i', async (permissions, status) => {
    const answer = await callers.ask('POST /roles', { as: 'maker', body: body(permissions) })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.body['detail']).toContain('which you do not hold yourself')
  })

  test('nor extends one, whoever holds it and though nobody does', async () => {
    const { id } = await create({ permissions: ['docs:read', 'teams:read'] })
    const patch = (permissions: readonly string[]) =>
      callers.ask(`PATCH /roles/${id}`, { as: 'maker', body: { permissions } })
    expect((await patch(['docs:read', 'teams:read', 'teams:write'])).status).toBe(403)
    // What was there already is nobody's gain.
    expect((await patch(['docs:read', 'teams:read', 'roles:read'])).status).toBe(200)
    expect((await patch(['docs:read'])).status).toBe(200)
    expect((await patch(['docs:read', 'teams:read'])).status).toBe(403)
  })

  test('A6 113: nor the one that they hold themselves', async () => {
    const { id } = await create({ permissions: ['audit:read'] })
    await assign('user:max', id)
    const patch = (permissions: readonly string[]) =>
      callers.ask(`PATCH /roles/${id}`, { as: 'maker', body: { permissions } })
    expect((await patch(['audit:read', 'audit:write'])).status).toBe(403)
    expect((await patch(['audit:read', 'docs:read'])).status).toBe(200)
    await callers.get(204, `DELETE /roles/${id}`)
  })

  test('nor beyond the scopes of the key by which they ask', async () => {
    const narrow = await callers.gateway.key('user:olga', { scopes: ['roles:write', 'docs:read'] })
    const answer = (permissions: readonly string[]) =>
      callers.ask('POST /roles', { as: narrow, body: body(permissions) })
    expect((await answer(['docs:read'])).status).toBe(201)
    expect((await answer(['docs:write'])).status).toBe(403)
  })

  test('nor deletes one that takes something away from those who hold it', async () => {
    const { id } = await create({ permissions: [] })
    await callers.gateway.running.db.transaction('seed', async (trx) => {
      const revision = await raiseRevision(trx, 'acme')
      const values = [String(id), 'org:acme', '/docs/items/5', 'PUT', 'deny']
      const rules = [
        { ptype: 'p', values },
        { ptype: 'g', values: ['user:alan', String(id), 'org:acme'] },
        { ptype: 'g', values: ['user:alan', 'role:editor', 'org:acme'] },
      ]
      await addRules(trx, 'acme', rules, { author: 'user:olga', revision })
    })
    await expect
      .poll(async () => (await callers.ask(`DELETE /roles/${id}`, { as: 'maker' })).status)
      .toBe(403)
    await callers.get(204, `DELETE /roles/${id}`)
  })

  test('but an owner makes one of everything, and so many at most', async () => {
    await create({ permissions: ['docs:*', 'organisation:write'] })
    const many = limits.rolesPerOrganisation
    await callers.gateway.running.db.transaction('seed', async (trx) => {
      await raiseRevision(trx, 'beta')
      for (let at = 0; at < many; at += 1) {
        const texts = { name: `Role ${at}`, slug: `s-${at}`, description: '' }
        await insertRole(trx, 'beta', { id: `role:r-${at}`, ...texts, permissions: [] })
      }
    })
    const detail = async () => {
      const asking = { as: 'stranger', organisation: 'beta', body: body([]) }
      return (await callers.ask('POST /roles', asking)).body['detail']
    }
    await expect.poll(detail).toBe(`An organisation has at most ${many} custom roles.`)
  })
})

describe('permission', () => {
  const requests = [
    ['GET /roles', 200],
    ['GET /roles/role:owner', 200],
    ['GET /permissions', 200],
    ['GET /roles/role:viewer/permissions', 200],
    ['POST /roles', 400],
    ['PATCH /roles/role:nobody', 404],
    ['DELETE /roles/role:nobody', 404],
  ] as const

  test.each(requests)('%s: who may and who may not', async (request, allowed) => {
    const body = /^P/.test(request) ? { body: request.startsWith('POST') ? {} : { name: 'x' } } : {}
    const status = async (as: string) => (await callers.ask(request, { as, ...body })).status
    expect(await status('admin')).toBe(allowed)
    expect(await status('viewer')).toBe(request.startsWith('GET') ? allowed : 403)
    expect(await status('member')).toBe(403)
    // Another organisation's record is a missing record.
    expect(await status('stranger')).toBe(404)
    expect(await status('nobody')).toBe(401)
  })
})
