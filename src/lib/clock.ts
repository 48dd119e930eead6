/** Time as a value that is passed in, so that a test can move it. */
export interface Clock {
  /** Wall-clock time, milliseconds since the epoch: for expiry and records. */
  readonly now: () => number
  /** Monotonic time in milliseconds: for durations and time-outs. */
  readonly elapsed: () => number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
}
