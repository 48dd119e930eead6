/**
 * Sessions as credentials: `ghs_<id>_<secret>`, made like an API key. Another one is made at
 * every sign-in and every change of what its person may do, so that none can be fixed beforehand (A4 85).
 */
import type { Clock } from '../lib/clock.ts'
import { randomText } from '../lib/ids.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import { sha256 } from '../lib/secrets.ts'
import type { SessionRow } from '../store/sessions.ts'
import { isKey } from './api-keys.ts'
import { type Outcome, refused } from './outcomes.ts'

export interface SessionLookup {
  readonly findSession: (id: string) => Promise<SessionRow | undefined>
  /** Notes that it is in use. */
  readonly touchSession: (id: string) => Promise<unknown>
  /** The revision of an organisation in force here, or `undefined` when it is not loaded. */
  readonly revisionOf: (organisation: string) => number | undefined
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
}

export interface SessionText {
  /** Public, as the row's primary key and in logs. */
  readonly id: string
  /** The whole, for one cookie. */
  readonly text: string
  /** What is stored: SHA-256 of `text`, hexadecimal. */
  readonly hash: string
}

const ID_CHARS = 12
const SECRET_CHARS = 52
const FORM = /^ghs_([0-9a-hjkmnp-tv-z]{12})_[0-9a-hjkmnp-tv-z]{52}$/
/** Its revision is raised by whatever ends a session or changes a password. */
const PLATFORM = 'platform'
const LOOPBACK = /^http:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::\d+)?$/

/** Makes a session that nobody has seen. */
export function makeSession(): SessionText {
  const id = randomText(ID_CHARS)
  const text = `ghs_${id}_${randomText(SECRET_CHARS)}`
  return { id, text, hash: sha256(text) }
}

/**
 * Names under which the cookie is accepted at a listener, the one to set first. Browsers take a
 * `__Host-` cookie over TLS only, so where our own URL is plain HTTP on loopback it goes without.
 */
export function cookieNamesAt(
  listener: 'session' | 'console',
  ownUrl: string,
): readonly [string, ...string[]] {
  const plain = `gatehouse-${listener}`
  const bound = `__Host-${plain}`
  return LOOPBACK.test(ownUrl) ? [plain, bound] : [bound]
}

/** Whom a session stands for; it holds while the reserved organisation is as it was. */
export async function identifySession(
  text: string,
  { findSession, touchSession, revisionOf, clock, log }: SessionLookup,
): Promise<Outcome> {
  const id = FORM.exec(text)?.[1]
  if (id === undefined) return refused('credential_malformed')
  // Read before the row is: a revocation in between must not pass for one that the row has seen.
  const revision = revisionOf(PLATFORM)
  const row = await findSession(id)
  if (row === undefined || !isKey(text, row.hash)) return refused('session_unknown')
  const { subject, organisations, ended_in: endedIn } = row
  const now = clock.now()
  const seenAt = row.seen_at.getTime()
  const end = row.expires_at.getTime()
  if (now >= end || now >= seenAt + limits.sessionIdleMs) return refused('session_expired')
  if (now >= seenAt + limits.sessionTouchMs) {
    touchSession(id).catch((error: unknown) => {
      log.warn({ session: id, error: String(error) }, 'the use of a session was not noted')
    })
  }
  const principal = {
    subject,
    credential: { kind: 'session', id },
    organisation: undefined,
    organisations: organisations ?? undefined,
    endedIn,
    mustChangePassword: row.must_change_password,
    expiresAt: Math.min(end, now + limits.sessionIdleMs),
  } as const
  return {
    identified: { kind: 'principal', principal },
    stillHolds: () => revision !== undefined && revisionOf(PLATFORM) === revision,
  }
}
