/**
 * Our own signing keys, shared by all replicas through the database. A key is published before it
 * signs and stays published after it has stopped, so that no upstream meets a token whose key it
 * cannot know yet (hazard 6: a rotated key fails until the cool-down of a cache has passed).
 */
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose'
import type { Clock } from '../lib/clock.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import { seal, unseal } from '../lib/secrets.ts'
import type { Db } from '../store/db.ts'
import { listSigningKeys, rotateSigningKeys, type SigningKeyRow } from '../store/signing-keys.ts'

export const ASSERTION_ALGORITHM = 'ES256'
const SEALED_AS = 'signing key'

export interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
}

export interface Signing {
  /** The key that signs at `now` (milliseconds since the epoch). Throws when there is none. */
  readonly keyAt: (now: number) => SigningKey
  /** The JWK set for `jwks.json` at `now`. */
  readonly jwksAt: (now: number) => { readonly keys: readonly object[] }
  /** Ends the regular look at the database. */
  readonly stop: () => void
}

export interface SigningOptions {
  readonly db: Db
  /** The key that seals, then the ones that still open. */
  readonly secretKeys: readonly [string, ...string[]]
  readonly clock: Pick<Clock, 'now'>
  readonly log: Pick<Log, 'error'>
}

type Period = Pick<SigningKeyRow, 'signs_from' | 'signs_until' | 'published_until'>

/** The row whose key signs at `now`: the newest that has begun and not ended. */
export function signingAt<T extends Period>(rows: readonly T[], now: number): T | undefined {
  return rows
    .filter((row) => row.signs_from.getTime() <= now && now < row.signs_until.getTime())
    .reduce<T | undefined>((newest, row) => {
      return newest !== undefined && newest.signs_from >= row.signs_from ? newest : row
    }, undefined)
}

/** The rows whose keys show at `now`: that will sign, that sign, and that did until lately. */
export function publishedAt<T extends Period>(rows: readonly T[], now: number): T[] {
  return rows.filter((row) => now < row.published_until.getTime())
}

/**
 * The period of the key that is to be made at `now`, or `undefined` when those at hand suffice. The
 * first signs at once; each next one begins where the last ends and is made, hence published,
 * `limits.signingKeyPublishAheadMs` before.
 */
export function nextPeriod(rows: readonly Period[], now: number): Period | undefined {
  const last = Math.max(0, ...rows.map((row) => row.signs_until.getTime()))
  if (now < last - limits.signingKeyPublishAheadMs) return undefined
  const from = Math.max(last, now)
  const until = from + limits.signingKeySignsForMs
  return {
    signs_from: new Date(from),
    signs_until: new Date(until),
    published_until: new Date(until + limits.signingKeyOverlapMs),
  }
}

/**
 * Makes the keys that are due at `now` and forgets those that no longer show; returns all of them.
 * Replicas that do so at the same moment take turns, and the later ones find nothing to do.
 */
export async function ensureSigningKeys(
  db: Db,
  secretKeys: SigningOptions['secretKeys'],
  now: number,
): Promise<SigningKeyRow[]> {
  const rows = await listSigningKeys(db)
  if (nextPeriod(rows, now) === undefined) return rows
  const fresh = await makeKey(secretKeys[0])
  return await rotateSigningKeys(db, (existing) => {
    const period = nextPeriod(existing, now)
    const shown = publishedAt(existing, now)
    return {
      add: period === undefined ? [] : [{ ...fresh, ...period }],
      remove: existing.filter((row) => !shown.includes(row)).map(({ kid }) => kid),
    }
  })
}

/**
 * Keeps the keys at hand and looks at the database every `limits.signingKeyPollMs`. Rejects when
 * the keys cannot be read or no configured secret opens them.
 */
export async function createSigning(options: SigningOptions): Promise<Signing> {
  let { rows, keys } = await readKeys(options, new Map())
  const look = async () => {
    try {
      ;({ rows, keys } = await readKeys(options, keys))
    } catch (error) {
      options.log.error({ error: String(error) }, 'signing keys were not read; the known ones stay')
    }
  }
  const timer = setInterval(look, limits.signingKeyPollMs).unref()
  return {
    keyAt: (now) => {
      const key = keys.get(signingAt(rows, now)?.kid ?? '')
      if (key === undefined) throw new Error('No signing key is in force.')
      return key
    },
    jwksAt: (now) => ({ keys: publishedAt(rows, now).map((row) => row.public_jwk) }),
    stop: () => clearInterval(timer),
  }
}

async function readKeys(
  { db, secretKeys, clock }: SigningOptions,
  known: ReadonlyMap<string, SigningKey>,
) {
  const now = clock.now()
  const rows = await ensureSigningKeys(db, secretKeys, now)
  // A key that only shows needs no opening, so an old SECRET_KEY can be given up in time.
  const used = rows.filter((row) => now < row.signs_until.getTime())
  const opened = used.map(async (row) => known.get(row.kid) ?? (await openKey(row, secretKeys)))
  const keys = new Map((await Promise.all(opened)).map((key) => [key.kid, key]))
  return { rows, keys }
}

async function makeKey(secretKey: string) {
  const pair = await generateKeyPair(ASSERTION_ALGORITHM, { extractable: true })
  const publicJwk = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const sealed = seal(JSON.stringify(await exportJWK(pair.privateKey)), secretKey, SEALED_AS)
  return { kid, sealed, public_jwk: { ...publicJwk, kid, alg: ASSERTION_ALGORITHM, use: 'sig' } }
}

async function openKey(
  { kid, sealed }: SigningKeyRow,
  secretKeys: readonly string[],
): Promise<SigningKey> {
  const jwk = JSON.parse(unseal(sealed, secretKeys, SEALED_AS)) as JWK
  const privateKey = await importJWK(jwk, ASSERTION_ALGORITHM)
  if (privateKey instanceof Uint8Array) throw new TypeError(`Signing key ${kid} is no key pair.`)
  return { kid, privateKey }
}
