/** casbin itself, beside which the tests of hazards put ours. */
import { Enforcer, newModelFromString } from 'casbin'
import type { Rule } from '../../src/policy/rule.ts'

/** casbin as it comes, with rows as they are given. */
export function library(text: string, rows: readonly (readonly string[])[]): Enforcer {
  const model = newModelFromString(text)
  for (const [ptype = '', ...values] of rows) {
    model.model.get(ptype.slice(0, 1))?.get(ptype)?.policy.push(values)
  }
  const enforcer = new Enforcer()
  enforcer.setModel(model)
  return enforcer
}

/** A model without roles, with an effect in which a deny is absolute. */
export function simpleModel(matcher: string): string {
  return [
    ...[
      '[request_definition]',
      'r = sub, obj, act',
      '[policy_definition]',
      'p = sub, obj, act, eft',
    ],
    '[policy_effect]',
    'e = some(where (p.eft == allow)) && !some(where (p.eft == deny))',
    ...['[matchers]', `m = ${matcher}`],
  ].join('\n')
}

/** A rule from its columns. */
export const columns = (line: string): Rule => ({
  ptype: line.split(',')[0] ?? '',
  values: line.split(', ').slice(1),
  source: { kind: 'built-in' },
})
