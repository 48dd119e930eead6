/** Outcomes of authentication, kept for a bounded time in bounded memory, refusals apart. */
import { LRUCache } from 'lru-cache'
import type { Clock } from '../lib/clock.ts'
import { limits } from '../lib/limits.ts'
import type { Reason } from '../lib/reasons.ts'
import type { Identified } from './principal.ts'

/** What was found out, and whether the ground it stands on is still the same. */
export interface Outcome {
  readonly identified: Identified
  readonly stillHolds: () => boolean
}

export interface Outcomes {
  /** The outcome for a credential's digest while it may be relied on. */
  readonly known: (digest: string) => Identified | undefined
  /** The last outcome, whether or not it may still be relied on: a hint of where to look. */
  readonly last: (digest: string) => Identified | undefined
  /** The last accepted outcome while its ground holds, however old: for when nobody can be asked. */
  readonly held: (digest: string) => Outcome | undefined
  /** Runs `find` unless it is under way for the same digest, and keeps what comes out. */
  readonly find: (digest: string, find: () => Promise<Outcome>) => Promise<Identified>
}

interface Kept extends Outcome {
  readonly until: number
}

/** Makes an empty store. */
export function createOutcomes(clock: Clock): Outcomes {
  const accepted = new LRUCache<string, Kept>({ max: limits.credentialsCached })
  const refused = new LRUCache<string, Kept>({ max: limits.refusalsCached })
  const underWay = new Map<string, Promise<Identified>>()

  const keep = (digest: string, outcome: Outcome): Identified => {
    const { identified } = outcome
    accepted.delete(digest)
    refused.delete(digest)
    const forMs = keepsFor(identified)
    const cache = identified.kind === 'principal' ? accepted : refused
    if (forMs > 0) cache.set(digest, { ...outcome, until: clock.elapsed() + forMs })
    return identified
  }

  return {
    known: (digest) => {
      const kept = accepted.get(digest) ?? refused.get(digest)
      return kept !== undefined && isGood(kept, clock) ? kept.identified : undefined
    },
    last: (digest) => accepted.peek(digest)?.identified,
    held: (digest) => {
      const kept = accepted.peek(digest)
      return kept !== undefined && holds(kept, clock) ? kept : undefined
    },
    find: (digest, find) => {
      const running = underWay.get(digest)
      if (running !== undefined) return running
      const started = find()
        .then((outcome) => keep(digest, outcome))
        .finally(() => underWay.delete(digest))
      underWay.set(digest, started)
      return started
    },
  }
}

/** Milliseconds; nothing for an outcome that says more of us than of the credential. */
function keepsFor(identified: Identified): number {
  if (identified.kind === 'principal' && identified.principal.subject !== undefined) {
    return limits.credentialCacheMs
  }
  if (identified.kind === 'refused' && identified.reason === 'keys_unavailable') return 0
  return limits.refusalCacheMs
}

function isGood(kept: Kept, clock: Clock): boolean {
  return clock.elapsed() < kept.until && holds(kept, clock)
}

function holds({ identified, stillHolds }: Outcome, clock: Clock): boolean {
  if (!stillHolds()) return false
  return identified.kind !== 'principal' || clock.now() < identified.principal.expiresAt
}

/** An outcome that rests on nothing but the credential. */
export function refused(reason: Reason): Outcome {
  return { identified: { kind: 'refused', reason }, stillHolds: () => true }
}
