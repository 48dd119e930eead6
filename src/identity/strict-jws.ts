/**
 * The form of a signed token, checked before any key is looked at. jose alone accepts white space
 * and non-canonical base64url inside a token (measured), so one token would have many spellings.
 */
import { limits } from '../lib/limits.ts'
import { type JsonObject, parseStrictObject } from './strict-json.ts'

export interface Jws {
  /** The whole token as it was sent. */
  readonly text: string
  readonly algorithm: string
  readonly keyId: string | undefined
  /** The `typ` header in lower case, without an `application/` before it (RFC 7515, 4.1.9). */
  readonly type: string | undefined
  /** Not trustworthy until the signature is verified. */
  readonly payload: Uint8Array
}

/**
 * Headers that name another key, change what is signed or mark an encrypted token (A4 78, 80, 82).
 * Nothing they point at is ever fetched.
 */
const FORBIDDEN = ['crit', 'b64', 'jku', 'x5u', 'jwk', 'x5c', 'zip', 'enc']

/** Takes a compact JWS apart, or answers `undefined` when it has any form but the canonical one. */
export function parseJws(text: string): Jws | undefined {
  if (text.length > limits.tokenBytes) return undefined
  const parts = text.split('.').map(decodeCanonical)
  const [headerBytes, payload, signature] = parts
  if (parts.length !== 3 || !headerBytes || !payload || !signature?.length) return undefined
  const header = parseStrictObject(headerBytes)
  if (header === undefined || FORBIDDEN.some((name) => Object.hasOwn(header, name)))
    return undefined
  const { alg: algorithm, kid: keyId, typ } = header
  if (typeof algorithm !== 'string' || !isOptionalText(keyId) || !isOptionalText(typ)) {
    return undefined
  }
  const type = typ?.toLowerCase().replace(/^application\//, '')
  return { text, algorithm, keyId, type, payload }
}

/** The claims of a token whose payload is one JSON object without repeated members. */
export function parseClaims({ payload }: Jws): JsonObject | undefined {
  return parseStrictObject(payload)
}

/**
 * Decodes base64url in its one canonical spelling: no padding, no white space, no other alphabet,
 * and no bits set after the last byte (RFC 4648, section 3.5).
 */
export function decodeCanonical(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value !== '')
}
