/** `gatehouse test`: whether the policy decides as its `*.test.yaml` say. */
import { hostname } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import type { PolicyPlace } from '../lib/policy-folder.ts'
import { type CaseFile, readCases } from '../policy/cases/case-file.ts'
import { type CaseReport, runCases } from '../policy/cases/run-cases.ts'
import { type PolicyFiles, parsePolicyFiles } from '../policy/files/files.ts'
import { describeProblem, PolicyError, stopOn } from '../policy/problem.ts'
import { ends, formatOption, modelOption } from './command.ts'
import { findPolicy, readPolicyTexts } from './policy-place.ts'
import { writeTestsJunit } from './report/junit-tests.ts'
import { countTests, writeTestsJson } from './report/test-json.ts'
import { writeTestsText } from './report/test-text.ts'
import { CommandError, type Exit, exits, type Terminal } from './terminal.ts'
import { watchPolicy } from './watch.ts'

const help = `
A file named *.test.yaml beside the rules, such as policies/docs.test.yaml:

  organisation: acme
  given:
    user:bob: [role:reader]
  tests:
    - name: Readers read and never write
      subjects: [user:bob]
      resources: [/docs/documents/7]
      actions: { GET: allow }      # every other action must be denied

Exit status: 0 where all tests pass, 1 where one fails or too few rules are exercised, 2 where the
files cannot be read.

Examples:
  gatehouse test                               the project in this folder
  gatehouse test --filter readers              tests with "readers" in the name, or in the file's
  gatehouse test --coverage-min 100            fail where a rule is in no test
  gatehouse test --watch                       again after every change, until Ctrl+C
`

interface Options {
  readonly filter?: string
  readonly watch?: boolean
  readonly coverage?: boolean
  readonly coverageMin?: number
  readonly format: 'text' | 'json' | 'junit'
  readonly model?: string
}

/** The command `test`. */
export function testCommand(terminal: Terminal): Command {
  return new Command('test')
    .summary('whether the policy decides as its tests say')
    .description(
      'Runs the decision tests in *.test.yaml by the same engine as the gateway, and says which rules none of them exercises.',
    )
    .argument('[folder]', 'where model.conf and policies/ lie', '.')
    .option('--filter <text>', 'only tests with it in their name, or in the name of their file')
    .option('--watch', 'run again after every change of a policy file')
    .option('--coverage', 'name every rule that no test exercises')
    .option('--coverage-min <percent>', 'fail where fewer of the rules are exercised', readPercent)
    .addOption(formatOption(['text', 'json', 'junit']))
    .addOption(modelOption())
    .addHelpText('after', help)
    .action(
      ends(async (folder: string, options: Options) => {
        refuseContradictions(options)
        const place = findPolicy(folder, options.model)
        if (options.watch !== true) return runOnce(place, options, terminal)
        await watchPolicy(place, () => runWatched(place, options, terminal), terminal)
        return exits.well
      }),
    )
}

function readPercent(text: string): number {
  const percent = Number(text)
  if (/^\d{1,3}$/.test(text) && percent <= 100) return percent
  throw new InvalidArgumentError('Write a whole number from 0 to 100.')
}

function refuseContradictions({ filter, coverage, coverageMin, watch, format }: Options): void {
  if (filter !== undefined && (coverage === true || coverageMin !== undefined)) {
    throw new CommandError('Coverage is of all tests: leave out --filter.')
  }
  if (watch === true && format !== 'text') {
    throw new CommandError('--watch is for people: leave out --format.')
  }
}

async function runOnce(place: PolicyPlace, options: Options, terminal: Terminal): Promise<Exit> {
  const startedAt = new Date()
  const texts = readPolicyTexts(place)
  const files = parsePolicyFiles(texts)
  const report = await runCases({
    files,
    cases: readAll(texts.files, files, place),
    select: (file, test) => isChosen(options.filter, file, test),
  })
  if (report.files.length === 0) {
    throw new CommandError(
      `No test has "${options.filter}" in its name, nor has a file with tests.`,
    )
  }
  terminal.print(write(report, options, startedAt, terminal))
  const enough = report.coverage.percent >= (options.coverageMin ?? 0)
  return countTests(report).failedTests === 0 && enough ? exits.well : exits.found
}

function readAll(
  texts: ReadonlyMap<string, string>,
  files: PolicyFiles,
  { policyDir }: PolicyPlace,
): CaseFile[] {
  const named = [...texts].filter(([name]) => name.endsWith('.test.yaml'))
  if (named.length === 0) {
    throw new CommandError(
      `There is no *.test.yaml in ${policyDir}: gatehouse test --help shows how one is written.`,
    )
  }
  const read = named.map(([name, text]) => readCases(text, name, files))
  stopOn(read.flatMap(({ problems }) => problems))
  return read.flatMap(({ cases }) => cases ?? [])
}

function isChosen(filter: string | undefined, file: string, test: string): boolean {
  if (filter === undefined) return true
  return [file, test].some((text) => text.toLowerCase().includes(filter.toLowerCase()))
}

function write(
  report: CaseReport,
  { format, filter, coverage = false, coverageMin }: Options,
  startedAt: Date,
  { paint }: Terminal,
): string {
  switch (format) {
    case 'json':
      return writeTestsJson(report, filter === undefined)
    case 'junit': {
      const seconds = (Date.now() - startedAt.getTime()) / 1_000
      return writeTestsJunit(report, { host: hostname(), startedAt, seconds })
    }
    case 'text':
      return writeTestsText(report, {
        filtered: filter !== undefined,
        coverage,
        coverageMin,
        paint,
      })
  }
}

/** What cannot be read is told, and looked at again after the next change. */
async function runWatched(place: PolicyPlace, options: Options, terminal: Terminal): Promise<void> {
  try {
    await runOnce(place, options, terminal)
  } catch (error) {
    if (error instanceof PolicyError) {
      terminal.note(`${error.problems.map(describeProblem).join('\n')}\n`)
    } else if (error instanceof CommandError) terminal.note(`${error.message}\n`)
    else throw error
  }
}
