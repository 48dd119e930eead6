import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeKey } from '../../src/identity/api-keys.ts'
import { type Authenticate, createAuthenticator } from '../../src/identity/authenticate.ts'
import { createKeySets } from '../../src/identity/keysets.ts'
import type { Identified } from '../../src/identity/principal.ts'
import { createTokenVerifier } from '../../src/identity/tokens.ts'
import { limits } from '../../src/lib/limits.ts'
import type { Issuer } from '../../src/policy/issuers.ts'
import { type Db, openDatabase } from '../../src/store/db.ts'
import { addIdentity, findIdentity } from '../../src/store/identities.ts'
import { addKey, findKey, removeKey } from '../../src/store/keys.ts'
import { addMember, createOrganisation } from '../../src/store/organisations.ts'
import { findSession, touchSession } from '../../src/store/sessions.ts'
import { eachDatabase, silentLog } from '../support/databases.ts'
import { ecKey, ISSUER, issue, issuerWith, jwks, movableClock, START } from './issuing.ts'

const key = ecKey('k')
const bearer = (text: string) => ['Authorization', `Bearer ${text}`]
const refused = (reason: string) => ({ kind: 'refused', reason })

eachDatabase('authentication', (open) => {
  let db: Db
  /** A PostgreSQL that is not there. */
  let away: Db
  let folder: string
  let clock: ReturnType<typeof movableClock>
  let revision: number | undefined
  let issuers: readonly Issuer[]
  /** Every question that reached the database. */
  let asked: string[]
  /** The public id of each key, whenever it was accepted. */
  let used: string[]
  let failing: boolean
  let warnings: unknown[]
  let authenticate: Authenticate

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-authenticate-'))
    writeFileSync(join(folder, 'keys.json'), jwks(key))
    db = await open()
    const databaseUrl = 'postgres://nobody@127.0.0.1:1/none'
    away = await openDatabase({ databaseUrl, dataDir: '', log: silentLog })
    await db.query.transaction().execute(async (trx) => {
      await createOrganisation(trx, { id: 'acme', name: 'Acme', slug: 'acme' })
      await addMember(trx, 'acme', { subject: 'service:robot', state: 'active' })
      await addIdentity(trx, { issuer: ISSUER, sub: 'auth0|ann', subject: 'user:ann' })
    })
  })
  afterAll(async () => {
    await away.close()
    rmSync(folder, { recursive: true, force: true })
  })

  beforeEach(() => {
    clock = movableClock()
    revision = 1
    issuers = [issuerWith({ file: 'keys.json' })]
    asked = []
    used = []
    failing = false
    warnings = []
    authenticate = make()
  })

  const make = (): Authenticate => {
    const log = { warn: (...what: unknown[]) => void warnings.push(what) }
    const keySets = createKeySets({ directory: folder, fetchPrivate: false, clock, log })
    const ask = (question: string) => {
      asked.push(question)
      return failing ? away : db
    }
    return createAuthenticator({
      issuers: () => issuers,
      tokens: createTokenVerifier({ issuers: () => issuers, keySets, clock }),
      findKey: (id) => findKey(ask(id), id),
      findIdentity: (issuer, sub) => findIdentity(ask(sub), issuer, sub),
      noteKeyUse: (id) => void used.push(id),
      findSession: (id) => findSession(ask(id), id),
      touchSession: (id) => touchSession(ask(`use of ${id}`), id),
      cookieNames: ['__Host-gatehouse-session'],
      revisionOf: (organisation) => (organisation === 'acme' ? revision : undefined),
      clock,
      log,
    })
  }

  const store = async (expiresAt: Date | null = null) => {
    const made = makeKey()
    const { id, hash } = made
    const row = { id, hash, organisation: 'acme', subject: 'service:robot', label: 'test' }
    await db.query.transaction().execute((trx) => addKey(trx, { ...row, expires_at: expiresAt }))
    return made
  }

  describe('what was sent decides', () => {
    test('nothing is anonymous, at once', () => {
      expect(authenticate(['Host', 'a'])).toEqual({ kind: 'anonymous' })
    })

    test('two credentials and unreadable ones are refused, at once and unasked', () => {
      expect(authenticate([...bearer('a'), ...bearer('b')])).toEqual(refused('credential_repeated'))
      expect(authenticate(['Authorization', 'Basic YTpi'])).toEqual(refused('credential_malformed'))
      expect(asked).toEqual([])
    })

    test('a token stands for the subject of its issuer and sub', async () => {
      expect(await authenticate(bearer(issue(key)))).toEqual({
        kind: 'principal',
        principal: {
          subject: 'user:ann',
          credential: { kind: 'token', id: expect.stringMatching(/^[0-9a-f]{16}$/) },
          organisation: undefined,
          expiresAt: START + (300 + limits.clockSkewSeconds) * 1_000,
        },
      })
    })

    test('a token of an organisation speaks for that organisation only', async () => {
      issuers = [issuerWith({ file: 'keys.json' }, { organisation: 'acme' })]
      expect(await authenticate(bearer(issue(key)))).toMatchObject({
        principal: { organisation: 'acme' },
      })
    })

    test('a valid token of somebody unknown is a principal without subject', async () => {
      expect(await authenticate(bearer(issue(key, { sub: 'auth0|new' })))).toMatchObject({
        kind: 'principal',
        principal: { subject: undefined },
      })
    })

    test('an email address in the token identifies nobody', async () => {
      const token = issue(key, {
        sub: 'x',
        email: 'ann@acme.example',
        preferred_username: 'auth0|ann',
      })
      expect(await authenticate(bearer(token))).toMatchObject({ principal: { subject: undefined } })
    })

    test('a key stands for its subject in its organisation', async () => {
      const { id, text } = await store()
      expect(await authenticate(bearer(text))).toEqual({
        kind: 'principal',
        principal: {
          subject: 'service:robot',
          credential: { kind: 'key', id },
          organisation: 'acme',
          expiresAt: Number.POSITIVE_INFINITY,
        },
      })
    })

    test('a key that expired, that nobody made, or with another secret is refused', async () => {
      const { text } = await store(new Date(START))
      expect(await authenticate(bearer(text))).toEqual(refused('key_expired'))
      expect(await authenticate(bearer(makeKey().text))).toEqual(refused('key_unknown'))
      const other = (await store()).text
      const forged = other.slice(0, -1) + (other.endsWith('0') ? '1' : '0')
      expect(await authenticate(bearer(forged))).toEqual(refused('key_unknown'))
      // Who does not know the secret does not learn that the key is over.
      expect(await authenticate(bearer(text.slice(0, 16) + other.slice(16)))).toEqual(
        refused('key_unknown'),
      )
    })

    test('a text that only begins like a key never reaches the database', async () => {
      expect(await authenticate(bearer('gh_x'))).toEqual(refused('credential_malformed'))
      expect(asked).toEqual([])
    })
  })

  describe('what narrows a key', () => {
    const narrowed = async (scopes: string | null, networks: string | null) => {
      const { id, text, hash } = makeKey()
      const row = { id, hash, organisation: 'acme', subject: 'service:robot', label: 'test' }
      const key = { ...row, scopes, networks, expires_at: null }
      await db.query.transaction().execute((trx) => addKey(trx, key))
      const identified = await authenticate(bearer(text))
      if (identified.kind !== 'principal') throw new Error('the key was refused')
      return identified.principal
    }

    test('is told with its principal', async () => {
      const { scopes, networks } = await narrowed('["teams:read"]', '["10.1.0.0/16"]')
      expect(scopes).toEqual(['teams:read'])
      expect(networks?.check('10.1.2.3')).toBe(true)
      expect(networks?.check('10.2.2.3')).toBe(false)
    })

    test('is nothing where the row has none, which an empty list is not', async () => {
      const open = await narrowed(null, null)
      expect(['scopes' in open, 'networks' in open]).toEqual([false, false])
      const { scopes, networks } = await narrowed('[]', '[]')
      expect([scopes, networks?.rules]).toEqual([[], []])
    })
  })

  describe('a known outcome is answered without a promise and without the database', () => {
    test('of a token, until it is old', async () => {
      const headers = bearer(issue(key))
      const first = await authenticate(headers)
      expect(authenticate(headers)).toBe(first)
      clock.move(limits.credentialCacheMs - 1)
      expect(authenticate(headers)).toBe(first)
      expect(asked).toHaveLength(1)
      clock.move(1)
      expect(authenticate(headers)).toBeInstanceOf(Promise)
    })

    test('of a token, until it expires', async () => {
      const headers = bearer(issue(key, { exp: START / 1_000 + 1 }))
      expect(await authenticate(headers)).toMatchObject({ kind: 'principal' })
      clock.move((1 + limits.clockSkewSeconds) * 1_000)
      expect(await authenticate(headers)).toEqual(refused('token_expired'))
    })

    test('of a token, until the issuers are reloaded', async () => {
      const headers = bearer(issue(key))
      await authenticate(headers)
      issuers = []
      expect(await authenticate(headers)).toEqual(refused('token_issuer_unknown'))
    })

    test('of a key, from the second answer on, while the revision stands', async () => {
      const headers = bearer((await store()).text)
      await authenticate(headers)
      const second = await authenticate(headers)
      expect(authenticate(headers)).toBe(second)
      expect(asked).toHaveLength(2)
      revision = 2
      expect(authenticate(headers)).toBeInstanceOf(Promise)
    })

    test('of a key never, while its organisation is not loaded', async () => {
      revision = undefined
      const headers = bearer((await store()).text)
      for (let time = 1; time <= 3; time += 1) {
        await authenticate(headers)
        expect(asked).toHaveLength(time)
      }
    })
  })

  describe('a key that is revoked is worth nothing as soon as the revision moves', () => {
    test('however well it was known', async () => {
      const { id, text } = await store()
      const headers = bearer(text)
      for (let time = 0; time < 3; time += 1) await authenticate(headers)
      await db.query.transaction().execute((trx) => removeKey(trx, 'acme', id))
      revision = 2
      expect(await authenticate(headers)).toEqual(refused('key_unknown'))
    })

    test('even when it was being looked up at that moment', async () => {
      const { id, text } = await store()
      const headers = bearer(text)
      await authenticate(headers)
      const underWay = authenticate(headers)
      revision = 2
      await db.query.transaction().execute((trx) => removeKey(trx, 'acme', id))
      await underWay
      expect(await authenticate(headers)).toEqual(refused('key_unknown'))
    })

    test('and one that expires goes at its time', async () => {
      const headers = bearer((await store(new Date(START + 1_000))).text)
      for (let time = 0; time < 3; time += 1) await authenticate(headers)
      clock.move(1_000)
      expect(await authenticate(headers)).toEqual(refused('key_expired'))
    })
  })

  test('the use of a key is noted each time that it is accepted, and of nothing else', async () => {
    const { id, text } = await store()
    for (let time = 0; time < 3; time += 1) await authenticate(bearer(text))
    expect(used).toEqual([id, id, id])
    await authenticate(bearer(`${text.slice(0, -1)}0`))
    await authenticate(bearer((await store(new Date(START - 1))).text))
    await authenticate(bearer(issue(key)))
    await authenticate([])
    expect(used).toEqual([id, id, id])
  })

  describe('refusals are known for a moment only', () => {
    test('so a repeated bad token costs one verification', async () => {
      const headers = bearer(issue(ecKey('k')))
      const first = await authenticate(headers)
      expect(first).toEqual(refused('token_signature'))
      expect(authenticate(headers)).toBe(first)
      clock.move(limits.refusalCacheMs)
      expect(authenticate(headers)).toBeInstanceOf(Promise)
    })

    test('so somebody who becomes known is so within that moment', async () => {
      const headers = bearer(issue(key, { sub: `late-${db.kind}` }))
      expect(await authenticate(headers)).toMatchObject({ principal: { subject: undefined } })
      const identity = { issuer: ISSUER, sub: `late-${db.kind}`, subject: 'user:late' }
      await db.query.transaction().execute((trx) => addIdentity(trx, identity))
      clock.move(limits.refusalCacheMs)
      expect(await authenticate(headers)).toMatchObject({ principal: { subject: 'user:late' } })
    })
  })

  describe('a database that is away is a 503, never anonymous and never remembered', () => {
    test.each(['token', 'key'])('for a %s', async (kind) => {
      const headers = bearer(kind === 'token' ? issue(key) : (await store()).text)
      failing = true
      expect(await authenticate(headers)).toEqual(refused('keys_unavailable'))
      expect(warnings).toHaveLength(1)
      failing = false
      expect(await authenticate(headers)).toMatchObject({ kind: 'principal' })
    })

    test.each(['token', 'key'])('but what a %s was known for holds on', async (kind) => {
      const headers = bearer(kind === 'token' ? issue(key) : (await store()).text)
      // A key is kept from its second look-up on.
      const known = [await authenticate(headers), await authenticate(headers)].at(-1)
      failing = true
      clock.move(limits.credentialCacheMs + 1)
      expect(await authenticate(headers)).toEqual(known)
    })

    test('until the ground moves: a publish in its organisation, or its own end', async () => {
      const expiring = await store(new Date(clock.now() + 10 * limits.credentialCacheMs))
      const { text } = await store()
      for (const one of [text, expiring.text]) {
        await authenticate(bearer(one))
        await authenticate(bearer(one))
      }
      failing = true
      clock.move(11 * limits.credentialCacheMs)
      expect(await authenticate(bearer(expiring.text))).toEqual(refused('keys_unavailable'))
      expect(await authenticate(bearer(text))).toMatchObject({ kind: 'principal' })
      revision = 2
      expect(await authenticate(bearer(text))).toEqual(refused('keys_unavailable'))
    })

    test('and the warning does not hold the credential', async () => {
      const { text } = await store()
      const token = issue(key)
      failing = true
      await authenticate(bearer(text))
      await authenticate(bearer(token))
      const written = JSON.stringify(warnings)
      expect(written).not.toContain(text.slice(-52))
      expect(written).not.toContain(token.split('.')[2])
    })

    test('what is known goes on', async () => {
      const headers = bearer(issue(key))
      const first = await authenticate(headers)
      failing = true
      expect(authenticate(headers)).toBe(first)
    })
  })

  test('the same credential many times at once is looked up once', async () => {
    const headers = bearer(issue(key))
    const answers = await Promise.all(Array.from({ length: 30 }, () => authenticate(headers)))
    expect(new Set(answers).size).toBe(1)
    expect(asked).toHaveLength(1)
  })

  test('credentials that differ in one character never share an outcome (I23)', async () => {
    const tokens = ['auth0|ann', 'auth0|anm', 'auth0|an'].map((sub) => issue(key, { sub }))
    const found: Identified[] = []
    for (const token of [...tokens, ...tokens]) found.push(await authenticate(bearer(token)))
    const subjects = found.map((it) => (it.kind === 'principal' ? it.principal.subject : it.kind))
    expect(subjects).toEqual(['user:ann', undefined, undefined, 'user:ann', undefined, undefined])
  })
})
