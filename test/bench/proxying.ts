/** Requests a second and processor time a request: Gatehouse with everything on, and its peers. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { discard, freePort, policyFolder, sampleKeys, startProcess } from '../support/process.ts'
import { figure, median, table } from './table.ts'

const run = promisify(execFile)
const here = import.meta.dirname
const ROUNDS = 3
const CONNECTIONS = 50
const ROUND_MS = 2_500
/** Linux counts processor time in hundredths of a second. */
const TICKS_A_SECOND = 100

interface Contender {
  readonly name: string
  readonly address: string
  readonly key: string
  /** The process that is measured, with its workers; absent where only the service is. */
  readonly pids: readonly number[]
}

interface Round {
  readonly perSecond: number
  readonly cpuMicroseconds: number
  readonly p50: number
  readonly p99: number
}

function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(fields[11]) + Number(fields[12])
  })
  return ticks.reduce((sum, value) => sum + value, 0) / TICKS_A_SECOND
}

async function measure({ address, key, pids }: Contender): Promise<Round> {
  const before = cpuSeconds(pids)
  const args = [join(here, 'load.ts'), address, key, String(CONNECTIONS), String(ROUND_MS)]
  const { stdout } = await run(process.execPath, args)
  const answer = JSON.parse(stdout) as { requests: number; wrong: number; p50: number; p99: number }
  if (answer.wrong > 0) throw new Error(`${address}: ${answer.wrong} answers were not 200`)
  const { requests, p50, p99 } = answer
  const cpuMicroseconds = ((cpuSeconds(pids) - before) * 1e6) / requests
  return { perSecond: requests / (ROUND_MS / 1_000), cpuMicroseconds, p50, p99 }
}

export async function startOrigin(): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [join(here, 'origin.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  return { child, port: Number(String(line)) }
}

/** Caddy as a plain proxy, where it is installed. */
async function startCaddy(
  folder: string,
  origin: number,
): Promise<[ChildProcess, number] | undefined> {
  const port = await freePort()
  const file = join(folder, 'Caddyfile')
  writeFileSync(
    file,
    `{\n admin off\n auto_https off\n}\nhttp://127.0.0.1:${port} {\n reverse_proxy 127.0.0.1:${origin}\n}\n`,
  )
  const child = spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
    stdio: 'ignore',
  })
  const failed = once(child, 'error').then(() => true)
  const started = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1_500))
  return (await Promise.race([failed, started])) ? undefined : [child, port]
}

async function startGatehouse(origin: number) {
  const { folder } = await policyFolder()
  writeFileSync(
    join(folder, 'policies', 'apps.yaml'),
    readFileSync(join(folder, 'policies', 'apps.yaml'), 'utf8') +
      `  - { id: bench, match: { prefix: /bench }, upstreams: [http://127.0.0.1:${origin}], organisation: credential }\n`,
  )
  writeFileSync(join(folder, 'policies', 'bench.csv'), 'p, role:reader, *, /bench/*, GET, allow\n')
  const gatehouse = await startProcess(folder, { SEED: 'demo', LOG_LEVEL: 'warn' })
  return { folder, gatehouse, key: sampleKeys(folder).cleo }
}

/** A section of the report. */
export async function measureProxying(): Promise<string> {
  const origin = await startOrigin()
  const scratch = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'))
  const { folder, gatehouse, key } = await startGatehouse(origin.port)
  const caddy = await startCaddy(scratch, origin.port)
  const local = (port: number, path: string) => `http://127.0.0.1:${port}${path}`
  const contenders: Contender[] = [
    { name: 'the service itself', address: local(origin.port, '/bench/a'), key: '', pids: [] },
    {
      name: 'Gatehouse, everything on',
      address: local(gatehouse.port, '/bench/a'),
      key,
      pids: [gatehouse.child.pid ?? 0],
    },
  ]
  if (caddy?.[0].pid !== undefined) {
    const [child, port] = caddy
    contenders.push({
      name: 'Caddy, proxy alone',
      address: local(port, '/bench/a'),
      key: '',
      pids: [child.pid ?? 0],
    })
  }
  try {
    return await compare(contenders)
  } finally {
    await gatehouse.end()
    caddy?.[0].kill()
    origin.child.kill()
    discard(folder)
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** In turn, several rounds, so that a slow moment of the machine hits all of them. */
async function compare(contenders: readonly Contender[]): Promise<string> {
  const rounds = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]))
  for (const contender of contenders) await measure(contender)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contender of contenders) rounds.get(contender.name)?.push(await measure(contender))
  }
  const rows = [...rounds].map(([name, list]) => {
    const of = (field: keyof Round) => figure(median(list.map((round) => round[field])))
    return [name, of('perSecond'), of('cpuMicroseconds'), of('p50'), of('p99')]
  })
  const head = [
    '1 KB answers, 50 connections',
    'requests/s',
    'CPU µs a request',
    'p50 ms',
    'p99 ms',
  ]
  return table(head, rows)
}
