import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256 } from '../../../src/lib/secrets.ts'
import { findAccount } from '../../../src/store/accounts.ts'
import { OTHER, openPeople, PASSWORD, type PeopleScene } from './scene.ts'

let scene: PeopleScene
beforeAll(async () => {
  scene = await openPeople()
  for (const name of ['ann', 'ben', 'cid', 'dan', 'eve', 'fay']) await scene.person(name)
  await scene.person('mia', { mustChangePassword: true })
}, 120_000)
beforeEach(() => scene.calm())
afterAll(() => scene?.gateway.stop())

const ask = (email: string) => scene.call('POST', '/password-resets', { body: { email } })
const complete = (token: string, password = OTHER) =>
  scene.call('POST', '/password-resets/complete', { body: { token, password } })
const rows = async (table: 'mails' | 'one_time_tokens' | 'audit') => {
  const { query } = scene.gateway.running.db
  return (await query.selectFrom(table).select(query.fn.countAll().as('count')).execute())[0]
}

describe('asking for a new password', () => {
  test('is answered alike with and without an account, and mailed to an account alone', async () => {
    const [known, unknown] = [await ask('Ann@example.com'), await ask('nobody@example.com')]
    expect([known.status, unknown.status]).toEqual([202, 202])
    expect(known.body).toEqual(unknown.body)
    expect(await scene.mailed('ann')).toHaveLength(32)
    await expect(scene.mailed('nobody')).rejects.toThrow()
  })

  test('writes as much without an account as with one (I24)', async () => {
    const before = [await rows('one_time_tokens'), await rows('audit')].map((row) =>
      Number(row?.count),
    )
    await ask('eve@example.com')
    await ask('someone@example.com')
    await ask('someone.else@example.com')
    const after = [await rows('one_time_tokens'), await rows('audit')].map((row) =>
      Number(row?.count),
    )
    // The rows of those without an account replace each other.
    expect(after[0]).toBeLessThanOrEqual((before[0] ?? 0) + 2)
    expect(after[1]).toBe((before[1] ?? 0) + 3)
    const { query } = scene.gateway.running.db
    const told = await query.selectFrom('audit').select(['before', 'after']).execute()
    expect(JSON.stringify(told)).not.toContain('example.com')
  })

  test('of one account too often is a 429, whether or not there is one', async () => {
    for (const email of ['ben@example.com', 'nowhere@example.com']) {
      const statuses = []
      for (let time = 0; time < 7; time += 1) statuses.push((await ask(email)).status)
      expect(statuses).toEqual([202, 202, 202, 202, 202, 429, 429])
    }
    // Whoever asks for another's reset does not lock them out.
    expect(await scene.signIn('ben')).toContain('ghs_')
  })

  test('for what is no address is a 400', async () => {
    expect((await ask('ann@')).status).toBe(400)
    expect((await scene.call('POST', '/password-resets', { body: {} })).status).toBe(400)
  })
})

describe('choosing a new password by the link', () => {
  test('works once, ends every session and proves the address', async () => {
    const session = await scene.signIn('cid')
    await ask('cid@example.com')
    const token = await scene.mailed('cid')
    expect((await complete(token)).status).toBe(204)
    expect((await scene.call('GET', '/me', { bearer: session })).status).toBe(401)
    const bearer = await scene.signIn('cid', OTHER)
    expect((await scene.call('GET', '/me', { bearer })).body).toMatchObject({
      emailVerified: true,
    })
    const body = { email: 'cid@example.com', password: PASSWORD }
    expect((await scene.call('POST', '/sign-in', { body })).status).toBe(401)
    expect((await complete(token, `${OTHER} again`)).status).toBe(403)
  })

  test('I18: takes effect for one of two at the same time', async () => {
    await ask('dan@example.com')
    const token = await scene.mailed('dan')
    const both = await Promise.all([complete(token), complete(token, `${OTHER} too`)])
    expect(both.map(({ status }) => status).sort()).toEqual([204, 403])
  })

  test('is over after an hour', async () => {
    await ask('fay@example.com')
    const token = await scene.mailed('fay')
    const { query } = scene.gateway.running.db
    const row = await query
      .selectFrom('one_time_tokens')
      .selectAll()
      .where('hash', '=', sha256(token))
      .executeTakeFirstOrThrow()
    expect(Number(row.expires_at) - Number(row.created_at)).toBe(3_600_000)
    await query
      .updateTable('one_time_tokens')
      .set({ expires_at: new Date(Date.now() - 1_000) })
      .where('hash', '=', sha256(token))
      .execute()
    expect((await complete(token)).status).toBe(403)
  })

  test('is nothing that a made-up token does, nor the row of those without an account', async () => {
    expect((await complete('a'.repeat(32))).status).toBe(403)
    expect((await complete('NO')).status).toBe(400)
  })

  test('a password that is refused leaves the link open, and one must no more change it', async () => {
    await ask('mia@example.com')
    const token = await scene.mailed('mia')
    const short = await complete(token, 'short')
    expect([short.status, short.body['detail']]).toEqual([
      400,
      expect.stringContaining('password: The password has 5 characters'),
    ])
    expect((await complete(token, 'mia@example.com')).status).toBe(400)
    expect((await complete(token)).status).toBe(204)
    const account = await findAccount(scene.gateway.running.db.query, 'user:mia')
    expect(account?.must_change_password).toBe(false)
  })
})
