/** What the tests of policy/ share: our model, small policy files, rules of an organisation. */
import { readFileSync } from 'node:fs'
import { type Decision, decide } from '../../src/policy/decide.ts'
import { type PolicyFiles, parsePolicyFiles } from '../../src/policy/files/files.ts'
import { type PolicyModel, parseModel } from '../../src/policy/model/model.ts'
import { describeProblem, PolicyError } from '../../src/policy/problem.ts'
import type { Rule } from '../../src/policy/rule.ts'
import { buildSnapshot, type Snapshot } from '../../src/policy/snapshot.ts'

/** A file of the project itself. */
export function projectFile(name: string): string {
  return readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
}

export const modelText = projectFile('model.conf')

export function ourModel(): PolicyModel {
  return parseModel(modelText, 'model.conf')
}

export const appsText = [
  'applications:',
  '  - id: docs',
  '    match: { prefix: /docs }',
  '    strip: true',
  '    upstreams: [http://127.0.0.1:8090]',
  '    organisation: credential',
  '',
].join('\n')

const parsed = new Map<string, PolicyFiles>()

/** Policy files with one application, `docs`, and these guardrails; the same text is read once. */
export function filesWith(guardrails: readonly string[], model = modelText): PolicyFiles {
  const key = JSON.stringify([guardrails, model])
  const files = parsed.get(key) ?? parseWith(guardrails, model)
  parsed.set(key, files)
  return files
}

function parseWith(guardrails: readonly string[], model: string): PolicyFiles {
  return parsePolicyFiles({
    model: { name: 'model.conf', text: model },
    files: new Map([
      ['policies/apps.yaml', appsText],
      ['policies/rules.csv', guardrails.join('\n')],
    ]),
  })
}

/** A rule as the database gives it, from its columns: `p, user:ann, org:acme, …`. */
export function ruleOf(line: string, revision = 1): Rule {
  const [ptype = '', ...values] = line.split(', ')
  const at = '2026-11-01T12:00:00Z'
  return {
    ptype,
    values,
    source: { kind: 'organisation', id: line, author: 'user:ann', at, revision },
  }
}

export interface World {
  readonly guardrails?: readonly string[]
  readonly rules?: readonly string[]
  readonly organisation?: string
  readonly model?: string
}

/** A deny that fits nothing the tests ask for: files without any rule are refused. */
export const inert = 'p, user:nobody, org:nowhere, /docs/nothing, GET, deny'

export function snapshotOf(world: World): Promise<Snapshot> {
  const { guardrails = [], rules = [], organisation = 'acme', model = modelText } = world
  const idle = model.includes(', when') ? `${inert}, always` : inert
  const files = filesWith([idle, ...guardrails], model)
  return buildSnapshot({
    files,
    organisation,
    revision: 7,
    rules: rules.map((line) => ruleOf(line)),
  })
}

/** Decides `user:ann GET /docs/x` in the snapshot's own organisation. */
export function ask(snapshot: Snapshot, request: string): Decision {
  const [sub = '', act = '', obj = ''] = request.split(' ')
  return decide(snapshot, { sub, dom: `org:${snapshot.organisation}`, obj, act })
}

/** The problems that `run` throws, each as `file:line:column: message`. */
export function problemsOf(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof PolicyError) return error.problems.map(describeProblem)
    throw error
  }
  return []
}

/** The same of a promise. */
export async function problemsIn(running: Promise<unknown>): Promise<string[]> {
  const error: unknown = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return problemsOf(() => {
    if (error !== undefined) throw error
  })
}
