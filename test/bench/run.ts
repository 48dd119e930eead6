/** `npm run bench`: prints what decisions and proxying cost and writes it to `results.md`. */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { measureDecisions } from './decisions.ts'
import { measureProxying } from './proxying.ts'

const machine = `Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}.`
const note =
  'Machines are noisy: compare the rows of one run with each other, not with another run.'

const sections = [
  '# What it costs\n',
  `Written by \`npm run bench\`. ${machine} ${note}\n`,
  await measureDecisions(),
  await measureProxying(),
]
const text = sections.join('\n')
process.stdout.write(`${text}\n`)
writeFileSync(join(import.meta.dirname, 'results.md'), `${text.trimEnd()}\n`)
