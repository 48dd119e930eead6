import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../../src/lib/limits.ts'
import { findAccount } from '../../../src/store/accounts.ts'
import { ADMIN_URL, OTHER, openPeople, PASSWORD, type PeopleScene, type Said } from './scene.ts'

/** Argon2id of `old password of old`, with little memory. */
const weak =
  '$argon2id$v=19$m=1024,t=1,p=1$6rNV1TRYr9w2zBqE75bqEg$G/QVHKIP9bt+EkifBuHmlmMVR5bUxDLfXLJUwXpfHXs'

let scene: PeopleScene
beforeAll(async () => {
  scene = await openPeople()
  await scene.person('ann')
  await scene.person('mia', { mustChangePassword: true })
  await scene.person('sam', { password: null })
}, 120_000)
beforeEach(() => scene.calm())
afterAll(() => scene?.gateway.stop())

const post = (email: string, password: string, said: Said = {}) =>
  scene.call('POST', '/sign-in', { body: { email, password }, ...said })
const me = async (bearer: string) => (await scene.call('GET', '/me', { bearer })).status

describe('signing in', () => {
  test('gives a session as a bearer token and as the cookie of the console', async () => {
    const { status, body, headers } = await post('Ann@Example.com', PASSWORD)
    expect(status).toBe(200)
    expect(body).toMatchObject({ subject: 'user:ann', mustChangePassword: false })
    const text = String(body['session'])
    expect(await me(text)).toBe(200)
    const [set, ...more] = headers.getSetCookie()
    expect(more).toEqual([])
    expect(set).toBe(`gatehouse-console=${text}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict`)
    const cookie = { cookie: `gatehouse-console=${text}` }
    expect((await scene.call('GET', '/me', { headers: cookie })).status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('for one organisation is valid there alone, and names it to applications', async () => {
    await scene.gateway.organisation('beta')
    for (const organisation of ['acme', 'beta']) {
      await scene.gateway.member('user:ann', { organisation, holds: ['role:viewer'] })
    }
    const said = { body: { email: 'ann@example.com', password: PASSWORD, organisation: 'acme' } }
    const { status, body } = await scene.call('POST', '/sign-in', said)
    expect(status).toBe(200)
    const bearer = String(body['session'])
    expect((await scene.call('GET', '/orgs/acme', { bearer })).status).toBe(200)
    expect((await scene.call('GET', '/orgs/beta', { bearer })).status).toBe(404)
    for (const organisation of ['nowhere', 'platform']) {
      const elsewhere = { body: { ...said.body, organisation } }
      expect((await scene.call('POST', '/sign-in', elsewhere)).status).toBe(401)
    }
  })

  test('A4 85: makes another session each time, whatever came along', async () => {
    const first = await scene.signIn('ann')
    const again = await post('ann@example.com', PASSWORD, {
      headers: { cookie: `gatehouse-console=${first}` },
    })
    expect(again.status).toBe(200)
    expect(again.body['session']).not.toBe(first)
    expect(await me(first)).toBe(200)
  })

  test('is the same answer for a wrong password, no account and no password', async () => {
    const answers = [
      await post('ann@example.com', OTHER),
      await post('nobody@example.com', OTHER),
      await post('sam@example.com', OTHER),
    ]
    for (const { status, body, headers } of answers) {
      expect(status).toBe(401)
      expect(headers.getSetCookie()).toEqual([])
      expect({ ...body, requestId: '' }).toEqual({ ...answers[0]?.body, requestId: '' })
    }
  })

  test('of somebody whose password another chose is good for changing it alone', async () => {
    const { body } = await post('mia@example.com', PASSWORD)
    expect(body['mustChangePassword']).toBe(true)
    const bearer = String(body['session'])
    for (const path of ['/me', '/me/sessions', '/me/organisations']) {
      expect((await scene.call('GET', path, { bearer })).status).toBe(403)
    }
    const change = { bearer, body: { current: PASSWORD, password: OTHER } }
    expect((await scene.call('PUT', '/me/password', change)).status).toBe(200)
    expect(await me(await scene.signIn('mia', OTHER))).toBe(200)
  })

  test('hashes a password again that was hashed with other parameters', async () => {
    const { db } = scene.gateway.running
    await scene.person('old', { password: weak })
    expect((await post('old@example.com', 'old password of old')).status).toBe(200)
    const { password } = (await findAccount(db.query, 'user:old')) ?? {}
    expect(password).toContain(`m=${limits.passwordMemoryKib},`)
    expect((await post('old@example.com', 'old password of old')).status).toBe(200)
  })

  test.each<[object, string]>([
    [{ email: 'ann', password: PASSWORD }, 'exactly one @'],
    [{ email: 'ann@example.com' }, 'password: is a text'],
    [{ email: 'ann@example.com', password: 'x'.repeat(1_001) }, 'password: has at most'],
    [{ email: 'ann@example.com', password: PASSWORD, more: 1 }, 'is no field here'],
  ])('with a body that is not as it should be is a 400: %#', async (body, message) => {
    const answer = await scene.call('POST', '/sign-in', { body })
    expect(answer.status).toBe(400)
    expect(answer.body['detail']).toContain(message)
  })

  test('with an Idempotency-Key is a 400, since its answer must be nowhere', async () => {
    const answer = await post('ann@example.com', PASSWORD, { headers: { 'idempotency-key': 'a' } })
    expect(answer.status).toBe(400)
  })
})

describe('A4 86: signing in from a page of another site', () => {
  test.each([
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: ADMIN_URL, 'sec-fetch-site': 'same-site' },
  ])('is refused: %j', async (headers) => {
    const answer = await post('ann@example.com', PASSWORD, { headers })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []])
  })

  test('is refused as a form', async () => {
    const headers = { 'content-type': 'text/plain' }
    expect((await post('ann@example.com', PASSWORD, { headers })).status).toBe(400)
  })

  test('is none from our own', async () => {
    const headers = { origin: ADMIN_URL, 'sec-fetch-site': 'same-origin' }
    expect((await post('ann@example.com', PASSWORD, { headers })).status).toBe(200)
  })
})

describe('guessing', () => {
  test.each(['ann', 'nobody'])(
    'at the account of %s is slowed down, also with it',
    async (name) => {
      const guesses = []
      for (let time = 0; time <= limits.attemptsFree; time += 1) {
        guesses.push((await post(`${name}@example.com`, OTHER)).status)
      }
      expect(guesses).toEqual([...Array(limits.attemptsFree).fill(401), 429])
      const answer = await post(`${name}@example.com`, PASSWORD)
      expect([answer.status, answer.body['code']]).toEqual([429, 'too_many_requests'])
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    },
  )

  test('from one address is slowed down over all accounts', async () => {
    const { query } = scene.gateway.running.db
    await post('ann@example.com', OTHER)
    const bound = limits.attemptsFreeOfAddress
    await query
      .updateTable('attempts')
      .set({ failures: bound - 1 })
      .where('about', 'like', 'address:%')
      .execute()
    expect((await post('one@example.com', OTHER)).status).toBe(401)
    expect((await post('two@example.com', OTHER)).status).toBe(429)
  })

  test('right attempts are not counted, neither of the account nor of the address', async () => {
    for (let time = 0; time < limits.attemptsFree + 2; time += 1) await scene.signIn('ann')
    const rows = await scene.gateway.running.db.query.selectFrom('attempts').selectAll().execute()
    expect(rows.map(({ failures }) => failures)).toEqual([0])
  })

  test('a right one takes no guess at another account back', async () => {
    await post('nobody@example.com', OTHER)
    await scene.signIn('ann')
    const rows = await sql<{ failures: number }>`select failures from attempts
      where about like 'address:%'`.execute(scene.gateway.running.db.query)
    expect(rows.rows).toEqual([{ failures: 1 }])
  })
})

describe('signing out', () => {
  test('ends the session that asks and takes its cookie', async () => {
    const [one, other] = [await scene.signIn('ann'), await scene.signIn('ann')]
    const headers = { cookie: `gatehouse-console=${one}`, origin: ADMIN_URL }
    const answer = await scene.call('POST', '/sign-out', { headers })
    expect(answer.status).toBe(204)
    expect(answer.headers.getSetCookie()).toEqual([
      'gatehouse-console=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    ])
    expect([await me(one), await me(other)]).toEqual([401, 200])
  })

  test('needs a session, from our own page or as a bearer token', async () => {
    const bearer = await scene.signIn('ann')
    expect((await scene.call('POST', '/sign-out')).status).toBe(401)
    const headers = { cookie: `gatehouse-console=${bearer}`, origin: 'https://evil.example' }
    expect((await scene.call('POST', '/sign-out', { headers })).status).toBe(403)
    expect((await scene.call('POST', '/sign-out', { bearer })).status).toBe(204)
  })
})

test('behind TLS the cookie is bound to the host and secure', async () => {
  const far = await openPeople({ env: { ADMIN_URL: 'https://admin.example.com' } })
  try {
    await far.person('ann')
    const body = { email: 'ann@example.com', password: PASSWORD }
    const { headers } = await far.call('POST', '/sign-in', { body })
    const [set = ''] = headers.getSetCookie()
    expect(set).toMatch(/^__Host-gatehouse-console=ghs_\w+; Path=\/; /)
    expect(set).toMatch(/; HttpOnly; SameSite=Strict; Secure$/)
  } finally {
    await far.gateway.stop()
  }
})
