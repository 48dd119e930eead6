/**
 * What was in force when: every revision of every organisation and every set of policy files, kept by
 * whoever writes them. From it follows which answers a decision may have, and no other may be given.
 */

/** Longer than any notification takes: what was replaced so long ago must not decide. */
const STALE_MS = 10_000
/** Revisions that are remembered of an organisation; a run may go on for ever. */
const REMEMBERED = 200

interface Entry<T> {
  readonly number: number
  readonly value: T
  /** When it was surely in force; `undefined` while it is being written. Monotonic milliseconds. */
  settledAt: number | undefined
}

/** Versions of one thing, numbered upwards. */
export class History<T> {
  readonly #entries = new Map<number, Entry<T>>()
  /** Nothing before this one is ever seen again. */
  #floor = 0

  /** A version that may be in force from now on. */
  begin(number: number, value: T): void {
    this.#entries.set(number, { number, value, settledAt: undefined })
    this.#entries.delete(number - REMEMBERED)
  }

  /** It is committed. */
  settle(number: number, now: number): void {
    const entry = this.#entries.get(number)
    if (entry !== undefined) entry.settledAt = now
  }

  /** It was decided by: monotonic reads forbid everything before it to whoever asks later (I8). */
  saw(number: number): void {
    this.#floor = Math.max(this.#floor, number)
  }

  /** The oldest version that may answer a question that is asked now. */
  oldest(now: number): number {
    let oldest = this.#floor
    for (const { number, settledAt } of this.#entries.values()) {
      if (settledAt !== undefined && settledAt <= now - STALE_MS) oldest = Math.max(oldest, number)
    }
    return oldest
  }

  /** The versions that may have answered since `oldest` was asked for. */
  since(oldest: number): Entry<T>[] {
    return [...this.#entries.values()].filter(({ number }) => number >= oldest)
  }

  get(number: number): T | undefined {
    return this.#entries.get(number)?.value
  }
}

/** What is known when a question is asked. */
export interface Asked {
  readonly revision: number
  readonly files: number
}

/** What a decision says of itself. */
export interface Told {
  readonly revision: number
  /** Hash of the policy files. */
  readonly files: string
}

/** Why the versions that a decision names were not in force between its question and now. */
export function versionProblem<R>(
  asked: Asked,
  told: Told,
  revisions: History<R>,
  files: History<string>,
): string | undefined {
  if (told.revision < asked.revision) {
    return `revision ${told.revision} decided after ${asked.revision} was in force`
  }
  if (revisions.get(told.revision) === undefined) {
    return `revision ${told.revision} decided, which nobody wrote`
  }
  if (!files.since(asked.files).some(({ value }) => value === told.files)) {
    return `policy files ${told.files.slice(0, 8)} decided, which are not in force`
  }
  return undefined
}
