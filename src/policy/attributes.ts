/**
 * What is known of a subject or a resource beyond its name. Values are compared as texts, so that no
 * number equals another's text by accident; a blank says nothing and counts as unknown.
 */
import { limits } from '../lib/limits.ts'

export type Attributes = Readonly<Record<string, string | number | boolean>>

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/
/** Names that casbin refuses to read, in its own spelling: they lead out of an object. */
const REFUSED = /prototype|constructor$/

/** Names that the membership or the object says; nobody stores or sends them. */
export const reservedFor = {
  who: ['id', 'email', 'name'],
  res: ['type', 'id'],
} as const

/** Whether a matcher can read an attribute of this name. */
export function isAttributeName(name: string): boolean {
  return NAME.test(name) && !REFUSED.test(name)
}

/** What is wrong with the attributes of something to be stored, in one sentence; else `undefined`. */
export function checkAttributes(value: unknown, of: keyof typeof reservedFor): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'attributes are names with values, as in {"department": "Sales"}'
  }
  for (const [name, given] of Object.entries(value)) {
    const shown = JSON.stringify(name.slice(0, 64))
    if (!isAttributeName(name)) {
      return `${shown} is no attribute name: use a letter, then letters, digits and "_", at most 64`
    }
    const reserved: readonly string[] = reservedFor[of]
    if (reserved.includes(name)) return `${shown} is not stored: it is always known`
    if (!isValue(given)) return `${shown} is a text, a number, true or false`
    if (isWide(given))
      return `${shown} is a number from 0.000001 to below 1e21; write others as texts`
  }
  if (Buffer.byteLength(JSON.stringify(value)) <= limits.attributesBytes) return undefined
  return `the attributes have at most ${limits.attributesBytes} bytes`
}

function isValue(value: unknown): boolean {
  // PostgreSQL holds no text with a NUL, and half a pair of surrogates is none.
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
}

/** PostgreSQL writes 1e308 with all of its digits: together they would be more than may be loaded. */
function isWide(value: unknown): boolean {
  return typeof value === 'number' && String(value).includes('e')
}

/** The text by which a value is compared; NaN, which equals nothing, for what says nothing. */
export function comparable(value: unknown): string | number {
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'boolean') return String(value)
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : Number.NaN
}
