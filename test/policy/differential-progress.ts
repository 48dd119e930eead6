/** How far a long differential run is, which seed is next, and with what it is taken up again. */
import type { Compared } from './differential-seed.ts'

/** An engine that fails everywhere is known well enough after so many seeds. */
const MOST_FAILED = 20

export class Progress {
  readonly failed: Compared[] = []
  readonly #wanted: number
  readonly #started: number
  /** Decisions of seeds that are done, by seed, until every earlier one is done as well. */
  readonly #ahead = new Map<number, number>()
  #next: number
  #resume: number
  #decisions = 0
  #settled = 0

  /** `now` and the other times are monotonic milliseconds. */
  constructor(options: { readonly first: number; readonly wanted: number; readonly now: number }) {
    this.#next = options.first
    this.#resume = options.first
    this.#wanted = options.wanted
    this.#started = options.now
  }

  /** The next seed to compare; `undefined` when enough decisions are made. */
  take(): number | undefined {
    if (this.#decisions >= this.#wanted || this.failed.length >= MOST_FAILED) return undefined
    this.#next += 1
    return this.#next - 1
  }

  add(compared: Compared): void {
    const { seed, decisions, failure } = compared
    if (failure !== undefined) this.failed.push(compared)
    this.#decisions += decisions
    this.#ahead.set(seed, decisions)
    for (let done = this.#ahead.get(this.#resume); done !== undefined; ) {
      this.#ahead.delete(this.#resume)
      this.#resume += 1
      this.#settled += done
      done = this.#ahead.get(this.#resume)
    }
  }

  /** What still has to be asked for, so that no seed is left out and only a few are done twice. */
  resume(): string {
    return `--seed ${this.#resume} --cases ${Math.max(0, this.#wanted - this.#settled)}`
  }

  describe(now: number): string {
    const seconds = (now - this.#started) / 1_000
    const rate = this.#decisions / seconds
    const left = Math.max(0, this.#wanted - this.#decisions) / rate / 60
    const share = Math.min(100, (100 * this.#decisions) / this.#wanted)
    const bad = this.failed.length === 0 ? '' : `; ${this.failed.length} seeds FAILED`
    return (
      `${this.#decisions.toLocaleString('en')} decisions (${share.toFixed(1)} %), ` +
      `${Math.round(rate).toLocaleString('en')} a second, ${left.toFixed(1)} minutes left; ` +
      `to go on from here: ${this.resume()}${bad}`
    )
  }
}
