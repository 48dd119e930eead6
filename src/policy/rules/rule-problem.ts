/** Problems of a rule, at the place where it was written. */
import type { PolicyProblem } from '../problem.ts'
import type { Rule } from '../rule.ts'

/** What names a rule that has no file: `organisation acme`, and its position in that list. */
export interface ListPlace {
  readonly name: string
  /** One-based; it stands in the place of a line. */
  readonly position: number
}

/**
 * A problem of one value of `rule`. `index` counts from 0 over the values, -1 is the type; `offset`
 * is zero-based within the value. Rules without a file have the list's name as file, their position
 * as line and the number of the field, the type being 1, as column.
 */
export function ruleProblem(
  rule: Rule,
  list: ListPlace,
  index: number,
  message: string,
  offset = 0,
): PolicyProblem {
  if (rule.source.kind !== 'file') {
    return { file: list.name, line: list.position, column: index + 2, message }
  }
  const { file, line, columns } = rule.source
  const column = columns?.[index + 1]
  return { file, line, column: column === undefined ? 1 : column + offset, message }
}
