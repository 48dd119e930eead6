import { beforeEach, describe, expect, test } from 'vitest'
import { makeKey } from '../../src/identity/api-keys.ts'
import { createAuthenticator } from '../../src/identity/authenticate.ts'
import { cookieNamesAt, makeSession } from '../../src/identity/sessions.ts'
import { limits } from '../../src/lib/limits.ts'
import type { SessionRow } from '../../src/store/sessions.ts'
import { movableClock, START } from './issuing.ts'

const refused = (reason: string) => ({ kind: 'refused', reason })
const cookie = (text: string) => ['Cookie', `__Host-gatehouse-session=${text}`]

/** The rows themselves are tested in store/sessions.test.ts. */
function scene() {
  const clock = movableClock()
  const rows = new Map<string, SessionRow>()
  const state = { platform: 1 as number | undefined, away: false }
  const asked: string[] = []
  const used: string[] = []
  const warnings: unknown[] = []
  const none = async () => undefined
  const authenticate = createAuthenticator({
    cookieNames: ['__Host-gatehouse-session'],
    issuers: () => [],
    tokens: { verify: async () => ({ kind: 'refused', reason: 'token_malformed' }) },
    findKey: none,
    findIdentity: none,
    noteKeyUse: (id) => void used.push(`key ${id}`),
    findSession: async (id) => {
      asked.push(id)
      if (state.away) throw new Error('away')
      return rows.get(id)
    },
    touchSession: async (id) => {
      used.push(id)
      if (state.away) throw new Error('away')
    },
    revisionOf: (organisation) => (organisation === 'platform' ? state.platform : 0),
    clock,
    log: { warn: (...what: unknown[]) => void warnings.push(what) },
  })
  const open = (over: Partial<SessionRow> = {}) => {
    const made = makeSession()
    rows.set(made.id, {
      hash: made.hash,
      subject: 'user:ann',
      organisations: null,
      ended_in: [],
      must_change_password: false,
      seen_at: new Date(clock.now()),
      expires_at: new Date(clock.now() + limits.sessionLifetimeMs),
      ...over,
    })
    return made
  }
  return { clock, rows, state, asked, used, warnings, authenticate, open }
}

let it: ReturnType<typeof scene>
beforeEach(() => {
  it = scene()
})

describe('a session', () => {
  test('has an id that may be shown and a secret of 260 bits, of which the hash is kept', () => {
    const [one, two] = [makeSession(), makeSession()]
    expect(one.text).toMatch(/^ghs_[0-9a-z]{12}_[0-9a-z]{52}$/)
    expect(one.text.split('_')[1]).toBe(one.id)
    expect(one.hash).toMatch(/^[0-9a-f]{64}$/)
    expect([one.id, one.text, one.hash]).not.toEqual([two.id, two.text, two.hash])
  })

  test('stands for its person, in the organisations that it names', async () => {
    const { id, text } = it.open({ organisations: ['acme'], must_change_password: true })
    expect(await it.authenticate(cookie(text))).toEqual({
      kind: 'principal',
      principal: {
        subject: 'user:ann',
        credential: { kind: 'session', id },
        organisation: undefined,
        endedIn: [],
        organisations: ['acme'],
        mustChangePassword: true,
        expiresAt: START + limits.sessionIdleMs,
      },
    })
  })

  test('that nobody opened, or with another secret, is refused', async () => {
    const { text } = it.open()
    const forged = text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')
    expect(await it.authenticate(cookie(forged))).toEqual(refused('session_unknown'))
    expect(await it.authenticate(cookie(makeSession().text))).toEqual(refused('session_unknown'))
  })

  test.each(['', 'x', 'ghs_x', makeKey().text, `${makeSession().text}0`, ` ${makeKey().text}`])(
    'of another form, %j, is refused unasked',
    async (text) => {
      expect(await it.authenticate(cookie(text))).toEqual(refused('credential_malformed'))
      expect(it.asked).toEqual([])
    },
  )

  test('is a bearer credential as well, and never both', async () => {
    const { text } = it.open()
    const bearer = await it.authenticate(['Authorization', `Bearer ${text}`])
    expect(bearer).toEqual(await it.authenticate(cookie(text)))
    expect(bearer).toMatchObject({ kind: 'principal', principal: { subject: 'user:ann' } })
    expect(await it.authenticate([...cookie(text), 'Authorization', `Bearer ${text}`])).toEqual(
      refused('credential_repeated'),
    )
  })
})

describe('a session ends', () => {
  test('after its lifetime, however much it is used', async () => {
    const { text } = it.open({ expires_at: new Date(START + 1_000) })
    expect(await it.authenticate(cookie(text))).toMatchObject({ kind: 'principal' })
    it.clock.move(1_000)
    expect(await it.authenticate(cookie(text))).toEqual(refused('session_expired'))
  })

  test('when it was idle for too long', async () => {
    const { text } = it.open({ seen_at: new Date(START - limits.sessionIdleMs + 1) })
    expect(await it.authenticate(cookie(text))).toMatchObject({ kind: 'principal' })
    const idle = it.open({ seen_at: new Date(START - limits.sessionIdleMs) })
    expect(await it.authenticate(cookie(idle.text))).toEqual(refused('session_expired'))
  })

  test('at once when the reserved organisation changes, even where it was known', async () => {
    const { id, text } = it.open()
    const first = await it.authenticate(cookie(text))
    expect(it.authenticate(cookie(text))).toBe(first)
    it.rows.delete(id)
    it.state.platform = 2
    expect(await it.authenticate(cookie(text))).toEqual(refused('session_unknown'))
  })

  test('and is asked for each time while nobody knows the revision', async () => {
    const { text } = it.open()
    it.state.platform = undefined
    await it.authenticate(cookie(text))
    await it.authenticate(cookie(text))
    expect(it.asked).toHaveLength(2)
  })

  test('when it is revoked while it is looked up', async () => {
    const { text } = it.open()
    const looking = it.authenticate(cookie(text))
    it.state.platform = 2
    expect(await looking).toMatchObject({ kind: 'principal' })
    expect(it.authenticate(cookie(text))).toBeInstanceOf(Promise)
  })
})

describe('the use of a session', () => {
  test('is noted when it was last noted a minute ago, not before', async () => {
    const fresh = it.open({ seen_at: new Date(START - limits.sessionTouchMs + 1) })
    const older = it.open({ seen_at: new Date(START - limits.sessionTouchMs) })
    await it.authenticate(cookie(fresh.text))
    await it.authenticate(cookie(older.text))
    expect(it.used).toEqual([older.id])
  })
})

test('a database that is away is a 503, and what was known goes on; no secret is logged', async () => {
  const { text } = it.open()
  const known = await it.authenticate(cookie(text))
  const other = it.open()
  it.state.away = true
  it.clock.move(limits.credentialCacheMs + 1)
  expect(await it.authenticate(cookie(text))).toBe(known)
  expect(await it.authenticate(cookie(other.text))).toEqual(refused('keys_unavailable'))
  expect(JSON.stringify(it.warnings)).not.toContain(other.text.slice(-52))
})

describe('the cookie', () => {
  test.each([
    ['https://gate.example.com', ['__Host-gatehouse-session']],
    ['http://gate.example.com', ['__Host-gatehouse-session']],
    ['http://10.0.0.7:8080', ['__Host-gatehouse-session']],
    ['https://127.0.0.1:8443', ['__Host-gatehouse-session']],
    ['http://localhost.example.com', ['__Host-gatehouse-session']],
    ['http://127.0.0.1.example.com', ['__Host-gatehouse-session']],
    ['http://127.0.0.1:8080', ['gatehouse-session', '__Host-gatehouse-session']],
    ['http://localhost:8080', ['gatehouse-session', '__Host-gatehouse-session']],
    ['http://[::1]:8080', ['gatehouse-session', '__Host-gatehouse-session']],
  ])('at %s is one of %j', (url, names) => {
    expect(cookieNamesAt('session', url)).toEqual(names)
  })

  test('of the console has a name of its own', () => {
    expect(cookieNamesAt('console', 'https://a.example')).toEqual(['__Host-gatehouse-console'])
  })
})
