import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtInRoles } from '../../src/policy/built-in.ts'
import { codesIn, tableUnder } from '../support/markdown.ts'
import {
  discard,
  freePort,
  type GatehouseProcess,
  policyFolder,
  startProcess,
} from '../support/process.ts'
import { until } from '../support/until.ts'

const readme = readFileSync('README.md', 'utf8')
const BLOCK_MS = 60_000

/** The text of every fenced block of one language, in order. */
function blocks(language: string): string[] {
  const fenced = readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)
  return [...fenced].filter(([, found]) => found === language).map(([, , text = '']) => text)
}

/** A shell that stays open between blocks, with whatever it starts in a group of its own. */
interface Shell {
  readonly run: (block: string) => Promise<string>
  readonly end: () => void
}

function openShell(cwd: string): Shell {
  const path = `${dirname(process.execPath)}:${process.env['PATH']}`
  const shell: ChildProcessWithoutNullStreams = spawn('sh', [], {
    cwd,
    env: { PATH: path, HOME: cwd },
    detached: true,
  })
  let text = ''
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  }
  let count = 0
  return {
    run: async (block) => {
      text = ''
      const mark = `end of block ${++count}`
      shell.stdin.write(`${block}\nprintf '\\n%s %s\\n' '${mark}' "$?"\n`)
      await until(() => text.includes(mark), BLOCK_MS)
      return text
    },
    end: () => {
      if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL')
    },
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

describe('“Protect your own service in five minutes”, pasted block by block', () => {
  let folder: string
  let gatehouse: GatehouseProcess
  let shell: Shell
  let servicePort: number

  beforeAll(async () => {
    folder = (await policyFolder()).folder
    // The reader stands in the project; this folder has its policy files alone.
    const command = `'${process.execPath}' '${resolve('src/cli/gatehouse.ts')}'`
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { gatehouse: command } }))
    servicePort = await freePort()
    gatehouse = await startProcess(folder, { DATA_DIR: join(folder, '.gatehouse') })
    shell = openShell(folder)
  }, 120_000)
  afterAll(async () => {
    shell?.end()
    await gatehouse?.end('SIGKILL')
    discard(folder)
  })

  /** As it is written, but on the ports of this test. */
  const here = (block: string) =>
    block
      .replaceAll(':8080', `:${gatehouse.port}`)
      .replaceAll(':8081', `:${gatehouse.adminPort}`)
      .replaceAll('9000', String(servicePort))

  const reloads = async () => {
    const metrics = await fetch(`http://127.0.0.1:${gatehouse.adminPort}/metrics`)
    const counts = (await metrics.text()).matchAll(/^gatehouse_policy_reloads_total\{.*\} (\d+)$/gm)
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
  }

  /** A reader takes longer than this between two blocks: what one began is done before the next. */
  const settle = async (block: string, before: number) => {
    if (/>+ policies\//.test(block)) await until(async () => (await reloads()) > before, 20_000)
    if (block.includes('listen(')) await until(() => listens(servicePort), 20_000)
  }

  test('answers what each comment says, and says no other thing', async () => {
    const said: string[] = []
    const answered: string[] = []
    for (const block of blocks('sh')) {
      const before = await reloads()
      const text = await shell.run(here(block))
      await settle(block, before)
      said.push(...[...block.matchAll(/^# (\d{3})$/gm)].map(([, status = '']) => status))
      // Not at the beginning of a line: what curl says of its progress may stand before it.
      answered.push(...[...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status = '']) => status))
      expect(text, block).toMatch(/end of block \d+ 0\n$/)
      expect(text, block).not.toMatch(/command not found|No such file/)
      if (block.includes('audit verify')) expect(text).toContain('are one unbroken chain')
      if (block.includes('explain'))
        expect(text).toContain('No rule allows user:cleo to GET /hello/')
      if (block.includes('$BEN') && text.includes(' 200 OK'))
        expect(text).toContain('hello user:ben')
    }
    expect(said.length).toBeGreaterThan(4)
    expect(answered).toEqual(said)
  }, 120_000)

  test('the mistake at its end is named on the terminal in the words that are shown', () => {
    const [shown = ''] = blocks('text').filter((text) => text.includes('hello.csv'))
    expect(shown).toMatch(/hello\.csv:\d+:\d+: /)
    const printed = gatehouse.output().replaceAll('\\"', '"')
    expect(printed).toContain(shown.trim())
  })
})

describe('the table of built-in roles', () => {
  test('is what the product holds, in its order', () => {
    const documented = tableUnder(readme, '### Built-in roles').map(
      ([role = '', method = '', objects = '']) => [
        codesIn(role).join(),
        codesIn(method).join() || '*',
        codesIn(objects),
      ],
    )
    const held = Object.entries(builtInRoles).map(([role, permissions]) => {
      const methods = new Set(permissions.map(({ method }) => method))
      return [role, [...methods].join(), permissions.map(({ object }) => object)]
    })
    expect(documented).toEqual(held)
  })
})

test('the commands to install, start and test are those of package.json', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  )
  const commands = blocks('console')
    .join('')
    .match(/npm [a-z ]+/g)
    ?.map((command) => command.trim())
  expect(commands).toEqual(['npm install', 'npm start', 'npm install', 'npm test'])
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test']))
})
