/** Query strings of the management API: closed, each parameter once, every mistake named. */
import { z } from 'zod'

export type Query<T> =
  | { readonly kind: 'read'; readonly value: T }
  /** `mistakes` is for the caller: each parameter, and what would be right. */
  | { readonly kind: 'refused'; readonly mistakes: string }

/** Reads the query of `url` by `shape`, whose messages follow the name of their parameter. */
export function readQuery<S extends z.ZodRawShape>(
  url: string,
  shape: S,
): Query<z.output<z.ZodObject<S>>> {
  const { searchParams } = new URL(url)
  const names = [...searchParams.keys()]
  // Two readers could each take another one of them (A6 109).
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  if (repeated !== undefined) return refuse(`${quote(repeated)} is given twice; give it once`)
  const unknown = names.find((name) => !Object.hasOwn(shape, name))
  if (unknown !== undefined) {
    const known = Object.keys(shape).join(', ')
    return refuse(`${quote(unknown)} is no parameter here; use ${known}`)
  }
  const parsed = z.object(shape).safeParse(Object.fromEntries(searchParams))
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
