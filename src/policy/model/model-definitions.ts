/** The definitions of a model, one by one: what casbin would take and fail at later. */

import { checkArgument, functionNames } from '../patterns/functions.ts'
import { type CasbinModel, definitionsOf } from './casbin.ts'
import { checkLists, checkMatcher, findUses } from './matcher.ts'
import { readTokens } from './matcher-tokens.ts'
import type { Definition, Place } from './model-text.ts'

const WHERE = '(where (p_eft == '
const effects = {
  allow: `some${WHERE}allow))`,
  deny: `!some${WHERE}deny))`,
  allowAndDeny: `some${WHERE}allow)) && !some${WHERE}deny))`,
  priority: 'priority(p_eft) || deny',
  subjectPriority: 'subjectPriority(p_eft) || deny',
} as const
/** Any allow and no deny: the only effect in which a deny is absolute. */
export const denyOverrides: string = effects.allowAndDeny

export type Report = (place: Place, message: string) => void

/** Reports what is wrong with one definition of a model, matchers aside. */
export function checkDefinition(
  { section, key, value, place, locate }: Definition,
  report: Report,
): void {
  if (section === 'policy_effect') {
    // casbin compares the text and throws at the first decision.
    const known: readonly string[] = Object.values(effects)
    if (known.includes(value.replaceAll('p.eft', 'p_eft'))) return
    const forms = known.map((effect) => effect.replaceAll('p_eft', 'p.eft')).join('; ')
    report(locate(0), `This effect is not supported; possible are, to the letter: ${forms}.`)
  }
  if (section === 'role_definition' && !/^_\s*,\s*_(?:\s*,\s*_)?$/.test(value)) {
    report(locate(0), `"${key}" is "_, _" or, with a domain, "_, _, _".`)
  }
  if (section !== 'request_definition' && section !== 'policy_definition') return
  const names = value.split(',').map((name) => name.trim())
  for (const [index, name] of names.entries()) {
    if (!/^[A-Za-z_]\w*$/.test(name)) report(place, `"${name}" cannot be a column's name.`)
    if (names.indexOf(name) < index) report(place, `The column "${name}" stands here twice.`)
  }
}

/** Reports what is wrong with a matcher; returns what it calls. */
export function readMatcher(
  key: string,
  value: string,
  definitions: readonly Definition[],
  casbinModel: CasbinModel,
  roles: ReadonlyMap<string, number>,
  report: Report,
) {
  const definition = definitions.find((candidate) => candidate.key === key)
  const locate = (offset: number) => definition?.locate(offset) ?? { line: 1, column: 1 }
  const { tokens, problem } = readTokens(value)
  if (problem !== undefined) report(locate(problem.offset), problem.message)
  const fields = new Set(
    ['r', 'p'].flatMap((section) => definitionsOf(casbinModel, section).flatMap((of) => of.tokens)),
  )
  const found = findUses(tokens, functionNames)
  const mistakes = checkMatcher(tokens, { functions: functionNames, roles, fields })
  for (const { offset, message } of [...mistakes, ...checkLists(value), ...found.problems])
    report(locate(offset), message)
  for (const { name, literal, offset } of found.uses) {
    const wrong = literal === undefined ? undefined : checkArgument(name, literal)
    if (wrong !== undefined) report(locate(offset + wrong.column), wrong.message)
  }
  const evaluations = tokens
    .filter(({ text }) => text === 'eval')
    .map(({ offset }) => locate(offset))
  return { uses: found.uses, evaluations, readsPolicy: value.includes('p_') }
}
