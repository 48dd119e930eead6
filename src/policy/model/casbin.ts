/**
 * The one seam to casbin in this folder. What leaves it is closed: an enforcer is built aside from
 * arrays, sealed, and only ever asked (H2, H3, H11).
 */
import library from '@casbin/expression-eval'
import { Enforcer, FunctionMap, type Model, newModelFromString, PolicyLoader, Util } from 'casbin'

export type CasbinModel = Model
export type MatcherFunction = (...values: unknown[]) => boolean | string
export type FunctionTable = ReadonlyMap<string, MatcherFunction>

/** A policy row as casbin holds it. Its identity tells which rule decided. */
export interface Row {
  readonly ptype: string
  readonly values: readonly string[]
}

/** What casbin's own functions do, for those that we do not replace. */
export const libraryFunctions = {
  keyMatch: Util.keyMatchFunc,
  keyGet: Util.keyGetFunc,
  ipMatch: Util.ipMatchFunc,
  globMatch: Util.globMatch,
} as const

/** Reads a model with casbin's own reader; throws its errors, which name no place. */
export function newCasbinModel(text: string): CasbinModel {
  return newModelFromString(text)
}

/** The values of one definition, such as `m` of section `m`, as casbin holds them. */
export function definitionsOf(model: CasbinModel, section: string) {
  const found = model.model.get(section) ?? new Map<string, never>()
  return [...found.values()].map(({ key, value, tokens }) => ({ key, value, tokens }))
}

/**
 * A matcher as casbin parses it: the tree of jsep, so that precedence, the odd binding of `in`
 * included, is the library's and never a guess of ours. Throws its errors.
 */
export function parseMatcher(text: string): unknown {
  // casbin adds the operator at each of its decisions; the parser knows it from here on as well.
  library.addBinaryOp('in', 1, Util.customIn)
  return library.parse(Util.bracketCompatible(text))
}

/** An expression of a rule in casbin's spelling: `r_sub` for `r.sub`. */
export function spelledOut(text: string): string {
  return Util.escapeAssertion(text)
}

/** An expression such as `left + right` as the library evaluates it, over named values. */
export function evaluator(text: string): (values: Readonly<Record<string, unknown>>) => unknown {
  return library.compile(text)
}

const loader = new PolicyLoader()

/**
 * Reads one line with casbin's own loader. `undefined` where casbin drops the line without a word
 * (H5); throws where it throws. `model` is scratch: it holds no row before and none afterwards.
 */
export function readPolicyLine(line: string, model: CasbinModel): Row | undefined {
  loader.loadPolicyLine(line, model)
  let row: Row | undefined
  for (const section of ['p', 'g']) {
    for (const { key, policy } of model.model.get(section)?.values() ?? []) {
      const values = policy.pop()
      if (values !== undefined) row = { ptype: key, values }
    }
  }
  return row
}

class SealedEnforcer extends Enforcer {
  constructor(model: Model, functions: FunctionTable) {
    super()
    // A table of our own: `addFunction` on the default one silently keeps the library's function.
    const table = new FunctionMap()
    for (const [name, call] of functions) table.addFunction(name, call)
    this.fm = table
    this.setModel(model)
    this.initRmMap()
    // H11: one switch would allow everything; here it cannot be thrown.
    Object.defineProperty(this, 'enabled', { value: true, writable: false, configurable: false })
  }
}

export interface SealedPolicy {
  /** Asks synchronously; the raw answer of `enforceExSync`, which the caller must check. */
  readonly ask: (request: readonly unknown[]) => unknown
  /** The rows in the order in which casbin looks at them, by policy type. */
  readonly rows: ReadonlyMap<string, readonly (readonly string[])[]>
}

/** Asks the model once with `rows` and without roles: what a proof of the model needs. */
export function askOnce(
  model: CasbinModel,
  functions: FunctionTable,
  rows: readonly Row[],
  request: readonly unknown[],
): unknown {
  addRows(model, rows)
  try {
    return new SealedEnforcer(model, functions).enforceExSync(...request)
  } finally {
    model.clearPolicy()
  }
}

/** The rows of type p in the order in which casbin looks at them. */
export function sortRows(text: string, rows: readonly Row[]): readonly (readonly string[])[] {
  const model = newCasbinModel(text)
  addRows(model, rows)
  sortModel(new SealedEnforcer(model, new Map()), model)
  return model.model.get('p')?.get('p')?.policy ?? []
}

/** By priority, or by the place of the subject among the roles, as loading a policy does. */
function sortModel(enforcer: Enforcer, model: Model): void {
  enforcer.sortPolicies()
  model.sortPoliciesBySubjectHierarchy()
}

/** Builds an enforcer from a model's text and rows and freezes what can be frozen. */
export async function sealPolicy(
  text: string,
  functions: FunctionTable,
  rows: readonly Row[],
): Promise<SealedPolicy> {
  const model = newCasbinModel(text)
  addRows(model, rows)
  const enforcer = new SealedEnforcer(model, functions)
  sortModel(enforcer, model)
  await enforcer.buildRoleLinks()
  const held = freezeRows(model)
  return Object.freeze({
    ask: (request: readonly unknown[]) => enforcer.enforceExSync(...request),
    rows: held,
  })
}

/** Arrays go in as they are, never as CSV lines that could shift a column (H1). */
function addRows(model: CasbinModel, rows: readonly Row[]): void {
  for (const { ptype, values } of rows) {
    const assertion = model.model.get(ptype.slice(0, 1))?.get(ptype)
    if (assertion === undefined) throw new Error(`The model has no ${ptype}.`)
    assertion.policy.push(values as string[])
  }
}

function freezeRows(model: CasbinModel): ReadonlyMap<string, readonly (readonly string[])[]> {
  const held = new Map<string, readonly string[][]>()
  for (const section of ['p', 'g']) {
    for (const assertion of model.model.get(section)?.values() ?? []) {
      for (const row of assertion.policy) Object.freeze(row)
      held.set(assertion.key, Object.freeze(assertion.policy))
      Object.freeze(assertion)
    }
  }
  return held
}
