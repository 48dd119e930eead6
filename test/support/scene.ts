/** What the end-to-end suites run against: the product as a process, on a database of the test's. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeKey } from '../../src/identity/api-keys.ts'
import type { limits } from '../../src/lib/limits.ts'
import { type Db, openDatabase } from '../../src/store/db.ts'
import { addKey } from '../../src/store/keys.ts'
import { migrate } from '../../src/store/migrations.ts'
import { addMember, createOrganisation, raiseRevision } from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import { postgresUrl, silentLog } from './databases.ts'
import { discard, type GatehouseProcess, startProcess } from './process.ts'

export interface SceneOptions {
  /** Upstream origins by application id; `/<id>/...` belongs to the application, unstripped. */
  readonly applications: Readonly<Record<string, readonly string[]>>
  /** The address of an empty database of the test's own; otherwise one is made. */
  readonly databaseUrl?: string
  readonly env?: Readonly<Record<string, string>>
  /** Bounds that would make the test long, such as a drain of half a minute. */
  readonly limits?: Readonly<Partial<Record<keyof typeof limits, number>>>
}

export interface Scene {
  readonly gatehouse: GatehouseProcess
  readonly port: number
  readonly adminPort: number
  /** The same database as the product's. */
  readonly db: Db
  readonly keyId: string
  /** With the key of `user:ann`, an owner of `acme` who may do everything with every application. */
  readonly headers: { readonly authorization: string }
  /** Another process of the product on the same database and files. */
  readonly another: (env?: Readonly<Record<string, string>>) => Promise<GatehouseProcess>
  /** Kills what still runs. */
  readonly close: () => Promise<void>
}

const SECRET_KEY = 'a secret key of the test, long enough'
const shorter = fileURLToPath(new URL('./shorter-limits.ts', import.meta.url))

/** Starts one process on a real PostgreSQL; its organisation and member exist before it does. */
export async function startScene(options: SceneOptions): Promise<Scene> {
  const databaseUrl = options.databaseUrl ?? (await postgresUrl())
  const db = await openDatabase({ databaseUrl, dataDir: '', log: silentLog })
  await migrate(db)
  const { id, text } = await addOwner(db)
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-scene-'))
  writeFileSync(join(folder, 'apps.yaml'), applicationsFile(options))
  writeFileSync(join(folder, 'rules.csv'), rulesFile(options))
  const env = {
    DATABASE_URL: databaseUrl,
    SECRET_KEY,
    POLICY_DIR: folder,
    MODEL_FILE: 'model.conf',
    WORKERS: '1',
    LOG_LEVEL: 'warn',
    ...(options.limits && {
      NODE_OPTIONS: `--import=${shorter}`,
      TEST_LIMITS: JSON.stringify(options.limits),
    }),
    ...options.env,
  }
  const started: GatehouseProcess[] = []
  const start = async (more: Readonly<Record<string, string>> = {}) => {
    const gatehouse = await startProcess(folder, { ...env, ...more })
    started.push(gatehouse)
    return gatehouse
  }
  const gatehouse = await start()
  return {
    gatehouse,
    port: gatehouse.port,
    adminPort: gatehouse.adminPort,
    db,
    keyId: id,
    headers: { authorization: `Bearer ${text}` },
    another: start,
    close: async () => {
      await Promise.all(started.map(({ end }) => end('SIGKILL')))
      await db.close()
      discard(folder)
    },
  }
}

async function addOwner(db: Db) {
  const { id, text, hash } = makeKey()
  const organisation = 'acme'
  const subject = 'user:ann'
  await db.transaction('seed', async (trx) => {
    await createOrganisation(trx, { id: organisation, name: 'Acme', slug: organisation })
    await addMember(trx, organisation, { subject, state: 'active' })
    const revision = await raiseRevision(trx, organisation)
    const rules = ['role:owner', 'role:reader'].map((role) => ({
      ptype: 'g',
      values: [subject, role, `org:${organisation}`],
    }))
    await addRules(trx, organisation, rules, { author: 'gatehouse', revision })
    await addKey(trx, { id, hash, organisation, subject, label: 'test', expires_at: null })
  })
  return { id, text }
}

function applicationsFile({ applications }: SceneOptions): string {
  const entries = Object.entries(applications).map(
    ([id, origins]) => `
  - id: ${id}
    match: { prefix: /${id} }
    upstreams: ${JSON.stringify(origins)}
    organisation: credential`,
  )
  return `applications:${entries.join('')}\n`
}

function rulesFile({ applications }: SceneOptions): string {
  const lines = Object.keys(applications).map((id) => `p, role:reader, *, /${id}/*, *, allow`)
  return `${lines.join('\n')}\n`
}
