/**
 * Typed, opaque ids. The alphabet is safe in CSV, URLs and SQL, so that no id can shift a policy
 * column or take the name of a role (H1, H8).
 */
import { randomBytes } from 'node:crypto'

export const prefixes = ['user', 'team', 'role', 'service', 'org'] as const
export type Prefix = (typeof prefixes)[number]

/** The part after the colon: lower-case letters, digits and inner hyphens, at most 64. */
const idPattern = '[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?'

const TYPED = new RegExp(`^(${prefixes.join('|')}):${idPattern}$`)
const BARE = new RegExp(`^${idPattern}$`)
/** Crockford's base 32 without the letters that read as digits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Whether `text` is an id without its prefix, as in `acme`. */
export function isBareId(text: string): boolean {
  return BARE.test(text)
}

/** Whether `text` is a typed id, as in `user:ann`, with one of `allowed` as prefix. */
export function isTypedId(text: string, ...allowed: readonly Prefix[]): boolean {
  if (!TYPED.test(text)) return false
  return allowed.length === 0 || allowed.some((prefix) => text.startsWith(`${prefix}:`))
}

/** Random lower-case text of `length` characters, five bits each. */
export function randomText(length: number): string {
  let text = ''
  for (const byte of randomBytes(length)) text += ALPHABET[byte & 31]
  return text
}

/** A new typed id of 100 random bits, as in `user:8f3k0v…`. */
export function mintId(prefix: Prefix): string {
  return `${prefix}:${randomText(20)}`
}
