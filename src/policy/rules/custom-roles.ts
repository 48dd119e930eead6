/** The roles that an organisation made for itself, as the rules that they stand for. */
import type { Application } from '../applications.ts'
import { builtInRoles } from '../built-in.ts'
import type { Rule } from '../rule.ts'
import { expand } from './catalogue.ts'

export interface CustomRole {
  /** `role:…`. */
  readonly id: string
  /** Names of the permission catalogue, some of which may be declared no more. */
  readonly permissions: readonly string[]
}

/** The allow rules of `roles` in an organisation (bare id), role by role, permission by permission. */
export function customRoleRules(
  roles: readonly CustomRole[],
  organisation: string,
  applications: readonly Application[],
): Rule[] {
  return roles.flatMap(({ id, permissions }) => {
    // A row that bears a built-in name would widen what everybody takes it for.
    if (Object.hasOwn(builtInRoles, id)) return []
    return [...new Set(permissions)].flatMap((permission) => {
      const source = Object.freeze({ kind: 'role', role: id, permission } as const)
      return expand(permission, applications).map(({ object, method }): Rule => {
        const values = Object.freeze([id, `org:${organisation}`, object, method, 'allow'])
        return Object.freeze({ ptype: 'p', values, source })
      })
    })
  })
}

/** Whether two lists hold the same roles with the same permissions, in the same order. */
export function sameRoles(left: readonly CustomRole[], right: readonly CustomRole[]): boolean {
  if (left === right) return true
  return (
    left.length === right.length &&
    left.every((role, at) => {
      const other = right[at]
      return role.id === other?.id && sameTexts(role.permissions, other.permissions)
    })
  )
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, at) => text === right[at])
}
