/**
 * The class of models whose rules can be read as permissions: patterns of paths, methods or `*`,
 * roles in an organisation, and a deny that is absolute. Questions that go beyond one decision (who
 * can, what differs, what would allow) are answered from the rules themselves, so in this class only.
 */

import type { PolicyModel } from '../model/model.ts'
import { parseModel } from '../model/model.ts'
import { denyOverrides } from '../model/model-definitions.ts'
import { conjuncts, parseExpression } from '../model/syntax.ts'
import type { Policy } from '../rules/proposal.ts'

const text = `[request_definition]
r = sub, dom, obj, act
[policy_definition]
p = sub, dom, obj, act, eft
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.sub == "*" || g(r.sub, p.sub, r.dom)) && (p.dom == "*" || r.dom == p.dom) && keyMatch2(r.obj, p.obj) && (p.act == "*" || r.act == p.act)
`

let parsed: PolicyModel | undefined

/** The model of the class; read once, when it is first needed. */
export function productModel(): PolicyModel {
  parsed ??= parseModel(text, 'model.conf')
  return parsed
}

/** Why the rules of a snapshot cannot be read as permissions; `undefined` where they can. */
export function whyUnreadable({
  engine,
  model,
}: Pick<Policy, 'engine' | 'model'>): string | undefined {
  if (engine.interpreted !== undefined) {
    return `The rules are decided by casbin one by one. ${engine.interpreted}`
  }
  if (isProductModel(model)) return undefined
  return 'The matcher is not the one of paths and methods, so its rules say less than they decide.'
}

/** Whether a model decides as ours does; the order of its conditions does not matter. */
export function isProductModel(model: PolicyModel): boolean {
  const ours = productModel()
  if (model.effect !== denyOverrides || model.roleColumns['g'] !== 3) return false
  if (String(model.policyColumns['p']) !== String(ours.policyColumns['p'])) return false
  return model.matcher === ours.matcher || clauses(model) === clauses(ours)
}

function clauses({ matcher }: PolicyModel): string {
  return conjuncts(parseExpression(matcher))
    .map((clause) => JSON.stringify(clause))
    .toSorted()
    .join()
}
