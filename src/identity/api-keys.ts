/**
 * API keys: `gh_<id>_<secret>`. The id is public and finds the row, the secret has 260 random bits,
 * only the SHA-256 of the whole is stored, and the text is shown once (A4 88). With that much
 * entropy a slow hash would protect nothing.
 */
import { randomText } from '../lib/ids.ts'
import { sameSecret, sha256 } from '../lib/secrets.ts'

const ID_CHARS = 12
const SECRET_CHARS = 52
/** The alphabet of `randomText`; scanners for leaked secrets can use this expression. */
const FORM = /^gh_([0-9a-hjkmnp-tv-z]{12})_[0-9a-hjkmnp-tv-z]{52}$/

export interface NewKey {
  /** Public, as the row's primary key and in logs. */
  readonly id: string
  /** The whole key, for its owner's eyes once. */
  readonly text: string
  /** What is stored: SHA-256 of `text`, hexadecimal. */
  readonly hash: string
}

/** Makes a key that nobody has seen. */
export function makeKey(): NewKey {
  const id = randomText(ID_CHARS)
  const text = `gh_${id}_${randomText(SECRET_CHARS)}`
  return { id, text, hash: sha256(text) }
}

/** The public id within a key, or `undefined` for any other form; there is one spelling of a key. */
export function idOfKey(text: string): string | undefined {
  return FORM.exec(text)?.[1]
}

/** Whether `text` is the key whose hash was stored, in a time that tells nothing of either. */
export function isKey(text: string, storedHash: string): boolean {
  return sameSecret(sha256(text), storedHash)
}
