/**
 * A Casbin model from text. casbin reads it and is its meaning; what casbin accepts without a word
 * and would pay for at a decision is refused here, with its place.
 */

import { PolicyError, type PolicyProblem, stopOn } from '../problem.ts'
import { type CasbinModel, definitionsOf, newCasbinModel } from './casbin.ts'
import type { FunctionUse } from './matcher.ts'
import { checkDefinition, readMatcher } from './model-definitions.ts'
import { proveMatcher, reasonOf } from './model-proof.ts'
import { type Definition, type Place, readModelText, type Section, sections } from './model-text.ts'

export interface PolicyModel {
  readonly text: string
  readonly file: string
  /** As in `sub`, `dom`, `obj`, `act`: the fields of a request, in order. */
  readonly requestColumns: readonly string[]
  /** As in `p`: `sub`, `dom`, `obj`, `act`, `eft`. */
  readonly policyColumns: Readonly<Record<string, readonly string[]>>
  /** As in `g`: 3. */
  readonly roleColumns: Readonly<Record<string, number>>
  /** The effect as casbin spells it, as in `some(where (p_eft == allow))`. */
  readonly effect: string
  /** The matcher as casbin spells it, as in `r_sub == p_sub`. */
  readonly matcher: string
  /** Whether the matcher looks at the policy; casbin's answer names no rule where it does not. */
  readonly readsPolicy: boolean
  /** The calls that take a pattern, and where the pattern comes from. */
  readonly functions: readonly FunctionUse[]
  /** Calls of `eval`, whose rules are code. */
  readonly evaluations: readonly Place[]
  /** Where each definition begins, by its key. */
  readonly places: Readonly<Record<string, Place>>
}

/** Reads a model; throws a `PolicyError` that names every mistake and its place. */
export function parseModel(text: string, file: string): PolicyModel {
  const { definitions, problems } = readModelText(text, file)
  stopOn(problems)
  stopOn(findMissing(definitions, file))
  const casbinModel = readWithCasbin(text, file, definitions)
  const model = describe(text, file, definitions, casbinModel, problems)
  stopOn(problems)
  stopOn(prove(model, casbinModel, definitions))
  return model
}

function findMissing(definitions: readonly Definition[], file: string): PolicyProblem[] {
  const found = new Set<Section>(definitions.map(({ section }) => section))
  const missing = (Object.keys(sections) as Section[]).filter(
    (name) => name !== 'role_definition' && !found.has(name),
  )
  return missing.map((name) => {
    const message = `The section [${name}] is missing, with a definition of "${sections[name]}".`
    return { file, line: 1, column: 1, message }
  })
}

function readWithCasbin(text: string, file: string, definitions: readonly Definition[]) {
  try {
    return newCasbinModel(text)
  } catch (error) {
    const { line, column } = placeOfMatcher(definitions)
    throw new PolicyError([
      { file, line, column, message: `casbin refuses the model: ${reasonOf(error)}.` },
    ])
  }
}

function describe(
  text: string,
  file: string,
  definitions: readonly Definition[],
  casbinModel: CasbinModel,
  problems: PolicyProblem[],
): PolicyModel {
  const columns = (section: string) =>
    definitionsOf(casbinModel, section).map(({ key, tokens }) => {
      return [key, tokens.map((token) => token.slice(key.length + 1))] as const
    })
  const report = (place: Place, message: string) => problems.push({ file, ...place, message })
  for (const definition of definitions) checkDefinition(definition, report)
  const [[, requestColumns] = ['r', []]] = columns('r')
  const roles = definitionsOf(casbinModel, 'g').map(({ key, value }) => {
    return [key, value.split(',').length] as const
  })
  const matchers = definitionsOf(casbinModel, 'm').map(({ key, value }) => {
    return readMatcher(key, value, definitions, casbinModel, new Map(roles), report)
  })
  const [main] = matchers
  return Object.freeze({
    text,
    file,
    requestColumns,
    policyColumns: Object.freeze(Object.fromEntries(columns('p'))),
    roleColumns: Object.freeze(Object.fromEntries(roles)),
    effect: definitionsOf(casbinModel, 'e')[0]?.value ?? '',
    matcher: definitionsOf(casbinModel, 'm')[0]?.value ?? '',
    readsPolicy: main?.readsPolicy ?? false,
    functions: matchers.flatMap(({ uses }) => uses),
    evaluations: matchers.flatMap(({ evaluations }) => evaluations),
    places: Object.freeze(Object.fromEntries(definitions.map(({ key, place }) => [key, place]))),
  })
}

function prove(model: PolicyModel, casbinModel: CasbinModel, definitions: readonly Definition[]) {
  const failure = proveMatcher(model, casbinModel)
  if (failure === undefined) return []
  const message = `The matcher fails at its first decision: ${failure}.`
  return [{ file: model.file, ...placeOfMatcher(definitions), message }]
}

function placeOfMatcher(definitions: readonly Definition[]): Place {
  return definitions.find(({ key }) => key === 'm')?.locate(0) ?? { line: 1, column: 1 }
}
