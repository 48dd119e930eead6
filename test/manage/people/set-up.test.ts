import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPasswords } from '../../../src/identity/passwords.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import {
  isSetUp,
  prepareSetup,
  SetupError,
  type SetupOptions,
} from '../../../src/manage/people/first-owner.ts'
import type { Db } from '../../../src/store/db.ts'
import { loadOrganisation } from '../../../src/store/organisation-state.ts'
import { addAccount } from '../../store/people-rows.ts'
import { auditOf, verifyChain } from '../../support/audit.ts'
import { eachDatabase } from '../../support/databases.ts'
import { OTHER, openPeople, PASSWORD, type PeopleScene } from './scene.ts'

const options = (db: Db, setup?: SetupOptions['setup']): SetupOptions => ({
  db,
  clock: systemClock,
  passwords: createPasswords(),
  adminUrl: 'https://admin.example.com',
  setup,
})
const LINK = /^https:\/\/admin\.example\.com\/setup#(\w{32})$/

describe('the set-up link', () => {
  let scene: PeopleScene
  let token: string
  beforeAll(async () => {
    scene = await openPeople()
    await scene.person('taken')
    const first = await prepareSetup(options(scene.gateway.running.db))
    const link = await prepareSetup(options(scene.gateway.running.db))
    expect(link).not.toBe(first)
    token = LINK.exec(link ?? '')?.[1] ?? ''
    const old = LINK.exec(first ?? '')?.[1] ?? ''
    // The text of a link is nowhere, so a restart makes another, and only the last one is open.
    expect((await setUp({ token: old })).status).toBe(403)
  }, 120_000)
  afterAll(() => scene?.gateway.stop())

  const name = { firstName: 'Olga', lastName: 'Owner' }
  const setUp = (over: object = {}, headers: Record<string, string> = {}) =>
    scene.call('POST', '/setup', {
      headers,
      body: { token, email: 'olga@example.com', password: PASSWORD, ...name, ...over },
    })

  test('takes nothing but what it needs, each mistake named', async () => {
    for (const [over, message] of [
      [{ email: 'olga' }, 'email: '],
      [{ password: 'short' }, 'password: The password has 5 characters'],
      [{ password: 'olga@example.com' }, 'password: '],
      [{ firstName: '' }, 'firstName: is empty'],
      [{ token: 'NO' }, 'token: '],
      [{ organisation: { name: 'Acme' } }, 'organisation.slug: '],
    ] as const) {
      const { status, body } = await setUp(over)
      expect([status, body['detail']]).toEqual([400, expect.stringContaining(message)])
    }
  })

  test('is refused with another token, for a taken address or slug, from another site', async () => {
    expect((await setUp({ token: 'a'.repeat(32) })).status).toBe(403)
    expect((await setUp({ email: 'Taken@example.com' })).status).toBe(409)
    expect((await setUp({ organisation: { name: 'Acme', slug: 'acme' } })).status).toBe(409)
    expect((await setUp({}, { origin: 'https://evil.example' })).status).toBe(403)
    expect(await isSetUp(scene.gateway.running.db.query)).toBe(false)
  })

  test('makes of two at the same time one platform administrator, with an organisation', async () => {
    const both = await Promise.all([
      setUp({ organisation: { name: 'First', slug: 'first' } }),
      setUp({ email: 'otto@example.com', organisation: { name: 'Second', slug: 'second' } }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual([201, 403])
    const won = both.find(({ status }) => status === 201)
    const bearer = String(won?.body['session'])
    expect(won?.headers.getSetCookie()[0]).toContain(bearer)
    const { body } = await scene.call('GET', '/me', { bearer })
    expect(body).toMatchObject({ ...name, emailVerified: false })
    const owned = body['organisations'] as { roles: string[] }[]
    expect(owned.map(({ roles }) => roles)).toEqual([['role:owner'], ['role:owner']])
    // What only a platform administrator may.
    expect((await scene.call('GET', '/orgs', { bearer })).status).toBe(200)
    const { id } = (won?.body['organisation'] ?? {}) as { id: string }
    const another = { bearer, body: { name: 'More', slug: 'more' } }
    expect((await scene.call('POST', '/orgs', another)).status).toBe(201)
    for (const organisation of ['platform', id]) {
      await verifyChain(scene.gateway.running.db, organisation)
    }
    const [made] = await auditOf(scene.gateway.running.db, id)
    expect(made?.actor).toBe(won?.body['subject'])
  })

  test('is not offered again, and one that is left over is worth nothing', async () => {
    expect((await setUp()).status).toBe(403)
    expect(await prepareSetup(options(scene.gateway.running.db))).toBeUndefined()
    await scene.gateway.running.db.query
      .updateTable('one_time_tokens')
      .set({ used_at: null as unknown as Date })
      .execute()
    expect((await setUp({ email: 'late@example.com' })).status).toBe(403)
  })
})

eachDatabase('set-up by settings', (open) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-setup-'))
  const passwordFile = join(folder, 'password')
  const email = { email: 'Olga@example.com', key: 'olga@example.com' }
  const byFile = (text: string) => {
    writeFileSync(passwordFile, text)
    return { email, passwordFile }
  }
  let db: Db
  beforeAll(async () => {
    db = await open()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('refuses a password that could be guessed, and says of which file', async () => {
    const refused = prepareSetup(options(db, byFile('password1234\n')))
    await expect(refused).rejects.toThrow(SetupError)
    await expect(prepareSetup(options(db, byFile('')))).rejects.toThrow(passwordFile)
    expect(await isSetUp(db.query)).toBe(false)
  })

  test('never hands the platform to an account that is there', async () => {
    await addAccount(db, 'olga', { email })
    const refused = prepareSetup(options(db, byFile(PASSWORD)))
    await expect(refused).rejects.toThrow('SETUP_EMAIL has an account already')
    expect(await isSetUp(db.query)).toBe(false)
    await db.query.deleteFrom('accounts').execute()
  })

  test('makes one administrator, by two processes at once, and none the next time', async () => {
    const start = () => prepareSetup(options(db, byFile(`${PASSWORD}\nand a comment\n`)))
    expect(await Promise.all([start(), start()])).toEqual([undefined, undefined])
    const platform = await loadOrganisation(db, 'platform')
    const [subject, ...more] = [...(platform?.members.keys() ?? [])]
    expect(more).toEqual([])
    expect(platform?.rules.map(({ values }) => values)).toEqual([
      [subject, 'role:owner', 'org:platform'],
    ])
    const [account] = await db.query.selectFrom('accounts').selectAll().execute()
    const { right } = await createPasswords().verify(PASSWORD, account?.password)
    expect([account?.subject, right]).toEqual([subject, true])
    await verifyChain(db, 'platform')
    // A bad file is no fault any more once nobody needs it.
    expect(await prepareSetup(options(db, byFile('short')))).toBeUndefined()
  })

  test('is due again where the only owner is active no more', async () => {
    await db.query.updateTable('members').set({ state: 'suspended' }).execute()
    expect(await isSetUp(db.query)).toBe(false)
    await db.query.updateTable('members').set({ state: 'active' }).execute()
    expect(await isSetUp(db.query)).toBe(true)
  })
})

test('nothing secret reaches the log or the audit', async () => {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  const scene = await openPeople({ log })
  try {
    const { db } = scene.gateway.running
    const token = LINK.exec((await prepareSetup(options(db))) ?? '')?.[1] ?? ''
    const names = { firstName: 'Olga', lastName: 'Owner' }
    const owner = { token, email: 'olga@example.com', password: PASSWORD, ...names }
    await scene.call('POST', '/setup', { body: { ...owner, token: `${token}x` } })
    const { body } = await scene.call('POST', '/setup', { body: owner })
    const session = String(body['session'])
    const again = await scene.signIn('olga')
    await scene.signIn('olga', `${OTHER} wrong`)
    await scene.call('PUT', '/me/password', {
      bearer: again,
      body: { current: `${PASSWORD} wrong`, password: OTHER },
    })
    const changed = await scene.call('PUT', '/me/password', {
      bearer: session,
      body: { current: PASSWORD, password: OTHER },
    })
    await scene.call('POST', '/password-resets', { body: { email: 'olga@example.com' } })
    await scene.call('POST', '/password-resets', { body: { email: 'secret@example.com' } })
    const reset = await scene.mailed('olga')
    const last = { token: reset, password: `${PASSWORD} again` }
    await scene.call('POST', '/password-resets/complete', { body: last })
    await scene.call('POST', '/password-resets/complete', { body: last })
    const rows = JSON.stringify([
      await db.query.selectFrom('audit').selectAll().execute(),
      await db.query.selectFrom('idempotency_keys').selectAll().execute(),
      await db.query.selectFrom('one_time_tokens').selectAll().execute(),
      await db.query.selectFrom('sessions').selectAll().execute(),
    ])
    expect(lines.length).toBeGreaterThan(2)
    const secrets = [token, reset, session, again, String(changed.body['session'])]
    for (const secret of [...secrets, PASSWORD, OTHER, 'secret@example.com', '$argon2']) {
      expect(lines.join('')).not.toContain(secret)
      expect(rows).not.toContain(secret)
    }
  } finally {
    await scene.gateway.stop()
  }
}, 60_000)
