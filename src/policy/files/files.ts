/** All policy files at once: either every one is right, or each problem is named and none is used. */
import { limits } from '../../lib/limits.ts'
import { sha256 } from '../../lib/secrets.ts'
import type { Application } from '../applications.ts'
import type { Issuer } from '../issuers.ts'
import { type PolicyModel, parseModel } from '../model/model.ts'
import { lintModel } from '../model/model-lint.ts'
import type { Plan } from '../plans.ts'
import { ofKind, PolicyError, type PolicyProblem } from '../problem.ts'
import type { Rule } from '../rule.ts'
import { lintRules } from '../rules/lint.ts'
import { parseApplications } from './applications-file.ts'
import { parseRules } from './csv.ts'
import { parseIssuers } from './issuers-file.ts'
import { parsePlans } from './plans-file.ts'

export interface PolicyFiles {
  readonly model: PolicyModel
  /** The rules of every file, in the order of the files' names. */
  readonly guardrails: readonly Rule[]
  readonly applications: readonly Application[]
  readonly issuers: readonly Issuer[]
  readonly plans: readonly Plan[]
  /** SHA-256 over every name and content: equal files, equal hash, on every replica. */
  readonly hash: string
}

export interface PolicyTexts {
  readonly model: { readonly name: string; readonly text: string }
  /** Content by name, such as `policies/docs.csv`. */
  readonly files: ReadonlyMap<string, string>
}

/** The files beside the rules, and what their problems are called. */
const kinds: Readonly<Record<string, string>> = {
  'apps.yaml': 'application',
  'issuers.yaml': 'issuer',
  'plans.yaml': 'plan',
}
const others = Object.keys(kinds)

type File = readonly [name: string, text: string]

/** Reads everything; throws a `PolicyError` with every problem found. */
export function parsePolicyFiles({ model: source, files }: PolicyTexts): PolicyFiles {
  // By name, so that two replicas that list a folder differently decide alike.
  const sorted = [...files].toSorted(([left], [right]) => (left < right ? -1 : 1))
  const problems: PolicyProblem[] = ofKind('policy-file', [...checkNames(sorted)])
  const applications = readOne(sorted, 'apps.yaml', parseApplications, problems)?.applications ?? []
  const issuers = readOne(sorted, 'issuers.yaml', parseIssuers, problems)?.issuers ?? []
  const readPlans = (text: string, file: string) => parsePlans(text, file, applications)
  const plans = readOne(sorted, 'plans.yaml', readPlans, problems)?.plans ?? []
  const model = readModel(source, problems)
  const guardrails = model === undefined ? [] : readRules(sorted, model, applications, problems)
  if (model === undefined || problems.length > 0) throw new PolicyError(sortProblems(problems))
  return Object.freeze({
    model,
    guardrails: Object.freeze(guardrails),
    applications: Object.freeze(applications),
    issuers: Object.freeze(issuers),
    plans: Object.freeze(plans),
    hash: sha256(JSON.stringify([[source.name, source.text], ...sorted])),
  })
}

function sortProblems(problems: readonly PolicyProblem[]): PolicyProblem[] {
  return problems.toSorted((left, right) => {
    if (left.file !== right.file) return left.file < right.file ? -1 : 1
    return left.line - right.line || left.column - right.column
  })
}

function baseOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** A file that nobody reads would be a guardrail that nobody holds. */
function* checkNames(files: readonly File[]): Generator<PolicyProblem> {
  const seen = new Map<string, string>()
  for (const [name, text] of files) {
    const base = baseOf(name)
    const at = (message: string) => ({ file: name, line: 1, column: 1, message })
    if (Buffer.byteLength(text) > limits.policyFileBytes) {
      yield at(`A policy file has at most ${limits.policyFileBytes} bytes.`)
    }
    if (base.endsWith('.csv') || base.endsWith('.test.yaml')) continue
    if (!others.includes(base)) {
      yield at(`This file is not read: rules are in *.csv, the rest in ${others.join(', ')}.`)
    }
    const other = seen.get(base)
    if (other !== undefined) yield at(`There is one ${base}; another is ${other}.`)
    seen.set(base, name)
  }
}

function readOne<T extends { readonly problems: PolicyProblem[] }>(
  files: readonly File[],
  base: string,
  parse: (text: string, file: string) => T,
  problems: PolicyProblem[],
): T | undefined {
  const file = files.find(([name]) => baseOf(name) === base)
  if (file === undefined) return undefined
  const read = parse(file[1], file[0])
  problems.push(...ofKind(kinds[base] ?? base, read.problems))
  return read
}

function readModel(
  { name, text }: PolicyTexts['model'],
  problems: PolicyProblem[],
): PolicyModel | undefined {
  try {
    const model = parseModel(text, name)
    const found = lintModel(model)
    problems.push(...ofKind('model', found))
    return found.length === 0 ? model : undefined
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    problems.push(...ofKind('model', error.problems))
    return undefined
  }
}

function readRules(
  files: readonly File[],
  model: PolicyModel,
  applications: readonly Application[],
  problems: PolicyProblem[],
): Rule[] {
  const read = files
    .filter(([name]) => name.endsWith('.csv'))
    .map(([name, text]) => parseRules(text, name, model))
  const rules = read.flatMap((found) => found.rules)
  problems.push(...read.flatMap((found) => found.problems))
  problems.push(...lintRules(rules, { model, applications, scope: 'files' }))
  if (rules.length === 0 && problems.length === 0) {
    const message = 'The policy files hold no rule: write at least one in a *.csv beside apps.yaml.'
    problems.push({ file: 'policies', line: 1, column: 1, message, kind: 'no-rule' })
  }
  return rules
}
