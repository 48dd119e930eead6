/** The proof of a model before it is accepted. */

import { buildFunctions, functionNames } from '../patterns/functions.ts'
import { askOnce, type CasbinModel, definitionsOf, type Row } from './casbin.ts'
import { readTokens, type Token } from './matcher-tokens.ts'

/** The parts of a model that a proof needs. */
interface Provable {
  readonly requestColumns: readonly string[]
  readonly policyColumns: Readonly<Record<string, readonly string[]>>
  readonly functions: readonly { readonly name: string; readonly literal: string | undefined }[]
}

/**
 * One decision with the matcher: what is left of unclosed and misplaced signs throws only
 * there (hazard 6). Every value is the same, so that a chain of comparisons runs to its end.
 */
export function proveMatcher(model: Provable, casbinModel: CasbinModel): string | undefined {
  const { tokens } = readTokens(definitionsOf(casbinModel, 'm')[0]?.value ?? '')
  const value = (field: string) => sampleValue(field, tokens)
  const request = model.requestColumns.map((column) => value(`r_${column}`))
  const columns = model.policyColumns['p'] ?? []
  const row: Row = { ptype: 'p', values: columns.map((column) => String(value(`p_${column}`))) }
  const patterns = new Map(functionNames.map((name) => [name, patternsOf(model, name)]))
  try {
    askOnce(casbinModel, buildFunctions(patterns), [row], request)
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

/** What an error says, without the full stop. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
}

const SAMPLE = '/sample'

function patternsOf({ functions }: Provable, name: string): string[] {
  const written = functions
    .filter((use) => use.name === name)
    .flatMap(({ literal }) => literal ?? [])
  return name === 'ipMatch' ? written : [...written, SAMPLE]
}

/** A value of the kind that the matcher expects of a field. */
function sampleValue(field: string, tokens: readonly Token[]): unknown {
  const names = tokens.map(({ text }) => text)
  const used = (before: string) =>
    names.some((name, at) => name === field && names[at - 2] === before)
  if (names.some((name, at) => name === field && names[at + 1] === '.')) {
    return new Proxy({}, { get: () => [] })
  }
  if (field === 'p_eft') return 'allow'
  if (used('eval')) return 'true'
  const address = names.some(
    (name, at) => name === 'ipMatch' && names.slice(at, at + 6).includes(field),
  )
  return address ? '127.0.0.1' : SAMPLE
}
