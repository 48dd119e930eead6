import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { idOfKey, isKey } from '../../src/identity/api-keys.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { seedDemo } from '../../src/manage/demo.ts'
import { openSample, type SampleOptions } from '../../src/manage/sample.ts'
import { welcome } from '../../src/manage/welcome.ts'
import type { Db } from '../../src/store/db.ts'
import { findKey } from '../../src/store/keys.ts'
import { loadOrganisation } from '../../src/store/organisation-state.ts'
import { eachDatabase } from '../support/databases.ts'

const root = mkdtempSync(join(tmpdir(), 'gatehouse-sample-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

eachDatabase('the sample', (open) => {
  let db: Db
  let dataDir: string
  let count = 0
  const lines: string[] = []
  const log = pino({}, { write: (line: string) => lines.push(line) })
  beforeAll(async () => {
    db = await open()
  }, 120_000)
  beforeEach(() => {
    dataDir = join(root, `${db.kind}-${++count}`)
  })

  const start = (changes: Partial<SampleOptions> = {}) =>
    openSample({
      db,
      clock: systemClock,
      log,
      dataDir,
      host: '127.0.0.1',
      adminHost: '127.0.0.1',
      startApp: async () => ({ close: async () => {} }),
      ...changes,
    })
  const file = () => join(dataDir, 'demo.env')

  test('two processes that seed at once make one organisation of three people', async () => {
    await Promise.all([seedDemo(db, systemClock), seedDemo(db, systemClock)])
    await seedDemo(db, systemClock)
    const acme = await loadOrganisation(db, 'acme')
    expect([...(acme?.members.keys() ?? [])]).toEqual(['user:ann', 'user:ben', 'user:cleo'])
    expect(acme?.rules).toHaveLength(5)
    expect(acme?.revision).toBe(1)
  })

  test('its keys are random, stored hashed, and die after a day', async () => {
    const { keys } = await start()
    const again = await start()
    expect(again.keys).not.toEqual(keys)
    const text = keys?.ben ?? ''
    const row = await findKey(db, idOfKey(text) ?? '')
    expect(row).toMatchObject({ organisation: 'acme', subject: 'user:ben', label: 'sample' })
    expect(isKey(text, row?.hash ?? '')).toBe(true)
    const left = (row?.expires_at?.getTime() ?? 0) - Date.now()
    expect(left).toBeGreaterThan(86_000_000)
    expect(left).toBeLessThanOrEqual(86_400_000)
  })

  test('its keys are in a file for a shell, which its owner alone may read', async () => {
    const { keys } = await start()
    expect(readFileSync(file(), 'utf8')).toBe(
      `export ANN=${keys?.ann}\nexport BEN=${keys?.ben}\nexport CLEO=${keys?.cleo}\n`,
    )
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(readdirSync(dataDir)).toEqual(['demo.env'])
  })

  test('a file that was there keeps neither its mode nor the link that it was', async () => {
    await start()
    chmodSync(file(), 0o644)
    await start()
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    const elsewhere = join(root, 'elsewhere')
    writeFileSync(elsewhere, 'untouched')
    rmSync(file())
    symlinkSync(elsewhere, file())
    await start()
    expect(readFileSync(elsewhere, 'utf8')).toBe('untouched')
  })

  test.each([
    { host: '0.0.0.0' },
    { host: '::' },
    { adminHost: '10.0.0.7' },
    { adminHost: 'gateway.example.com' },
    { host: '127.0.0.1.example.com' },
  ])('no keys are made when a listener is bound beyond loopback: %j', async (where) => {
    const { keys } = await start(where)
    expect(keys).toBeUndefined()
    expect(existsSync(file())).toBe(false)
  })

  test.each([{ host: 'localhost' }, { host: '::1' }, { adminHost: '127.1.2.3' }])(
    'keys are made on loopback: %j',
    async (where) => {
      expect((await start(where)).keys).toBeDefined()
    },
  )

  test('a port that is taken is said, and is no fault; anything else is', async () => {
    const fail = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))
    await (await start({ startApp: fail('EADDRINUSE') })).close()
    expect(lines.at(-1)).toContain('the port of the sample service is taken')
    await expect(start({ startApp: fail('EACCES') })).rejects.toThrow('EACCES')
  })
})

describe('the welcome', () => {
  const options = {
    publicUrl: 'http://127.0.0.1:8080',
    adminUrl: 'http://127.0.0.1:8081',
    database: 'embedded, in .gatehouse',
    policyDir: 'policies',
    keys: undefined,
    setUp: undefined,
  }
  const keys = { ann: 'gh_a', ben: 'gh_b', cleo: 'gh_c' }
  const curls = (text: string) => text.split('\n').filter((line) => line.includes('curl'))

  test('says where everything is', () => {
    const text = welcome(options)
    for (const place of ['8080', '8081', '.gatehouse', 'policies']) expect(text).toContain(place)
  })

  test('shows the set-up link while there is one', () => {
    expect(welcome(options)).not.toContain('Set-up')
    expect(welcome({ ...options, setUp: 'http://x/setup#1' })).toContain('http://x/setup#1 (works')
  })

  test('shows three lines to paste where there are keys, and none where there are none', () => {
    expect(curls(welcome({ ...options, keys }))).toHaveLength(3)
    expect(curls(welcome(options))).toEqual([])
  })

  test('each line is a whole command with one key', () => {
    const lines = curls(welcome({ ...options, keys }))
    expect(lines.map((line) => /gh_./.exec(line)?.[0])).toEqual(['gh_b', 'gh_c', 'gh_a'])
    for (const line of lines) expect(line.split("'").length % 2).toBe(1)
  })
})
