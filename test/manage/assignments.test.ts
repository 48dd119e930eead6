import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseRevision } from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import { type Management, openManaged, outcomeOf } from '../support/management.ts'
import { until } from '../support/until.ts'

let scene: Management
beforeAll(async () => {
  scene = await openManaged()
}, 120_000)
afterAll(() => scene?.close())

const call: Management['call'] = (...asked) => scene.call(...asked)
const path = '/orgs/acme/assignments'
const assign = (by: string, subject: string, role: string, more: object = {}) =>
  call(by, 'POST', path, { subject, role, ...more })
const idOf = async (subject: string, role: string): Promise<string> => {
  const { json } = await call('owner', 'GET', `${path}?subject=${subject}&role=${role}`)
  return (json['items'] as { id: string }[])[0]?.id ?? ''
}
const soon = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('an assignment', () => {
  test('that is made is answered whole, listed and found by subject and role', async () => {
    const made = await assign('owner', 'user:mia', 'role:billing')
    expect(made.status).toBe(201)
    expect(made.json).toEqual({
      id: expect.stringMatching(/^\d+$/),
      subject: 'user:mia',
      role: 'role:billing',
      since: expect.any(String),
      assignedBy: 'user:olga',
      expiresAt: null,
    })
    for (const query of ['subject=user:mia&role=role:billing', 'role=role:billing']) {
      const { json } = await call('viewer', 'GET', `${path}?${query}`)
      expect(json['items']).toEqual([made.json])
    }
  })

  test('that is there already is 409', async () => {
    expect(outcomeOf(await assign('owner', 'user:olga', 'role:owner'))).toEqual([409, 'conflict'])
  })

  test.each([
    ['no role', { subject: 'user:mia' }, 'role: is needed.'],
    ['what is no role', { subject: 'user:mia', role: 'team:x' }, 'role: is role: and an id.'],
    ['a role as subject', { subject: 'role:x', role: 'role:y' }, 'subject: is user:, service: or'],
    ['a stranger', { subject: 'user:bob', role: 'role:viewer' }, 'has no member user:bob'],
    [
      'no role of the organisation',
      { subject: 'user:mia', role: 'role:none' },
      'no role role:none',
    ],
    ['no team', { subject: 'team:none', role: 'role:viewer' }, 'has no team team:none'],
    [
      'the past',
      { subject: 'user:mia', role: 'role:viewer', expiresAt: '2020-01-01T00:00:00Z' },
      'expiresAt is in the past.',
    ],
    [
      'a day',
      { subject: 'user:mia', role: 'role:viewer', expiresAt: '2099-01-01' },
      'expiresAt: is a moment in UTC, as in',
    ],
  ])('of %s is 400 and says what is right', async (_title, body, detail) => {
    const answer = await call('owner', 'POST', path, body)
    expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
    expect(answer.json['detail']).toContain(detail)
  })

  test.each(['0', '999999999', 'x', '1e3'])('of the id %s is 404', async (id) => {
    expect(outcomeOf(await call('owner', 'DELETE', `${path}/${id}`))).toEqual([404, 'not_found'])
  })

  test('is none where the rule of that id puts somebody into a team', async () => {
    const { json } = await call('owner', 'POST', '/orgs/acme/teams', { name: 'No role' })
    const members = `/orgs/acme/teams/${json['id']}/members`
    await call('owner', 'POST', members, { add: ['user:mia'] })
    const rows = scene.gateway.running.db.query.selectFrom('casbin').select(['id', 'rule'])
    const row = (await rows.execute()).find(({ rule }) => rule[1] === json['id'])
    const answer = await call('owner', 'DELETE', `${path}/${row?.id}`)
    expect(outcomeOf(answer)).toEqual([404, 'not_found'])
  })

  test('that is taken away is gone at once, and taken away once', async () => {
    await assign('owner', 'user:mia', 'role:viewer')
    expect((await call('member', 'GET', path)).status).toBe(200)
    const id = await idOf('user:mia', 'role:viewer')
    expect((await call('owner', 'DELETE', `${path}/${id}`)).status).toBe(204)
    expect((await call('member', 'GET', path)).status).toBe(403)
    expect((await call('owner', 'DELETE', `${path}/${id}`)).status).toBe(404)
  })

  test('ends by itself within a second, without a write, and can be given again', async () => {
    const made = await assign('owner', 'user:mia', 'role:viewer', { expiresAt: soon(700) })
    expect(made.status).toBe(201)
    expect((await call('member', 'GET', path)).status).toBe(200)
    const revision = made.headers.get('gatehouse-revision')
    await until(async () => (await call('member', 'GET', path)).status === 403, 1_700)
    const read = await call('owner', 'GET', `${path}?subject=user:mia&role=role:viewer`)
    expect([read.json, read.headers.get('gatehouse-revision')]).toEqual([{ items: [] }, revision])
    expect((await assign('owner', 'user:mia', 'role:viewer')).status).toBe(201)
    const id = await idOf('user:mia', 'role:viewer')
    expect((await call('owner', 'DELETE', `${path}/${id}`)).status).toBe(204)
  })
})

describe('I11: nobody gives what they do not hold', () => {
  test.each(['role:owner', 'role:reader'])('an administrator does not give %s', async (role) => {
    const answer = await assign('admin', 'user:alan', role)
    expect(outcomeOf(answer)).toEqual([403, 'denied'])
    expect(answer.json['detail']).toContain('which you do not hold yourself')
  })

  test('an administrator gives what administrators hold', async () => {
    expect((await assign('admin', 'user:vera', 'role:admin')).status).toBe(201)
    const id = await idOf('user:vera', 'role:admin')
    expect((await call('admin', 'DELETE', `${path}/${id}`)).status).toBe(204)
  })

  test('nor to a team in which somebody is', async () => {
    const { json } = await call('admin', 'POST', '/orgs/acme/teams', { name: 'Climbers' })
    const members = `/orgs/acme/teams/${json['id']}/members`
    expect((await call('admin', 'POST', members, { add: ['user:alan'] })).status).toBe(200)
    const answer = await assign('admin', String(json['id']), 'role:reader')
    expect(outcomeOf(answer)).toEqual([403, 'denied'])
  })

  test('nor with a key that is confined, whatever its holder may', async () => {
    const scopes = ['assignments:write', 'teams:read']
    scene.keys['narrow'] = await scene.gateway.key('user:olga', { scopes })
    const answer = await assign('narrow', 'user:mia', 'role:admin')
    expect(outcomeOf(answer)).toEqual([403, 'denied'])
    expect(outcomeOf(await call('narrow', 'GET', '/orgs/acme/audit'))).toEqual([403, 'denied'])
  })
})

describe('I12: an owner', () => {
  test('does not lose the organisation, being the last', async () => {
    const id = await idOf('user:olga', 'role:owner')
    const answer = await call('owner', 'DELETE', `${path}/${id}`)
    expect(outcomeOf(answer)).toEqual([409, 'conflict'])
    expect(answer.json['detail']).toContain('make somebody else owner first')
  })

  test('who is suspended is none that could be left', async () => {
    expect((await assign('owner', 'user:sam', 'role:owner')).status).toBe(201)
    const id = await idOf('user:olga', 'role:owner')
    expect(outcomeOf(await call('owner', 'DELETE', `${path}/${id}`))).toEqual([409, 'conflict'])
    const sam = await idOf('user:sam', 'role:owner')
    expect((await call('owner', 'DELETE', `${path}/${sam}`)).status).toBe(204)
  })

  test('is no team, no service account and nobody whose time ends', async () => {
    const { json } = await call('owner', 'POST', '/orgs/acme/teams', { name: 'Owners' })
    for (const subject of [String(json['id']), 'service:robot']) {
      if (subject.startsWith('service:')) await scene.gateway.member(subject)
      const answer = await assign('owner', subject, 'role:owner')
      expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
      expect(answer.json['detail']).toContain('an owner is a person')
    }
    const answer = await assign('owner', 'user:mia', 'role:owner', { expiresAt: soon(60_000) })
    expect(answer.json['detail']).toContain('an owner stays owner')
  })

  test('is unmade by an owner alone, and one of two may go', async () => {
    expect((await assign('owner', 'user:mia', 'role:owner')).status).toBe(201)
    const id = await idOf('user:mia', 'role:owner')
    const answer = await call('admin', 'DELETE', `${path}/${id}`)
    expect(outcomeOf(answer)).toEqual([403, 'denied'])
    expect(answer.json['detail']).toContain('Only an owner')
    expect((await call('owner', 'DELETE', `${path}/${id}`)).status).toBe(204)
  })

  test('is left when two owners take each other away at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await assign('owner', 'user:mia', 'role:owner')
      const [olga, mia] = [
        await idOf('user:olga', 'role:owner'),
        await idOf('user:mia', 'role:owner'),
      ]
      const answers = await Promise.all([
        call('owner', 'DELETE', `${path}/${mia}`),
        call('member', 'DELETE', `${path}/${olga}`),
      ])
      expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 403])
      // Whoever is left makes the other one owner again.
      if (answers[1]?.status === 204) await assign('member', 'user:olga', 'role:owner')
      const again = await idOf('user:mia', 'role:owner')
      if (again !== '') await call('owner', 'DELETE', `${path}/${again}`)
    }
    expect(await idOf('user:olga', 'role:owner')).not.toBe('')
  })
})

describe('the list of assignments', () => {
  test.each([
    ['subject=x', 'subject is user:, service: or team: and an id'],
    ['role=x', 'role is role: and an id'],
    [`cursor=${Buffer.from('["x"]').toString('base64url')}`, 'cursor is what'],
  ])('with %s is 400 and says what is right', async (query, detail) => {
    const answer = await call('viewer', 'GET', `${path}?${query}`)
    expect(outcomeOf(answer)).toEqual([400, 'invalid_input'])
    expect(answer.json['detail']).toContain(detail)
  })

  test('is paged to its end, each once', async () => {
    const { db } = scene.gateway.running
    await db.transaction('seed', async (trx) => {
      const revision = await raiseRevision(trx, 'beta')
      const rules = ['a', 'b', 'c'].map((role) => {
        return { ptype: 'g', values: ['user:bob', `role:${role}`, 'org:beta'] }
      })
      await addRules(trx, 'beta', rules, { author: 'gatehouse', revision })
    })
    const roles: unknown[] = []
    for (let cursor = ''; ; ) {
      const { json } = await call('stranger', 'GET', `/orgs/beta/assignments?limit=1${cursor}`)
      roles.push(...(json['items'] as { role: string }[]).map(({ role }) => role))
      if (json['next'] === undefined) break
      cursor = `&cursor=${json['next']}`
    }
    expect(roles).toEqual(['role:owner', 'role:a', 'role:b', 'role:c'])
  })
})
