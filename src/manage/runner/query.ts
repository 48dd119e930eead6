/** Query strings of the management API: closed, each parameter once, every mistake named. */
import { z } from 'zod'
import { isTypedId } from '../../lib/ids.ts'
import { limits } from '../../lib/limits.ts'
import { anonymous, methods } from '../../policy/rules/grammar.ts'
import { sayWhatIsRight } from './mistakes.ts'

export type Query<T> =
  | { readonly kind: 'read'; readonly value: T }
  /** `mistakes` is for the caller: each parameter, and what would be right. */
  | { readonly kind: 'refused'; readonly mistakes: string }

/** What a query holds, by the shape of its parameters. */
export type Shape = z.ZodRawShape
export type Values<S extends Shape> = z.output<z.ZodObject<S>>

const PAGE = 50
const needed = (example: string) => ({ error: `is needed, as in ${example}` })
const actions = ['HEAD', ...methods] as const
/** The path that is decided: what the gateway would spell in another way is another question. */
const OBJECT = /^(?:\/(?!\.{0,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,=:@%-]+)+\/?$/

export const textInQuery = z.string().optional()
export const cursorInQuery = textInQuery.meta({
  description: '`next` of the page before; the first page has none.',
})
/** Words to search for. */
export const wordsInQuery = z
  .string()
  .min(1, 'is empty')
  .max(limits.searchChars, `has at most ${limits.searchChars} characters`)
  .regex(/^[^\p{Cc}]*$/u, 'holds no control characters')
  .optional()
  .meta({ description: 'Words that must all be found, in any order and case.' })
export const textNeededInQuery = (example: string) => z.string(needed(example))
export const limitInQuery = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, `is a number from 1 to ${limits.pageRows}`)
  .transform(Number)
  .refine((limit) => limit <= limits.pageRows, `is at most ${limits.pageRows}`)
  .default(PAGE)
  .meta({ description: `Entries of a page: 1 to ${limits.pageRows}, ${PAGE} when it is left out.` })
export const subjectInQuery = z
  .string(needed('user:ann'))
  .refine(isSubject, 'is user: or service: and an id, or anonymous; nobody else asks')
export const objectInQuery = z
  .string(needed('/docs/documents/1'))
  .regex(OBJECT, 'is /<application><path> without a query, empty or dot segments')
export const actInQuery = z.enum(actions, { error: `is one of ${actions.join(', ')}` })

function isSubject(text: string): boolean {
  return text === anonymous || isTypedId(text, 'user', 'service')
}

/** Reads the query of `url` by `shape`, whose messages follow the name of their parameter. */
export function readQuery<S extends Shape>(url: string, shape: S): Query<Values<S>> {
  const { searchParams } = new URL(url)
  const names = [...searchParams.keys()]
  // Two readers could each take another one of them (A6 109).
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  if (repeated !== undefined) return refuse(`${quote(repeated)} is given twice; give it once`)
  const unknown = names.find((name) => !Object.hasOwn(shape, name))
  if (unknown !== undefined) {
    const known = Object.keys(shape).join(', ')
    return refuse(
      `${quote(unknown)} is no parameter here; ${known === '' ? 'there are none' : `use ${known}`}`,
    )
  }
  const parsed = z
    .object(shape)
    .safeParse(Object.fromEntries(searchParams), { error: sayWhatIsRight })
  if (parsed.success) return { kind: 'read', value: parsed.data }
  return refuse(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '),
  )
}

function refuse(mistakes: string): Query<never> {
  return { kind: 'refused', mistakes: `${mistakes}.` }
}

/** A name that the caller made up, bounded and without control characters. */
function quote(name: string): string {
  return JSON.stringify(name.slice(0, 40))
}
