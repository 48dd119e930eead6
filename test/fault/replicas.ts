/** Three replicas on one PostgreSQL, each over a way of its own that can lose notifications or be slow. */
import { makeKey } from '../../src/identity/api-keys.ts'
import { type ChainedEntry, verifyChain } from '../../src/lib/audit-chain.ts'
import { listAudit } from '../../src/store/audit.ts'
import { inSnapshot } from '../../src/store/db.ts'
import { addKey } from '../../src/store/keys.ts'
import { addMember, raiseRevision } from '../../src/store/organisations.ts'
import { type Cluster, startCluster } from '../support/postgres-cluster.ts'
import { openPostgresProxy, type PostgresProxy } from '../support/postgres-proxy.ts'
import type { GatehouseProcess } from '../support/process.ts'
import { type Scene, startScene } from '../support/scene.ts'
import { type Service, startService } from '../support/service.ts'
import { fetchAnswer } from '../support/transfer.ts'
import { until } from '../support/until.ts'

export interface Replica {
  readonly gatehouse: GatehouseProcess
  readonly way: PostgresProxy
}

export interface Replicas {
  readonly cluster: Cluster
  readonly scene: Scene
  readonly replicas: readonly Replica[]
  /** Bea, a member without any role; what the gateway answers to her, at each replica. */
  readonly everywhere: (status: number, longestMs: number) => Promise<number>
  readonly statuses: () => Promise<readonly number[]>
  /** Asks the management API of one replica as the owner. */
  readonly manage: (replica: number, method: string, path: string, body?: unknown) => Promise<Said>
  /** The whole audit of the organisation, oldest first. */
  readonly audit: () => Promise<ChainedEntry[]>
  readonly close: () => Promise<void>
}

export interface Said {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly ms: number
}

const REPLICAS = 3

/** Starts a server of its own, three ways to it and a replica at the end of each. */
export async function openReplicas(env: Readonly<Record<string, string>> = {}): Promise<Replicas> {
  const cluster = await startCluster()
  await cluster.run('create database replicas')
  const databaseUrl = cluster.url('replicas')
  const service = await startService((_req, res) => void res.end('ok'))
  const ways: PostgresProxy[] = []
  for (let at = 0; at < REPLICAS; at += 1) ways.push(await openPostgresProxy(databaseUrl))
  const [first, ...others] = ways.map(({ url }) => ({ ...env, DATABASE_URL: url }))
  const scene = await startScene({
    applications: { files: [service.origin] },
    databaseUrl,
    ...(first && { env: first }),
  })
  const processes = [scene.gatehouse]
  for (const other of others) processes.push(await scene.another(other))
  const replicas = processes.map((gatehouse, at) => ({ gatehouse, way: ways[at] as PostgresProxy }))
  const headers = { authorization: `Bearer ${await addBea(scene)}` }
  const statuses = () => Promise.all(replicas.map((replica) => statusOf(replica, headers)))
  const everywhere = async (status: number, longestMs: number) => {
    const from = performance.now()
    await until(async () => (await statuses()).every((found) => found === status), longestMs)
    return performance.now() - from
  }
  return {
    cluster,
    scene,
    replicas,
    statuses,
    everywhere,
    manage: (at, method, path, body) => manage(scene, replicas[at] as Replica, method, path, body),
    audit: () => readAudit(scene),
    close: () => closeAll(scene, ways, service, cluster),
  }
}

async function addBea({ db }: Scene): Promise<string> {
  const { id, text, hash } = makeKey()
  const organisation = 'acme'
  const subject = 'user:bea'
  await db.transaction('seed', async (trx) => {
    await addMember(trx, organisation, { subject, state: 'active' })
    await addKey(trx, { id, hash, organisation, subject, label: 'test', expires_at: null })
    await raiseRevision(trx, organisation)
  })
  return text
}

async function statusOf({ gatehouse: { port } }: Replica, headers: Record<string, string>) {
  return (await fetchAnswer({ port, path: '/files/one', headers })).status
}

async function manage(
  { headers }: Scene,
  { gatehouse }: Replica,
  method: string,
  path: string,
  body?: unknown,
): Promise<Said> {
  const from = performance.now()
  const answer = await fetch(`http://127.0.0.1:${gatehouse.adminPort}/api/v1/orgs/acme${path}`, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await answer.text()
  const said = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  return { status: answer.status, body: said, ms: performance.now() - from }
}

async function readAudit({ db }: Scene): Promise<ChainedEntry[]> {
  const all: ChainedEntry[] = []
  for (;;) {
    const newerThan = all.at(-1)?.revision ?? 0
    const asked = { organisation: 'acme', newerThan, order: 'oldest', limit: 1_000 } as const
    const page = await inSnapshot(db, (trx) => listAudit(trx, asked))
    all.push(...page)
    if (page.length < asked.limit) return all
  }
}

/** Why the audit is no chain, or `undefined`. */
export function brokenAt(entries: readonly ChainedEntry[]): string | undefined {
  const found = verifyChain(entries)
  return found.kind === 'verified' ? undefined : `revision ${found.revision}: ${found.because}`
}

async function closeAll(
  scene: Scene,
  ways: readonly PostgresProxy[],
  service: Service,
  cluster: Cluster,
): Promise<void> {
  await scene.close()
  for (const way of ways) await way.close()
  await service.close()
  await cluster.stop()
}
