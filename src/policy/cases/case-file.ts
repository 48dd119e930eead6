/**
 * A `*.test.yaml`: what an organisation has, and what must then be allowed and denied. Everything
 * that a test could silently not test is a problem: a misspelt name is denied whatever the rules say.
 */
import { limits } from '../../lib/limits.ts'
import { finish } from '../../lib/turns.ts'
import type { PolicyFiles } from '../files/files.ts'
import { type Place, type PlaceAt, type ReportAt, readYaml } from '../files/yaml-file.ts'
import type { PolicyProblem } from '../problem.ts'
import type { Rule } from '../rule.ts'
import { lintRules } from '../rules/lint.ts'
import { checkAllRoles } from '../rules/roles.ts'
import { type CaseForm, caseForm } from './case-form.ts'
import { checkActions, checkResource, knownNames, type Names } from './case-names.ts'
import { type Fixtures, readFixtures } from './fixtures.ts'
import { actionsOn } from './reach.ts'

export type Effect = 'allow' | 'deny'

export interface CaseTest {
  readonly name: string
  /** Bare id. */
  readonly organisation: string
  /** Milliseconds since 1970; absent where nothing ends. */
  readonly clock: number | undefined
  readonly subjects: readonly string[]
  readonly resources: readonly string[]
  /** What is expected of each action that is named; every other is expected to be denied. */
  readonly actions: ReadonlyMap<string, Effect>
  readonly place: Place
  /** Where an action is named; the test itself for one that is not. */
  readonly placeOf: (action: string) => Place
}

export interface CaseFile extends Fixtures {
  readonly file: string
  /** Bare id; what is given holds in this one. */
  readonly organisation: string
  readonly tests: readonly CaseTest[]
  /** Of all its tests together. */
  readonly decisions: number
}

export interface ReadCases {
  /** Present where there is no problem. */
  readonly cases?: CaseFile
  readonly problems: readonly PolicyProblem[]
}

/** Every problem of a `*.test.yaml`, with its place; none where its tests can be run. */
export function checkCases(text: string, file: string, files: PolicyFiles): PolicyProblem[] {
  return [...readCases(text, file, files).problems]
}

/** Reads the tests of one file, or says all that keeps them from being run. */
export function readCases(text: string, file: string, files: PolicyFiles): ReadCases {
  const read = readYaml(text, file, caseForm)
  if (read.value === undefined) return { problems: read.problems }
  const { value, report, placeAt, problems } = read
  const fixtures = readFixtures(value, { file, files, report, placeAt, problems })
  const own = [...fixtures.grants.map(({ rule }) => rule), ...fixtures.rules]
  problems.push(...checkOwn(own, value.organisation, files))
  const names = knownNames(value, fixtures.rules, files)
  names.checkGiven(report)
  for (const of of Object.keys(value.attributes)) {
    const wrong = of.startsWith('/')
      ? checkResource(of, files.applications)
      : names.checkSubject(of)
    if (wrong !== undefined) report(['attributes', of], wrong, 'key')
  }
  const tests = value.tests.map((test, at) => readTest(value, test, at, placeAt))
  for (const [at, test] of tests.entries()) checkTest(test, ['tests', at], { names, files, report })
  checkNames(value, report)
  checkClocks(value, tests, report)
  const decisions = countDecisions(tests, files, report)
  if (problems.length > 0) return { problems }
  const { organisation } = value
  return { cases: { ...fixtures, file, organisation, tests, decisions }, problems: [] }
}

/** What a publish of these rules would say. */
function checkOwn(
  own: readonly Rule[],
  organisation: string,
  { model, applications, guardrails }: PolicyFiles,
): PolicyProblem[] {
  const problems = lintRules(own, { model, applications, scope: { organisation } })
  if (problems.length > 0) return problems
  const domains = ['*', `org:${organisation}`]
  const shared = guardrails.filter(
    ({ ptype, values }) => ptype === 'g' && domains.includes(values[2] ?? ''),
  )
  return finish(checkAllRoles([...shared, ...own], organisation))
}

type TestForm = CaseForm['tests'][number]

function readTest(form: CaseForm, test: TestForm, at: number, placeAt: PlaceAt): CaseTest {
  const { name, subjects, resources } = test
  const actions = new Map(Object.entries(test.actions))
  const placeOf = (action: string) =>
    actions.has(action)
      ? placeAt(['tests', at, 'actions', action], 'key')
      : placeAt(['tests', at, 'name'])
  return {
    name,
    organisation: test.organisation ?? form.organisation,
    clock: test.clock ?? form.clock,
    subjects,
    resources,
    actions,
    place: placeAt(['tests', at, 'name']),
    placeOf,
  }
}

interface Context {
  readonly names: Names
  readonly files: PolicyFiles
  readonly report: ReportAt
}

function checkTest(
  { subjects, resources, actions }: CaseTest,
  path: readonly PropertyKey[],
  { names, files, report }: Context,
): void {
  const check = (
    list: string,
    of: readonly string[],
    wrongWith: (name: string) => string | undefined,
  ) => {
    const seen = new Set<string>()
    for (const [at, name] of of.entries()) {
      const wrong = seen.has(name) ? `"${name}" stands here twice.` : wrongWith(name)
      if (wrong !== undefined) report([...path, list, at], wrong)
      seen.add(name)
    }
  }
  check('subjects', subjects, names.checkSubject)
  check('resources', resources, (name) => checkResource(name, files.applications))
  for (const [action, wrong] of checkActions(actions.keys(), resources, files)) {
    report([...path, 'actions', action], wrong, 'key')
  }
}

/** A failed test is known by its name. */
function checkNames({ tests }: CaseForm, report: ReportAt): void {
  const seen = new Set<string>()
  for (const [at, { name }] of tests.entries()) {
    if (seen.has(name)) report(['tests', at, 'name'], `Another test has the name "${name}".`)
    seen.add(name)
  }
}

/** By the machine's clock a test would pass today and fail some other day. */
function checkClocks({ given }: CaseForm, tests: readonly CaseTest[], report: ReportAt): void {
  if (tests.every(({ clock }) => clock !== undefined)) return
  for (const [member, held] of Object.entries(given)) {
    for (const [at, one] of held.entries()) {
      if (typeof one === 'string') continue
      const message =
        'What ends needs a moment to be looked at: write "clock: 2026-01-31T12:00:00Z" above.'
      report(['given', member, at, 'until'], message)
      return
    }
  }
}

function countDecisions(tests: readonly CaseTest[], files: PolicyFiles, report: ReportAt): number {
  let decisions = 0
  for (const [at, { subjects, resources }] of tests.entries()) {
    const before = decisions
    for (const resource of resources) {
      decisions += subjects.length * actionsOn(resource, files.applications).length
    }
    if (decisions <= limits.testDecisions || before > limits.testDecisions) continue
    const most = limits.testDecisions.toLocaleString('en')
    const message = `Up to here the tests make ${decisions.toLocaleString('en')} decisions; a file has at most ${most}. Move some to another file.`
    report(['tests', at], message)
  }
  return decisions
}
