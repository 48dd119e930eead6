/** Secrets at rest and in comparison. The key of a seal is derived, never used as it was given. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** SHA-256 of `text` as lower-case hexadecimal. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Compares two texts in a time that depends on neither. */
export function sameSecret(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}

function derive(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, 'gatehouse', purpose, 32))
}

/**
 * Seals `plain` with AES-256-GCM under a key derived from `secretKey` for `purpose`, so that a seal
 * of one purpose never opens as another. Returns base64.
 */
export function seal(plain: string, secretKey: string, purpose: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', derive(secretKey, purpose), nonce)
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
}

/** Opens a seal with the first of `secretKeys` that fits; throws when none does. */
export function unseal(sealed: string, secretKeys: readonly string[], purpose: string): string {
  const bytes = Buffer.from(sealed, 'base64')
  for (const secretKey of secretKeys) {
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const cipher = createDecipheriv('aes-256-gcm', derive(secretKey, purpose), nonce, {
        authTagLength: TAG_BYTES,
      })
      cipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      const body = bytes.subarray(NONCE_BYTES + TAG_BYTES)
      return Buffer.concat([cipher.update(body), cipher.final()]).toString('utf8')
    } catch {
      // The tag of another key never fits; the next one may.
    }
  }
  throw new Error(`No configured SECRET_KEY opens the ${purpose}. Set SECRET_KEY_PREVIOUS.`)
}
