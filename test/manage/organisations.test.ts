import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyChain } from '../../src/lib/audit-chain.ts'
import { type Management, openManaged, outcomeOf } from '../support/management.ts'

let scene: Management
beforeAll(async () => {
  scene = await openManaged()
}, 120_000)
afterAll(() => scene?.close())

const call: Management['call'] = (...asked) => scene.call(...asked)
let number = 0
async function made(): Promise<string> {
  number += 1
  const body = { name: `Made ${number}`, slug: `made-${number}` }
  return String((await call('platform', 'POST', '/orgs', body)).json['id'])
}
const patch = (body: unknown, headers: Record<string, string> = { 'if-match': '*' }) =>
  call('owner', 'PATCH', '/orgs/acme', body, headers)

describe('an organisation', () => {
  test('is owned by who makes it, and both audits tell of it', async () => {
    const body = { name: 'Gamma', slug: 'gamma' }
    const answer = await call('platform', 'POST', '/orgs', body)
    const { json } = answer
    expect(answer.status).toBe(201)
    expect(json).toMatchObject({ ...body, state: 'active', settings: {} })
    expect(json['id']).toMatch(/^[0-9a-z]{16}$/)
    const id = String(json['id'])
    const row = { operation: 'createOrganisation', actor: 'user:root' }
    const owned = await scene.audit(id)
    expect(owned).toMatchObject([
      { ...row, revision: 1, object: '/gatehouse/organisation', after: { owner: 'user:root' } },
    ])
    expect(verifyChain(owned)).toMatchObject({ kind: 'verified', entries: 1 })
    expect((await scene.audit('platform')).at(-1)).toMatchObject({
      ...row,
      object: `/gatehouse/orgs/${id}`,
    })
  })

  test.each([
    [{ name: 'x' }, 'slug: is needed.'],
    [{ name: 'x', slug: 'Upper' }, 'slug: has 1 to 40 lower-case letters'],
    [{ name: 'x', slug: '-a' }, 'slug: has 1 to 40'],
    [{ name: 'x', slug: '0123456789abcdef' }, 'slug: looks like an id; choose another'],
  ])('of %j is 400 and says what is right', async (body, detail) => {
    const answer = await call('platform', 'POST', '/orgs', body)
    expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
    expect(answer.json['detail']).toContain(detail)
  })

  test.each(['acme', 'beta', 'platform'])('of the slug %s, being taken, is 409', async (slug) => {
    const answer = await call('platform', 'POST', '/orgs', { name: 'x', slug })
    expect(outcomeOf(answer)).toEqual([409, 'conflict'])
    expect(answer.json['detail']).toContain('a slug is never used again')
  })

  test('is made and listed by the platform alone', async () => {
    const body = { name: 'x', slug: 'unmade' }
    expect(outcomeOf(await call('owner', 'POST', '/orgs', body))).toEqual([403, 'denied'])
    expect(outcomeOf(await call('owner', 'GET', '/orgs'))).toEqual([403, 'denied'])
    const { json } = await call('platform', 'GET', '/orgs?q=BET')
    expect(json['items']).toMatchObject([{ id: 'beta' }])
  })

  test('is changed with its tag: 428, 412, 400 and then 200', async () => {
    expect(outcomeOf(await patch({ name: 'New' }, {}))).toEqual([428, 'precondition_required'])
    const old = await patch({ name: 'New' }, { 'if-match': '"x"' })
    expect(outcomeOf(old)).toEqual([412, 'precondition_failed'])
    expect(outcomeOf(await patch({}))).toEqual([400, 'invalid_input'])
    const settings = { description: 'We write.', contactEmail: 'it@acme.example' }
    expect(await patch({ name: 'New', settings })).toMatchObject({
      status: 200,
      json: { name: 'New', settings, slug: 'acme' },
    })
    expect((await call('viewer', 'GET', '/orgs/acme')).json).toMatchObject({
      name: 'New',
      settings,
    })
  })

  test.each([
    [{ settings: { colour: 1 } }, '"colour" is no field here; use description, contactEmail'],
    [{ settings: { description: 'a\0' } }, 'settings.description: holds no control characters'],
    [{ settings: { contactEmail: 'x' } }, 'settings.contactEmail: is an address'],
    [{ settings: [] }, 'settings: is an object'],
  ])('is not given %j', async (body, detail) => {
    const answer = await patch(body)
    expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
    expect(answer.json['detail']).toContain(detail)
  })

  test('keeps the slugs that it had, and takes nobody else', async () => {
    expect((await patch({ slug: 'acme-two' })).status).toBe(200)
    for (const name of ['acme', 'acme-two']) {
      const read = await call('owner', 'GET', `/orgs/${name}`)
      expect(read).toMatchObject({ status: 200, json: { id: 'acme', slug: 'acme-two' } })
    }
    expect(outcomeOf(await patch({ slug: 'beta' }))).toEqual([409, 'conflict'])
    const again = await call('platform', 'POST', '/orgs', { name: 'x', slug: 'acme-two' })
    expect(outcomeOf(again)).toEqual([409, 'conflict'])
    expect((await patch({ slug: 'acme' })).status).toBe(200)
  })

  test('that is suspended serves nobody from the answer on, and goes on when resumed', async () => {
    const id = await made()
    scene.keys['maker'] = await scene.gateway.key('user:root', { organisation: id })
    const read = async () => (await call('maker', 'GET', `/orgs/${id}`)).status
    const to = (verb: string) => call('platform', 'POST', `/orgs/${id}/${verb}`)
    for (let round = 0; round < 5; round += 1) {
      expect(await read()).toBe(200)
      expect(await to('suspend')).toMatchObject({ status: 200, json: { state: 'suspended' } })
      expect(await read()).toBe(404)
      expect(outcomeOf(await to('suspend'))).toEqual([409, 'conflict'])
      expect(await to('resume')).toMatchObject({ status: 200, json: { state: 'active' } })
    }
    expect(outcomeOf(await to('resume'))).toEqual([409, 'conflict'])
    expect(verifyChain(await scene.audit(id))).toMatchObject({ kind: 'verified', entries: 11 })
  })

  test('the reserved one is never suspended, and one that is not there is 404', async () => {
    const platform = await call('platform', 'POST', '/orgs/platform/suspend')
    expect(outcomeOf(platform)).toEqual([409, 'conflict'])
    const nowhere = await call('platform', 'POST', '/orgs/nowhere/suspend')
    expect(outcomeOf(nowhere)).toEqual([404, 'not_found'])
    expect(outcomeOf(await call('owner', 'POST', '/orgs/acme/suspend'))).toEqual([403, 'denied'])
  })
})

describe('the audit', () => {
  const audit = '/orgs/acme/audit'
  test('tells who changed what, with what and from where, before and after', async () => {
    const team = await call('owner', 'POST', '/orgs/acme/teams', { name: 'Told' })
    const path = `/orgs/acme/teams/${team.json['id']}`
    const renamed = await call('admin', 'PATCH', path, { name: 'Retold' }, { 'if-match': '*' })
    const { json } = await call('viewer', 'GET', `${audit}?limit=1`)
    expect(json['items']).toEqual([
      {
        organisation: 'acme',
        revision: Number(renamed.headers.get('gatehouse-revision')?.split(':')[1]),
        at: expect.any(String),
        actor: 'user:alan',
        credential: expect.stringMatching(/^key:[a-z0-9]+$/),
        address: '127.0.0.1',
        requestId: renamed.headers.get('x-request-id'),
        operation: 'updateTeam',
        object: `/gatehouse/teams/${team.json['id']}`,
        before: team.json,
        after: renamed.json,
        previous: expect.stringMatching(/^[0-9a-f]{64}$/),
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ])
    expect(json['next']).toBeTypeOf('string')
    const since = `${audit}?actor=user:alan&operation=updateTeam&object=/gatehouse/teams/${team.json['id']}`
    expect((await call('viewer', 'GET', since)).json['items']).toHaveLength(1)
  })

  test('pages oldest first are a chain that verifies', async () => {
    await call('owner', 'POST', '/orgs/acme/teams', { name: 'One more' })
    const entries: unknown[] = []
    for (let cursor = ''; ; ) {
      const { json } = await call('viewer', 'GET', `${audit}?order=oldest&limit=2${cursor}`)
      entries.push(...(json['items'] as unknown[]))
      if (json['next'] === undefined) break
      cursor = `&cursor=${json['next']}`
    }
    const found = verifyChain(entries as Parameters<typeof verifyChain>[0])
    expect(found).toMatchObject({ kind: 'verified', entries: (await scene.audit('acme')).length })
  })

  test('is not told of what was refused', async () => {
    const before = (await scene.audit('acme')).length
    await call('owner', 'POST', '/orgs/acme/teams', { name: 'One more' })
    await call('viewer', 'POST', '/orgs/acme/teams', { name: 'Mine' })
    expect(await scene.audit('acme')).toHaveLength(before)
  })

  test.each([
    ['actor=x', 'actor is user: or service: and an id, anonymous or gatehouse'],
    ['since=now', 'since is a moment in UTC'],
    ['order=up', 'order is newest or oldest'],
    ['operation=%00', 'operation holds no control characters'],
    ['object=%00', 'object holds no control characters'],
    [`operation=${'x'.repeat(101)}`, 'operation has at most 100 characters'],
    ['cursor=WyJ4Il0', 'cursor is what'],
  ])('with %s is 400 and says what is right', async (query, detail) => {
    const answer = await call('viewer', 'GET', `${audit}?${query}`)
    expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
    expect(answer.json['detail']).toContain(detail)
  })
})
