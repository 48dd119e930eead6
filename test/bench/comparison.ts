/**
 * Several programs with the same rules: loaded one after the other, checked against each other, then
 * asked in turn for several rounds, so that a slow moment of the machine hits all of them.
 */
import { Contender, GivenUpError } from './contender.ts'
import { engines, floor, ours } from './engines/list.ts'
import type { Results } from './program.ts'
import { median, percentile } from './table.ts'
import { SLOW_US } from './timing.ts'
import type { Size, Variant } from './world.ts'

const ROUNDS = 5
const ROUND_MS = 100
const WARM_UP_MS = 500
const LOAD_BOUND_MS = 60_000
const ASK_BOUND_MS = 30_000
/** No more rounds for a program that has taken so long. */
const CELL_MS = 5_000
const CHECK_MS = 1_000
const COLD_ROUNDS = 3
/** Of fewer requests a third is not nearly a third. */
const SHARE_OF = 1_000

/** Microseconds a decision. */
export interface Cost {
  readonly mean: number
  readonly p99: number
}

/** What is known of a program; `given` says why the rest is not. */
export interface Measured {
  readonly load?: Results['load']
  readonly hot?: Cost
  readonly distinct?: Cost
  readonly cold?: Cost
  readonly editMs?: number
  readonly given?: string
}

interface Racer {
  readonly name: string
  readonly contender: Contender
  readonly found: { -readonly [K in keyof Measured]: Measured[K] }
  readonly timings: { readonly hot: Results['time'][]; readonly distinct: Results['time'][] }
  spent: number
}

export interface Race {
  readonly size: Size
  readonly variant: Variant
  readonly names: readonly string[]
  /** How often one rule is added to the first organisation; 0 where nobody asks. */
  readonly edits: number
}

/** Measures `names`, of which the first is ours. */
export async function compare(race: Race): Promise<Map<string, Measured>> {
  const { size, variant, names, edits } = race
  const racers = names.map((name): Racer => {
    const contender = new Contender({ engine: name, size, variant })
    return { name, contender, found: {}, timings: { hot: [], distinct: [] }, spent: 0 }
  })
  try {
    await loadAll(racers)
    await timeAll(racers)
    for (const racer of racers) await orGiveUp(racer, () => finish(racer, edits))
  } finally {
    for (const { contender } of racers) contender.end()
  }
  return new Map(racers.map(({ name, found }) => [name, found]))
}

/** Runs `work` on a program that has not given up; notes why where it does. */
async function orGiveUp(racer: Racer, work: () => Promise<void>): Promise<void> {
  if (racer.found.given !== undefined) return
  try {
    await work()
  } catch (error) {
    // Without ours there is nothing to compare with.
    if (!(error instanceof GivenUpError) || racer.name === ours) throw error
    racer.found.given = error.message
  }
}

/** A figure of something that answers differently would be void, so that it ends the run. */
async function loadAll(racers: readonly Racer[]): Promise<void> {
  let expected: readonly boolean[] = []
  for (const racer of racers) {
    await orGiveUp(racer, async () => {
      const { contender, found, name } = racer
      const load = await contender.ask({ kind: 'load', answers: expected }, LOAD_BOUND_MS)
      if (name !== floor) found.load = load
      // Ours answers every request where it can, for the `Map` to look up.
      const milliseconds = name === ours ? 20 * CHECK_MS : CHECK_MS
      const answers = await contender.ask({ kind: 'answer', milliseconds }, ASK_BOUND_MS)
      if (name === ours) expected = answers
      checkAnswers(name, answers, expected)
    })
  }
}

function checkAnswers(name: string, answers: readonly boolean[], expected: readonly boolean[]) {
  const known = answers.slice(0, expected.length)
  const wrong = known.findIndex((answer, index) => answer !== expected[index])
  if (known.length === 0 || wrong >= 0) {
    throw new Error(`${name} answers request ${wrong} with ${answers[wrong]}, which ours does not.`)
  }
  if (expected.length < SHARE_OF) return
  const share = expected.filter((allowed) => allowed).length / expected.length
  if (share < 0.25 || share > 0.4) throw new Error(`${share} of all requests are allowed.`)
}

async function timeAll(racers: readonly Racer[]): Promise<void> {
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const racer of racers) {
      if (racer.spent > CELL_MS) continue
      const start = performance.now()
      await orGiveUp(racer, () => timeOnce(racer, round))
      racer.spent += performance.now() - start
    }
  }
  for (const { found, timings } of racers) {
    if (timings.distinct.length === 0) continue
    found.hot = costOf(timings.hot)
    found.distinct = costOf(timings.distinct)
  }
}

/** The first round warms up, unless there will be no other. */
async function timeOnce({ name, contender, timings }: Racer, round: number): Promise<void> {
  const milliseconds = round < 0 ? WARM_UP_MS : ROUND_MS
  for (const work of ['distinct', 'hot'] as const) {
    const timing = await contender.ask({ kind: 'time', work, milliseconds }, ASK_BOUND_MS)
    if (round >= 0 || timing.mean > 1_000 * WARM_UP_MS) timings[work].push(timing)
    // What takes so long remembers no requests: hot ones would cost it the same.
    if (timing.mean > SLOW_US && name !== ours) return
  }
}

function costOf(timings: readonly Results['time'][]): Cost {
  const tails = timings.flatMap(({ p99 }) => (p99 === undefined ? [] : [p99]))
  return { mean: median(timings.map(({ mean }) => mean)), p99: median(tails) }
}

async function finish({ name, contender, found }: Racer, edits: number): Promise<void> {
  if (edits > 0) {
    found.editMs = await contender.ask({ kind: 'edit', rounds: edits }, ASK_BOUND_MS)
  }
  if (name !== ours) return
  const rounds: (readonly number[])[] = []
  for (let round = 0; round < COLD_ROUNDS; round += 1) {
    rounds.push(await contender.ask({ kind: 'cold' }, ASK_BOUND_MS))
  }
  if (rounds.every(({ length }) => length > 0)) found.cold = coldOf(rounds)
}

function coldOf(rounds: readonly (readonly number[])[]): Cost {
  const means = rounds.map((costs) => costs.reduce((sum, cost) => sum + cost, 0) / costs.length)
  const tails = rounds.map((costs) => percentile(costs, 0.99))
  return { mean: median(means), p99: median(tails) }
}

export const allNames = Object.keys(engines)
