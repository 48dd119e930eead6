/** What is wrong with an input and what would be right, in our words, where its shape has none. */
import { z } from 'zod'

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

/** For `safeParse`: the message follows the place of the mistake. */
export function sayWhatIsRight(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') return sayUnknown(issue.keys, issue.inst)
  if (issue.code !== 'invalid_type') return undefined
  return issue.input === undefined ? 'is needed' : `is ${kinds[issue.expected] ?? issue.expected}`
}

function sayUnknown(keys: readonly string[], shape: unknown): string {
  // Names that the caller made up: bounded, and without control characters.
  const shown = keys.slice(0, 5).map((key) => JSON.stringify(key.slice(0, 40)))
  const what = shown.length === 1 ? 'is no field here' : 'are no fields here'
  const known = shape instanceof z.ZodObject ? Object.keys(shape.shape) : []
  const use = known.length === 0 ? 'leave it out' : `use ${known.join(', ')}`
  return `${shown.join(', ')} ${what}; ${use}`
}
