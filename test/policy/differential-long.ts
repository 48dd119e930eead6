/**
 * The differential test at length, one thread a core. A seed that fails is kept in
 * `failed-seeds.txt`, which `differential.test.ts` replays; the others go on.
 */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { Progress } from './differential-progress.ts'
import type { Compared } from './differential-seed.ts'
import { failedSeedsFile, keepFailedWorld } from './failed-seeds.ts'

const usage = `npm run differential [-- --cases N] [--seed N] [--threads N]

Compares the engine with node-casbin on random models, rules and requests.
  --cases    decisions, ten million by default
  --seed     where to begin; each line of the report says how to go on from there
  --threads  one a core by default
`
const REPORT_MS = 10_000

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 30) },
    threads: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean', default: false },
  },
})

function numberOf(name: 'cases' | 'seed' | 'threads'): number {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value >= 0) return value
  process.stderr.write(`--${name} is a whole number, not "${values[name]}".\n${usage}`)
  return process.exit(2)
}

/** Gives one thread seed after seed until there are enough decisions. */
async function work(progress: Progress): Promise<void> {
  const thread = new Worker(new URL('differential-seed.ts', import.meta.url))
  try {
    for (let seed = progress.take(); seed !== undefined; seed = progress.take()) {
      const compared = await ask(thread, seed)
      progress.add(compared)
      if (compared.failure !== undefined) keep(seed, compared.failure)
    }
  } finally {
    await thread.terminate()
  }
}

async function ask(thread: Worker, seed: number): Promise<Compared> {
  const answered = once(thread, 'message')
  thread.postMessage(seed)
  const [compared]: Compared[] = await answered
  if (compared === undefined) throw new Error(`The seed ${seed} has no answer.`)
  return compared
}

function keep(seed: number, { path, difference }: NonNullable<Compared['failure']>): void {
  keepFailedWorld(failedSeedsFile, { seed, path })
  console.error(`The seed ${seed} fails, at ${path}:\n${difference}`)
}

async function run(): Promise<void> {
  const first = numberOf('seed')
  const wanted = numberOf('cases')
  const progress = new Progress({ first, wanted, now: performance.now() })
  const report = () => console.log(progress.describe(performance.now()))
  const timer = setInterval(report, REPORT_MS)
  process.once('SIGINT', () => {
    report()
    process.exit(130)
  })
  await Promise.all(Array.from({ length: Math.max(1, numberOf('threads')) }, () => work(progress)))
  clearInterval(timer)
  report()
  console.log(progress.failed.length === 0 ? 'All of them agree.' : 'Some of them differ.')
  process.exitCode = progress.failed.length === 0 ? 0 : 1
}

if (values.help) process.stdout.write(usage)
else await run()
