/** What a matcher costs that no index answers. */
import type { Finding } from '../finding.ts'
import type { PolicyModel } from '../model/model.ts'
import type { Plan } from '../plan.ts'
import { plansFor, programOf, whyUnevaluated } from '../program.ts'
import { isProductModel } from '../questions/product-model.ts'
import type { Rule } from '../rule.ts'

/** Microseconds that one rule costs: asked of node-casbin, and of a matcher that is compiled. */
const INTERPRETED_US = 3
const COMPILED_US = 0.05

export function findMatcher(model: PolicyModel, rules: readonly Rule[]): Finding[] {
  const permissions = rules.filter(({ ptype }) => ptype === 'p')
  const place = { file: model.file, ...(model.places['m'] ?? { line: 1, column: 1 }) }
  const because = whyInterpreted(model, permissions)
  const cost = (each: number) =>
    `every decision looks at all ${permissions.length} rules, about ${costOf(permissions.length * each)}`
  if (because !== undefined) {
    const message = `node-casbin decides by this matcher, because ${because}: ${cost(INTERPRETED_US)}. Compare fields by "==", g and keyMatch2.`
    return [{ ...place, kind: 'interpreted-matcher', severity: 'warning', message }]
  }
  const plain = plansOf(model, permissions).some((plan) => !narrows(plan))
  if (plain) {
    const message = `No index answers a part of this matcher: ${cost(COMPILED_US)}. Begin each alternative of "||" with g, or with "==" between a field of the request and one of the rule.`
    return [{ ...place, kind: 'unindexed-matcher', severity: 'warning', message }]
  }
  if (isProductModel(model)) return []
  const message =
    'This matcher is not the one of subjects, organisations, paths and methods, so rules are not compared with each other.'
  return [{ ...place, kind: 'other-matcher', severity: 'note', message }]
}

function whyInterpreted(model: PolicyModel, permissions: readonly Rule[]): string | undefined {
  const program = programOf(model)
  return 'unsupported' in program ? program.unsupported : whyUnevaluated(program, permissions)
}

function plansOf(model: PolicyModel, permissions: readonly Rule[]): readonly Plan[] {
  const program = programOf(model)
  return 'unsupported' in program ? [] : plansFor(program, permissions)
}

/** Whether an index leaves over fewer rules than all. */
function narrows({ keys, path }: Plan): boolean {
  return keys.length > 0 || path !== undefined
}

function costOf(microseconds: number): string {
  return microseconds < 1_000
    ? `${Math.ceil(microseconds)} microseconds`
    : `${Math.ceil(microseconds / 1_000)} milliseconds`
}
