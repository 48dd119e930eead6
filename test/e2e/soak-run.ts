/**
 * Edits, swaps of the policy files and decisions at once, on a real database, for as long as wanted:
 * each answer is that of a version in force between its question and itself, and never a mixture.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { OrganisationView, Snapshots } from '../../src/gateway/snapshots.ts'
import { openSnapshots } from '../../src/gateway/snapshots.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Log } from '../../src/lib/log.ts'
import { decide } from '../../src/policy/decide.ts'
import type { PolicyFiles } from '../../src/policy/files/files.ts'
import type { Db } from '../../src/store/db.ts'
import { createOrganisation, raiseRevision } from '../../src/store/organisations.ts'
import type { NewRule } from '../../src/store/rule-shape.ts'
import { addRules, loadRules, removeRules } from '../../src/store/rules.ts'
import { type Random, seeded } from '../bench/random.ts'
import { growthProblem, heapKept } from './soak-heap.ts'
import { type Asked, History, versionProblem } from './soak-ledger.ts'
import { expectedAnswer, fileSets, type Request, randomRequest, randomRules } from './soak-rules.ts'

const ORGANISATIONS = ['soak-a', 'soak-b', 'soak-c']
const ASKERS = 6
const EDIT_PAUSE_MS = 60
const SWAP_PAUSE_MS = 400
const PROBLEMS_MOST = 10
const MAX_STALENESS_MS = 60_000
const DECISIONS_PER_VIEW = 8

export interface SoakOptions {
  readonly db: Db
  readonly log: Log
  readonly milliseconds: number
  readonly seed: number
  /** Memory is looked at so often. */
  readonly sampleMs: number
  readonly onSample?: (report: SoakReport) => void
}

export interface SoakReport {
  readonly decisions: number
  readonly revisions: number
  readonly swaps: number
  /** Bytes, at equal distances. */
  readonly heap: readonly number[]
  /** What went wrong, in words; the run ends at the tenth. */
  readonly problems: readonly string[]
}

interface Soak extends Omit<SoakOptions, 'onSample'> {
  readonly snapshots: Snapshots
  readonly revisions: ReadonlyMap<string, History<readonly NewRule[]>>
  readonly files: History<string>
  /** Answers of the reference evaluator by version, organisation and request. */
  readonly expected: Map<string, boolean>
  readonly count: { decisions: number; revisions: number; swaps: number }
  readonly heap: number[]
  readonly problems: string[]
  readonly until: number
}

/** Runs it. Leaves the database to the caller. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { db, log, milliseconds, onSample = () => {} } = options
  const snapshots = await openSnapshots({
    db,
    files: initialFiles(),
    clock: systemClock,
    log,
    maxStalenessMs: MAX_STALENESS_MS,
  })
  const soak: Soak = {
    ...options,
    snapshots,
    revisions: new Map(ORGANISATIONS.map((id) => [id, new History()])),
    files: new History(),
    expected: new Map(),
    count: { decisions: 0, revisions: 0, swaps: 0 },
    heap: [],
    problems: [],
    until: performance.now() + milliseconds,
  }
  soak.files.begin(0, initialFiles().hash)
  soak.files.saw(0)
  try {
    for (const id of ORGANISATIONS) await makeOrganisation(soak, id)
    await Promise.all([
      ...ORGANISATIONS.map((id, index) => editForever(soak, id, randomOf(soak, index))),
      ...Array.from({ length: ASKERS }, (_, at) => askForever(soak, randomOf(soak, 100 + at))),
      swapForever(soak, randomOf(soak, 50)),
      sampleForever(soak, () => onSample(reportOf(soak))),
    ])
  } finally {
    await snapshots.stop()
  }
  const growth = growthProblem(soak.heap)
  if (growth !== undefined) soak.problems.push(growth)
  return reportOf(soak)
}

function initialFiles(): PolicyFiles {
  const [first] = fileSets
  if (first === undefined) throw new Error('There are no policy files.')
  return first
}

function randomOf({ seed }: Soak, part: number): Random {
  return seeded(seed * 1_000 + part)
}

function reportOf({ count, heap, problems }: Soak): SoakReport {
  return { ...count, heap: [...heap], problems: [...problems] }
}

function goesOn({ until, problems }: Soak): boolean {
  return performance.now() < until && problems.length < PROBLEMS_MOST
}

function historyOf({ revisions }: Soak, id: string): History<readonly NewRule[]> {
  const history = revisions.get(id)
  if (history === undefined) throw new Error(`There is no organisation ${id}.`)
  return history
}

async function makeOrganisation(soak: Soak, id: string): Promise<void> {
  historyOf(soak, id).begin(0, [])
  await soak.db.transaction('seed', (trx) => createOrganisation(trx, { id, name: id, slug: id }))
  historyOf(soak, id).settle(0, performance.now())
}

/** Publishes one revision after the other, each with rules of its own. */
async function editForever(soak: Soak, id: string, random: Random): Promise<void> {
  const history = historyOf(soak, id)
  while (goesOn(soak)) {
    const revision = await soak.db.transaction('seed', async (trx) => {
      const number = await raiseRevision(trx, id)
      const rules = randomRules(random, id, number)
      const before = await loadRules(trx, id)
      const ids = before.flatMap(({ source }) => (source.kind === 'organisation' ? source.id : []))
      await removeRules(trx, id, ids)
      await addRules(trx, id, rules, { author: 'user:ann', revision: number })
      // From the commit on it may decide, and nobody can be told between the two.
      history.begin(number, rules)
      return number
    })
    history.settle(revision, performance.now())
    soak.count.revisions += 1
    await sleep(random.below(2 * EDIT_PAUSE_MS))
  }
}

/** Puts one set of policy files after the other in force. */
async function swapForever(soak: Soak, random: Random): Promise<void> {
  for (let number = 1; goesOn(soak); number += 1) {
    await sleep(random.below(2 * SWAP_PAUSE_MS))
    const files = random.pick(fileSets)
    soak.files.begin(number, files.hash)
    await soak.snapshots.useFiles(files)
    soak.files.settle(number, performance.now())
    // In the process that swaps them no older ones decide from here on.
    soak.files.saw(number)
    soak.count.swaps += 1
  }
}

async function askForever(soak: Soak, random: Random): Promise<void> {
  while (goesOn(soak)) {
    const id = random.pick(ORGANISATIONS)
    const history = historyOf(soak, id)
    const now = performance.now()
    const asked: Asked = { revision: history.oldest(now), files: soak.files.oldest(now) }
    const found = await soak.snapshots.find(id)
    if (found.kind === 'refused') {
      soak.problems.push(`${id} was refused: ${found.reason}`)
      continue
    }
    checkView(soak, found.view, asked, random)
    history.saw(found.view.snapshot.revision)
    // Who holds a view for long is answered by it to the end (I7).
    if (random.next() < 0.1) {
      await sleep(random.below(20))
      checkAnswers(soak, found.view, random)
    }
    await nextTurn()
  }
}

function checkView(soak: Soak, view: OrganisationView, asked: Asked, random: Random): void {
  const { snapshot, state } = view
  const history = historyOf(soak, state.id)
  const wrong = versionProblem(asked, snapshot, history, soak.files)
  if (wrong !== undefined) soak.problems.push(`${state.id}: ${wrong}`)
  else if (state.revision !== snapshot.revision) {
    soak.problems.push(`${state.id}: revision ${snapshot.revision} stands beside ${state.revision}`)
  } else checkAnswers(soak, view, random)
}

function checkAnswers(soak: Soak, { snapshot }: OrganisationView, random: Random): void {
  const { organisation, revision } = snapshot
  for (let index = 0; index < DECISIONS_PER_VIEW; index += 1) {
    const request = randomRequest(random, revision)
    const dom = `org:${organisation}`
    const { allow, reason } = decide(snapshot, { ...request, dom })
    soak.count.decisions += 1
    const expected = expectedOf(soak, snapshot, request)
    if (allow === expected && reason !== 'decision_error') continue
    const what = `${request.sub} ${request.act} ${request.obj} in revision ${revision}`
    soak.problems.push(
      `${organisation}: ${what} was ${reason}, not ${expected ? 'allowed' : 'denied'}`,
    )
  }
}

const EXPECTED_MOST = 50_000

function expectedOf(
  soak: Soak,
  snapshot: OrganisationView['snapshot'],
  request: Request,
): boolean | undefined {
  const { organisation, revision, files } = snapshot
  const key = JSON.stringify([organisation, revision, files, request])
  const known = soak.expected.get(key)
  if (known !== undefined) return known
  const rules = historyOf(soak, organisation).get(revision)
  const set = fileSets.find(({ hash }) => hash === files)
  if (rules === undefined || set === undefined) return undefined
  const answer = expectedAnswer(rules, set, `org:${organisation}`, request)
  if (soak.expected.size >= EXPECTED_MOST) soak.expected.clear()
  soak.expected.set(key, answer)
  return answer
}

async function sampleForever(soak: Soak, onSample: () => void): Promise<void> {
  while (goesOn(soak)) {
    await sleep(Math.min(soak.sampleMs, Math.max(0, soak.until - performance.now())))
    // What the check itself remembers is no memory of the product.
    soak.expected.clear()
    soak.heap.push(heapKept())
    onSample()
  }
}
