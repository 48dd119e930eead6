import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findAccountByKey } from '../../src/store/accounts.ts'
import { type Callers, idsIn, lastAudit, openCallers } from './callers.ts'
import { askAnyone, invited, mailedToken, password, somebody, tokenIn } from './people.ts'

let callers: Callers
beforeAll(async () => {
  callers = await openCallers()
}, 60_000)
afterAll(() => callers?.gateway.stop())

const ask: Callers['ask'] = (...asked) => callers.ask(...asked)
const get: Callers['get'] = (...asked) => callers.get(...asked)
const invite = (over: Record<string, unknown> = {}) =>
  get(201, 'POST /members/invitations', { body: invited(over) })
const answer = (path: string, token: string, more: Record<string, unknown> = {}) =>
  askAnyone(callers, `/invitations/${path}`, { token, ...more })
const person = { firstName: 'Eve', lastName: 'Ede', password }
const accountOf = (email: unknown) =>
  findAccountByKey(callers.gateway.running.db.query, String(email))

describe('an invitation', () => {
  test('makes a member who is invited, holds what is offered and may do nothing yet', async () => {
    const made = await invite({ roles: ['role:reader'] })
    expect(made).toMatchObject({ state: 'invited', name: null, roles: ['role:reader'] })
    const shown = await get(200, `GET /members/${made['id']}`)
    expect(shown).toMatchObject({ state: 'invited', email: made['email'], name: null })
    expect(idsIn(await get(200, 'GET /members?state=invited'))).toContain(made['id'])
  })

  test('shows its link once: neither a repeated request, nor the list, nor the audit has it', async () => {
    const headers = { 'idempotency-key': 'invite-once' }
    const body = invited()
    const made = await get(201, 'POST /members/invitations', { body, headers })
    const token = tokenIn(made['link'])
    expect(token).not.toBe('')
    const again = await get(201, 'POST /members/invitations', { body, headers })
    expect(again).toEqual({ ...made, link: undefined })
    const rest = [await get(200, 'GET /members/invitations'), await lastAudit(callers)]
    expect(JSON.stringify(rest)).not.toContain(token)
  })

  test('says who invites before it is answered', async () => {
    const made = await invite()
    const { status, body } = await answer('read', tokenIn(made['link']))
    expect(status).toBe(200)
    expect(body).toMatchObject({ organisation: 'acme', email: made['email'], needsAccount: true })
  })

  test('is accepted with a new account, once', async () => {
    const made = await invite({ roles: ['role:reader'] })
    const token = tokenIn(made['link'])
    const accepted = await answer('accept', token, person)
    expect(accepted).toEqual({ status: 200, body: { organisation: 'acme', member: made['id'] } })
    expect(await get(200, `GET /members/${made['id']}`)).toMatchObject({
      state: 'active',
      name: 'Eve Ede',
      roles: ['role:reader'],
    })
    expect(await lastAudit(callers)).toMatchObject({
      operation: 'acceptInvitation',
      actor: made['id'],
    })
    expect((await answer('accept', token, person)).status).toBe(404)
    expect((await answer('read', token)).status).toBe(404)
  })

  test('by the link that was copied does not prove the address, by the mailed one it does', async () => {
    const copied = await invite()
    await answer('accept', tokenIn(copied['link']), person)
    expect((await accountOf(copied['email']))?.email_verified_at).toBeNull()
    const mailed = await invite()
    const dataDir = callers.gateway.dataDir
    const token = await mailedToken(dataDir, String(mailed['email']))
    expect(token).not.toBe(tokenIn(mailed['link']))
    expect((await answer('accept', token, person)).status).toBe(200)
    expect((await accountOf(mailed['email']))?.email_verified_at).toBeInstanceOf(Date)
  })

  test('is declined, and leaves nothing that is held', async () => {
    const made = await invite({ roles: ['role:reader'] })
    const token = tokenIn(made['link'])
    expect((await answer('decline', token)).status).toBe(204)
    expect(await get(200, `GET /members/${made['id']}`)).toMatchObject({ state: 'removed' })
    expect(await get(200, `GET /assignments?subject=${made['id']}`)).toEqual({ items: [] })
    expect((await answer('accept', token, person)).status).toBe(404)
  })

  test('is taken back, and its link is worth nothing', async () => {
    const made = await invite()
    await get(204, `DELETE /members/invitations/${made['id']}`)
    expect((await answer('accept', tokenIn(made['link']), person)).status).toBe(404)
    expect((await ask(`DELETE /members/invitations/${made['id']}`)).status).toBe(404)
  })

  test('that is sent again has a new link, and the old one is worth nothing', async () => {
    const made = await invite()
    const again = await get(200, `POST /members/invitations/${made['id']}/resend`)
    expect((await answer('read', tokenIn(made['link']))).status).toBe(404)
    expect((await answer('read', tokenIn(again['link']))).status).toBe(200)
    const unknown = 'POST /members/invitations/user:nobody/resend'
    expect((await ask(unknown)).status).toBe(404)
  })

  test('can be repeated for somebody who was removed', async () => {
    const body = invited()
    const made = await get(201, 'POST /members/invitations', { body })
    await get(204, `DELETE /members/${made['id']}`)
    const again = await get(201, 'POST /members/invitations', { body })
    expect(again['id']).toBe(made['id'])
  })

  test('to a member or to somebody who is invited is a conflict', async () => {
    const body = invited()
    await get(201, 'POST /members/invitations', { body })
    expect((await ask('POST /members/invitations', { body })).status).toBe(409)
  })

  test('that expired leads nowhere and is still listed', async () => {
    const made = await invite()
    await callers.gateway.running.db.query
      .updateTable('invitations')
      .set({ expires_at: new Date(Date.now() - 1_000) })
      .where('subject', '=', String(made['id']))
      .execute()
    const token = tokenIn(made['link'])
    for (const path of ['read', 'decline']) expect((await answer(path, token)).status).toBe(404)
    expect((await answer('accept', token, person)).status).toBe(404)
    const { items } = await get(200, 'GET /members/invitations?limit=200')
    expect((items as { member: string }[]).map(({ member }) => member)).toContain(made['id'])
  })

  test('gives nothing that whoever invites does not hold', async () => {
    const body = invited({ roles: ['role:editor'] })
    expect((await ask('POST /members/invitations', { body, as: 'admin' })).status).toBe(403)
    expect(await accountOf(body.email)).toBeUndefined()
  })
})

describe('whoever has an account already', () => {
  test('is asked to sign in, and no link sets their password', async () => {
    const owner = somebody()
    const made = await get(201, 'POST /members', { body: owner })
    await get(204, `DELETE /members/${made['id']}`)
    const again = await get(201, 'POST /members/invitations', { body: { email: owner.email } })
    const before = await accountOf(owner.email)
    for (const token of [
      tokenIn(again['link']),
      await mailedToken(callers.gateway.dataDir, owner.email),
    ]) {
      expect((await answer('accept', token, person)).status).toBe(409)
    }
    expect((await accountOf(owner.email))?.password).toBe(before?.password)
  })

  test('is not given away by name to who types their address', async () => {
    const body = somebody({ firstName: 'Secret', lastName: 'Person' })
    await get(201, 'POST /members', { body })
    const asked = { body: { email: body.email }, as: 'stranger', organisation: 'beta' }
    const made = await get(201, 'POST /members/invitations', asked)
    expect(JSON.stringify(made)).not.toMatch(/Secret|Person/)
    const { name } = await get(200, `GET /members/${made['id']}`, {
      as: 'stranger',
      organisation: 'beta',
    })
    expect(name).toBeNull()
  })

  test('and was only invited elsewhere is taken over by no copied link', async () => {
    const { email } = invited()
    await get(201, 'POST /members/invitations', { body: { email } })
    const asked = { body: { email }, as: 'stranger', organisation: 'beta' }
    const other = await get(201, 'POST /members/invitations', asked)
    const refused = await answer('accept', tokenIn(other['link']), person)
    expect(refused.status).toBe(409)
    expect(refused.body['detail']).toMatch(/link in the mail/)
  })
})

describe('the answer to an invitation', () => {
  test.each([
    ['a token of another form', { token: 'X' }],
    ['a short password', { password: 'short' }],
    ['no name', { firstName: '' }],
  ])('with %s is refused', async (_, over) => {
    const made = await invite()
    const body = { token: tokenIn(made['link']), ...person, ...over }
    expect((await askAnyone(callers, '/invitations/accept', body)).status).toBe(400)
  })

  test('is the same for every link that leads nowhere', async () => {
    const body = { token: 'a'.repeat(52), ...person }
    const { status, body: said } = await askAnyone(callers, '/invitations/accept', body)
    expect(status).toBe(404)
    expect(said.detail).toMatch(/not valid any more/)
  })

  test('counts once, however many come at the same time', async () => {
    const made = await invite()
    const token = tokenIn(made['link'])
    const all = await Promise.all([1, 2, 3, 4].map(() => answer('accept', token, person)))
    expect(all.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404])
  })
})
