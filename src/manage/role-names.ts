/** The roles that an organisation has without making them: those of the code and of the policy files. */
import { builtInRoles } from '../policy/built-in.ts'
import type { Snapshot } from '../policy/snapshot.ts'

/** A role that nobody can change here. */
export interface FixedRole {
  /** `role:…`. */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly source: 'built-in' | 'files'
}

type BuiltIn = keyof typeof builtInRoles

const described: Readonly<Record<BuiltIn, readonly [name: string, description: string]>> = {
  'role:owner': ['Owner', 'Everything in the organisation, its applications included.'],
  'role:admin': ['Administrator', 'Everything of the management API.'],
  'role:billing': ['Billing', 'Plan, invoices and usage.'],
  'role:member': ['Member', 'Their own profile.'],
  'role:viewer': ['Viewer', 'Reads everything of the management API.'],
}

const builtIn: readonly FixedRole[] = Object.entries(described).map(([id, [name, description]]) => {
  return { id, name, description, source: 'built-in' }
})

const named = new WeakMap<Snapshot, readonly FixedRole[]>()

/** Built-in roles in the order of the code, then those that guardrails name, by their ids. */
export function fixedRoles(snapshot: Snapshot): readonly FixedRole[] {
  const known = named.get(snapshot)
  if (known !== undefined) return known
  const ids = new Set<string>()
  for (const { source, values } of snapshot.rules) {
    // An organisation's own rules come last, and there may be many.
    if (source.kind === 'organisation') break
    if (source.kind !== 'file') continue
    for (const value of values.slice(0, 2)) {
      if (value.startsWith('role:') && !Object.hasOwn(builtInRoles, value)) ids.add(value)
    }
  }
  const fromFiles = [...ids].sort().map((id): FixedRole => {
    return { id, name: slugOf(id), description: '', source: 'files' }
  })
  const roles = [...builtIn, ...fromFiles]
  named.set(snapshot, roles)
  return roles
}

/** What stands behind the colon of a role's id. */
export function slugOf(id: string): string {
  return id.slice('role:'.length)
}
