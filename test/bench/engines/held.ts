/** Who holds what, for programs that have no roles of their own or take them with each request. */
import type { Rule } from '../../../src/policy/rule.ts'

export type Links = ReadonlyMap<string, readonly string[]>

/** The direct teams and roles of each subject. */
export function linksOf(rules: readonly Rule[]): Links {
  const links = rules.filter(({ ptype }) => ptype === 'g')
  const grouped = Map.groupBy(links, ({ values }) => values[0] ?? '')
  return new Map(
    [...grouped].map(([member, all]) => [member, all.map(({ values }) => values[1] ?? '')]),
  )
}

/** A subject and everything that it holds, near ones first. */
export function heldBy(subject: string, links: Links): string[] {
  const held = new Set([subject])
  for (const holder of held) for (const role of links.get(holder) ?? []) held.add(role)
  return [...held]
}
