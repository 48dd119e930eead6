import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type Callers, lastAudit, openCallers } from './callers.ts'

let callers: Callers
beforeEach(async () => {
  await callers?.gateway.stop()
  callers = await openCallers()
}, 60_000)
afterAll(() => callers?.gateway.stop())

const ask: Callers['ask'] = (...asked) => callers.ask(...asked)
const get: Callers['get'] = (...asked) => callers.get(...asked)
const PATH = '/ownership-transfer'
const offer = (to = 'user:mia') => get(201, `POST ${PATH}`, { body: { to } })

describe('an offer of the organisation', () => {
  test('changes nothing before it is accepted, and then both', async () => {
    const made = await offer()
    expect(await get(200, `GET ${PATH}`)).toEqual(made)
    expect((await get(200, 'GET /members/user:olga'))['roles']).toEqual(['role:owner'])
    await get(200, `POST ${PATH}/accept`, { as: 'member' })
    expect((await get(200, 'GET /members/user:olga'))['roles']).toEqual(['role:admin'])
    expect((await get(200, 'GET /members/user:mia'))['roles']).toEqual([
      'role:member',
      'role:owner',
    ])
    expect(await lastAudit(callers)).toMatchObject({
      operation: 'acceptOwnership',
      actor: 'user:mia',
    })
    expect((await ask(`GET ${PATH}`)).status).toBe(404)
  })

  test('is accepted by nobody else, not even by an administrator', async () => {
    await offer()
    expect((await ask(`POST ${PATH}/accept`, { as: 'admin' })).status).toBe(403)
    expect((await ask(`POST ${PATH}/accept`)).status).toBe(403)
    expect((await ask(`POST ${PATH}/accept`, { as: 'stranger' })).status).toBe(404)
    expect((await ask(`POST ${PATH}/accept`, { as: 'nobody' })).status).toBe(401)
  })

  test('is made by owners only, to an active member who is none', async () => {
    const body = { to: 'user:mia' }
    expect((await ask(`POST ${PATH}`, { body, as: 'admin' })).status).toBe(403)
    expect((await ask(`POST ${PATH}`, { body: { to: 'user:bob' } })).status).toBe(400)
    expect((await ask(`POST ${PATH}`, { body: { to: 'team:x' } })).status).toBe(400)
    expect((await ask(`POST ${PATH}`, { body: { to: 'user:olga' } })).status).toBe(409)
    await get(200, 'POST /members/user:vera/suspend')
    expect((await ask(`POST ${PATH}`, { body: { to: 'user:vera' } })).status).toBe(400)
  })

  test('is taken back by an owner and declined by whom it is made to', async () => {
    await offer()
    expect((await ask(`DELETE ${PATH}`, { as: 'admin' })).status).toBe(403)
    await get(204, `DELETE ${PATH}`)
    expect((await ask(`POST ${PATH}/accept`, { as: 'member' })).status).toBe(404)
    await offer()
    await get(204, `DELETE ${PATH}`, { as: 'member' })
    expect((await ask(`DELETE ${PATH}`)).status).toBe(404)
  })

  test('of somebody who owns no more is worth nothing', async () => {
    await offer()
    await callers.gateway.member('user:oda', { holds: ['role:owner'] })
    await get(204, 'DELETE /members/user:olga', { as: await callers.gateway.key('user:oda') })
    expect((await ask(`POST ${PATH}/accept`, { as: 'member' })).status).toBe(409)
  })

  test('lasts a week and no longer', async () => {
    await offer()
    await callers.gateway.running.db.query
      .updateTable('ownership_transfers')
      .set({ expires_at: new Date(Date.now() - 1_000) })
      .execute()
    expect((await ask(`POST ${PATH}/accept`, { as: 'member' })).status).toBe(404)
  })
})
