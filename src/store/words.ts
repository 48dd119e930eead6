/** Searches for words that people type: a text anywhere in a column, whatever its case. */
import { sql } from 'kysely'

/** `%`, `_` and the escape itself are letters here, not patterns (A6 117). */
export function containing(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`
}

/** Whether one of the columns holds `text`. */
export function holdsWords(text: string, ...columns: readonly string[]) {
  const pattern = containing(text)
  const tests = columns.map((column) => sql<boolean>`lower(${sql.ref(column)}) like ${pattern}`)
  return sql<boolean>`(${sql.join(tests, sql` or `)})`
}
