import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const run = promisify(execFile)

/** What a process of its own prints that makes a log and runs `statements` on it. */
async function printed(statements: string, options = { level: 'info', terminal: false }) {
  const program = `
    import { createLog } from './src/lib/log.ts'
    const log = createLog(${JSON.stringify(options)})
    ${statements}`
  const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '-e', program])
  return stdout
}

describe('without a terminal', () => {
  test('each record is one line of JSON with a level, a time in UTC and a message', async () => {
    const text = await printed(`log.info({ organisation: 'acme' }, 'two\\nlines'); log.warn('w')`)
    const lines = text.trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      organisation: 'acme',
      msg: 'two\nlines',
    })
  })

  test('a record below the level is not printed', async () => {
    const text = await printed(`log.info('no'); log.error('yes')`, {
      level: 'error',
      terminal: false,
    })
    expect(text.trim().split('\n')).toHaveLength(1)
    expect(text).toContain('yes')
  })

  test('silent prints nothing', async () => {
    expect(await printed(`log.fatal('no')`, { level: 'silent', terminal: false })).toBe('')
  })
})

describe('I22: a secret is never printed', () => {
  const names = [
    ...['authorization', 'cookie', 'set-cookie', 'token', 'key', 'secret', 'password'],
    ...['databaseUrl', 'secretKey', 'secretKeys', 'authzSecret', 'sealed', 'hash'],
  ]

  test.each([false, true])(
    'under any name of one, up to two levels down (terminal: %s)',
    async (terminal) => {
      const record = Object.fromEntries(names.map((name, at) => [name, `canary-${at}`]))
      const nested = { record, deeper: { record } }
      const text = await printed(
        `log.info(${JSON.stringify(record)}, 'a'); log.info(${JSON.stringify(nested)}, 'b')`,
        { level: 'info', terminal },
      )
      expect(text).toContain('[Redacted]')
      // `deeper.record.token` is three levels down; nothing logs such a thing.
      expect(text.replace(/"?deeper[\s\S]*/, '')).not.toContain('canary')
    },
  )

  test('a list of secrets is replaced as a whole', async () => {
    const text = await printed(`log.info({ secretKeys: ['canary-1', 'canary-2'] }, 'a')`)
    expect(text).not.toContain('canary')
  })
})

describe('on a terminal', () => {
  test('a record is readable, with its level in words', async () => {
    const text = await printed(`log.warn({ files: 3 }, 'policy files read')`, {
      level: 'info',
      terminal: true,
    })
    expect(text).toContain('WARN')
    expect(text).toContain('policy files read')
    expect(text).toContain('files')
  })

  test('control characters of a value do not reach it', async () => {
    const text = await printed(`log.info({ object: '/docs/\\u001b]0;x\\u0007' }, 'decision')`, {
      level: 'info',
      terminal: true,
    })
    expect(text).not.toContain('\u001b]0;')
    expect(text).not.toContain('\u0007')
  })
})
