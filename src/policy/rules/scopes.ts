/**
 * What a credential's scopes leave of its holder's rights (A6 112): the permissions that they name,
 * by the same catalogue as custom roles. They allow nothing by themselves.
 */
import type { Application } from '../applications.ts'
import { type CompiledPattern, compilePattern, matchCompiled } from '../patterns/pattern.ts'
import { contains, readPattern } from '../patterns/pattern-algebra.ts'
import { expand } from './catalogue.ts'
import { everything } from './grammar.ts'

interface Compiled {
  readonly applications: readonly Application[]
  readonly allows: readonly { readonly object: CompiledPattern; readonly method: string }[]
}

/** Goes with the credential that holds the scopes; other policy files make it anew. */
const compiled = new WeakMap<readonly string[], Compiled>()

/** Whether `scopes` name a permission for `method` on `object`; with no scope there is none. */
export function isInScopes(
  scopes: readonly string[],
  applications: readonly Application[],
  object: string,
  method: string,
): boolean {
  return compile(scopes, applications).allows.some((one) => {
    return (one.method === everything || one.method === method) && matchCompiled(one.object, object)
  })
}

/** Whether all that the permission `name` allows is within what one of `scopes` allows. */
export function isScopeWithin(
  name: string,
  scopes: readonly string[],
  applications: readonly Application[],
): boolean {
  if (scopes.includes(name)) return true
  const outer = scopes.flatMap((scope) => expand(scope, applications))
  const inner = expand(name, applications)
  // A name that is not declared may be declared as anything later.
  if (inner.length === 0) return false
  return inner.every(({ object, method }) =>
    outer.some((one) => {
      const methods = one.method === everything || one.method === method
      return methods && contains(readPattern(one.object), readPattern(object))
    }),
  )
}

function compile(scopes: readonly string[], applications: readonly Application[]): Compiled {
  const known = compiled.get(scopes)
  if (known?.applications === applications) return known
  const allows = scopes
    .flatMap((name) => expand(name, applications))
    .map(({ object, method }) => ({ object: compilePattern(object), method }))
  const made = { applications, allows }
  compiled.set(scopes, made)
  return made
}
