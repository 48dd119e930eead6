/** The product as its users run it: a process of its own, started by its entry and ended by a signal. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './until.ts'

export interface GatehouseProcess {
  readonly child: ChildProcess
  readonly port: number
  readonly adminPort: number
  /** Everything that was printed so far, on both streams. */
  readonly output: () => string
  /** Sends a signal and waits for the end; resolves with the exit code, `null` for a signal. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** A folder with the project's own policy files, whose sample service runs on a port of its own. */
export async function policyFolder(): Promise<{ folder: string; samplePort: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-process-'))
  const samplePort = await freePort()
  cpSync('policies', join(folder, 'policies'), { recursive: true })
  const file = join(folder, 'policies', 'apps.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(':8090', `:${samplePort}`))
  return { folder, samplePort }
}

/** Starts `src/main.ts`; does not wait. */
export function launch(env: Readonly<Record<string, string>>): {
  child: ChildProcess
  output: () => string
} {
  const inherited = { PATH: process.env['PATH'], HOME: process.env['HOME'] }
  const child = spawn(process.execPath, ['src/main.ts'], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  return { child, output: () => text }
}

/** Starts and waits until it says that it is ready; throws what it said when it ends before. */
export async function startProcess(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<GatehouseProcess> {
  const port = await freePort()
  const adminPort = await freePort()
  const { child, output } = launch({
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    DATA_DIR: join(folder, 'data'),
    POLICY_DIR: join(folder, 'policies'),
    ...env,
  })
  let ended = false
  child.once('exit', () => {
    ended = true
  })
  const ready = () => output().includes('Gatehouse is ready.')
  await until(() => ended || ready(), 60_000).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw new Error(`${error}\n${output()}`)
  })
  if (ended) throw new Error(output())
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (!ended) {
      child.kill(signal)
      await once(child, 'exit')
    }
    return child.exitCode
  }
  return { child, port, adminPort, output, end }
}

/** The keys that the sample printed into its folder. */
export function sampleKeys(folder: string): Record<'ann' | 'ben' | 'cleo', string> {
  const text = readFileSync(join(folder, 'data', 'demo.env'), 'utf8')
  const key = (name: string) => new RegExp(`${name}=(\\S+)`).exec(text)?.[1] ?? ''
  return { ann: key('ANN'), ben: key('BEN'), cleo: key('CLEO') }
}

/** Removes a folder that a process used. */
export function discard(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Resident memory of a process in MiB, from the kernel. */
export function residentMiB(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(line) / 1024
}
