/**
 * What changes when other policy files are put in force: who gains or loses which methods on which
 * paths, organisation by organisation, and which declared operations that touches.
 */
import { inTurns } from '../../lib/turns.ts'
import type { Application } from '../applications.ts'
import type { PolicyFiles } from '../files/files.ts'
import { type Pattern, readPattern, witness } from '../patterns/pattern-algebra.ts'
import type { Rule } from '../rule.ts'
import { everything } from '../rules/grammar.ts'
import { buildSnapshot } from '../snapshot.ts'
import { comparePolicies, type Difference } from './diff.ts'
import type { Unsupported } from './page.ts'

export interface FilesDifference extends Difference {
  /** `org:…`, or `*` for all those that no rule of the files names. */
  readonly organisation: string
  /** Declared operations with a path among the changed ones, as in `docs:read-document`. */
  readonly operations: readonly string[]
}

/** What an organisation has of its own, where the question is about one alone. */
export interface OwnRules {
  /** Bare id. */
  readonly organisation: string
  readonly rules: readonly Rule[]
}

/**
 * Every difference, first of the organisations that no rule names, then of each that one names where
 * it is another. With `own`, of that organisation only, its people included. Throws a `PolicyError`
 * where rules cannot be served together, and an `EntangledPatternsError` for hostile patterns.
 */
export async function compareFiles(
  before: PolicyFiles,
  after: PolicyFiles,
  own?: OwnRules,
): Promise<readonly FilesDifference[] | Unsupported> {
  const operations = declaredIn([...before.applications, ...after.applications])
  const [old, next] = shareRules(before, after)
  const found: FilesDifference[] = []
  const known = new Set<string>()
  for (const organisation of own ? [own.organisation] : organisationsOf(old, next)) {
    const build = (files: PolicyFiles) =>
      buildSnapshot({ files, organisation, revision: 0, rules: own?.rules ?? [] })
    const sides = [await build(old), await build(next)] as const
    const most = Number.POSITIVE_INFINITY
    const page = await inTurns(comparePolicies(...sides, { limit: most }, most))
    if (page.kind === 'unsupported') return page
    const shown = own === undefined && organisation === unnamed(old, next)
    for (const difference of page.results) {
      // What holds everywhere is told once.
      const key = JSON.stringify(difference)
      if (known.has(key)) continue
      if (shown) known.add(key)
      const name = shown ? everything : `org:${organisation}`
      found.push({ organisation: name, ...difference, operations: touched(difference, operations) })
    }
  }
  return found
}

/** The same files, in which equal rules are the very same object: only others are looked at. */
function shareRules(before: PolicyFiles, after: PolicyFiles): [PolicyFiles, PolicyFiles] {
  const known = new Map<string, Rule>()
  const share = (rule: Rule) => {
    const key = textOf(rule)
    const same = known.get(key) ?? Object.freeze({ ...rule, values: Object.freeze(rule.values) })
    known.set(key, same)
    return same
  }
  const shared = (files: PolicyFiles) => ({ ...files, guardrails: files.guardrails.map(share) })
  return [shared(before), shared(after)]
}

function textOf({ ptype, values }: Rule): string {
  return `${ptype} ${values.join(', ')}`
}

/** Bare ids of those for which anything can differ, one that no rule names before all others. */
function organisationsOf(before: PolicyFiles, after: PolicyFiles): readonly string[] {
  const [old, next] = [textsByDomain(before), textsByDomain(after)]
  const domains = [...new Set([...old.keys(), ...next.keys()])].filter((one) => one !== everything)
  const differs = (domain: string) => old.get(domain) !== next.get(domain)
  const modelDiffers = before.model.text !== after.model.text
  const all = modelDiffers || differs(everything)
  const named = domains.filter((domain) => all || differs(domain)).map((one) => one.slice(4))
  return [...(all ? [unnamed(before, after)] : []), ...named.toSorted()]
}

/** The rules of each domain as one text: equal texts, equal rules in equal order. */
function textsByDomain({ guardrails }: PolicyFiles): ReadonlyMap<string, string> {
  const texts = new Map<string, string[]>()
  for (const rule of guardrails) {
    const domain = domainOf(rule)
    const list = texts.get(domain)
    if (list === undefined) texts.set(domain, [textOf(rule)])
    else list.push(textOf(rule))
  }
  return new Map([...texts].map(([domain, lines]) => [domain, lines.join('\n')]))
}

function domainOf({ ptype, values }: Rule): string {
  return values[ptype === 'g' ? 2 : 1] ?? ''
}

/** An id that no rule names. */
function unnamed(...files: readonly PolicyFiles[]): string {
  const named = new Set(files.flatMap(({ guardrails }) => guardrails.map(domainOf)))
  let id = 'any'
  while (named.has(`org:${id}`)) id = `${id}-other`
  return id
}

interface Declared {
  readonly name: string
  readonly method: string
  readonly object: Pattern
}

function declaredIn(applications: readonly Application[]): readonly Declared[] {
  const declared = applications.flatMap(({ id, operations }) => {
    return operations.map((operation) => ({
      name: `${id}:${operation.id}`,
      method: operation.method,
      object: readPattern(`/${id}${operation.path}`),
    }))
  })
  return [...new Map(declared.map((one) => [JSON.stringify(one), one])).values()]
}

function touched(
  { method, object, except }: Difference,
  operations: readonly Declared[],
): readonly string[] {
  const area = readPattern(object)
  const holes = except.map(readPattern)
  const names = operations
    .filter((one) => method === everything || one.method === method)
    .filter((one) => witness([area, one.object], holes) !== undefined)
    .map(({ name }) => name)
  return [...new Set(names)]
}
