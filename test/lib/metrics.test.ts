import { expect, test } from 'vitest'
import { createMetrics } from '../../src/lib/metrics.ts'

test('every metric of ours says what it is, in the names of Prometheus', async () => {
  const { registry } = createMetrics()
  const ours = (await registry.getMetricsAsJSON()).filter(({ name }) =>
    name.startsWith('gatehouse_'),
  )
  expect(ours.map(({ name }) => name).sort()).toEqual([
    'gatehouse_decision_records_dropped_total',
    'gatehouse_decisions_total',
    'gatehouse_policy_reload_failed',
    'gatehouse_policy_reloads_total',
  ])
  for (const { help } of ours) expect(help).toMatch(/\.$/)
})

test('the process is measured as well', async () => {
  const text = await createMetrics().registry.metrics()
  for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']) {
    expect(text).toContain(name)
  }
})

test('two in one process do not count for each other', async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.decisions.inc({ reason: 'denied_by_rule', door: 'proxy' })
  expect(await one.registry.metrics()).toContain(
    'gatehouse_decisions_total{reason="denied_by_rule",door="proxy"} 1',
  )
  expect(await other.registry.metrics()).not.toContain('denied_by_rule')
})
