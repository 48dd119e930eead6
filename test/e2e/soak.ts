/** `npm run soak`: random edits, file swaps and decisions at once, and a line a minute about them. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { openDatabase } from '../../src/store/db.ts'
import { migrate } from '../../src/store/migrations.ts'
import { keepFolder } from '../support/kept-folder.ts'
import { startCluster } from '../support/postgres-cluster.ts'
import { megabytes } from './soak-heap.ts'
import { runSoak, type SoakReport } from './soak-run.ts'

const usage = `npm run soak [-- MINUTES] [--embedded] [--seed N]

Edits rules and swaps policy files while it decides, for 30 minutes unless told otherwise, and checks
each answer against a reference evaluator for the revision that gave it; then whether memory grew.
  --embedded  on the embedded database, which interleaves less than a PostgreSQL does
  --seed      the same choices again, though never at the same moments
`
const MINUTE_MS = 60_000
/** The verdict about memory needs some samples of a short run as well. */
const SAMPLES_LEAST = 12

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    embedded: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 2 ** 20) },
    help: { type: 'boolean', default: false },
  },
})

function numberOf(text: string, what: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  process.stderr.write(`${what} is a number above 0, not "${text}".\n${usage}`)
  return process.exit(2)
}

/** A database with our tables, and how to be rid of it. */
async function openPlace(log: pino.Logger) {
  const cluster = values.embedded ? undefined : await startCluster()
  const folder = keepFolder('gatehouse-soak-')
  const databaseUrl = cluster?.url('postgres')
  const db = await openDatabase({ databaseUrl, dataDir: join(folder.path, 'data'), log })
  await migrate(db)
  const close = async () => {
    await db.close()
    await cluster?.stop()
    await folder.remove()
  }
  return { db, close }
}

function line({ decisions, revisions, swaps, heap, problems }: SoakReport): string {
  const counts = [decisions, revisions, swaps].map((count) => count.toLocaleString('en'))
  const memory = megabytes(heap.at(-1) ?? 0)
  return (
    `${counts[0]} decisions, ${counts[1]} revisions, ${counts[2]} swaps of the files, ` +
    `${memory} of heap, ${problems.length} problems`
  )
}

async function run(minutes: number, seed: number): Promise<void> {
  const log = pino({ level: 'error' })
  const { db, close } = await openPlace(log)
  const milliseconds = minutes * MINUTE_MS
  const sampleMs = Math.min(MINUTE_MS, milliseconds / SAMPLES_LEAST)
  const started = performance.now()
  console.log(`${minutes} minutes on ${db.kind}, seed ${seed}.`)
  try {
    const report = await runSoak({
      ...{ db, log, milliseconds, seed, sampleMs },
      onSample: (soFar) => {
        const at = ((performance.now() - started) / MINUTE_MS).toFixed(2)
        console.log(`minute ${at}: ${line(soFar)}`)
      },
    })
    for (const problem of report.problems) console.error(problem)
    console.log(report.problems.length === 0 ? 'Nothing was torn, stale or kept.' : 'It failed.')
    process.exitCode = report.problems.length === 0 ? 0 : 1
  } finally {
    await close()
  }
}

if (values.help) process.stdout.write(usage)
else await run(numberOf(positionals[0] ?? '30', 'MINUTES'), numberOf(values.seed, '--seed'))
