/** What the process counts, for `/metrics` on the management listener. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

export interface Metrics {
  readonly registry: Registry
  /** Decisions and refusals by reason (src/lib/reasons.ts) and door. */
  readonly decisions: Counter<'reason' | 'door'>
  readonly policyReloads: Counter<'result'>
  /** One while the files on disk are broken and the last good policy serves. */
  readonly policyReloadFailed: Gauge
  readonly decisionRecordsDropped: Counter
}

/** Makes the counters of one process in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    decisions: new Counter({
      name: 'gatehouse_decisions_total',
      help: 'Decisions and refusals, by reason and door.',
      labelNames: ['reason', 'door'],
      registers,
    }),
    policyReloads: new Counter({
      name: 'gatehouse_policy_reloads_total',
      help: 'Changes of the policy files that were taken (ok) or refused (failed).',
      labelNames: ['result'],
      registers,
    }),
    policyReloadFailed: new Gauge({
      name: 'gatehouse_policy_reload_failed',
      help: '1 while the policy files are broken and the last good policy serves.',
      registers,
    }),
    decisionRecordsDropped: new Counter({
      name: 'gatehouse_decision_records_dropped_total',
      help: 'Decision records that were dropped because the queue was full.',
      registers,
    }),
  }
}
