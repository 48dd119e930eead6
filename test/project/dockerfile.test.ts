import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'

interface Instruction {
  readonly name: string
  readonly text: string
}

const root = new URL('../..', import.meta.url).pathname
const stages = readStages(readFileSync(`${root}/Dockerfile`, 'utf8'))
const last = stages.at(-1) ?? []

/** The instructions of each stage, continued lines joined. */
function readStages(dockerfile: string): Instruction[][] {
  const instructions = dockerfile
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name = '', ...rest] = line.trim().split(/\s+/)
      return { name, text: rest.join(' ') }
    })
  return instructions.reduce<Instruction[][]>((found, instruction) => {
    if (instruction.name === 'FROM') found.push([])
    found.at(-1)?.push(instruction)
    return found
  }, [])
}

function texts(name: string, stage = last): string[] {
  return stage.filter((instruction) => instruction.name === name).map(({ text }) => text)
}

function copied(stage: readonly Instruction[]): string[] {
  return texts('COPY', [...stage])
    .filter((text) => !text.startsWith('--from'))
    .flatMap((text) => text.split(' ').slice(0, -1))
}

/** The arguments of the command in a HEALTHCHECK. */
function probe(): string[] {
  return JSON.parse(texts('HEALTHCHECK')[0]?.split(' CMD ')[1] ?? '[]')
}

describe('the image', () => {
  test('stands on the official Node 24 in every stage', () => {
    for (const stage of stages)
      expect(texts('FROM', stage)[0]).toMatch(/^node:24-slim(?: AS \w+)?$/)
  })

  test('copies only what is there and what the context lets through', () => {
    const context = readFileSync(`${root}/.dockerignore`, 'utf8').split('\n')
    const sources = stages.flatMap(copied)
    expect(sources.filter((source) => !existsSync(`${root}/${source}`))).toEqual([])
    expect(context).toContain('*')
    expect(sources.filter((source) => !context.includes(`!${source.replace('./', '')}`))).toEqual(
      [],
    )
  })

  test('lets nothing into the context that no stage copies', () => {
    const let_in = readFileSync(`${root}/.dockerignore`, 'utf8').match(/^!.+$/gm) ?? []
    expect(let_in.map((line) => line.slice(1)).sort()).toEqual(
      [...new Set(stages.flatMap(copied))].sort(),
    )
  })

  test('has what the server reads at its start', () => {
    expect(copied(last)).toEqual(
      expect.arrayContaining(['src', 'policies', 'model.conf', 'package.json']),
    )
  })

  test('installs production dependencies from the lockfile, without install scripts', () => {
    const run = stages
      .flatMap((stage) => texts('RUN', stage))
      .filter((text) => text.includes('npm'))
    expect(run).toHaveLength(1)
    expect(run[0]).toMatch(/^npm ci --omit=dev --ignore-scripts\b/)
  })

  test('runs as a user that is not root, by number', () => {
    const users = texts('USER')
    expect(users).toHaveLength(1)
    expect(users[0]).toMatch(/^[1-9]\d*:[1-9]\d*$/)
  })

  test('binds every address, from its environment', () => {
    const settings = texts('ENV').join(' ').split(' ')
    expect(settings).toEqual(expect.arrayContaining(['HOST=0.0.0.0', 'ADMIN_HOST=0.0.0.0']))
    expect(texts('EXPOSE')).toEqual(['8080 8081'])
  })

  test('stops by SIGTERM, which reaches the server itself', () => {
    expect(texts('STOPSIGNAL')).toEqual(['SIGTERM'])
    expect(texts('CMD')).toEqual(['["node", "src/main.ts"]'])
    expect(texts('ENTRYPOINT')).toEqual([])
  })

  test('takes no secret while it is built', () => {
    const all = stages.flat().map(({ name, text }) => `${name} ${text}`)
    expect(all.filter((line) => /^ARG|SECRET|PASSWORD|TOKEN/i.test(line))).toEqual([])
  })
})

describe('the health check', () => {
  /** Runs the image's own command against a management listener that answers `/livez` so. */
  async function probed(status: number): Promise<number | null> {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/livez' ? status : 404).end()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const exit = await exitOfProbe({ ADMIN_PORT: String(port) })
    await new Promise((resolve) => server.close(resolve))
    return exit
  }

  async function exitOfProbe(env: Readonly<Record<string, string>>): Promise<number | null> {
    const [command, ...rest] = probe()
    expect(command).toBe('node')
    const child = spawn(process.execPath, rest, { env, stdio: 'ignore' })
    await once(child, 'close')
    return child.exitCode
  }

  test.each([
    [200, 0],
    [204, 0],
    [404, 1],
    [503, 1],
  ])('of a server that answers %i ends with %i', async (status, exit) => {
    expect(await probed(status)).toBe(exit)
  })

  test('of a port where nobody listens ends with 1', async () => {
    expect(await exitOfProbe({ ADMIN_PORT: '1' })).toBe(1)
  })

  test('asks the default port where none is set', () => {
    expect(probe().at(-1)).toContain('process.env.ADMIN_PORT || 8081')
  })
})
