/** Cursors: where a page ended, as an opaque text that a client gives back unread. */
import { limits } from '../../lib/limits.ts'
import { Refusal } from './refusal.ts'

/** The cursor behind a row with these sort keys. */
export function encodeCursor(keys: readonly string[]): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url')
}

/**
 * The `count` sort keys of a cursor; throws a `Refusal` for what is none of this list. Each form is
 * that of the key in its place: what the database could not read must not reach it.
 */
export function decodeCursor(
  cursor: string | undefined,
  count: number,
  forms: readonly ((key: string) => boolean)[] = [],
): readonly string[] | undefined {
  if (cursor === undefined) return undefined
  const keys = cursor.length > limits.cursorChars ? undefined : parse(cursor)
  const texts = Array.isArray(keys) && keys.every(isText)
  const formed = texts && keys.every((key, at) => forms[at]?.(key) ?? true)
  if (formed && keys.length === count) return keys
  throw new Refusal('invalid_input', 'cursor is what the page before answered as next.')
}

/** The number of a cursor of one sort key; throws a `Refusal` for what is none of this list. */
export function decodeNumber(cursor: string | undefined): number | undefined {
  const [text] = decodeCursor(cursor, 1, [isNumber]) ?? []
  return text === undefined ? undefined : Number(text)
}

/** As we write them: `Date.parse` takes much else. The database has no year 0. */
const MOMENT = /^(?!0000)\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/
/** The forms of keys that are no plain text. */
export const isNumber = (key: string): boolean => /^\d{1,15}$/.test(key)
export const isMoment = (key: string): boolean => {
  const at = Date.parse(key)
  return MOMENT.test(key) && !Number.isNaN(at) && new Date(at).toISOString() === key
}

function isText(key: unknown): key is string {
  return typeof key === 'string' && key.isWellFormed() && !key.includes('\0')
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

export interface Page<T> {
  readonly items: T[]
  readonly next?: string
}

/**
 * A page of `limit` out of `rows`, which were asked for with one row more so that it is known whether
 * another page follows.
 */
export function pageOf<Row, T>(
  rows: readonly Row[],
  limit: number,
  show: (row: Row) => T,
  keysOf: (row: Row) => readonly string[],
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const items = shown.map(show)
  if (rows.length <= limit || last === undefined) return { items }
  return { items, next: encodeCursor(keysOf(last)) }
}
