/** `gatehouse check`: what is wrong with policy files, before they ship. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { Command, Option } from 'commander'
import { finish } from '../lib/turns.ts'
import { checkPolicy } from '../policy/advice/check.ts'
import { findInCases } from '../policy/cases/case-findings.ts'
import { isAtLeast, type Severity, severities } from '../policy/finding.ts'
import { ends, formatOption, modelOption } from './command.ts'
import { findPolicy, readPolicyTexts } from './policy-place.ts'
import { choose, type Looked, type ReportOptions, writeJson } from './report/findings.ts'
import { writeJunit } from './report/junit.ts'
import { writeSarif } from './report/sarif.ts'
import { writeText } from './report/text.ts'
import { exits, type Terminal } from './terminal.ts'

const help = `
An error would stop the files from being served. A warning is nearly always a mistake: a rule that
allows nothing, says what another one says, matches no request, or names a role that nobody defined.
A note is worth knowing and may well be meant.

Examples:
  gatehouse check                              the project in this folder
  gatehouse check policies/eu policies/us      two policies, each by itself
  gatehouse check --severity error             fail for errors alone
  gatehouse check --format sarif > check.sarif for a code host
`

interface Options {
  readonly format: 'text' | 'json' | 'sarif' | 'junit'
  readonly severity: Severity
  readonly quiet?: boolean
  readonly model?: string
}

/** The command `check`. */
export function checkCommand(terminal: Terminal): Command {
  return new Command('check')
    .summary('what is wrong with policy files, and what is likely to be')
    .description(
      'Reads model, rules, applications, issuers, plans and tests, and names each mistake with its place and what to do.',
    )
    .argument('[folders...]', 'where model.conf and policies/ lie', ['.'])
    .addOption(formatOption(['text', 'json', 'sarif', 'junit']))
    .addOption(
      new Option('--severity <least>', 'the lowest that makes the exit status 1')
        .choices([...severities])
        .default('warning'),
    )
    .option('--quiet', 'leave out what is below that severity, and say nothing when all is well')
    .addOption(modelOption())
    .addHelpText('after', help)
    .action(
      ends((folders: readonly string[], { format, severity, quiet = false, model }: Options) => {
        const startedAt = new Date()
        const looked = folders.map((folder) => look(folder, model))
        const options = { least: severity, quiet }
        terminal.print(write(format, looked, options, startedAt, terminal))
        return failed(looked, severity) ? exits.found : exits.well
      }),
    )
}

function look(folder: string, model: string | undefined): Looked {
  const texts = readPolicyTexts(findPolicy(folder, model))
  return { texts, findings: finish(checkPolicy(texts, [findInCases])) }
}

function failed(looked: readonly Looked[], least: Severity): boolean {
  return looked.some(({ findings }) => findings.some(({ severity }) => isAtLeast(severity, least)))
}

function write(
  format: Options['format'],
  all: readonly Looked[],
  options: ReportOptions,
  startedAt: Date,
  { paint }: Terminal,
): string {
  const looked = choose(all, options)
  switch (format) {
    case 'json':
      return writeJson(looked)
    case 'sarif':
      return writeSarif(looked, productVersion())
    case 'junit': {
      const seconds = (Date.now() - startedAt.getTime()) / 1_000
      return writeJunit(looked, options, { host: hostname(), startedAt, seconds })
    }
    case 'text': {
      const nothing = looked.every(({ findings }) => findings.length === 0)
      return options.quiet && nothing ? '' : writeText(looked, paint)
    }
  }
}

function productVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version }: { readonly version: string } = JSON.parse(text)
  return version
}
