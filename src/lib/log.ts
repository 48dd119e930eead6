/** Structured logs on stdout: JSON lines, or readable lines on a terminal. */
import { type Logger, pino } from 'pino'
import { default as pretty } from 'pino-pretty'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

/** Names that never print, wherever they are nested (A6 126). */
const SECRET_NAMES = [
  ...['authorization', 'cookie', 'set-cookie', 'token', 'key', 'secret', 'password', 'hash'],
  ...['databaseUrl', 'secretKey', 'secretKeys', 'authzSecret', 'sealed', 'smtpUrl'],
]

export interface LogOptions {
  readonly level: string
  /** A person is looking: colours and one line a record. */
  readonly terminal: boolean
}

/** Makes the process's logger. */
export function createLog({ level, terminal }: LogOptions): Logger {
  const redact = SECRET_NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`])
  const options = {
    level,
    redact,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  }
  if (!terminal) return pino(options)
  return pino(options, pretty({ colorize: true, ignore: 'pid,hostname', sync: true }))
}
