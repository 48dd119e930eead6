/**
 * Environment to one frozen, validated `Config`. Nothing else reads `process.env`. A wrong setting
 * stops the start with one sentence that names the setting, its value and what would be right.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { type Email, parseEmail } from './lib/email.ts'
import { addNetwork } from './lib/networks.ts'

export interface Config {
  readonly host: string
  readonly port: number
  readonly adminHost: string
  readonly adminPort: number
  /** Origins used in every link and as issuer of the assertion; never taken from a request. */
  readonly publicUrl: string
  readonly adminUrl: string
  /** Absent: the embedded database under `dataDir`. */
  readonly databaseUrl: string | undefined
  readonly dataDir: string
  readonly policyDir: string
  readonly modelFile: string
  /** The key that seals, then the ones that still open. */
  readonly secretKeys: readonly [string, ...string[]]
  readonly trustedProxies: BlockList
  readonly authzSecret: string | undefined
  readonly maxStalenessMs: number
  readonly fetchPrivate: boolean
  readonly workers: number
  /** Who may make an organisation. */
  readonly orgCreation: 'platform' | 'anyone'
  /** Unattended set-up: the first platform administrator, whose password is the file's first line. */
  readonly setup: { readonly email: Email; readonly passwordFile: string } | undefined
  /** Absent: mails become files under `dataDir`. */
  readonly smtpUrl: string | undefined
  readonly mailFrom: string
  readonly seed: 'demo' | 'none'
  readonly logLevel: string
}

/** A setting that cannot be used. The message is for the operator, whole. */
export class ConfigError extends Error {
  constructor(name: string, value: string | undefined, right: string) {
    const shown = value === undefined ? 'is not set' : `is "${value}"`
    super(`${name} ${shown}: ${right}`)
    this.name = 'ConfigError'
  }
}

type Environment = Readonly<Record<string, string | undefined>>

const SECRET_KEY_CHARS = 32
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent']

/** Reads every setting. Creates `DATA_DIR` and, when embedded, the generated `SECRET_KEY` in it. */
export function readConfig(env: Environment = process.env): Config {
  const databaseUrl = readDatabaseUrl(env)
  const embedded = databaseUrl === undefined
  const dataDir = resolve(env['DATA_DIR'] || '.gatehouse')
  const host = env['HOST'] || '127.0.0.1'
  const port = readPort(env, 'PORT', 8080)
  const adminHost = env['ADMIN_HOST'] || '127.0.0.1'
  const adminPort = readPort(env, 'ADMIN_PORT', 8081)
  return Object.freeze({
    host,
    port,
    adminHost,
    adminPort,
    publicUrl: readOrigin(env, 'PUBLIC_URL', host, port),
    adminUrl: readOrigin(env, 'ADMIN_URL', adminHost, adminPort),
    databaseUrl,
    dataDir,
    policyDir: resolve(env['POLICY_DIR'] || 'policies'),
    modelFile: resolve(env['MODEL_FILE'] || 'model.conf'),
    secretKeys: readSecretKeys(env, embedded, dataDir),
    trustedProxies: readProxies(env),
    authzSecret: readAuthzSecret(env),
    maxStalenessMs: readSeconds(env, 'MAX_STALENESS', 60) * 1_000,
    fetchPrivate: readChoice(env, 'FETCH_PRIVATE', ['no', 'yes'], 'no') === 'yes',
    workers: readWorkers(env, embedded),
    orgCreation: readChoice(env, 'ORG_CREATION', ['platform', 'anyone'], 'platform'),
    setup: readSetup(env),
    ...readMail(env),
    seed: readChoice(env, 'SEED', ['demo', 'none'], embedded ? 'demo' : 'none'),
    logLevel: readChoice(env, 'LOG_LEVEL', LOG_LEVELS, 'info'),
  })
}

function readChoice<T extends string>(
  env: Environment,
  name: string,
  choices: readonly T[],
  fallback: NoInfer<T>,
): T {
  const text = env[name] || fallback
  const found = choices.find((choice) => choice === text)
  if (found === undefined) throw new ConfigError(name, text, `use one of ${choices.join(', ')}.`)
  return found
}

function readInteger(env: Environment, name: string, fallback: number, most: number, of: string) {
  const text = env[name] || String(fallback)
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= most)) throw new ConfigError(name, text, `use ${of}.`)
  return value
}

function readPort(env: Environment, name: string, fallback: number): number {
  return readInteger(
    env,
    name,
    fallback,
    65_535,
    'a port from 0 to 65535, where 0 takes a free one',
  )
}

function readSeconds(env: Environment, name: string, fallback: number): number {
  return readInteger(env, name, fallback, 86_400, 'whole seconds from 0 to 86400')
}

function readWorkers(env: Environment, embedded: boolean): number {
  const fallback = embedded ? 1 : availableParallelism()
  const workers = readInteger(env, 'WORKERS', fallback, 256, 'a number of processes from 1 to 256')
  if (workers === 0) throw new ConfigError('WORKERS', '0', 'use at least 1.')
  if (embedded && workers > 1) {
    throw new ConfigError(
      'WORKERS',
      String(workers),
      'use 1, or set DATABASE_URL: the embedded database serves one process.',
    )
  }
  return workers
}

function readOrigin(env: Environment, name: string, host: string, port: number): string {
  const text = env[name]
  if (!text) return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
  const right = 'use an origin such as https://gateway.example.com, without a path.'
  if (!URL.canParse(text)) throw new ConfigError(name, text, right)
  const { origin, protocol, href } = new URL(text)
  const plain = href === `${origin}/` && (protocol === 'http:' || protocol === 'https:')
  if (!plain) throw new ConfigError(name, text, right)
  return origin
}

function readDatabaseUrl(env: Environment): string | undefined {
  const text = env['DATABASE_URL']
  if (!text) return undefined
  if (!/^postgres(?:ql)?:\/\//.test(text) || !URL.canParse(text)) {
    // The value may hold a password, so it is not shown.
    throw new ConfigError(
      'DATABASE_URL',
      '…',
      'use a URL such as postgres://user:password@host:5432/database.',
    )
  }
  return text
}

function readSecretKeys(
  env: Environment,
  embedded: boolean,
  dataDir: string,
): [string, ...string[]] {
  const current = env['SECRET_KEY'] || (embedded ? generatedSecretKey(dataDir) : undefined)
  if (current === undefined) {
    throw new ConfigError(
      'SECRET_KEY',
      undefined,
      'it is required with DATABASE_URL; make one with: openssl rand -hex 32',
    )
  }
  const previous = (env['SECRET_KEY_PREVIOUS'] ?? '').split(',').map((key) => key.trim())
  const kept = previous.filter((key) => key !== '')
  checkSecret('SECRET_KEY', current)
  for (const key of kept) checkSecret('SECRET_KEY_PREVIOUS', key)
  return [current, ...kept]
}

function checkSecret(name: string, key: string): void {
  if (key.length >= SECRET_KEY_CHARS) return
  const right = `use at least ${SECRET_KEY_CHARS} random characters, as from: openssl rand -hex 32`
  throw new ConfigError(name, '…', right)
}

/** Written aside and linked, so that two first starts agree on one key and none reads half of it. */
function generatedSecretKey(dataDir: string): string {
  const file = join(dataDir, 'secret.key')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  if (!existsSync(file)) {
    const aside = `${file}.${process.pid}`
    writeFileSync(aside, randomBytes(32).toString('hex'), { mode: 0o600 })
    try {
      linkSync(aside, file)
    } catch (error) {
      if (!existsSync(file)) throw error
    } finally {
      rmSync(aside)
    }
  }
  return readFileSync(file, 'utf8').trim()
}

function readSetup(env: Environment): Config['setup'] {
  const address = env['SETUP_EMAIL']
  const file = env['SETUP_PASSWORD_FILE']
  if (!address && !file) return undefined
  if (!address) throw new ConfigError('SETUP_EMAIL', undefined, 'SETUP_PASSWORD_FILE needs it.')
  const email = readAddress('SETUP_EMAIL', address)
  const right = 'use a file that holds the password of SETUP_EMAIL.'
  if (!file) throw new ConfigError('SETUP_PASSWORD_FILE', undefined, right)
  const passwordFile = resolve(file)
  if (!existsSync(passwordFile)) throw new ConfigError('SETUP_PASSWORD_FILE', file, right)
  return { email, passwordFile }
}

function readMail(env: Environment): Pick<Config, 'smtpUrl' | 'mailFrom'> {
  const smtpUrl = env['SMTP_URL'] || undefined
  const from = env['MAIL_FROM'] || undefined
  if (smtpUrl === undefined) {
    // Only a file will say so, and nobody can answer it.
    const mailFrom = from === undefined ? 'gatehouse@gatehouse.invalid' : from
    return { smtpUrl, mailFrom: readAddress('MAIL_FROM', mailFrom).email }
  }
  if (!/^smtps?:\/\//.test(smtpUrl) || !URL.canParse(smtpUrl)) {
    // The value may hold a password, so it is not shown.
    const right = 'use a URL such as smtps://user:password@mail.example.com:465.'
    throw new ConfigError('SMTP_URL', '…', right)
  }
  if (from === undefined) {
    throw new ConfigError('MAIL_FROM', undefined, 'SMTP_URL needs the address that mail is from.')
  }
  return { smtpUrl, mailFrom: readAddress('MAIL_FROM', from).email }
}

function readAddress(name: string, text: string): Email {
  const parsed = parseEmail(text)
  if ('problem' in parsed) throw new ConfigError(name, text, parsed.problem)
  return parsed
}

function readAuthzSecret(env: Environment): string | undefined {
  const secret = env['AUTHZ_SECRET'] || undefined
  if (secret !== undefined) checkSecret('AUTHZ_SECRET', secret)
  return secret
}

function readProxies(env: Environment): BlockList {
  const list = new BlockList()
  const text = env['TRUSTED_PROXIES'] ?? ''
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue
    if (!addNetwork(list, entry)) {
      throw new ConfigError(
        'TRUSTED_PROXIES',
        text,
        'use addresses or networks such as 10.0.0.7, 10.1.0.0/16; trusting everybody is not offered.',
      )
    }
  }
  return list
}
