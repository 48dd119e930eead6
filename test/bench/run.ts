/**
 * `npm run bench`: prints what decisions and proxying cost and writes it to `results.md`, where a part
 * that was not measured this time stays as it was.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { measureDecisions } from './decisions.ts'
import { measureManagement } from './management.ts'
import { measureProxying } from './proxying.ts'

const usage = `npm run bench [-- decisions | proxying | management]

Measures all parts unless one is named, prints them and writes test/bench/results.md.
  decisions  ours beside node-casbin, Cedar and CASL; about eight minutes on a quiet core
  proxying   Gatehouse beside Caddy, where it is installed; about a minute
  management 10,000 organisations on a PostgreSQL: lists, searches, changes; about eight minutes`

const parts = {
  decisions: measureDecisions,
  proxying: measureProxying,
  management: measureManagement,
} as const
const titles = {
  decisions: '## Decisions',
  proxying: '## Proxying',
  management: '## Management',
} as const
type Part = keyof typeof parts

const all = Object.keys(parts) as Part[]
const file = join(import.meta.dirname, 'results.md')
const head = `# What it costs

Written by \`npm run bench\`. Machines are noisy: compare the rows of one run with each other, not with
another run.
`

/** The sections of the last report, by their titles. */
function readSections(): Map<string, string> {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const sections = text.split(/^(?=## )/m).slice(1)
  return new Map(sections.map((section) => [section.split('\n', 1)[0] ?? '', section.trimEnd()]))
}

async function run(chosen: readonly Part[]): Promise<void> {
  const sections = readSections()
  const machine = `Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}.`
  for (const part of chosen) {
    const text = `${titles[part]}\n\n${machine}\n\n${(await parts[part]()).trimEnd()}`
    sections.set(titles[part], text)
    process.stdout.write(`${text}\n\n`)
  }
  const known = all.flatMap((part) => sections.get(titles[part]) ?? [])
  writeFileSync(file, `${[head, ...known].join('\n\n').replaceAll('\n\n\n', '\n\n')}\n`)
}

const asked = process.argv.slice(2)
const unknown = asked.filter((word) => !all.some((part) => part === word))
if (asked.includes('--help')) process.stdout.write(`${usage}\n`)
else if (unknown.length > 0) {
  process.stderr.write(`"${unknown[0]}" is no part.\n${usage}\n`)
  process.exitCode = 2
} else await run(asked.length === 0 ? all : all.filter((part) => asked.includes(part)))
