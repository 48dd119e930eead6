import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { openDatabase } from '../../src/store/db.ts'
import { ecKey, issue } from '../identity/issuing.ts'
import { postgresUrl, silentLog } from '../support/databases.ts'
import {
  discard,
  type GatehouseProcess,
  policyFolder,
  sampleKeys,
  startProcess,
} from '../support/process.ts'
import { ask } from '../support/raw.ts'
import { until } from '../support/until.ts'
import { startUpstream } from '../support/upstream.ts'

const SECRET_KEY = 'canary-of-the-secret-key-0123456789abcdef'
const SECRET_KEY_PREVIOUS = 'canary-of-the-previous-key-0123456789abcdef'
const AUTHZ_SECRET = 'canary-of-the-door-secret-0123456789abcdef'
/** What a client sends that is none of anybody's business. */
const COOKIE = 'canaryofasession0123456789'
const QUERY = 'canary-of-a-query-0123456789'
const signing = ecKey('canary')

describe('I22: secrets never leave', () => {
  let folder: string
  let databaseUrl: string
  let gatehouse: GatehouseProcess
  let upstream: Awaited<ReturnType<typeof startUpstream>>
  const answers: string[] = []
  let secrets: string[]

  beforeAll(async () => {
    folder = (await policyFolder()).folder
    upstream = await startUpstream()
    const apps = join(folder, 'policies', 'apps.yaml')
    const declared = `  - { id: seen, match: { prefix: /seen }, upstreams: ['${upstream.origin}'], organisation: credential, public: [/seen/public] }\n`
    writeFileSync(apps, readFileSync(apps, 'utf8') + declared)
    writeFileSync(
      join(folder, 'policies', 'seen.csv'),
      'p, role:editor, *, /seen/*, *, allow\np, anonymous, *, /seen/public, GET, allow\n',
    )
    databaseUrl = await postgresUrl()
    gatehouse = await startProcess(folder, {
      DATABASE_URL: databaseUrl,
      SECRET_KEY,
      SECRET_KEY_PREVIOUS,
      AUTHZ_SECRET,
      SEED: 'demo',
      WORKERS: '1',
      LOG_LEVEL: 'debug',
    })
    const { ann, ben, cleo } = sampleKeys(folder)
    const claims = { iss: 'https://unknown.test/', exp: Math.floor(systemClock.now() / 1_000) + 60 }
    const token = issue(signing, claims)
    const { password } = new URL(databaseUrl)
    secrets = [ann, ben, cleo, token, COOKIE, SECRET_KEY, SECRET_KEY_PREVIOUS, AUTHZ_SECRET]
    if (password !== '') secrets.push(password)
    await useAll(token)
  }, 120_000)
  afterAll(async () => {
    await gatehouse?.end('SIGKILL')
    await upstream?.close()
    discard(folder)
  })

  const send = async (port: number, line: string, ...headers: string[]) => {
    const lines = [`${line} HTTP/1.1`, 'Host: app.test', ...headers]
    answers.push((await ask(port, `${lines.join('\r\n')}\r\n\r\n`)).text)
  }

  /** Every secret on every way in: accepted, refused, malformed, doubled, in the wrong place. */
  async function useAll(token: string): Promise<void> {
    const { ann, ben, cleo } = sampleKeys(folder)
    const { port, adminPort } = gatehouse
    const cookie = `Cookie: __Host-gatehouse-session=${COOKIE}; __Host-gatehouse-console=${COOKIE}`
    const credentials = [ann, ben, cleo, token, `${ben}x`, SECRET_KEY]
    for (const credential of credentials) {
      const bearer = `Authorization: Bearer ${credential}`
      await send(port, `GET /seen/items?q=${QUERY}`, bearer)
      await send(port, 'GET /docs/documents/3', bearer)
      await send(port, 'GET /seen/items', bearer, bearer)
      await send(port, 'GET /seen/items', bearer, cookie)
      await send(port, 'GET /seen/%zz', bearer)
      await send(port, 'GET /.gatehouse/authz/forward', bearer)
      await send(adminPort, 'GET /api/v1/orgs/acme/decisions', bearer)
      await send(adminPort, 'GET /api/v1/orgs/beta/decisions', bearer)
      await send(adminPort, 'GET /api/v1/orgs/acme/decisions?limit=x', bearer)
    }
    await send(port, 'GET /seen/public', cookie)
    await send(port, 'GET /seen/public', 'Cookie: __Host-gatehouse-console=x', 'Cookie: a=b')
    await send(port, 'GET /seen/items', `Authorization: Basic ${btoa(`a:${AUTHZ_SECRET}`)}`)
    await send(
      port,
      'GET /.gatehouse/authz/forward',
      `Gatehouse-Authz-Secret: ${AUTHZ_SECRET}`,
      `Authorization: Bearer ${ben}`,
      'X-Forwarded-Method: GET',
      'X-Forwarded-Uri: /seen/items',
      'X-Forwarded-Host: app.test',
      'X-Forwarded-Proto: http',
    )
    await send(
      port,
      'GET /seen/items',
      `Gatehouse-Authz-Secret: ${AUTHZ_SECRET}`,
      `Authorization: Bearer ${ben}`,
    )
    for (const path of ['/livez', '/readyz', '/metrics']) await send(adminPort, `GET ${path}`)
  }

  const found = (text: string) => secrets.filter((secret) => text.includes(secret))

  test('requests came through, so that there is something to look at', () => {
    const statuses = new Set(answers.map((text) => text.slice(9, 12)))
    for (const status of ['200', '400', '401', '403', '404']) expect(statuses).toContain(status)
    expect(upstream.received.length).toBeGreaterThan(1)
  })

  test('in no answer', () => {
    expect(answers.flatMap(found)).toEqual([])
  })

  test('in no header that a service receives', () => {
    for (const { rawHeaders, body } of upstream.received) {
      expect(found(rawHeaders.join('\n') + body)).toEqual([])
    }
  })

  test('in nothing that is printed, but for the lines to paste', () => {
    const printed = gatehouse
      .output()
      .split('\n')
      .filter((line) => !line.includes('curl -i'))
    expect(found(printed.join('\n'))).toEqual([])
    expect(printed.join('\n')).not.toContain(QUERY)
  })

  test('in no row of the database', async () => {
    const db = await openDatabase({ databaseUrl, dataDir: '', log: silentLog })
    try {
      const count = async () =>
        (await db.query.selectFrom('decisions').select('id').execute()).length
      await until(async () => (await count()) > 5)
      const tables = [
        'decisions',
        'api_keys',
        'signing_keys',
        'organisations',
        'members',
        'casbin',
      ] as const
      for (const table of tables) {
        const text = JSON.stringify(await db.query.selectFrom(table).selectAll().execute())
        expect(text.length).toBeGreaterThan(2)
        expect(found(text)).toEqual([])
        expect(text).not.toContain('"d":')
        expect(text).not.toContain(QUERY)
      }
    } finally {
      await db.close()
    }
  })

  test('in no file but the one that holds the sample keys, which nobody else may read', () => {
    const data = join(folder, 'data')
    const files = readdirSync(data, { recursive: true, encoding: 'utf8' })
      .map((name) => join(data, name))
      .filter((name) => statSync(name).isFile())
    for (const file of files) {
      if (file.endsWith('demo.env')) expect(statSync(file).mode & 0o777).toBe(0o600)
      else expect(found(readFileSync(file, 'latin1'))).toEqual([])
    }
  })
})
