import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedFolder, postgresUrl } from '../support/databases.ts'
import {
  discard,
  freePort,
  type GatehouseProcess,
  launch,
  policyFolder,
  sampleKeys,
  startProcess,
} from '../support/process.ts'
import { until } from '../support/until.ts'

const run = promisify(execFile)
const SECRET_KEY = 'a secret key of the test, long enough'

/** The `curl` lines as they were printed. */
function curlLines(output: string): string[] {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('curl '))
}

/** A folder whose embedded database has our tables, so that only a first start makes one. */
async function preparedFolder(): Promise<string> {
  const { folder } = await policyFolder()
  renameSync(await embeddedFolder(), join(folder, 'data'))
  return folder
}

async function statusOf(url: string, key?: string): Promise<number> {
  const headers: Record<string, string> =
    key === undefined ? {} : { authorization: `Bearer ${key}` }
  const answer = await fetch(url, { headers })
  await answer.text()
  return answer.status
}

describe.each(['embedded', 'postgres'] as const)(
  'a first start (%s)',
  { timeout: 60_000 },
  (kind) => {
    let folder: string
    let gatehouse: GatehouseProcess

    beforeAll(async () => {
      folder = (await policyFolder()).folder
      const server = kind === 'postgres' ? { DATABASE_URL: await postgresUrl(), SECRET_KEY } : {}
      gatehouse = await startProcess(folder, { ...server, SEED: 'demo' })
    })
    afterAll(async () => {
      await gatehouse?.end('SIGKILL')
      discard(folder)
    })

    test('prints three lines that answer 200, 403 and 200 when they are pasted', async () => {
      const answers: string[] = []
      for (const line of curlLines(gatehouse.output())) {
        answers.push((await run('sh', ['-c', line])).stdout)
      }
      expect(answers.map((answer) => answer.split(' ')[1])).toEqual(['200', '403', '200'])
      expect(answers[0]).toContain('Welcome')
      expect(answers[1]).toContain('"code":"denied"')
      expect(answers[2]).toContain('No rule allows user:cleo to DELETE /docs/documents/1')
    })

    test('keeps the sample keys where only their owner reads them', () => {
      expect(statSync(join(folder, 'data', 'demo.env')).mode & 0o777).toBe(0o600)
      expect(sampleKeys(folder).ben).toMatch(/^gh_/)
    })

    test('every decision is in the database and is listed to the owner alone', async () => {
      const { ann, ben } = sampleKeys(folder)
      const url = `http://127.0.0.1:${gatehouse.adminPort}/api/v1/orgs/acme/decisions`
      const list = async () => {
        const answer = await fetch(url, { headers: { authorization: `Bearer ${ann}` } })
        return (await answer.json()) as { items: { subject: string; reason: string }[] }
      }
      await until(async () => (await list()).items.length >= 2)
      const reasons = (await list()).items.map(({ subject, reason }) => `${subject} ${reason}`)
      expect(reasons).toContain('user:ben allowed_by_rule')
      expect(reasons).toContain('user:cleo denied_by_default')
      expect(await statusOf(url, ben)).toBe(403)
      expect(await statusOf(url)).toBe(401)
    })

    test('no key and no secret is printed but in the lines to paste', () => {
      const { ann, ben, cleo } = sampleKeys(folder)
      const rest = gatehouse
        .output()
        .split('\n')
        .filter((line) => !line.includes('curl '))
        .join('\n')
      for (const secret of [ann, ben, cleo, SECRET_KEY]) expect(rest).not.toContain(secret)
    })

    test('SIGTERM ends it with 0', async () => {
      expect(await gatehouse.end('SIGTERM')).toBe(0)
    })

    test('starts again on the same data, with new keys', async () => {
      const before = sampleKeys(folder)
      const server = kind === 'postgres' ? { DATABASE_URL: await postgresUrl(), SECRET_KEY } : {}
      gatehouse = await startProcess(folder, { ...server, SEED: 'demo' })
      expect(sampleKeys(folder).ben).not.toBe(before.ben)
      const url = `http://127.0.0.1:${gatehouse.port}/docs/documents/1`
      expect(await statusOf(url, sampleKeys(folder).ben)).toBe(200)
    })
  },
)

describe('what stops a start', { timeout: 60_000 }, () => {
  let folder: string
  beforeAll(async () => {
    folder = await preparedFolder()
  })
  afterAll(() => discard(folder))

  const failed = async (env: Record<string, string>): Promise<string> => {
    const { child, output } = launch({
      PORT: String(await freePort()),
      ADMIN_PORT: String(await freePort()),
      DATA_DIR: join(folder, 'failed'),
      POLICY_DIR: join(folder, 'policies'),
      SEED: 'none',
      ...env,
    })
    const [code] = await once(child, 'exit')
    expect(code).toBe(1)
    return output()
  }

  test('a wrong setting, in one sentence', async () => {
    const said = await failed({ PORT: 'http' })
    expect(said).toBe(
      'Gatehouse did not start.\nPORT is "http": use a port from 0 to 65535, where 0 takes a free one.\n',
    )
  })

  test('a port in use, by its setting', async () => {
    const holder = await startProcess(folder, { SEED: 'none' })
    try {
      const said = await failed({ PORT: String(holder.port) })
      expect(said).toContain(
        `PORT is "${holder.port}" on 127.0.0.1: another program listens there.`,
      )
    } finally {
      await holder.end()
    }
  })

  test('broken policy files, each problem with file, line and column', async () => {
    const file = join(folder, 'policies', 'broken.csv')
    writeFileSync(file, 'p, role:reader, *, /docs/x, GET, Allow\n')
    const said = await failed({})
    writeFileSync(file, '')
    expect(said).toMatch(/policies\/broken\.csv:1:34: .*allow or deny/)
  })

  test('a second process on one embedded folder, in one sentence that says who has it', async () => {
    const first = await startProcess(folder, { SEED: 'none' })
    try {
      const said = await failed({ DATA_DIR: join(folder, 'data') })
      const lines = said.trim().split('\n')
      expect(lines[0]).toBe('Gatehouse did not start.')
      expect(lines).toHaveLength(2)
      expect(lines[1]).toContain(String(first.child.pid))
      expect(lines[1]).toContain(join(folder, 'data'))
    } finally {
      await first.end()
    }
  })

  test('a folder that was left by kill -9 is taken over', async () => {
    const first = await startProcess(folder, { SEED: 'none' })
    await first.end('SIGKILL')
    const second = await startProcess(folder, { SEED: 'none' })
    expect(await second.end()).toBe(0)
  })
})

test('two processes that start at the same moment on one empty database both serve', async () => {
  const DATABASE_URL = await postgresUrl()
  const [one, two] = [await policyFolder(), await policyFolder()]
  const env = { DATABASE_URL, SECRET_KEY, SEED: 'demo', WORKERS: '1' }
  const both = await Promise.all([startProcess(one.folder, env), startProcess(two.folder, env)])
  try {
    for (const { port } of both) {
      for (const { folder } of [one, two]) {
        const url = `http://127.0.0.1:${port}/docs/documents/1`
        expect(await statusOf(url, sampleKeys(folder).ben)).toBe(200)
        expect(await statusOf(url)).toBe(401)
      }
    }
    const keys = await Promise.all(
      both.map(async ({ port }) =>
        (await fetch(`http://127.0.0.1:${port}/.gatehouse/jwks.json`)).json(),
      ),
    )
    expect(keys[0]).toEqual(keys[1])
  } finally {
    await Promise.all(both.map((process) => process.end()))
    discard(one.folder)
    discard(two.folder)
  }
})

test('several workers share the ports, and all of them end with 0', async () => {
  const DATABASE_URL = await postgresUrl()
  const { folder } = await policyFolder()
  const env = { DATABASE_URL, SECRET_KEY, SEED: 'demo', WORKERS: '2' }
  const gatehouse = await startProcess(folder, env)
  const url = `http://127.0.0.1:${gatehouse.port}/docs/documents/1`
  const { ben } = sampleKeys(folder)
  const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(url, ben)))
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(await gatehouse.end()).toBe(0)
  discard(folder)
})

describe('an edit of a policy file', { timeout: 60_000 }, () => {
  let folder: string
  let gatehouse: GatehouseProcess
  beforeAll(async () => {
    folder = await preparedFolder()
    gatehouse = await startProcess(folder)
  })
  afterAll(async () => {
    await gatehouse?.end()
    discard(folder)
  })
  const may = async (path: string) =>
    (await statusOf(`http://127.0.0.1:${gatehouse.port}${path}`, sampleKeys(folder).cleo)) !== 403
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${gatehouse.adminPort}/readyz`)
    return (await answer.json()) as { status: string; warnings: string[] }
  }

  test('is in force while the server runs', async () => {
    expect(await may('/docs/secrets')).toBe(false)
    const file = join(folder, 'policies', 'guardrails.csv')
    appendFileSync(file, 'p, role:reader, *, /docs/secrets, GET, allow\n')
    await until(() => may('/docs/secrets'), 1_500)
  })

  test('a broken one changes nothing and names file, line, column and cause', async () => {
    const file = join(folder, 'policies', 'guardrails.csv')
    const good = readFileSync(file, 'utf8')
    const line = good.split('\n').length
    writeFileSync(file, `${good}p, role:reader, *, /docs/more, GET, alow\n`)
    await until(async () => (await ready()).warnings.length > 0)
    expect((await ready()).warnings[0]).not.toContain('alow')
    expect(gatehouse.output()).toMatch(new RegExp(`guardrails\\.csv:${line}:37: .*alow`))
    expect((await ready()).status).toBe('ready')
    expect(await may('/docs/secrets')).toBe(true)
    expect(await may('/docs/more')).toBe(false)
    const metrics = await (await fetch(`http://127.0.0.1:${gatehouse.adminPort}/metrics`)).text()
    expect(metrics).toContain('gatehouse_policy_reload_failed 1')
    writeFileSync(file, good)
    await until(async () => (await ready()).warnings.length === 0)
  })

  test('a removed rule is gone', async () => {
    const file = join(folder, 'policies', 'guardrails.csv')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/.*secrets.*\n/, ''))
    await until(async () => !(await may('/docs/secrets')), 1_500)
  })
})
