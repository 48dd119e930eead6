/** The patterns that rules hold: in which of their columns, for which function of the matcher. */
import type { PolicyModel } from '../model/model.ts'
import type { Rule } from '../rule.ts'
import { checkArgument } from './functions.ts'

/**
 * Reports every pattern of a rule that a function of the matcher refuses: the index of the value, what
 * is wrong, and the place within the value from 0 on.
 */
export function checkPatterns(
  model: PolicyModel,
  { ptype, values }: Rule,
  report: (index: number, message: string, offset: number) => void,
): void {
  for (const { name, index, of } of patternPlaces(model)) {
    const pattern = of === ptype ? values[index] : undefined
    const wrong = pattern === undefined ? undefined : checkArgument(name, pattern)
    if (wrong !== undefined) report(index, wrong.message, wrong.column - 1)
  }
}

interface PatternPlace {
  /** The function that reads the pattern. */
  readonly name: string
  /** The type of the rules that hold it. */
  readonly of: string
  readonly index: number
}

const placesOf = new WeakMap<PolicyModel, readonly PatternPlace[]>()

/** Where rules of a model hold patterns. */
function patternPlaces(model: PolicyModel): readonly PatternPlace[] {
  const before = placesOf.get(model)
  if (before !== undefined) return before
  const found = model.functions.flatMap(({ name, from }) => {
    const index = from && model.policyColumns[from.ptype]?.indexOf(from.column)
    return from === undefined || index === undefined || index < 0
      ? []
      : [{ name, of: from.ptype, index }]
  })
  placesOf.set(model, found)
  return found
}

/** All patterns of the model and of `rules`, by the function that reads them. */
export function collectPatterns(
  model: PolicyModel,
  rules: readonly Rule[],
): Map<string, Set<string>> {
  const patterns = new Map<string, Set<string>>()
  const add = (name: string, pattern: string | undefined) => {
    if (pattern === undefined) return
    const known = patterns.get(name)
    if (known === undefined) patterns.set(name, new Set([pattern]))
    else known.add(pattern)
  }
  for (const { name, literal } of model.functions) add(name, literal)
  for (const { name, of, index } of patternPlaces(model)) {
    for (const { ptype, values } of rules) if (ptype === of) add(name, values[index])
  }
  return patterns
}
