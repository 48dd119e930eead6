/** A worker that is killed takes its own requests along and nothing else. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Scene, startScene } from '../support/scene.ts'
import { type Service, startService } from '../support/service.ts'
import { fetchAnswer } from '../support/transfer.ts'
import { until } from '../support/until.ts'

let scene: Scene
let service: Service

beforeAll(async () => {
  service = await startService((_req, res) => void res.end('ok'))
  const env = { WORKERS: '2' }
  scene = await startScene({ applications: { files: [service.origin] }, env })
})
afterAll(async () => {
  await scene?.close()
  await service?.close()
})

/** The processes that the primary has started and that still run. */
function workers(): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' }).split(
    '\n',
  )
  const rows = lines.map((line) => line.trim().split(/\s+/))
  const ours = rows.filter(
    ([, parent, state]) => Number(parent) === scene.gatehouse.child.pid && !state?.startsWith('Z'),
  )
  return ours.map(([pid]) => Number(pid))
}

async function statuses(count: number): Promise<Set<number>> {
  const seen = new Set<number>()
  for (let at = 0; at < count; at += 1) {
    const to = { port: scene.port, path: '/files/one', headers: scene.headers }
    seen.add((await fetchAnswer(to)).status)
  }
  return seen
}

test('a worker that is killed is replaced while the other one serves', {
  timeout: 40_000,
}, async () => {
  const [first, second] = workers()
  expect(await statuses(10)).toEqual(new Set([200]))
  process.kill(first ?? 0, 'SIGKILL')
  await until(() => scene.gatehouse.output().includes('a worker died and is replaced'))
  expect(await statuses(10)).toEqual(new Set([200]))
  expect(workers()).toContain(second)
  await until(() => workers().length === 2, 15_000)
  expect(workers()).not.toContain(first)
  expect(await statuses(10)).toEqual(new Set([200]))
  expect(await scene.gatehouse.end('SIGTERM')).toBe(0)
})
