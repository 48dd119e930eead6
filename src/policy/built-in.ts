/**
 * The built-in roles, a table of role by permission. They hold in every organisation and do not
 * depend on files being there; a guardrail's deny narrows them like any other allow.
 */
import type { Rule } from './rule.ts'

interface Permission {
  /** Object pattern; the management API's objects are `/gatehouse/<resource>…`. */
  readonly object: string
  /** HTTP method or `*`. */
  readonly method: string
}

const all = (...objects: readonly string[]): readonly Permission[] =>
  objects.map((object) => ({ object, method: '*' }))

export const builtInRoles = {
  'role:owner': all('/*'),
  'role:admin': all('/gatehouse/*'),
  'role:billing': all(
    '/gatehouse/billing',
    '/gatehouse/billing/*',
    '/gatehouse/usage',
    '/gatehouse/usage/*',
  ),
  'role:member': all('/gatehouse/me', '/gatehouse/me/*'),
  'role:viewer': [{ object: '/gatehouse/*', method: 'GET' }],
} as const satisfies Record<string, readonly Permission[]>

/** The table as rules, in its order. */
export const builtInRules: readonly Rule[] = Object.entries(builtInRoles).flatMap(
  ([role, permissions]) =>
    permissions.map(({ object, method }): Rule => {
      const values = Object.freeze([role, '*', object, method, 'allow'])
      return Object.freeze({ ptype: 'p', values, source: { kind: 'built-in' } } as const)
    }),
)
