/** A policy rule and where it came from. */

/** Where a rule was written, so that a decision can name it. */
export type RuleSource =
  | {
      readonly kind: 'file'
      readonly file: string
      readonly line: number
      /** One-based column of the type and of each value, where the file was read by `parseRules`. */
      readonly columns?: readonly number[]
    }
  | {
      readonly kind: 'organisation'
      /** The row's id in the rules table. */
      readonly id: string
      readonly author: string
      /** ISO 8601, UTC. */
      readonly at: string
      readonly revision: number
    }
  | {
      /** Of a custom role, for one of its permissions. */
      readonly kind: 'role'
      readonly role: string
      readonly permission: string
    }
  | { readonly kind: 'built-in' }

export interface Rule {
  /** `p`, `g`, or a numbered one such as `g2`. */
  readonly ptype: string
  /** The columns after the type. For `p`: sub, dom, obj, act, eft. For `g`: member, role, dom. */
  readonly values: readonly string[]
  readonly source: RuleSource
}

/** A rule as a person would write it, with its place: `p, role:editor, … (policies/docs.csv:4)`. */
export function describeRule({ ptype, values, source }: Rule): string {
  return `${[ptype, ...values].join(', ')} (${describeSource(source)})`
}

export function describeSource(source: RuleSource): string {
  switch (source.kind) {
    case 'file':
      return `${source.file}:${source.line}`
    case 'organisation':
      return `by ${source.author} at ${source.at}, revision ${source.revision}`
    case 'role':
      return `permission ${source.permission} of ${source.role}`
    case 'built-in':
      return 'built in'
  }
}
