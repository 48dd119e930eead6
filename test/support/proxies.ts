/**
 * Real proxies of others as child processes, configured with exactly what README.md shows, so that
 * the documentation is what is tested. Where one is not installed its tests say so and are skipped.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './process.ts'
import { open } from './raw.ts'
import { until } from './until.ts'

export type ProxyKind = 'nginx' | 'caddy'

export interface ProxyOptions {
  readonly gatewayPort: number
  readonly upstreamPort: number
  /** Sent with each question to the door, in the line that README.md has commented out. */
  readonly secret?: string
}

export interface RunningProxy {
  readonly port: number
  readonly stop: () => Promise<void>
}

const languages = { nginx: 'nginx', caddy: 'caddyfile' } as const
/** Debian keeps nginx where only root's PATH looks. */
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` }

/** Whether the proxy can be started here. */
export function isInstalled(kind: ProxyKind): boolean {
  return spawnSync(kind, [kind === 'nginx' ? '-v' : 'version'], { env }).status === 0
}

/** The title of a suite about `kind`, which says so when it does not run. */
export function titleFor(kind: ProxyKind): string {
  return isInstalled(kind) ? `beside ${kind}` : `SKIPPED, ${kind} is not installed: beside ${kind}`
}

/** The one block of README.md that is fenced as the proxy's language. */
function documented(kind: ProxyKind): string {
  const readme = readFileSync('README.md', 'utf8')
  const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
  const texts = blocks.filter(([, language]) => language === languages[kind])
  if (texts.length !== 1) throw new Error(`README.md has ${texts.length} blocks for ${kind}`)
  return texts[0]?.[2] ?? ''
}

/** Starts the proxy on a free port and waits until it answers. */
export async function startProxy(kind: ProxyKind, options: ProxyOptions): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), `gatehouse-${kind}-`))
  const port = await freePort()
  const file = join(folder, 'configuration')
  const block = configured(documented(kind), options)
  writeFileSync(file, kind === 'nginx' ? nginxFile(block, folder, port) : caddyFile(block, port))
  const child = spawn(kind, commandLine(kind, folder, file), {
    // Caddy keeps its own state in the home folder.
    env: { ...env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const exited = once(child, 'exit')
  // A worker of the test run that ends early must not leave it behind.
  const end = () => child.kill('SIGTERM')
  process.once('exit', end)
  const stop = async () => {
    process.off('exit', end)
    end()
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until(async () => child.exitCode !== null || (await isListening(port)))
    if (child.exitCode !== null) throw new Error(`${kind} did not start: ${said}`)
  } catch (error) {
    await stop()
    throw error
  }
  return { port, stop }
}

/** The documented text with this test's addresses in it; each must have been there. */
function configured(text: string, { gatewayPort, upstreamPort, secret }: ProxyOptions): string {
  const replaced = replace(replace(text, ':8080', `:${gatewayPort}`), ':9000', `:${upstreamPort}`)
  if (secret === undefined) return replaced
  const line = replace(replaced, /# (.*Gatehouse-Authz-Secret)/, '$1')
  return replace(line, 'the value of AUTHZ_SECRET', secret)
}

function replace(text: string, what: string | RegExp, by: string): string {
  const replaced = text.replace(what, by)
  if (replaced === text) throw new Error(`README.md does not show ${what}`)
  return replaced
}

/** What is around the block in any nginx.conf, without a path or a right that needs root. */
function nginxFile(block: string, folder: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off;
    worker_processes 1;
    pid ${folder}/pid;
    error_log ${folder}/error.log;
    events { worker_connections 256; }
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      server {
        listen 127.0.0.1:${port};
        ${block}
      }
    }`
}

function caddyFile(block: string, port: number): string {
  const site = replace(block, ':8000', `http://:${port}`)
  return `{\n\tadmin off\n\tauto_https off\n}\n${site}`
}

function commandLine(kind: ProxyKind, folder: string, file: string): string[] {
  if (kind === 'nginx') return ['-p', folder, '-c', file, '-e', join(folder, 'error.log')]
  return ['run', '--config', file, '--adapter', 'caddyfile']
}

async function isListening(port: number): Promise<boolean> {
  try {
    const socket = await open(port)
    socket.destroy()
    return true
  } catch {
    return false
  }
}
