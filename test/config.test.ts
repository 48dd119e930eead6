import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const embedded = { DATA_DIR: folder }
const SECRET_KEY = 's'.repeat(32)
const server = { DATABASE_URL: 'postgres://u:pass-word@db:5432/g', SECRET_KEY }

describe('without any setting', () => {
  const config = readConfig(embedded)
  test('listens on loopback only', () => {
    expect([config.host, config.port]).toEqual(['127.0.0.1', 8080])
    expect([config.adminHost, config.adminPort]).toEqual(['127.0.0.1', 8081])
    expect(config.publicUrl).toBe('http://127.0.0.1:8080')
    expect(config.adminUrl).toBe('http://127.0.0.1:8081')
  })

  test('is embedded, one process, with the sample', () => {
    expect(config.databaseUrl).toBeUndefined()
    expect(config.workers).toBe(1)
    expect(config.seed).toBe('demo')
  })

  test('trusts nobody', () => {
    expect(config.trustedProxies.rules).toEqual([])
    expect(config.authzSecret).toBeUndefined()
    expect(config.fetchPrivate).toBe(false)
  })

  test('makes its own secret key, once, readable by its owner alone', () => {
    const file = join(folder, 'secret.key')
    expect(config.secretKeys).toEqual([readFileSync(file, 'utf8')])
    expect(readConfig(embedded).secretKeys).toEqual(config.secretKeys)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('cannot be changed', () => {
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError)
  })
})

test('with a database there is no sample, and several processes', () => {
  const config = readConfig({ ...embedded, ...server })
  expect(config.seed).toBe('none')
  expect(config.workers).toBeGreaterThanOrEqual(1)
  expect(config.secretKeys).toEqual([SECRET_KEY])
})

test('previous secret keys still open what they sealed', () => {
  const previous = ['p'.repeat(32), 'q'.repeat(32)]
  const config = readConfig({ ...embedded, ...server, SECRET_KEY_PREVIOUS: previous.join(' , ') })
  expect(config.secretKeys).toEqual([SECRET_KEY, ...previous])
})

test('proxies are addresses and networks of both families', () => {
  const { trustedProxies } = readConfig({
    ...embedded,
    TRUSTED_PROXIES: '10.0.0.7, 10.1.0.0/16,fd00::/8',
  })
  expect(trustedProxies.check('10.0.0.7', 'ipv4')).toBe(true)
  expect(trustedProxies.check('10.0.0.8', 'ipv4')).toBe(false)
  expect(trustedProxies.check('10.1.255.1', 'ipv4')).toBe(true)
  expect(trustedProxies.check('fd12::1', 'ipv6')).toBe(true)
})

test('mail goes to files from an address that nobody has, or by SMTP from the one that is set', () => {
  const files = readConfig(embedded)
  expect(files.smtpUrl).toBeUndefined()
  expect(files.mailFrom).toMatch(/\.invalid$/)
  const smtp = { SMTP_URL: 'smtp://mail.example:25', MAIL_FROM: 'gate@example.com' }
  const { smtpUrl, mailFrom } = readConfig({ ...embedded, ...smtp })
  expect({ smtpUrl, mailFrom }).toEqual({ smtpUrl: smtp.SMTP_URL, mailFrom: smtp.MAIL_FROM })
})

test('nobody is set up and only the platform makes organisations, unless it is set', () => {
  expect(readConfig(embedded)).toMatchObject({ setup: undefined, orgCreation: 'platform' })
  const file = join(folder, 'secret.key')
  const set = { SETUP_EMAIL: 'Ann@Example.com', SETUP_PASSWORD_FILE: file, ORG_CREATION: 'anyone' }
  expect(readConfig({ ...embedded, ...set })).toMatchObject({
    setup: { email: { email: 'Ann@Example.com', key: 'ann@example.com' }, passwordFile: file },
    orgCreation: 'anyone',
  })
})

test('an IPv6 address makes a valid origin', () => {
  expect(readConfig({ ...embedded, HOST: '::1' }).publicUrl).toBe('http://[::1]:8080')
})

describe('a wrong setting stops the start and names itself, its value and what is right', () => {
  test.each<[Record<string, string>, string]>([
    [{ PORT: 'http' }, 'PORT is "http": use a port from 0 to 65535'],
    [{ PORT: '65536' }, 'PORT is "65536": use a port'],
    [{ PORT: '-1' }, 'PORT is "-1": use a port'],
    [{ PORT: '8080.5' }, 'PORT is "8080.5": use a port'],
    [{ ADMIN_PORT: ' 1' }, 'ADMIN_PORT is " 1": use a port'],
    [{ PUBLIC_URL: 'gateway.example' }, 'PUBLIC_URL is "gateway.example": use an origin'],
    [{ PUBLIC_URL: 'https://a.example/b' }, 'PUBLIC_URL is "https://a.example/b": use an origin'],
    [{ PUBLIC_URL: 'https://u@a.example' }, 'use an origin'],
    [{ ADMIN_URL: 'ftp://a.example' }, 'ADMIN_URL is "ftp://a.example": use an origin'],
    [{ SEED: 'yes' }, 'SEED is "yes": use one of demo, none.'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud": use one of fatal,'],
    [{ FETCH_PRIVATE: 'true' }, 'FETCH_PRIVATE is "true": use one of no, yes.'],
    [{ MAX_STALENESS: '1m' }, 'MAX_STALENESS is "1m": use whole seconds'],
    [{ WORKERS: '2' }, 'WORKERS is "2": use 1, or set DATABASE_URL'],
    [{ WORKERS: '0' }, 'WORKERS is "0": use at least 1.'],
    [{ AUTHZ_SECRET: 'short' }, 'AUTHZ_SECRET is "…": use at least 32'],
    [{ TRUSTED_PROXIES: 'everyone' }, 'TRUSTED_PROXIES is "everyone": use addresses'],
    [{ TRUSTED_PROXIES: '*' }, 'trusting everybody is not offered'],
    [{ TRUSTED_PROXIES: '0.0.0.0/0' }, 'trusting everybody is not offered'],
    [{ TRUSTED_PROXIES: '10.0.0.0/33' }, 'use addresses'],
    [{ TRUSTED_PROXIES: '10.0.0.0/x' }, 'use addresses'],
    [
      { DATABASE_URL: 'mysql://u:hunter2@db/g' },
      'DATABASE_URL is "…": use a URL such as postgres://',
    ],
    [
      { DATABASE_URL: 'postgres://db/g' },
      'SECRET_KEY is not set: it is required with DATABASE_URL',
    ],
    [{ ORG_CREATION: 'everyone' }, 'ORG_CREATION is "everyone": use one of platform, anyone.'],
    [{ SMTP_URL: 'mail.example' }, 'SMTP_URL is "…": use a URL such as smtps://'],
    [{ SMTP_URL: 'http://mail.example' }, 'SMTP_URL is "…": use a URL such as smtps://'],
    [{ SMTP_URL: 'smtp://mail.example' }, 'MAIL_FROM is not set: SMTP_URL needs the address'],
    [{ MAIL_FROM: 'Gatehouse' }, 'MAIL_FROM is "Gatehouse": Use an email address'],
    [{ SETUP_EMAIL: 'ann@example.com' }, 'SETUP_PASSWORD_FILE is not set: use a file'],
    [{ SETUP_PASSWORD_FILE: '/dev/null' }, 'SETUP_EMAIL is not set: SETUP_PASSWORD_FILE needs it'],
    [
      { SETUP_EMAIL: 'ann@', SETUP_PASSWORD_FILE: '/dev/null' },
      'SETUP_EMAIL is "ann@": Use an email address',
    ],
    [
      { SETUP_EMAIL: 'ann@example.com', SETUP_PASSWORD_FILE: '/nowhere/password' },
      'SETUP_PASSWORD_FILE is "/nowhere/password": use a file',
    ],
    [{ SECRET_KEY: 'short' }, 'SECRET_KEY is "…": use at least 32'],
    [{ SECRET_KEY, SECRET_KEY_PREVIOUS: 'short' }, 'SECRET_KEY_PREVIOUS is "…": use at least 32'],
  ])('%j', (settings, sentence) => {
    const read = () => readConfig({ ...embedded, ...settings })
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(sentence)
  })

  test('no message shows a secret', () => {
    for (const settings of [
      { DATABASE_URL: 'mysql://u:hunter2@db' },
      { SECRET_KEY: 'hunter2' },
      { AUTHZ_SECRET: 'hunter2' },
      { SMTP_URL: 'http://u:hunter2@mail.example' },
    ]) {
      expect(() => readConfig({ ...embedded, ...settings })).toThrow(/^(?!.*hunter2)/)
    }
  })
})

test('first starts at the same moment agree on one generated key', async () => {
  const place = mkdtempSync(join(tmpdir(), 'gatehouse-race-'))
  const code = `import { readConfig } from './src/config.ts'
    console.log(readConfig({ DATA_DIR: ${JSON.stringify(place)} }).secretKeys[0])`
  const args = ['--input-type=module', '-e', code]
  const starts = Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, args))
  const keys = (await Promise.all(starts)).map(({ stdout }) => stdout.trim())
  expect(new Set(keys).size).toBe(1)
  expect(keys[0]).toMatch(/^[0-9a-f]{64}$/)
  expect(readdirSync(place)).toEqual(['secret.key'])
  rmSync(place, { recursive: true })
})
