/** Names of the permission catalogue as callers write them, for roles and for the scopes of keys. */
import { z } from 'zod'
import { limits } from '../lib/limits.ts'
import { nearestPermission } from '../policy/rules/catalogue.ts'
import type { Call } from './runner/operation.ts'
import { Refusal } from './runner/refusal.ts'

/** A list without repetitions, in the order in which it was written. */
export const permissionNames = z
  .array(z.string('is a text').max(limits.nameChars * 2), 'is a list of names of permissions')
  .max(limits.permissionsPerRole, `has at most ${limits.permissionsPerRole} names`)
  .transform((names) => [...new Set(names)])
  .meta({ example: ['teams:read', 'docs:read-item'] })

/**
 * Throws a `Refusal` that names what each unknown name may have meant. One that stood there `before`
 * may stay: the files that declared it may come back.
 */
export function checkPermissions(
  { tools }: Pick<Call<unknown, unknown>, 'tools'>,
  names: readonly string[],
  before: readonly string[] = [],
): void {
  const { applications } = tools.files()
  const mistakes = names
    .filter((name) => !before.includes(name))
    .flatMap((name) => nearestPermission(name, applications) ?? [])
  if (mistakes.length === 0) return
  throw new Refusal('invalid_input', mistakes.slice(0, limits.problemsShown).join('\n'))
}
