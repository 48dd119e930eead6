/** The whole product in this process: real listeners, a real database, policy files in a folder. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/config.ts'
import type { Patience } from '../../src/gateway/server.ts'
import { makeKey } from '../../src/identity/api-keys.ts'
import { createLog, type Log } from '../../src/lib/log.ts'
import { type Running, serve } from '../../src/main.ts'
import { openDatabase } from '../../src/store/db.ts'
import { addKey } from '../../src/store/keys.ts'
import { migrate } from '../../src/store/migrations.ts'
import {
  addMember,
  createOrganisation,
  findOrganisation,
  raiseRevision,
} from '../../src/store/organisations.ts'
import { addRules } from '../../src/store/rules.ts'
import { embeddedFolder } from './databases.ts'

export interface TestGatewayOptions {
  /** The body of `apps.yaml`, below `applications:`. */
  readonly applications: string
  /** The lines of `rules.csv`. */
  readonly rules: readonly string[]
  readonly issuers?: string
  readonly env?: Readonly<Record<string, string>>
  /** Further files of the policy folder, such as key sets. */
  readonly files?: Readonly<Record<string, string>>
  /** Where the log goes; by default nowhere. */
  readonly log?: Log
  /** Shorter time-outs than the product's. */
  readonly patience?: Patience
}

export interface NewMember {
  readonly organisation?: string
  /** Bare roles and teams, such as `role:reader`. */
  readonly holds?: readonly string[]
  readonly email?: string
}

/** What narrows a key; absent, nothing does. */
export interface Narrowing {
  readonly organisation?: string
  readonly scopes?: readonly string[]
  readonly networks?: readonly string[]
}

export interface TestGateway {
  readonly running: Running
  readonly port: number
  readonly adminPort: number
  readonly folder: string
  /** Where mails become files. */
  readonly dataDir: string
  /** Makes an organisation (bare id). */
  readonly organisation: (id: string) => Promise<void>
  /** Makes a member of an organisation and returns a key of theirs. */
  readonly member: (subject: string, member?: NewMember) => Promise<string>
  /** Makes a further key of a member. */
  readonly key: (subject: string, narrowing?: Narrowing) => Promise<string>
  /** Replaces a policy file; it is in force when this resolves. */
  readonly write: (name: string, text: string) => void
  readonly stop: () => Promise<void>
}

/** Starts on free ports; the organisation `acme` exists. */
export async function startGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'))
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('apps.yaml', `applications:\n${options.applications}`)
  write('rules.csv', `${options.rules.join('\n')}\n`)
  if (options.issuers !== undefined) write('issuers.yaml', `issuers:\n${options.issuers}`)
  for (const [name, text] of Object.entries(options.files ?? {})) write(name, text)
  const dataDir = await embeddedFolder()
  const config = readConfig({
    PORT: '0',
    ADMIN_PORT: '0',
    DATA_DIR: dataDir,
    POLICY_DIR: folder,
    MODEL_FILE: 'model.conf',
    SEED: 'none',
    LOG_LEVEL: 'silent',
    ...options.env,
  })
  const log = options.log ?? createLog({ level: config.logLevel, terminal: false })
  const db = await openDatabase({ ...config, log })
  await migrate(db)
  const running = await serve({ ...config, ...options.patience }, db, log)
  const organisation = (id: string) =>
    running.db.transaction('seed', async (trx) => {
      // The reserved one is there from the beginning.
      if ((await findOrganisation(trx, id)) !== undefined) return
      await createOrganisation(trx, { id, name: id, slug: id })
    })
  await organisation('acme')
  return {
    running,
    port: running.port,
    adminPort: running.adminPort,
    folder,
    dataDir,
    organisation,
    member: (subject, member = {}) => addOne(running, subject, member),
    key: (subject, narrowing = {}) => addNarrowKey(running, subject, narrowing),
    write,
    stop: async () => {
      await running.stop()
      rmSync(folder, { recursive: true, force: true })
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function addOne(
  { db }: Running,
  subject: string,
  { organisation = 'acme', holds = [], email }: NewMember,
): Promise<string> {
  const { id, text, hash } = makeKey()
  await db.transaction('seed', async (trx) => {
    await addMember(trx, organisation, { subject, state: 'active', email: email ?? null })
    const revision = await raiseRevision(trx, organisation)
    const rules = holds.map((held) => ({
      ptype: 'g',
      values: [subject, held, `org:${organisation}`],
    }))
    await addRules(trx, organisation, rules, { author: 'gatehouse', revision })
    await addKey(trx, { id, hash, organisation, subject, label: 'test', expires_at: null })
  })
  return text
}

async function addNarrowKey(
  { db }: Running,
  subject: string,
  { organisation = 'acme', scopes, networks }: Narrowing,
): Promise<string> {
  const { id, text, hash } = makeKey()
  const json = (list: readonly string[] | undefined) => list && JSON.stringify(list)
  const narrow = { scopes: json(scopes) ?? null, networks: json(networks) ?? null }
  const key = { id, hash, organisation, subject, label: 'test', expires_at: null, ...narrow }
  await db.transaction('seed', (trx) => addKey(trx, key))
  return text
}
