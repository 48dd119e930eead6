import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  type AuditEntry,
  type ChainedEntry,
  chainStart,
  hashEntry,
} from '../../src/lib/audit-chain.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const program = new URL('../../src/cli/gatehouse.ts', import.meta.url).pathname

function run(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    input,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

/** A chain of so many entries, oldest first. */
function chain(length: number): ChainedEntry[] {
  const entries: ChainedEntry[] = []
  for (let revision = 1; revision <= length; revision += 1) {
    const entry: AuditEntry = {
      organisation: 'acme',
      revision,
      at: '2026-01-31T12:00:00.000Z',
      actor: 'user:ann',
      credential: 'key:8f3k',
      address: '192.0.2.7',
      requestId: `request-${revision}`,
      operation: 'createTeam',
      object: `/gatehouse/teams/team:${revision}`,
      before: null,
      after: { name: `Team ${revision}`, id: revision },
    }
    const previous = entries.at(-1)?.hash ?? chainStart
    entries.push({ ...entry, previous, hash: hashEntry(entry, previous) })
  }
  return entries
}

const lines = (entries: readonly unknown[]) =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')

describe('gatehouse audit verify', () => {
  test('accepts a whole chain from standard input and says its head', () => {
    const entries = chain(3)
    const { status, stdout } = run(['audit', 'verify'], lines(entries))
    expect(status).toBe(0)
    expect(stdout).toContain('3 entries of acme, from the first entry on')
    expect(stdout).toContain(entries[2]?.hash)
  })

  test('reads a file, and a part of a chain', () => {
    const file = join(folder, 'part.jsonl')
    writeFileSync(file, lines(chain(4).slice(2)))
    const { status, stdout } = run(['audit', 'verify', file])
    expect(status).toBe(0)
    expect(stdout).toContain('2 entries of acme, a part of the chain')
  })

  test('does not mind in which order the members of an object stand', () => {
    const turned = chain(2).map((entry) => Object.fromEntries(Object.entries(entry).toReversed()))
    expect(run(['audit', 'verify'], lines(turned)).status).toBe(0)
  })

  test.each([
    [
      'changed',
      (all: ChainedEntry[]) => all.with(1, { ...(all[1] as ChainedEntry), actor: 'user:eve' }),
      2,
    ],
    ['dropped', (all: ChainedEntry[]) => all.toSpliced(1, 1), 3],
    ['repeated', (all: ChainedEntry[]) => all.toSpliced(1, 0, all[0] as ChainedEntry), 1],
    ['swapped', (all: ChainedEntry[]) => [all[0], all[2], all[1]] as ChainedEntry[], 3],
  ])('finds an entry that was %s', (_, spoil, revision) => {
    const { status, stdout } = run(['audit', 'verify'], lines(spoil(chain(3))))
    expect(status).toBe(1)
    expect(stdout).toContain(`Broken at revision ${revision}`)
  })

  test('finds entries cut off at the end by the hash that was noted', () => {
    const entries = chain(3)
    const head = entries[2]?.hash ?? ''
    expect(run(['audit', 'verify', '--head', head], lines(entries)).status).toBe(0)
    const { status, stdout } = run(['audit', 'verify', '--head', head], lines(entries.slice(0, 2)))
    expect(status).toBe(1)
    expect(stdout).toContain('entries are missing')
  })

  test.each([
    ['nothing', '', 'There is no entry in it', 'stdout'],
    ['another text', 'hello\n', 'Line 1 is no entry', 'stderr'],
    [
      'an entry without its hash',
      `${lines(chain(1))}{"revision":2}\n`,
      'Line 2 is no entry',
      'stderr',
    ],
  ] as const)('does not take %s for sound', (_, input, said, where) => {
    const result = run(['audit', 'verify'], input)
    expect(result.status).toBe(1)
    expect(result[where]).toContain(said)
  })
})

describe('the command line', () => {
  test('teaches with --help', () => {
    const { status, stdout } = run(['audit', 'verify', '--help'])
    expect(status).toBe(0)
    expect(stdout).toContain('gatehouse audit verify [options] [file]')
  })

  test.each([[['audit']], [['audit', 'forge']], [['audit', 'verify', '--what']], [[]]])(
    'says what it cannot understand: %j',
    (args) => expect(run(args).status).toBe(2),
  )
})
