import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSession } from '../../src/identity/sessions.ts'
import { raiseRevision } from '../../src/store/organisations.ts'
import { addSession, removeSessions } from '../../src/store/sessions.ts'
import { addAccount } from '../store/people-rows.ts'
import { until } from '../support/until.ts'
import { type ManageScene, openManagement } from './scene.ts'

const LOG = '/api/v1/orgs/acme/decisions'
/** The origin of the settings, which no request changes. */
const ADMIN_URL = 'http://127.0.0.1:0'
const CHANGE = '/api/v1/orgs/acme/policies/diff'

let scene: ManageScene
beforeAll(async () => {
  scene = await openManagement()
  const { db } = scene.gateway.running
  for (const name of ['olga', 'mia']) await addAccount(db, name)
  await addAccount(db, 'vera', { mustChangePassword: true })
}, 120_000)
afterAll(() => scene?.close())

async function open(subject: string, organisations: readonly string[] | null = null) {
  const { text, ...session } = makeSession()
  const row = { ...session, subject, organisations, address: null, agent: null }
  await scene.gateway.running.db.transaction('seed', (trx) => addSession(trx, row))
  return text
}
const withCookie = (name: string, text: string, init: RequestInit = {}) => ({
  ...init,
  headers: { cookie: `${name}=${text}`, ...init.headers },
})
const atConsole = (text: string, init?: RequestInit) => withCookie('gatehouse-console', text, init)
const get = async (path: string, init: RequestInit) =>
  (await scene.ask(path, undefined, init)).status

describe('a session at the management listener', () => {
  test('is a credential by the cookie of the console, with and without its prefix', async () => {
    const text = await open('user:olga')
    expect(await get(LOG, atConsole(text))).toBe(200)
    expect(await get(LOG, withCookie('__Host-gatehouse-console', text))).toBe(200)
    expect(await get(LOG, withCookie('gatehouse-session', text))).toBe(401)
    expect(await get(LOG, atConsole(makeSession().text))).toBe(401)
  })

  test('beside a key, or twice, is a 400', async () => {
    const text = await open('user:olga')
    const authorization = `Bearer ${scene.keys.owner}`
    expect(await get(LOG, atConsole(text, { headers: { authorization } }))).toBe(400)
    expect(await get(LOG, atConsole(`${text}; gatehouse-console=${text}`))).toBe(400)
  })

  test('acts in the organisations that it names alone', async () => {
    expect(await get(LOG, atConsole(await open('user:olga', ['acme'])))).toBe(200)
    expect(await get(LOG, atConsole(await open('user:olga', ['beta'])))).toBe(404)
    expect(await get(LOG, atConsole(await open('user:olga', [])))).toBe(404)
  })

  test('of somebody who must change a password is refused as denied', async () => {
    const answer = await scene.ask(LOG, undefined, atConsole(await open('user:vera')))
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'denied' })
  })

  test('changes nothing from a page of another origin, or from nowhere', async () => {
    const text = await open('user:olga')
    const change = (headers: Record<string, string>) =>
      get(CHANGE, atConsole(text, { method: 'POST', body: 'not rules', headers }))
    // Permitted, and only then read.
    expect(await change({ origin: ADMIN_URL })).toBe(400)
    expect(await change({ origin: 'https://evil.example' })).toBe(403)
    expect(await change({ origin: `${ADMIN_URL}.evil.example` })).toBe(403)
    expect(await change({})).toBe(403)
  })
})

test('a session at the gateway is a credential until it is revoked, and no longer', async () => {
  const text = await open('user:mia')
  const { port, running } = scene.gateway
  const status = async (cookie: string) =>
    (await fetch(`http://127.0.0.1:${port}/t/acme/x`, { headers: { cookie } })).status
  const cookie = `gatehouse-session=${text}`
  for (let time = 0; time < 3; time += 1) expect(await status(cookie)).toBe(403)
  expect(await status(`gatehouse-console=${text}`)).toBe(401)
  await running.db.transaction('seed', async (trx) => {
    await removeSessions(trx, 'user:mia')
    await raiseRevision(trx, 'platform')
  })
  await until(async () => (await status(cookie)) === 401)
})
