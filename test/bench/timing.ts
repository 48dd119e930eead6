/** How long decisions take, within a budget, for programs between 0.1 µs and several seconds. */
import type { DecisionRequest } from '../../src/policy/decide.ts'
import { percentile } from './table.ts'

export interface Timing {
  /** Microseconds. */
  readonly mean: number
  /** Microseconds; absent where a decision takes so long that a few of them are all there is time for. */
  readonly p99: number | undefined
  readonly decisions: number
}

type Decide = (request: DecisionRequest) => boolean

/** Looking at the clock costs as much as the quickest decisions: so many are made between two looks. */
const BETWEEN_LOOKS = 64
/** A decision longer than this is looked at alone, and has no tail to show. */
export const SLOW_US = 50
const SAMPLES = 20_000

/** Asks `requests` again and again, first without a clock for the mean, then with one for the tail. */
export function timeDecisions(
  decide: Decide,
  requests: readonly DecisionRequest[],
  milliseconds: number,
): Timing {
  const first = requests[0]
  if (first === undefined) throw new Error('There is nothing to ask.')
  const single = timeOne(decide, first)
  const step = single > SLOW_US ? 1 : BETWEEN_LOOKS
  const start = performance.now()
  let done = 0
  let elapsed = 0
  while (elapsed < milliseconds) {
    for (let index = 0; index < step; index += 1) {
      decide(requests[done % requests.length] ?? first)
      done += 1
    }
    elapsed = performance.now() - start
  }
  const mean = (elapsed * 1_000) / done
  if (mean > SLOW_US) return { mean, p99: undefined, decisions: done }
  return { mean, p99: percentile(timeEach(decide, requests), 0.99), decisions: done }
}

function timeEach(decide: Decide, requests: readonly DecisionRequest[]): number[] {
  const rounds = Math.ceil(SAMPLES / requests.length)
  return Array.from({ length: rounds }, () =>
    requests.map((request) => timeOne(decide, request)),
  ).flat()
}

function timeOne(decide: Decide, request: DecisionRequest): number {
  const start = performance.now()
  decide(request)
  return (performance.now() - start) * 1_000
}
