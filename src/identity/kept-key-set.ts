/**
 * One key set kept in memory: refreshed when it is old or lacks a key, by one load at a time and at
 * most one a cool-down, so that made-up key ids cannot make us flood the issuer.
 */
import type { Clock } from '../lib/clock.ts'
import type { KeySet } from './key-set.ts'

export interface KeptKeySetOptions {
  readonly load: () => Promise<KeySet>
  /** Told of each failed load; the last good set stays. */
  readonly onFailure: (error: unknown) => void
  readonly clock: Pick<Clock, 'elapsed'>
  readonly maxAgeMs: number
  readonly cooldownMs: number
  /** How long past its age a set is served while loading fails. */
  readonly graceMs: number
  /** Whether an old set is replaced before it is used again, or beside its use within the grace. */
  readonly waits: boolean
}

export class KeptKeySet {
  readonly #options: KeptKeySetOptions
  #kept: { readonly set: KeySet; readonly loadedAt: number } | undefined
  #loading: Promise<void> | undefined
  #triedAt = Number.NEGATIVE_INFINITY

  constructor(options: KeptKeySetOptions) {
    this.#options = options
  }

  /** The set in force, or `undefined` when none could be loaded for too long. */
  async current(): Promise<KeySet | undefined> {
    const { maxAgeMs, graceMs, waits } = this.#options
    const age = this.#age()
    if (age >= maxAgeMs) {
      const refreshed = this.#refresh()
      if (waits || age >= maxAgeMs + graceMs) await refreshed
    }
    return this.#age() < maxAgeMs + graceMs ? this.#kept?.set : undefined
  }

  /** The set after a refresh, unless the last one was tried within the cool-down. */
  async refreshed(): Promise<KeySet | undefined> {
    await this.#refresh()
    return await this.current()
  }

  #age(): number {
    return this.#options.clock.elapsed() - (this.#kept?.loadedAt ?? Number.NEGATIVE_INFINITY)
  }

  #refresh(): Promise<void> {
    const now = this.#options.clock.elapsed()
    if (this.#loading === undefined && now - this.#triedAt >= this.#options.cooldownMs) {
      this.#triedAt = now
      this.#loading = this.#load(now)
    }
    return this.#loading ?? Promise.resolve()
  }

  async #load(startedAt: number): Promise<void> {
    try {
      // Its age counts from the question: a slow answer may be as old as that.
      this.#kept = { set: await this.#options.load(), loadedAt: startedAt }
    } catch (error) {
      this.#options.onFailure(error)
    } finally {
      this.#loading = undefined
    }
  }
}
