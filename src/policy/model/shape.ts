/** The shape of a rule: what any model demands of it, before its meaning is looked at. */

import { nearest } from '../rules/nearest.ts'
import type { PolicyModel } from './model.ts'

export interface ShapeProblem {
  /** Which value, from 0; -1 is the type. */
  readonly index: number
  readonly message: string
  readonly kind: 'rule-type' | 'rule-columns' | 'rule-effect'
}

/** What is wrong with the type, the number of columns or the effect of a rule (H5). */
export function checkShape(
  ptype: string,
  values: readonly string[],
  model: PolicyModel,
): ShapeProblem | undefined {
  const columns = columnsOf(ptype, model)
  if (columns === undefined) {
    const possible = [...Object.keys(model.policyColumns), ...Object.keys(model.roleColumns)]
    return {
      kind: 'rule-type',
      index: -1,
      message: `There is no type "${ptype}" in the model; ${nearest(ptype, possible)}`,
    }
  }
  const effect = columns.indexOf('eft')
  const form = () => [ptype, ...columns].join(', ')
  if (values.length === columns.length - 1 && effect === values.length) {
    // casbin reads a missing effect as allow.
    return {
      kind: 'rule-effect',
      index: values.length - 1,
      message: `The effect is missing: write ${form()}, where eft is allow or deny.`,
    }
  }
  if (values.length !== columns.length) {
    const counts = `${columns.length} values, not ${values.length}`
    return {
      kind: 'rule-columns',
      index: Math.min(values.length - 1, columns.length),
      message: `A ${ptype} rule has ${counts}: ${form()}.`,
    }
  }
  const blank = values.indexOf('')
  if (blank >= 0) {
    return { kind: 'rule-columns', index: blank, message: `The ${columns[blank]} is blank.` }
  }
  const written = values[effect]
  if (written === undefined || written === 'allow' || written === 'deny') return undefined
  // casbin takes any other word for neither, so that a mistyped deny would leave the allow standing.
  return {
    kind: 'rule-effect',
    index: effect,
    message: `"${written}" is not an effect; write allow or deny.`,
  }
}

const roleColumns = [[], ['member'], ['member', 'role'], ['member', 'role', 'domain']] as const

/** The columns of a type by name; those of a role definition are member, role and domain. */
function columnsOf(ptype: string, model: PolicyModel): readonly string[] | undefined {
  if (Object.hasOwn(model.policyColumns, ptype)) return model.policyColumns[ptype]
  if (!Object.hasOwn(model.roleColumns, ptype)) return undefined
  return roleColumns[model.roleColumns[ptype] ?? 0]
}
