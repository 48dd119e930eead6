/** Cursors: where a page ended, as an opaque text that a client gives back unread. */
import { limits } from '../../lib/limits.ts'
import { Refusal } from './refusal.ts'

/** The cursor behind a row with these sort keys. */
export function encodeCursor(keys: readonly string[]): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url')
}

/** The `count` sort keys of a cursor; throws a `Refusal` for what is none of this list. */
export function decodeCursor(
  cursor: string | undefined,
  count: number,
): readonly string[] | undefined {
  if (cursor === undefined) return undefined
  const keys = cursor.length > limits.cursorChars ? undefined : parse(cursor)
  const texts = Array.isArray(keys) && keys.every((key) => typeof key === 'string')
  if (texts && keys.length === count) return keys
  throw foreign()
}

/** The number of a cursor of one sort key; throws a `Refusal` for what is none of this list. */
export function decodeNumber(cursor: string | undefined): number | undefined {
  const [text] = decodeCursor(cursor, 1) ?? []
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw foreign()
}

function foreign(): Refusal {
  return new Refusal('invalid_input', 'cursor is what the page before answered as next.')
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
