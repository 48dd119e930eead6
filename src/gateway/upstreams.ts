/** Every upstream of every application, and whose turn it is. */
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Application } from '../policy/applications.ts'
import type { DialOptions } from './dial.ts'
import { createUpstream, type Upstream } from './upstream.ts'

export interface UpstreamsOptions extends Omit<DialOptions, 'connectMs'> {
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly connections?: number
  readonly waiting?: number
  readonly probeIntervalMs?: number
  readonly failuresBeforeRest?: number
}

export interface Upstreams {
  /** The next upstream that is well and was not tried, or `undefined`. */
  readonly choose: (application: Application, tried: ReadonlySet<Upstream>) => Upstream | undefined
  /** Takes over what `applications` name; what they no longer name ends with its last request. */
  readonly update: (applications: readonly Application[]) => void
  /** Takes nothing more; resolves when every request has ended. */
  readonly close: () => Promise<void>
  /** Breaks off what still runs. */
  readonly destroy: () => Promise<void>
}

interface Turn {
  readonly upstreams: readonly Upstream[]
  next: number
}

/** Starts empty; `update` fills it. */
export function createUpstreams(options: UpstreamsOptions): Upstreams {
  let live = new Map<string, Upstream>()
  let turns = new Map<string, Turn>()
  const leaving = new Set<Upstream>()

  const leave = (upstream: Upstream) => {
    leaving.add(upstream)
    return upstream.close().then(() => void leaving.delete(upstream))
  }
  return {
    choose: (application, tried) => {
      const turn = turns.get(application.id)
      return turn === undefined ? undefined : take(turn, tried)
    },
    update: (applications) => {
      const before = live
      live = new Map()
      turns = new Map()
      for (const application of applications) {
        const upstreams = application.upstreams.map((origin) => {
          const key = keyOf(application, origin)
          const upstream = live.get(key) ?? before.get(key) ?? open(application, origin, options)
          live.set(key, upstream)
          return upstream
        })
        turns.set(application.id, { upstreams, next: 0 })
      }
      for (const [key, upstream] of before) if (!live.has(key)) void leave(upstream)
    },
    close: async () => {
      turns = new Map()
      await Promise.all([...live.values()].map(leave))
      live = new Map()
    },
    destroy: async () => {
      turns = new Map()
      await Promise.all([...live.values(), ...leaving].map((upstream) => upstream.destroy()))
      live = new Map()
    },
  }
}

/** Applications share an upstream when they ask the same of it. */
function keyOf({ timeouts, healthPath }: Application, origin: string): string {
  return JSON.stringify([origin, timeouts.connectMs, healthPath])
}

function open(application: Application, origin: string, options: UpstreamsOptions): Upstream {
  const { log, ownPorts, lookup } = options
  return createUpstream(origin, {
    connectMs: application.timeouts.connectMs,
    healthPath: application.healthPath,
    ownPorts,
    connections: options.connections ?? limits.upstreamConnections,
    waiting: options.waiting ?? limits.upstreamWaiting,
    probeIntervalMs: options.probeIntervalMs ?? limits.upstreamProbeIntervalMs,
    failuresBeforeRest: options.failuresBeforeRest ?? limits.upstreamFailuresBeforeRest,
    onChange: (upstream, usable) => {
      if (usable) log.info({ upstream }, 'an upstream is back')
      else log.warn({ upstream }, 'an upstream does not answer and rests')
    },
    ...(lookup && { lookup }),
  })
}

/** Round robin; an upstream that cannot be used gives its turn to the next one. */
function take(turn: Turn, tried: ReadonlySet<Upstream>): Upstream | undefined {
  const { upstreams } = turn
  for (let step = 0; step < upstreams.length; step += 1) {
    const upstream = upstreams[turn.next % upstreams.length]
    turn.next = (turn.next + 1) % upstreams.length
    if (upstream?.usable() && !tried.has(upstream)) return upstream
  }
  return undefined
}
