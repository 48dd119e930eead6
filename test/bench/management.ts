/** Ten thousand organisations on a PostgreSQL: what it costs to list, to search, to change and to start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Pool } from 'undici'
import { openDatabase } from '../../src/store/db.ts'
import { migrate } from '../../src/store/migrations.ts'
import { startCluster } from '../support/postgres-cluster.ts'
import { type GatehouseProcess, residentMiB, startProcess } from '../support/process.ts'
import { type Asking, openAsking } from './management-asking.ts'
import {
  changeOnce,
  organisationQuestions,
  platformQuestions,
  type Question,
} from './management-questions.ts'
import { keyIn, kinds, seedOrganisations, total } from './organisations.ts'
import { startOrigin } from './proxying.ts'
import { figure, median, percentile, table } from './table.ts'

const ASKED = 100
const ROUNDS = 30
const WARM_UP = 10
const SETTINGS = ['fsync=on', 'shared_buffers=256MB']
/** One of each kind, with how many pages of 200 rows lie before the page far back. */
const LARGE = { number: 0, far: { members: 49, audit: 200 } }
const MEDIUM = { number: 50, far: { members: 0, audit: 9 } }
const SMALL = { number: 5_000, far: { members: 0, audit: 0 } }

function say(line: string): void {
  process.stderr.write(`  ${line}\n`)
}

/** A section of the report. */
export async function measureManagement(): Promise<string> {
  const cluster = await startCluster(SETTINGS)
  try {
    await cluster.run('create database bench')
    const databaseUrl = cluster.url('bench')
    const log = pino({ level: 'warn' })
    const db = await openDatabase({ databaseUrl, dataDir: '', log })
    await migrate(db)
    await db.close()
    await seedOrganisations(databaseUrl, say)
    return await measureOn(databaseUrl)
  } finally {
    await cluster.stop()
  }
}

/** On a database that is filled. */
async function measureOn(databaseUrl: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const origin = await startOrigin()
  writeFileSync(join(folder, 'apps.yaml'), applications(origin.port))
  writeFileSync(join(folder, 'rules.csv'), 'p, *, *, /docs/archive/*, DELETE, deny\n')
  const env = {
    DATABASE_URL: databaseUrl,
    SECRET_KEY: 'a secret key of the bench, long enough',
    POLICY_DIR: folder,
    MODEL_FILE: 'model.conf',
    WORKERS: '1',
    LOG_LEVEL: 'warn',
  }
  const started: GatehouseProcess[] = []
  const start = async () => {
    const gatehouse = await startProcess(folder, env)
    started.push(gatehouse)
    return gatehouse
  }
  try {
    const from = performance.now()
    const first = await start()
    const startMs = performance.now() - from
    const asking = openAsking(first.adminPort)
    const reads = await measureReads(asking)
    const writes = await measureWrites(asking)
    const other = await start()
    const seen = await measureSeen(asking, other)
    await asking.close()
    const loading = await measureLoading(await start(), startMs)
    return [amounts(), reads, writes, seen, loading].join('\n')
  } finally {
    for (const { end } of started) await end()
    origin.child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

function applications(port: number): string {
  return `applications:
  - id: docs
    match: { prefix: /docs }
    strip: true
    upstreams: [http://127.0.0.1:${port}]
    organisation: credential
    operations: [{ id: read-document, method: GET, path: '/documents/:id' }]
`
}

function amounts(): string {
  const count = (value: number) => value.toLocaleString('en')
  const organisations = kinds.reduce((sum, kind) => sum + kind.organisations, 0)
  const { members, teams, rules } = kinds[0] ?? { members: 0, teams: 0, rules: 0 }
  return `${count(organisations)} organisations with ${count(total('members'))} members, ${count(total('teams'))} teams,
${count(total('rules'))} rules of their own and ${count(total('audit'))} rows of audit on PostgreSQL, \`fsync\` on. The
large one has ${count(members)} members, ${count(teams)} teams and ${count(rules)} rules, the medium one 200, 20 and 200, the
small one 7, 2 and 10. One process, one connection: what somebody waits.
`
}

const pair = (values: readonly number[]) =>
  values.length === 0 ? '' : `${figure(median(values))} / ${figure(percentile(values, 0.99))}`

async function timeQuestion(asking: Asking, who: number | 'platform', { path }: Question) {
  const took: number[] = []
  for (let at = 0; at < WARM_UP + ASKED; at += 1) {
    const { milliseconds } = await asking.ask(who, 'GET', path)
    if (at >= WARM_UP) took.push(milliseconds)
  }
  return took
}

async function measureReads(asking: Asking): Promise<string> {
  const platform = []
  for (const question of await platformQuestions(asking)) {
    platform.push([question.name, pair(await timeQuestion(asking, 'platform', question))])
    say(platform.at(-1)?.join(': ') ?? '')
  }
  const rows = new Map<string, string[]>()
  for (const { number, far } of [LARGE, MEDIUM, SMALL]) {
    for (const question of await organisationQuestions(asking, number, far)) {
      const took = pair(await timeQuestion(asking, number, question))
      rows.set(question.name, [...(rows.get(question.name) ?? []), took])
      say(`o${number}, ${question.name}: ${took}`)
    }
  }
  const head = 'ms, median / 99th percentile'
  const own = [...rows].map(([name, cells]) => [name, ...cells])
  return [
    table([head, 'all organisations'], platform),
    table([head, 'large', 'medium', 'small'], own),
  ].join('\n')
}

async function measureWrites(asking: Asking): Promise<string> {
  const rows = new Map<string, string[]>()
  for (const { number } of [LARGE, MEDIUM, SMALL]) {
    const took = new Map<string, number[]>()
    for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
      const label = `${Date.now().toString(36)}-${round}`
      for (const [name, milliseconds] of await changeOnce(asking, number, label)) {
        const before = took.get(name) ?? []
        took.set(name, round < WARM_UP ? before : [...before, milliseconds])
      }
    }
    for (const [name, values] of took) {
      rows.set(name, [...(rows.get(name) ?? []), pair(values)])
      say(`o${number}, ${name}: ${pair(values)}`)
    }
  }
  const head = ['ms, median / 99th percentile', 'large', 'medium', 'small']
  return table(
    head,
    [...rows].map(([name, cells]) => [name, ...cells]),
  )
}

/** From the question to publish at one replica to the first request that another one lets through. */
async function measureSeen(asking: Asking, other: GatehouseProcess): Promise<string> {
  const pool = new Pool(`http://127.0.0.1:${other.port}`, { connections: 1 })
  const cells: string[] = []
  for (const { number } of [LARGE, MEDIUM, SMALL]) {
    const headers = { authorization: `Bearer ${keyIn(number, 'service')}` }
    const took: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const object = `/docs/seen/${Date.now().toString(36)}-${round}`
      const status = async () => {
        const answer = await pool.request({ method: 'GET', path: object, headers })
        await answer.body.dump()
        return answer.statusCode
      }
      if ((await status()) !== 403) throw new Error(`${object} was let through before its rule`)
      const add = [['p', 'role:r0', `org:o${number}`, object, 'GET', 'allow']]
      const from = performance.now()
      const published = asking.ask(number, 'POST', '/policies/publish', { message: 'Seen', add })
      while ((await status()) !== 200)
        if (performance.now() - from > 10_000) throw new Error('never')
      took.push(performance.now() - from)
      await published
    }
    cells.push(pair(took))
  }
  await pool.close()
  const row = ['from the publish to the first request let through by another replica', ...cells]
  return table(['ms, median / 99th percentile', 'large', 'medium', 'small'], [row])
}

/** Every organisation is asked for once, by a request through the gateway. */
async function measureLoading({ port, child }: GatehouseProcess, startMs: number): Promise<string> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 8 })
  const memory = () => `${residentMiB(child.pid ?? 0).toFixed(0)} MiB`
  const one = async (number: number) => {
    const headers = { authorization: `Bearer ${keyIn(number, 'service')}` }
    const from = performance.now()
    const answer = await pool.request({ method: 'GET', path: '/docs/documents/1', headers })
    await answer.body.dump()
    if (![200, 403].includes(answer.statusCode)) throw new Error(`o${number}: ${answer.statusCode}`)
    return performance.now() - from
  }
  const rows = [
    ['start, with all organisations in the database', `${figure(startMs)} ms`],
    ['memory after the start', memory()],
    ['first request of a small organisation', `${figure(await one(9_999))} ms`],
    ['first request of the medium one', `${figure(await one(MEDIUM.number))} ms`],
    ['first request of the large one', `${figure(await one(LARGE.number))} ms`],
    ['memory with these three', memory()],
  ]
  const organisations = kinds.reduce((sum, kind) => sum + kind.organisations, 0)
  const numbers = Array.from({ length: organisations }, (_, number) => number)
  const from = performance.now()
  const worker = async () => {
    for (let next = numbers.shift(); next !== undefined; next = numbers.shift()) await one(next)
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  const seconds = (performance.now() - from) / 1_000
  rows.push(
    ['every organisation once, 8 at a time', `${figure(organisations / seconds)} a second`],
    ['memory after that', memory()],
  )
  await pool.close()
  return table(['one process', ''], rows)
}
