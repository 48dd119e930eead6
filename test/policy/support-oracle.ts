/** node-casbin's own answer beside ours, and the first request on which they differ. */

import type { Answer } from '../../src/policy/compile.ts'
import { buildEngine } from '../../src/policy/engine.ts'
import { sealPolicy } from '../../src/policy/model/casbin.ts'
import { buildFunctions } from '../../src/policy/patterns/functions.ts'
import type { Rule } from '../../src/policy/rule.ts'
import type { World } from './support-worlds.ts'

/** An answer, or that there was none. */
export type Outcome = 'error' | { readonly allow: boolean; readonly rule: Rule | undefined }

export function outcomeOf(ask: () => Answer): Outcome {
  try {
    const { allow, rule } = ask()
    return { allow, rule }
  } catch {
    return 'error'
  }
}

/** casbin's enforcer over the same rules, with the same functions. */
export async function oracleOf({ model, rules }: World) {
  const rows = rules.map(({ ptype, values }) => ({ ptype, values: [...values] }))
  const owners = new Map<unknown, Rule | undefined>(
    rows.map(({ values }, at) => [values, rules[at]]),
  )
  const patterns = new Map<string, Set<string>>()
  for (const { name, from, literal } of model.functions) {
    const known = patterns.get(name) ?? new Set<string>()
    patterns.set(name, known)
    if (literal !== undefined) known.add(literal)
    const column = from === undefined ? -1 : (model.policyColumns['p']?.indexOf(from.column) ?? -1)
    for (const { ptype, values } of rows) {
      const pattern = values[column]
      if (ptype === 'p' && pattern !== undefined) known.add(pattern)
    }
  }
  const { ask } = await sealPolicy(model.text, buildFunctions(patterns), rows)
  return (request: readonly unknown[]): Answer => {
    const raw = ask(request)
    if (!Array.isArray(raw)) throw new Error('casbin gave no pair.')
    const [allow, row]: unknown[] = raw
    return { allow: allow === true, rule: model.readsPolicy ? owners.get(row) : undefined }
  }
}

/** What differs on a world, asked from memory as well; `undefined` where nothing does. */
export async function differenceOn(world: World): Promise<string | undefined> {
  const { model, rules, requests } = world
  if (!rules.some(({ ptype }) => ptype === 'p')) return undefined
  const engine = await buildEngine(model, rules)
  if (engine.interpreted !== undefined) return engine.interpreted
  const oracle = await oracleOf(world)
  for (const request of requests) {
    const ours = outcomeOf(() => engine.evaluate(request))
    const theirs = outcomeOf(() => oracle(request))
    const again = outcomeOf(() => engine.evaluate(request))
    if (!isSame(ours, theirs) || !isSame(again, theirs)) {
      const shown = [request, ours, theirs].map((value) => JSON.stringify(value)).join('\n')
      return `${model.matcher}\n${model.effect}\n${shown}`
    }
  }
  return undefined
}

function isSame(ours: Outcome, theirs: Outcome): boolean {
  if (ours === 'error' || theirs === 'error') return ours === theirs
  return ours.allow === theirs.allow && ours.rule === theirs.rule
}
