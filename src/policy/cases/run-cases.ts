/** Runs tests by the snapshots that the gateway would decide by, and says what differs and why. */
import { limits } from '../../lib/limits.ts'
import { createTurns, finish } from '../../lib/turns.ts'
import { type Decision, type DecisionRequest, decide } from '../decide.ts'
import type { PolicyFiles } from '../files/files.ts'
import type { Place } from '../files/yaml-file.ts'
import { explain } from '../questions/explain.ts'
import type { Rule, RuleSource } from '../rule.ts'
import { buildSnapshot, type Snapshot } from '../snapshot.ts'
import type { CaseFile, CaseTest, Effect } from './case-file.ts'
import { type Coverage, coverageOf, type Observe, observe } from './coverage.ts'
import { actionsOn, whyNotPublic } from './reach.ts'

/** A decision that is not the expected one. */
export interface Failure {
  readonly subject: string
  readonly resource: string
  readonly action: string
  readonly expected: Effect
  readonly got: Effect
  /** Where it is expected. */
  readonly place: Place
  /** The rule that decided; absent where none did. */
  readonly rule?: Rule
  /** Two sentences: what was decided, and by which way or what came nearest. Absent for the last of many. */
  readonly why?: readonly string[]
}

export interface TestResult {
  readonly test: CaseTest
  readonly decisions: number
  /** How many of them failed; `failures` holds no more than are shown. */
  readonly failed: number
  readonly failures: readonly Failure[]
}

export interface FileResult {
  readonly file: string
  readonly tests: readonly TestResult[]
}

export interface CaseReport {
  readonly files: readonly FileResult[]
  readonly coverage: Coverage
}

export interface RunOptions {
  readonly files: PolicyFiles
  readonly cases: readonly CaseFile[]
  /** Which tests are run; by default every one. */
  readonly select?: (file: string, test: string) => boolean
}

/** Runs the tests in turns; throws a `PolicyError` where files and fixtures together are no policy. */
export async function runCases({ files, cases, select }: RunOptions): Promise<CaseReport> {
  const met = new Set<RuleSource>()
  const results: FileResult[] = []
  for (const one of cases) {
    const chosen = one.tests.filter(({ name }) => select?.(one.file, name) ?? true)
    if (chosen.length > 0) results.push(await runFile({ ...one, tests: chosen }, files, met))
  }
  const rules = [...files.guardrails, ...cases.flatMap((one) => one.rules)]
  return { files: results, coverage: coverageOf(rules, met) }
}

/** A snapshot with the observer of its decisions. */
interface World {
  readonly snapshot: Snapshot
  readonly note: Observe
}

async function runFile(
  cases: CaseFile,
  files: PolicyFiles,
  met: Set<RuleSource>,
): Promise<FileResult> {
  const worldAt = createWorlds(cases, files, met)
  const left = { shown: limits.testFailuresShown, explained: limits.testFailuresExplained }
  const tests: TestResult[] = []
  for (const test of cases.tests) {
    tests.push(await runTest(test, await worldAt(test), files, left))
  }
  return { file: cases.file, tests }
}

/** One world for each organisation and each number of grants that are over by then. */
function createWorlds(
  { grants, rules, known, organisation: own }: CaseFile,
  files: PolicyFiles,
  met: Set<RuleSource>,
): (test: CaseTest) => Promise<World> {
  const worlds = new Map<string, World>()
  const ends = grants.flatMap(({ until }) => until ?? [])
  return async ({ organisation, clock = Number.NEGATIVE_INFINITY }) => {
    const over = ends.filter((end) => end <= clock).length
    const key = `${organisation} ${over}`
    const before = worlds.get(key)
    if (before !== undefined) return before
    const isHeld = ({ until = Number.POSITIVE_INFINITY }) => until > clock
    const held = grants.filter(isHeld).map(({ rule }) => rule)
    const inside = organisation === own
    const given = inside ? { rules: [...held, ...rules], known } : { rules: [] }
    const snapshot = await buildSnapshot({ files, organisation, revision: 1, ...given })
    const world = { snapshot, note: observe(snapshot, met) }
    worlds.set(key, world)
    return world
  }
}

/** How many failures may still be kept, and how many of them explained. */
interface Left {
  shown: number
  explained: number
}

async function runTest(
  test: CaseTest,
  world: World,
  files: PolicyFiles,
  left: Left,
): Promise<TestResult> {
  const turns = createTurns()
  const failures: Failure[] = []
  let decisions = 0
  let failed = 0
  for (const [request, expected] of cells(test, world.snapshot, files)) {
    if (decisions % limits.turnRules === 0 && turns.over()) await turns.next()
    decisions += 1
    const { rule, allow } = decideCell(world, request, files)
    const got: Effect = allow ? 'allow' : 'deny'
    if (got === expected) continue
    failed += 1
    if (left.shown === 0) continue
    left.shown -= 1
    const { sub: subject, obj: resource, act: action } = request
    const why = left.explained > 0 ? explainCell(world.snapshot, request, files) : undefined
    if (why !== undefined) left.explained -= 1
    const seen = { subject, resource, action, expected, got, place: test.placeOf(action) }
    failures.push({ ...seen, ...(rule && { rule }), ...(why && { why }) })
  }
  return { test, decisions, failed, failures }
}

function* cells(
  { subjects, resources, actions }: CaseTest,
  { domain: dom }: Snapshot,
  { applications }: PolicyFiles,
): Generator<[DecisionRequest, Effect]> {
  for (const sub of subjects) {
    for (const obj of resources) {
      for (const act of actionsOn(obj, applications)) {
        yield [{ sub, dom, obj, act }, actions.get(act) ?? 'deny']
      }
    }
  }
}

/** As the gateway does: what reaches no decision is denied, and exercises no rule. */
function decideCell(
  { snapshot, note }: World,
  request: DecisionRequest,
  { applications }: PolicyFiles,
): Pick<Decision, 'allow' | 'rule'> {
  if (whyNotPublic(request.sub, request.obj, applications) !== undefined) return { allow: false }
  const decision = decide(snapshot, request)
  // A rule that fails matches nothing that could be told.
  if (decision.reason !== 'decision_error') note(request)
  return decision
}

function explainCell(
  snapshot: Snapshot,
  request: DecisionRequest,
  { applications }: PolicyFiles,
): readonly string[] {
  const refused = whyNotPublic(request.sub, request.obj, applications)
  if (refused !== undefined) return [refused]
  return finish(explain(snapshot, request, applications)).sentences
}
