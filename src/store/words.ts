/** Searches for words that people type: a text anywhere in a column, whatever its case. */
import { type RawBuilder, sql } from 'kysely'

/** `%`, `_` and the escape itself are letters here, not patterns (A6 117). */
function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
}

/**
 * Whether one of the columns or expressions holds `text`. The database folds both sides, for it knows
 * fewer capital letters than we do where its locale is C.
 */
export function holdsWords(text: string, ...columns: readonly (string | RawBuilder<unknown>)[]) {
  const pattern = containing(text)
  const tests = columns.map((column) => {
    const searched = typeof column === 'string' ? sql.ref(column) : column
    return sql<boolean>`lower(${searched}) like lower(${pattern})`
  })
  return sql<boolean>`(${sql.join(tests, sql` or `)})`
}
