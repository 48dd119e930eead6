/**
 * Every decision, off the request's path: a line on stdout for each deny and a sample of the
 * allows, and all of them, compact, in the database in batches. Bounded: what has no room is
 * dropped, and the gap it leaves is recorded.
 */
import type { Clock } from '../lib/clock.ts'
import { limits } from '../lib/limits.ts'
import type { Log } from '../lib/log.ts'
import type { Metrics } from '../lib/metrics.ts'
import type { Reason } from '../lib/reasons.ts'
import { describeRule, type Rule } from '../policy/rule.ts'
import type { Db } from '../store/db.ts'
import { type DecisionRow, insertDecisions, insertGap } from '../store/decisions.ts'

export type Door = 'proxy' | 'upgrade' | 'nginx' | 'forward' | 'envoy' | 'authzen'

/** What is known of a request when it ends; `allow` without a decision id is never written. */
export interface DecisionRecord {
  readonly decisionId: string
  readonly requestId: string
  readonly door: Door
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly reason: Reason
  readonly allow: boolean
  readonly method: string
  readonly object: string
  readonly organisation: string | undefined
  readonly subject: string | undefined
  readonly revision: number | undefined
  readonly rule: Rule | undefined
  /** Who asked about somebody else, where it was not the subject. */
  readonly caller?: string | undefined
}

export interface DecisionLog {
  readonly record: (record: DecisionRecord) => void
  /** Writes what is queued and stops; what the database does not take is counted as lost. */
  readonly close: () => Promise<void>
}

export interface DecisionLogOptions {
  readonly db: Db
  readonly log: Log
  readonly clock: Clock
  readonly metrics: Metrics
  readonly queueLength?: number
}

/** From and to in milliseconds since the epoch, and how many records are missing. */
interface Gap {
  readonly since: number
  readonly until: number
  readonly dropped: number
}

/** Starts writing every `limits.decisionFlushMs`. */
export function createDecisionLog(options: DecisionLogOptions): DecisionLog {
  const { db, log, clock, metrics, queueLength = limits.decisionQueueLength } = options
  const queue: DecisionRow[] = []
  let gap: Gap | undefined
  let allows = 0
  let writing: Promise<void> | undefined

  const drop = () => {
    const now = clock.now()
    gap = joinGaps(gap, { since: now, until: now, dropped: 1 })
    metrics.decisionRecordsDropped.inc()
  }

  const print = (record: DecisionRecord) => {
    metrics.decisions.inc({ reason: record.reason, door: record.door })
    if (record.allow && allows++ % limits.allowSample !== 0) return
    const rule = record.rule && describeRule(record.rule)
    log.info({ ...record, at: new Date(record.at).toISOString(), rule }, 'decision')
  }

  /** A failed batch stays queued: rows are keyed by decision id, so a second try adds nothing. */
  const flush = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.slice(0, limits.decisionBatchRows)
      await insertDecisions(db, batch)
      queue.splice(0, batch.length)
    }
    if (gap === undefined) return
    const taken = gap
    gap = undefined
    try {
      const { since, until, dropped } = taken
      await insertGap(db, { since: new Date(since), until: new Date(until), dropped })
    } catch (error) {
      // Rather counted twice, should the row have got through after all, than not at all.
      gap = joinGaps(gap, taken)
      throw error
    }
  }

  /** One at a time: two that write the same batch would both take it off the queue. */
  const write = (): Promise<void> => {
    writing ??= flush()
      .catch((error: unknown) => {
        log.warn({ error: String(error), queued: queue.length }, 'decision records are waiting')
      })
      .finally(() => {
        writing = undefined
      })
    return writing
  }
  const timer = setInterval(() => void write(), limits.decisionFlushMs).unref()

  return {
    record: (record) => {
      print(record)
      if (record.organisation === undefined) return
      if (queue.length >= queueLength) drop()
      else queue.push(rowOf(record, record.organisation))
    },
    close: async () => {
      clearInterval(timer)
      // One that is under way may be past the queue already.
      await writing
      await write()
      const lost = queue.length + (gap?.dropped ?? 0)
      if (lost > 0) log.error({ lost }, 'decision records were lost')
    },
  }
}

function joinGaps(one: Gap | undefined, other: Gap): Gap {
  if (one === undefined) return other
  return {
    since: Math.min(one.since, other.since),
    until: Math.max(one.until, other.until),
    dropped: one.dropped + other.dropped,
  }
}

function rowOf(record: DecisionRecord, organisation: string): DecisionRow {
  return {
    id: record.decisionId,
    at: new Date(record.at),
    organisation,
    subject: record.subject ?? null,
    method: record.method,
    object: record.object,
    allow: record.allow,
    reason: record.reason,
    rule: record.rule === undefined ? null : describeRule(record.rule),
    revision: record.revision === undefined ? null : String(record.revision),
    request_id: record.requestId,
    door: record.door,
    caller: record.caller ?? null,
  }
}
