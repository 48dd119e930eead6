/**
 * Whether an upstream may be used. It rests after failures in a row and is asked once an interval,
 * by us and not at the cost of somebody's request, whether it is back. Only a connection that could
 * not be made counts: a slow or a broken answer can be provoked by one client against all others.
 */
export interface HealthOptions {
  /** Asks the upstream; never rejects. */
  readonly probe: () => Promise<boolean>
  /** Ask all the time, not only while it rests. */
  readonly always: boolean
  readonly intervalMs: number
  readonly failuresBeforeRest: number
  readonly onChange: (usable: boolean) => void
}

export interface Health {
  readonly usable: () => boolean
  readonly answered: () => void
  readonly unreachable: () => void
  readonly close: () => void
}

/** Starts as usable, so that a start does not refuse requests until the first probe is back. */
export function createHealth(options: HealthOptions): Health {
  const { probe, always, intervalMs, failuresBeforeRest, onChange } = options
  let failures = 0
  let resting = false
  let closed = false
  let timer: NodeJS.Timeout | undefined

  const rest = (next: boolean) => {
    failures = 0
    if (next === resting) return
    resting = next
    onChange(!next)
  }
  const ask = async () => {
    const well = await probe()
    if (closed) return
    rest(!well)
    if (always || resting) askLater()
  }
  const askLater = () => {
    timer = setTimeout(ask, intervalMs).unref()
  }
  if (always) void ask()

  return {
    usable: () => !resting,
    answered: () => {
      failures = 0
    },
    unreachable: () => {
      failures += 1
      if (resting || closed || failures < failuresBeforeRest) return
      rest(true)
      if (!always) askLater()
    },
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
